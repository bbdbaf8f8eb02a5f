"""Runs that learn on from runs: the head grows, what was known is kept or told as lost, and all of it resumes."""

import shutil

import numpy as np
import pyarrow as pa
import pytest
import torch
from safetensors.torch import load_file

import ftkit as ft
from ftkit.errors import DataError, RecipeError
from ftkit.runs.control import Requests
from ftkit.runs.job import execute
from ftkit.runs.memory import Memory, read_memory
from ftkit.runs.remember import forgetting

METHODS = ("replay", "ewc", "lwf", "none")


def digits(*classes, every=3):
    """Rows of some digits only, as they come in one increment."""
    view = ft.read("digits")
    return ft.read(view.to_arrow().filter(pa.array(np.isin(view.labels, classes))).take(np.arange(0, 350, every)))


def learn(tmp_path, rows, before=None, method="replay", epochs=2, **asked):
    model = {} if before is None else {"model": {"weights": str(before.folder / "model")}}
    training = {"epochs": epochs, "batch_size": 16, "remember": {"method": method, "rows": 24, "held": 20, **asked}}
    return ft.train({"data": rows, "training": training, **model}, runs=tmp_path, process=False)


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    """A run for each method, on zeros and ones."""
    folder = tmp_path_factory.mktemp("first")
    return {method: learn(folder, digits(0, 1), method=method) for method in ("replay", "ewc")}


@pytest.mark.parametrize("method", METHODS)
def test_the_head_grows_and_every_increment_is_judged(tmp_path, first, method):
    run = learn(tmp_path, digits(2, 3), first["replay" if method != "ewc" else "ewc"], method, epochs=1)
    assert run.preprocess["classes"] == ["0", "1", "2", "3"]
    told = {(m["name"], m["split"]): m for m in run.metrics if "increment" in m["split"]}
    assert [split for name, split in told] == ["increment 1", "increment 2", "all increments", "increments before"]
    lost = told["forgetting", "increments before"]
    assert lost["low"] <= lost["value"] <= lost["high"]
    assert lost["n"] == told["accuracy", "increment 1"]["n"] == 20
    notes = [e["message"] for e in run.events() if e["event"] == "note"]
    assert "The head keeps its 2 classes and has 2 new ones: '2', '3'." in notes
    assert any(note.startswith("Increment 2: ") for note in notes)
    assert (read_memory(run.folder / "model").kept is not None) == (method == "replay")
    if method == "replay":
        assert told["accuracy", "increment 1"]["value"] > 0.8


def test_three_increments_and_a_class_that_comes_again(tmp_path, first):
    second = learn(tmp_path, digits(2, 3), first["replay"], choose="herding")
    third = learn(tmp_path, digits(3, 4), second, choose="herding")
    memory = read_memory(third.folder / "model")
    assert memory.increments == (("0", "1"), ("2", "3"), ("4",))
    assert np.bincount(memory.kept.labels).tolist() == [4, 4, 4, 4, 4]
    assert memory.right.shape == (3, 60)
    assert (memory.right[0, 20:] == -1).all()
    assert set(ft.predict(third, digits(0, 4, every=9)).classes) == {"0", "1", "2", "3", "4"}


class Stop(Requests):
    """Stops a training at its third step."""

    calls = 0

    def __call__(self, step=0):
        self.calls += 1
        return [{"request": "stop"}] if self.calls == 3 else []


@pytest.mark.parametrize("method", ["replay", "ewc", "lwf"])
def test_a_resume_ends_as_if_it_had_never_stopped(tmp_path, first, method):
    rows, before = digits(2, 3), first["ewc" if method == "ewc" else "replay"]
    whole = learn(tmp_path, rows, before, method)
    stopped = ft.Run(tmp_path / "again")
    stopped.folder.mkdir()
    for name in ("recipe.yaml", "rows.parquet"):
        if (whole.folder / name).exists():
            shutil.copy(whole.folder / name, stopped.folder)
    execute(stopped.folder, Stop(stopped.folder))
    assert stopped.state == "stopped"
    execute(stopped.folder)
    assert stopped.state == "done"
    ours, theirs = (load_file(run.folder / "model" / "model.safetensors") for run in (stopped, whole))
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)
    memories = [load_file(run.folder / "model" / "memory.safetensors") for run in (stopped, whole)]
    assert all(torch.equal(memories[0][name], memories[1][name]) for name in memories[1])


def test_tables_learn_on_too(tmp_path):
    view = ft.read("wine")
    table = view.to_arrow()
    parts = [
        ft.read(table.filter(pa.array(np.isin(view.labels, some))), target="cultivar") for some in ((0, 1), (1, 2))
    ]
    one = learn(tmp_path, parts[0], epochs=8)
    two = learn(tmp_path, parts[1], one, epochs=8)
    found = {m["split"]: m["value"] for m in two.metrics if m["name"] == "accuracy"}
    assert found["all increments"] > 0.8
    assert two.preprocess["classes"] == ["class_0", "class_1", "class_2"]


def test_what_cannot_be_remembered_is_said_before_anything_starts(tmp_path, first):
    plain = ft.train({"data": digits(0, 1), "training": {"epochs": 1}}, runs=tmp_path, name="plain", process=False)
    for method in ("replay", "ewc"):
        with pytest.raises(DataError, match=rf"no memory.safetensors .* method '{method}'"):
            learn(tmp_path, digits(2, 3), plain, method)
    assert learn(tmp_path, digits(2, 3), plain, "lwf", epochs=1).state == "done"
    with pytest.raises(DataError, match="for classes of images and tables, not for tabular-regression"):
        learn(tmp_path, "diabetes")
    with pytest.raises(RecipeError, match="leave augment: mix_up out"):
        ft.Recipe(data="digits", augment=["mix_up"], training={"remember": {"method": "replay"}})
    with pytest.raises(RecipeError, match=r"training\.remember\.method: 'relpay'; .*'replay'"):
        ft.Recipe(data="digits", training={"remember": {"method": "relpay"}})


def test_forgetting_is_the_fall_from_the_best():
    """By hand: increment 1 was right in 3 of 4, then 4 of 4, and is in 1 of 4 now."""
    right = np.array([[1, 1, 1, 0, -1, -1], [1, 1, 1, 1, 1, 1], [1, 0, 0, 0, 1, 0]], np.int8)
    memory = Memory((), (("a",), ("b",), ("c",)), of=np.array([0, 0, 0, 0, 1, 1]), right=right)
    [row] = forgetting(memory)
    assert row["value"] == pytest.approx((0.75 + 0.5) / 2)
    assert row["n"] == 6
