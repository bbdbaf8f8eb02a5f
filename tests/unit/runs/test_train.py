"""Runs on real rows: folders, repetition, control, bad input."""

import errno
import hashlib
import json
import shutil

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import load_file

import ftkit as ft
from ftkit.errors import DataError, RecipeError, RunError
from ftkit.runs import Run, list_runs, open_run
from ftkit.runs import files as files_module
from ftkit.runs.control import Requests, ask

QUICK = {"data": "iris", "training": {"epochs": 4, "log_every": 1}}
IMAGES = {"data": "digits", "augment": ["crop"], "training": {"epochs": 1, "batch_size": 128}}


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    return ft.train(QUICK, runs=tmp_path_factory.mktemp("runs"), process=False)


def sha(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_run_leaves_a_whole_folder(done):
    names = {path.name for path in done.folder.iterdir()}
    assert names == {
        "recipe.yaml",
        "environment.json",
        "events.jsonl",
        "checkpoints",
        "predictions.parquet",
        "metrics.json",
        "model",
    }
    assert done.state == "done"
    assert done.name == "iris-mlp-1"


def test_every_event_has_event_time_and_step(done):
    for event in done.events():
        assert {"event", "time", "step"} <= event.keys()
    step = next(event for event in done.events() if event["event"] == "step")
    assert {"step", "epoch", "loss", "learning_rate"} <= step.keys()


def test_every_metric_has_an_interval(done):
    for row in done.metrics:
        assert {"name", "split", "value", "low", "high", "method", "n"} <= row.keys()
        assert row["low"] <= row["value"] <= row["high"]


def test_predictions_are_by_row_id(done):
    told = done.predictions()
    rows = ft.read("iris")
    assert set(told["row_id"]) <= set(rows.ids)
    assert list(told)[:4] == ["row_id", "split", "label", "prediction"]
    assert {name for name in told if name.startswith("p_")} == {f"p_{label}" for label in rows.classes}
    truth = dict(zip(rows.ids, np.array(rows.classes)[rows.labels], strict=True))
    assert all(truth[row] == label for row, label in zip(told["row_id"], told["label"], strict=True))


def test_the_metrics_are_those_of_the_predictions(done):
    told = done.predictions()
    test = told["split"] == "test"
    accuracy = next(m for m in done.metrics if m["name"] == "accuracy" and m["split"] == "test")
    assert accuracy["value"] == pytest.approx((told["label"] == told["prediction"])[test].mean())
    assert accuracy["n"] == test.sum()


def test_the_environment_says_what_it_was_made_with(done):
    told = done.environment
    assert told["versions"]["torch"]
    assert told["data"]["fingerprint"] == ft.read("iris").fingerprint
    assert told["command"]


@pytest.mark.parametrize("recipe", [QUICK, IMAGES], ids=["table", "images"])
def test_the_same_recipe_twice_is_the_same_run(tmp_path, recipe):
    one, other = (ft.train(recipe, runs=tmp_path, process=False).folder for _ in range(2))
    for name in ("model/model.safetensors", "predictions.parquet", "metrics.json", "recipe.yaml"):
        assert sha(one / name) == sha(other / name), name


def test_another_seed_is_another_run(tmp_path):
    one = ft.train(QUICK, runs=tmp_path, process=False).folder
    other = ft.train(QUICK | {"seed": 1}, runs=tmp_path, process=False).folder
    assert sha(one / "model/model.safetensors") != sha(other / "model/model.safetensors")


def test_the_saved_model_predicts_the_same_in_plain_transformers(tmp_path):
    import torch
    from transformers import AutoModelForImageClassification

    run = ft.train(IMAGES, runs=tmp_path, process=False)
    model = AutoModelForImageClassification.from_pretrained(run.folder / "model").eval()
    form = json.loads((run.folder / "model" / "preprocess.json").read_text())["input"]
    told = run.predictions()
    rows = ft.read("digits")
    place = {row: i for i, row in enumerate(rows.ids)}
    some = [place[row] for row in told["row_id"][:32]]
    pixels, _ = rows.select(some).pixels(size=(8, 8), channels=1)
    batch = torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 255
    batch = torch.nn.functional.interpolate(
        batch, (form["height"], form["width"]), mode="bilinear", align_corners=False
    )
    batch = (batch - torch.tensor(form["mean"])) / torch.tensor(form["std"])
    with torch.no_grad():
        probabilities = model(batch).logits.softmax(1).numpy()
    expected = np.stack([told[f"p_{label}"][:32] for label in rows.classes], axis=1)
    np.testing.assert_allclose(probabilities, expected, atol=1e-4)
    assert model.config.id2label == dict(enumerate(rows.classes))


def test_fine_tuning_from_saved_weights_replaces_the_head(tmp_path):
    rows = ft.read("digits")
    pixels, _ = rows.pixels(size=(8, 8), channels=1)
    for i in np.flatnonzero(rows.labels < 5)[:300]:
        folder = tmp_path / "digits" / str(rows.labels[i])
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels[i, :, :, 0]).save(folder / f"{i}.png")
    first = ft.train({**IMAGES, "data": tmp_path / "digits"}, runs=tmp_path, process=False)
    model = {"name": "resnet", "weights": str(first.folder / "model"), "freeze": "backbone"}
    second = ft.train({**IMAGES, "model": model}, runs=tmp_path, process=False)
    notes = "\n".join(event["message"] for event in second.events() if event["event"] == "note")
    assert "The backbone is frozen" in notes
    assert "(5 classes) was replaced for 10 classes" in notes
    one, other = (load_file(run.folder / "model/model.safetensors") for run in (first, second))
    assert all(np.array_equal(one[name], other[name]) != name.startswith("classifier") for name in one)


def test_stop_keeps_what_was_learned(tmp_path):
    class Stop(Requests):
        calls = 0

        def __call__(self, step=0):
            self.calls += 1
            return [{"request": "stop"}] if self.calls == 6 else []

    from ftkit.runs.job import execute

    run = ft.train(QUICK, runs=tmp_path, process=False)
    whole = sha(run.folder / "model/model.safetensors")
    folder = tmp_path / "again"
    folder.mkdir()
    shutil.copy(run.folder / "recipe.yaml", folder)
    execute(folder, Stop(folder))
    stopped = Run(folder)
    assert stopped.state == "stopped"
    assert stopped.status.step == 5
    assert stopped.metrics
    stopped.resume()
    assert stopped.wait(timeout=120).state == "done"
    assert sha(folder / "model/model.safetensors") == whole


def test_rows_in_memory_are_kept_with_the_run(tmp_path):
    frame = ft.read("iris").to_pandas()
    run = ft.train({"data": ft.read(frame, target="species"), "training": {"epochs": 1}}, runs=tmp_path, process=False)
    assert (run.folder / "data.parquet").exists()
    assert run.recipe["data"]["path"] == str(run.folder / "data.parquet")
    assert run.state == "done"


def test_regression_predicts_in_the_target_s_unit(tmp_path):
    run = ft.train({"data": "diabetes", "training": {"epochs": 20}}, runs=tmp_path, process=False)
    told = run.predictions()
    assert 50 < told["prediction"].mean() < 300
    r2 = next(m for m in run.metrics if m["name"] == "r2" and m["split"] == "test")
    assert r2["value"] > 0.3


def test_names(tmp_path, done):
    assert open_run("iris-mlp-1", done.folder.parent).folder == done.folder
    assert open_run(done.folder).folder == done.folder
    with pytest.raises(RunError, match="nearest is 'iris-mlp-1'"):
        open_run("iris-mlp-2", done.folder.parent)
    with pytest.raises(RunError, match="cannot be a folder's name; use 'a-b'"):
        ft.train(QUICK, runs=tmp_path, name="a/b", process=False)
    ft.train(QUICK, runs=tmp_path, name="我的", process=False)
    with pytest.raises(RunError, match="is there already"):
        ft.train(QUICK, runs=tmp_path, name="我的", process=False)
    assert [folder.name for folder in list_runs(tmp_path)] == ["我的"]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ({"a": [1, 2] * 10, "label": ["x"] * 20}, "every row has the label 'x'"),
        ({"a": [1, 2] * 10, "label": [3.5] * 20}, "there is nothing to learn"),
        ({"a": [1, 2] * 2, "label": ["x", "y"] * 2}, "4 rows have a target"),
        ({"a": [1, 2] * 10, "b": [1, 2] * 10}, "no target is given"),
    ],
)
def test_rows_that_do_not_fit_leave_nothing_behind(tmp_path, rows, said):
    import pandas as pd

    with pytest.raises(DataError, match=said):
        ft.train(
            {
                "data": ft.read(pd.DataFrame(rows)),
                "task": "tabular-regression" if rows.get("label") == [3.5] * 20 else None,
            },
            runs=tmp_path / "runs",
        )
    assert not (tmp_path / "runs").exists()


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match="no run folder can be made there"):
        ft.train(QUICK, runs=tmp_path / "file")


def test_a_full_disk_never_leaves_half_a_file(tmp_path, monkeypatch):
    path = tmp_path / "metrics.json"
    files_module.write_json(path, [1])

    def full(handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files_module.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        files_module.write_json(path, list(range(1000)))
    assert json.loads(path.read_text()) == [1]
    assert [p.name for p in tmp_path.iterdir()] == ["metrics.json"]


def test_checkpoints_that_cannot_be_saved_do_not_end_the_run(tmp_path, monkeypatch):
    from ftkit.runs import trainer

    def fails(*given):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(trainer, "save_checkpoint", fails)
    run = ft.train(QUICK, runs=tmp_path, process=False)
    assert run.state == "done"
    assert any("not saved: Read-only" in e.get("message", "") for e in run.events())


def test_a_full_disk_pauses_the_run_until_there_is_room(tmp_path, monkeypatch):
    from ftkit.runs import trainer

    plain, tries = trainer.save_checkpoint, []

    def full_at_first(*given):
        tries.append(given)
        if len(tries) < 3:
            raise OSError(errno.ENOSPC, "No space left on device")
        return plain(*given)

    monkeypatch.setattr(trainer, "save_checkpoint", full_at_first)
    run = ft.train(QUICK, runs=tmp_path, process=False)
    assert run.state == "done"
    states = [(e["state"], e.get("error", "")) for e in run.events() if e["event"] == "state"]
    assert [state for state, _ in states] == ["queued", "running", "paused", "running", "paused", "running", "done"]
    assert "No space left on device: no room for the checkpoint of step" in states[2][1]
    assert all((run.folder / "checkpoints" / e["folder"]).name for e in run.events() if e["event"] == "checkpoint")


def test_requests_are_checked(done, tmp_path):
    with pytest.raises(RunError, match="request 'pase' is not known; nearest is 'pause'"):
        ask(tmp_path, "pase")
    with pytest.raises(RunError, match="asked is a number over 0"):
        ask(tmp_path, "learning_rate", -1)
    with pytest.raises(RunError, match="is over, so it cannot pause"):
        done.pause()
    with pytest.raises(RunError, match="is done; start another"):
        done.resume()


def test_a_folder_of_the_user_s_is_not_taken(tmp_path):
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.jpg").write_bytes(b"mine")
    with pytest.raises(RunError, match="is there already"):
        ft.train(QUICK, runs=tmp_path, name="photos")
    assert [path.name for path in (tmp_path / "photos").iterdir()] == ["a.jpg"]


def test_a_run_is_worked_on_by_one_process(tmp_path):
    from ftkit.runs.job import _alone

    run = ft.train(QUICK, runs=tmp_path, process=False)
    with _alone(run.folder), pytest.raises(RunError, match="worked on by another process"), _alone(run.folder):
        pass


def test_a_request_before_the_worker_has_started_is_followed(tmp_path):
    run = ft.train({"data": "iris", "training": {"epochs": 2000}}, runs=tmp_path)
    run.stop()
    assert run.wait(timeout=120).state == "stopped"


@pytest.mark.parametrize(
    "line",
    [
        '{"request": "learning_rate"}',
        '{"request": "dance"}',
        "nonsense",
        "[]",
        '{"request": "learning_rate", "value": NaN}',
    ],
)
def test_a_bad_line_of_requests_ends_nothing(tmp_path, line):
    (tmp_path / "control.jsonl").write_text("")
    requests = Requests(tmp_path)
    with (tmp_path / "control.jsonl").open("a") as file:
        file.write(line + '\n{"request": "stop"}\n')
    assert [request["request"] for request in requests()] == ["stop"]


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"split": {"test": 0}}, "no row is left to judge by"),
        ({"split": {"test": 0.6, "validation": 0.5}}, "take 1.1 of the rows together"),
        ({"split": {"group": "plant"}}, "has no column 'plant' to group by"),
        ({"model": {"freeze": "backbone"}}, "there are no model.weights"),
        ({"model": {"weights": "./nowhere"}}, "there is no"),
        ({"training": {"device": "cuda:9"}}, "is not there; this machine has"),
        ({"metrics": ["r2"]}, "does not judge"),
    ],
)
def test_what_cannot_work_is_told_before_anything_starts(tmp_path, keys, said):
    with pytest.raises((DataError, RecipeError), match=said):
        ft.train(QUICK | keys, runs=tmp_path / "runs")
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("size", [2, 3, "auto"])
def test_any_batch_size_trains(tmp_path, size):
    training = {"epochs": 1, "batch_size": size}
    assert ft.train({"data": "iris", "training": training}, runs=tmp_path, process=False).state == "done"


def test_a_table_is_fine_tuned_through_the_same_columns(tmp_path):
    frame = ft.read("iris").to_pandas()
    frame.to_csv(tmp_path / "one.csv", index=False)
    frame[frame.columns[::-1]].to_csv(tmp_path / "other.csv", index=False)
    first = ft.train(
        {"data": {"path": str(tmp_path / "one.csv"), "target": "species"}, "training": {"epochs": 30}},
        runs=tmp_path,
        process=False,
    )
    again = {
        "data": {"path": str(tmp_path / "other.csv"), "target": "species"},
        "model": {"weights": str(first.folder / "model")},
    }
    second = ft.train(again | {"training": {"epochs": 1, "learning_rate": 1e-7}}, runs=tmp_path, process=False)
    one, other = (next(m["value"] for m in run.metrics if m["name"] == "accuracy") for run in (first, second))
    assert other > one - 0.07


def test_changed_rows_do_not_go_on_from_a_checkpoint(tmp_path):
    path = tmp_path / "rows.csv"
    ft.read("iris").to_pandas().to_csv(path, index=False)
    run = ft.train(QUICK | {"data": {"path": str(path), "target": "species"}}, runs=tmp_path, process=False)
    path.write_text("\n".join(path.read_text().splitlines()[:-5]))
    from ftkit.runs.job import execute

    with pytest.raises(RunError, match="its rows changed since it started"):
        execute(run.folder)


def test_a_gpu_that_is_gone_is_told_and_the_run_goes_on_later(tmp_path, monkeypatch, done):
    from ftkit.training import steps

    taken, real = [], steps.Steps.take

    def take(own, *given):
        taken.append(1)
        if len(taken) == 9:
            raise RuntimeError("CUDA error: device is lost\nCUDA kernel errors might be reported later")
        return real(own, *given)

    monkeypatch.setattr(steps.Steps, "take", take)
    with pytest.raises(RunError, match=r"the GPU failed, or is no longer there \(CUDA error: device is lost\)"):
        ft.train(QUICK, runs=tmp_path, process=False)
    run = open_run("iris-mlp-1", tmp_path)
    assert run.state == "failed"
    run.resume()
    assert run.wait(timeout=120).state == "done"
    assert sha(run.folder / "model" / "model.safetensors") == sha(done.folder / "model" / "model.safetensors")
