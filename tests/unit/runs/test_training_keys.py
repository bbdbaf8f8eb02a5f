"""The keys of ``training:`` in whole runs on real rows, and what is said where they do not fit."""

import numpy as np
import pytest

import ftkit as ft
from ftkit.errors import DataError, FtkitError, RecipeError
from ftkit.runs import resolve

QUICK = {"epochs": 3, "log_every": 1}


def run(tmp_path, data="iris", **training):
    return ft.train({"data": data, "training": QUICK | training}, runs=tmp_path, process=False)


def said(made, kind):
    return [event for event in made.events() if event["event"] == kind]


def test_everything_at_once(tmp_path):
    made = run(
        tmp_path,
        loss="focal",
        class_weights="balanced",
        label_smoothing=0.1,
        optimizer="sgd",
        schedule="one_cycle",
        layer_decay=0.9,
        head_rate=2.0,
        l1=1e-4,
        l2=1e-4,
        ema=0.9,
        micro_batch_size=8,
        monitor="accuracy",
        keep=1,
    )
    assert made.state == "done"
    assert said(made, "plan")[0]["warmup"] == 0.3
    assert len(list((made.folder / "checkpoints").iterdir())) in (1, 2)  # the newest, and the best if it is another


@pytest.mark.parametrize("loss", ["mae", "huber", "quantile"])
def test_losses_of_numbers(tmp_path, loss):
    made = run(tmp_path, "diabetes", loss=loss, quantile=0.9)
    assert said(made, "evaluation")[-1]["loss"] > 0


def test_the_quantile_loss_predicts_the_quantile(tmp_path):
    made = run(tmp_path, "diabetes", loss="quantile", quantile=0.9, epochs=40)
    told = made.predictions()
    assert 0.75 < (told["label"] <= told["prediction"]).mean() <= 1


def test_early_stopping_keeps_the_best(tmp_path):
    made = run(tmp_path, early_stopping=2, learning_rate=1.0, epochs=50)
    (settled,) = said(made, "settled")
    losses = {event["step"]: event["loss"] for event in said(made, "evaluation")}
    assert settled["best_step"] == min(losses, key=losses.get)
    assert settled["step"] < said(made, "plan")[0]["steps"]
    told = made.predictions()
    rows = told["split"] == "validation"
    chosen = np.array([told[f"p_{label}"][i] for i, label in enumerate(told["label"])])[rows]
    assert -np.log(chosen).mean() == pytest.approx(min(losses.values()), rel=1e-4)
    assert made.state == "done"


def test_the_best_checkpoint_is_kept(tmp_path):
    made = run(tmp_path, keep=1, learning_rate=1.0, epochs=12)
    losses = {event["step"]: event["loss"] for event in said(made, "evaluation")}
    kept = {path.name for path in (made.folder / "checkpoints").iterdir()}
    assert kept == {f"step-{step:08d}" for step in (min(losses, key=losses.get), max(losses))}


@pytest.fixture
def broken(monkeypatch):
    """Rows of iris of which one has a number no gradient survives."""
    from ftkit.runs import job

    plain = job.prepare

    def prepare(*given):
        prepared = plain(*given)
        prepared.rows["train"]._features[3] = float("inf")
        prepare.row = str(prepared.split.train.ids[3])
        return prepared

    monkeypatch.setattr(job, "prepare", prepare)
    return prepare


def test_a_gradient_that_is_not_finite_names_step_rows_and_layer(tmp_path, broken):
    made = run(tmp_path, epochs=2)
    faults = said(made, "not_finite")
    assert len(faults) == 2  # once an epoch
    for fault in faults:
        assert broken.row in fault["rows"]
        assert fault["count"] == len(fault["rows"])
        assert fault["layer"].split(".")[0] in ("mlp", "head", "wide")
    assert made.state == "done"
    assert all(np.isfinite(made.predictions()["p_setosa"]))


def test_stop_ends_with_the_step(tmp_path, broken):
    with pytest.raises(FtkitError, match=r"step \d+: the loss is nan .* training.not_finite is 'stop'"):
        run(tmp_path, not_finite="stop")


def test_rollback_halves_the_rate_and_gives_up_in_the_end(tmp_path, broken):
    with pytest.raises(FtkitError, match=r"step \d+: the gradient is not finite after going back 3 times"):
        run(tmp_path, not_finite="rollback", learning_rate=0.008)
    (made,) = (ft.open_run(folder) for folder in tmp_path.iterdir())
    notes = "\n".join(event["message"] for event in said(made, "note"))
    assert "back to step 0, with the rate at 0.004" in notes
    assert "back to step 0, with the rate at 0.001" in notes


@pytest.mark.parametrize(
    ("training", "words"),
    [
        ({"batch_size": 5000}, "training.batch_size: 5,000 is more than the 150 rows of iris"),
        ({"class_weights": {"setossa": 2.0}}, "training.class_weights: 'setossa' is no class; nearest is 'setosa'"),
        ({"loss": "mse"}, "training.loss: 'mse' is not one of tabular-classification"),
        ({"monitor": "accuracyy"}, "training.monitor: 'accuracyy' is no score to watch; nearest is 'accuracy'"),
        ({"monitor": "r2"}, "training.monitor: 'r2' is no score"),
        ({"batch_size": 8, "micro_batch_size": 16}, "training.micro_batch_size: 16 is more than batch_size, 8"),
        ({"learning_rate": 0}, "training.learning_rate: 0; asked is"),
        ({"learning_rate": -1.0}, "training.learning_rate: -1.0; asked is"),
        ({"learning_rate": float("nan")}, "training.learning_rate: nan; asked is"),
        ({"optimizer": "adm"}, "training.optimizer: 'adm'; nearest is 'adam'"),
        ({"schedule": "cosin"}, "training.schedule: 'cosin'; nearest is 'cosine'"),
        ({"class_weights": "balance"}, "training.class_weights: 'balance'; asked is 'balanced'"),
        ({"layer_decay": 1.5}, "training.layer_decay: 1.5; asked is at most 1"),
        ({"precision": "fp8"}, "training.precision: 'fp8'; nearest is"),
    ],
)
def test_what_does_not_fit_is_said_before_anything_starts(tmp_path, training, words):
    with pytest.raises((DataError, RecipeError)) as caught:
        ft.train({"data": "iris", "task": "tabular-classification", "training": training}, runs=tmp_path / "runs")
    assert words in str(caught.value)
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("training", [{"early_stopping": 2}, {"schedule": "plateau"}])
def test_what_goes_by_validation_rows_needs_some(tmp_path, training):
    with pytest.raises(DataError, match=f"training.{next(iter(training))} goes by validation rows"):
        ft.train({"data": "iris", "split": {"validation": 0}, "training": training}, runs=tmp_path)


def test_class_weights_by_name():
    view, recipe = ft.read("iris"), ft.Recipe(data="iris", training={"class_weights": {"setosa": 3.0}})
    assert resolve._class_weights(recipe, view).tolist() == [3.0, 1.0, 1.0]
