"""A search finds what is better, survives its workers, and says what is wrong with a space."""

import os
import signal
import time

import pytest

import ftkit as ft
from ftkit.errors import RecipeError, RunError
from ftkit.runs import list_runs
from ftkit.runs.files import read_json
from ftkit.runs.process import identity
from ftkit.runs.searches import open_search
from ftkit.runs.study import MOST_TRIES, WORKERS

optuna = pytest.importorskip("optuna")

PLAIN = {"data": "iris", "training": {"epochs": 3, "threads": 1}}
RATES = {"learning_rate": {"low": 1e-5, "high": 0.05, "log": True}, "optimizer": ["adamw", "sgd"]}


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    return ft.search(PLAIN, RATES, trials=6, workers=0, runs=tmp_path_factory.mktemp("runs"), name="rates")


def test_every_trial_is_a_run(found):
    assert found.state == "done"
    assert [row.state for row in found.trials].count("done") >= 4
    assert {run.name for run in list_runs(found.folder)} == {row.run for row in found.trials}
    best = found.run(found.best)
    assert best.state == "done"
    assert best.recipe["training"]["learning_rate"] == found.best.params["learning_rate"]
    assert found.best_recipe.training.optimizer == found.best.params["optimizer"] in ("adamw", "sgd")


def test_the_best_has_the_lowest_loss_of_all(found):
    losses = {
        row.run: min(e["loss"] for e in found.run(row).events() if e["event"] == "evaluation")
        for row in found.trials
        if row.state == "done"
    }
    assert found.best.run == min(losses, key=losses.get)
    assert found.best.value == pytest.approx(losses[found.best.run])


def test_its_frame_has_a_line_a_trial(found):
    frame = found.frame()
    assert frame.columns == ["trial", "state", "loss", "learning_rate", "optimizer", "run"]
    assert len(frame) == 6


def test_it_is_opened_again_and_widened(found):
    again = open_search("rates", found.folder.parent)
    assert repr(again) == repr(found)
    assert again.resume(workers=0).state == "done"
    assert len(again.trials) == 6


def test_a_metric_that_is_better_when_greater(tmp_path):
    found = ft.search(PLAIN, {"learning_rate": [1e-6, 0.02]}, trials=4, workers=0, metric="accuracy", runs=tmp_path)
    assert found.best.params["learning_rate"] == 0.02
    assert found.best.value < 0 < found.frame()["accuracy"].drop_nulls().max()


def test_worthless_trials_are_pruned(tmp_path):
    """After four good trials, one whose rate is far too low is ended at its second epoch."""
    found = ft.search(PLAIN, {"learning_rate": [0.01, 0.02]}, trials=4, workers=0, runs=tmp_path, pruning=False)
    about = read_json(found.folder / "search.json", {}) | {
        "trials": 5,
        "pruning": True,
        "space": {"learning_rate": [1e-7, 0.02]},
    }
    about["recipe"]["training"]["epochs"] = 30
    from ftkit.runs.files import write_json

    write_json(found.folder / "search.json", about)
    open_search(found.folder)._study.study.enqueue_trial({"learning_rate": 0})
    row = open_search(found.folder).resume(workers=0).trials[-1]
    assert row.state == "pruned"
    run = found.run(row)
    assert run.state == "stopped"
    assert run.status.epoch < 10


def test_folds_inside_a_trial(tmp_path):
    recipe = PLAIN | {"split": {"method": "stratified", "folds": 2}}
    found = ft.search(recipe, {"learning_rate": [1e-6, 0.02]}, trials=2, workers=0, runs=tmp_path, pruning=False)
    assert found.metric == "accuracy"
    for row in found.trials:
        assert (found.folder / row.run / "fold-2" / "metrics.json").exists()


def test_the_trial_of_a_dead_worker_goes_back_with_its_run(tmp_path):
    found = ft.search(PLAIN, RATES, trials=2, workers=0, runs=tmp_path)
    study = found._study
    study.wanted = 3
    trial = study.claim()
    trial.suggest_float("learning_rate", 1e-5, 0.05, log=True)
    trial.suggest_categorical("optimizer", [0, 1])
    trial.set_user_attr("worker", identity() | {"born": "long ago"})
    again = study.claim()
    assert again.number != trial.number
    assert again.user_attrs["run"] == trial.user_attrs["run"] == f"trial-{trial.number}"
    assert again.user_attrs["tries"] == 2
    assert len(study.rows()) == 3
    for _ in range(MOST_TRIES):
        again.set_user_attr("worker", identity() | {"born": "long ago"})
        if (more := study.claim()) is None:
            break
        again = more
        again.suggest_float("learning_rate", 1e-5, 0.05, log=True)
        again.suggest_categorical("optimizer", [0, 1])
    row = study.rows()[-1]
    assert row.state == "failed"
    assert "ended without a word" in row.error
    assert study.over()


def test_a_killed_worker_loses_nothing(tmp_path):
    slow = {"data": "breast-cancer", "training": {"epochs": 40, "threads": 1}}
    found = ft.search(slow, RATES, trials=3, workers=1, pruning=False, runs=tmp_path)
    deadline = time.monotonic() + 100
    while not any((found.folder / row.run / "checkpoints").exists() for row in found.trials):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    worker = next(read_json(path, {}) for path in (found.folder / WORKERS).glob("*.json"))
    os.kill(worker["pid"], signal.SIGKILL)
    while found.state == "running":
        time.sleep(0.05)
    with pytest.raises(RunError, match="no worker"):
        found.wait()
    found.resume(workers=0)
    assert (found.state, len(found.trials)) == ("done", 3)
    assert {row.state for row in found.trials} == {"done"}
    first = found.run(found.trials[0])
    assert any(event["event"] == "resumed" for run in map(found.run, found.trials) for event in run.events()), first


def test_stop_and_go_on(tmp_path):
    found = ft.search(PLAIN, RATES, trials=2, workers=0, runs=tmp_path)
    found.stop()
    assert found.state == "done"
    with pytest.raises(RunError, match=r"no search\.json"):
        open_search("none", tmp_path)


def test_faults_are_told_at_once_and_nothing_is_left(tmp_path):
    wrong = {"learning_rat": [1, 2], "epochs": {"low": 5, "high": 1}, "optimizer": ["adamw", "adamx"], "l1": [0.1]}
    with pytest.raises(RecipeError) as told:
        ft.search(PLAIN, wrong, runs=tmp_path)
    assert len(told.value.faults) == 4
    assert "nearest is 'learning_rate'" in str(told.value)
    with pytest.raises(RecipeError, match="trials: 0"):
        ft.search(PLAIN, RATES, trials=0, runs=tmp_path)
    with pytest.raises(RecipeError, match=r"split\.validation"):
        ft.search(PLAIN | {"split": {"validation": 0}}, RATES, runs=tmp_path)
    assert list(tmp_path.iterdir()) == []
