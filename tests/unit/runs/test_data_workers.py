"""Runs whose images are read by data workers: bitwise those of images held in memory, whatever dies on the way."""

import hashlib
import os
import signal

import numpy as np
import pytest
from PIL import Image

import ftkit as ft
from ftkit.runs.remember import read_memory
from ftkit.training.data_workers import DataWorkers

CLOCK = {"time", "seconds", "rows_per_second", "pid", "born"}
TRAINED = ("skipped", "split", "plan", "step", "evaluation", "checkpoint", "metric")


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """60 JPEG files of two classes under Chinese names, one of them cut short."""
    folder, rng = tmp_path_factory.mktemp("照片"), np.random.default_rng(0)
    for number in range(60):
        shade = rng.integers(0, 60, (48, 40, 3)) + 120 * (number % 2)
        path = folder / ("黑", "白")[number % 2] / f"图{number}.jpg"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(shade.astype(np.uint8)).save(path)
    broken = folder / "黑" / "图0.jpg"
    broken.write_bytes(broken.read_bytes()[:300])
    return folder


@pytest.fixture
def pids(monkeypatch):
    """The processes that were started."""
    found, begin = set(), DataWorkers._process

    def noted(self):
        process, first = begin(self)
        found.add(process.pid)
        return process, first

    monkeypatch.setattr(DataWorkers, "_process", noted)
    return found


def run(folder, rows, workers, **keys):
    training = {"epochs": 2, "batch_size": 8, "log_every": 2, "data_workers": workers} | keys.pop("training", {})
    recipe = {"data": str(rows), "preprocess": {"image_size": 32}, "augment": ["crop"], "training": training} | keys
    return ft.train(recipe, runs=folder, process=False)


def told(made):
    return [{k: v for k, v in e.items() if k not in CLOCK} for e in made.events() if e["event"] in TRAINED]


def sha(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def notes(made):
    return [event["message"] for event in made.events() if event["event"] == "note"]


@pytest.mark.parametrize("augment", [["crop", "noise"], [{"mix_up": {"alpha": 1}}]])
def test_the_same_as_in_memory(tmp_path, pictures, pids, augment):
    held = run(tmp_path, pictures, 0, augment=augment)
    assert not pids
    read = run(tmp_path, pictures, 2, augment=augment, training={"micro_batch_size": 3, "tta": 2})
    again = run(tmp_path, pictures, 0, augment=augment, training={"micro_batch_size": 3, "tta": 2})
    assert told(read) == told(again) != told(held)
    for name in ("model/model.safetensors", "predictions.parquet", "metrics.json"):
        assert sha(read.folder / name) == sha(again.folder / name), name
    assert "Images are read by 2 data workers while the training goes on: as asked." in notes(read)
    assert len(pids) == 2
    assert all(map(gone, pids))


def test_a_killed_worker_loses_nothing(tmp_path, pictures, monkeypatch):
    begin, killed = DataWorkers._process, []

    def killing(self):
        process, first = begin(self)
        if not first and len(killed) < 3:  # one that has answered before
            killed.append(process.pid)
            os.kill(process.pid, signal.SIGKILL)
        return process, first

    whole = run(tmp_path, pictures, 0)
    monkeypatch.setattr(DataWorkers, "_process", killing)
    made = run(tmp_path, pictures, 1)
    assert told(made) == told(whole)
    assert sha(made.folder / "model/model.safetensors") == sha(whole.folder / "model/model.safetensors")
    said = [event for event in made.events() if "data_worker" in event]
    assert [event["data_worker"] for event in said] == killed
    assert all("was ended by SIGKILL while it read " in event["message"] for event in said)


def test_what_is_remembered_is_the_same(tmp_path, pictures, pids):
    remembered = {"training": {"remember": {"method": "replay", "rows": 10, "choose": "herding"}, "epochs": 1}}
    found = []
    for workers in (0, 2):
        made = run(tmp_path, pictures, workers, **remembered)
        memory = read_memory(made.folder / "model")
        found.append((sha(made.folder / "model/model.safetensors"), memory.kept.ids, memory.kept.inputs.tobytes()))
    assert found[0] == found[1]
    assert all(map(gone, pids))


def test_estimates_and_rates_leave_no_worker(tmp_path, pictures, pids):
    recipe = {"data": str(pictures), "preprocess": {"image_size": 32}, "training": {"data_workers": 1, "batch_size": 8}}
    assert ft.estimate(recipe).fits
    ft.find_learning_rate(recipe, steps=10)
    assert len(pids) == 2
    assert all(map(gone, pids))


def test_a_table_says_that_it_needs_none(tmp_path):
    made = ft.train({"data": "iris", "training": {"epochs": 1, "data_workers": 2}}, runs=tmp_path, process=False)
    assert "Data workers read images only: these rows are held in memory." in notes(made)


def gone(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False
