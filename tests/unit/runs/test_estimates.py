"""What is told before a run is what it takes."""

import json

import pytest

import ftkit as ft
from ftkit.cli import main
from ftkit.runs.process import identity, memory

WIDE = {"data": "digits", "model": "resnet", "preprocess": {"image_size": 32}, "training": {"epochs": 2, "threads": 1}}


@pytest.fixture(scope="module")
def found():
    return ft.estimate(WIDE)


def test_time_and_disk_are_what_the_run_takes(found, tmp_path):
    run = ft.train(WIDE, runs=tmp_path, process=False)
    assert run.status.steps == found.steps
    saved = sorted((run.folder / "checkpoints").glob("step-*"))[-1] / "state.safetensors"
    assert found.checkpoint == pytest.approx(saved.stat().st_size, rel=0.05)
    took = run.status.seconds
    told = sum(found.seconds.values())
    assert told / 3 < took < 3 * told  # machines that do other things too
    assert sum(f.stat().st_size for f in run.folder.rglob("*.safetensors")) <= found.disk


def test_activations_are_what_a_step_adds():
    """A batch four times as large keeps four times as much, and that much is seen from outside."""
    small, large = (ft.estimate(WIDE | {"training": {"batch_size": rows, "threads": 1}}).memory for rows in (64, 256))
    assert large["activations"] == pytest.approx(4 * small["activations"], rel=0.02)
    assert {k: large[k] for k in ("weights", "optimizer", "rows")} == {
        k: small[k] for k in ("weights", "optimizer", "rows")
    }
    assert small["optimizer"] == pytest.approx(2 * small["gradients"], rel=0.01)


def test_micro_batches_take_less(found):
    micro = ft.estimate(WIDE | {"training": {"epochs": 2, "micro_batch_size": 4, "threads": 1}})
    assert micro.memory["activations"] < found.memory["activations"] / 3


def test_memory_of_this_process_is_counted(found):
    assert 0.2 < found.memory["process"] / memory(identity()) < 2
    assert found.fits


def test_folds_are_counted(found):
    folds = ft.estimate({"data": "iris", "split": {"method": "stratified", "folds": 3}, "training": {"epochs": 1}})
    one = ft.estimate(
        {"data": "iris", "split": {"method": "stratified", "folds": 3, "fold": 1}, "training": {"epochs": 1}}
    )
    assert (folds.folds, folds.steps) == (3, 3 * one.steps)


def test_it_shows_itself(found):
    told = str(ft.show(found))
    assert "activations of the widest micro-batch" in told
    assert f"{found.parameters:,}" in told


def test_the_command_writes_nothing(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "recipe.yaml").write_text("data: iris\ntraining: {epochs: 3}\n")
    assert main(["train", "recipe.yaml", "--plan", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["steps"] == 3 * 7
    assert main(["train", "recipe.yaml", "--plan"]) == 0
    assert "What this run will take" in capsys.readouterr().out
    assert [path.name for path in tmp_path.iterdir()] == ["recipe.yaml"]
