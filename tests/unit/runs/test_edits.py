"""A run trains on the rows as the edits left them."""

from __future__ import annotations

import pytest

import ftkit as ft
from ftkit.data import Edit
from ftkit.recipe import read_recipe
from ftkit.runs.check import check_data

SHORT = {"epochs": 1, "log_every": 50}


@pytest.fixture
def rows(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("id,x,label\n" + "".join(f"r{i},{i / 7:.3f},{'pq'[i % 2]}\n" for i in range(60)))
    return path


@pytest.fixture
def edits(tmp_path):
    decided = [Edit("r3", "drop"), Edit("r10", "drop"), Edit("r4", "relabel", value="q")]
    return ft.Edits(decided).save(tmp_path / "edits.jsonl")


def trained(run):
    """The ids of all rows of the run's split, and their labels."""
    view, _ = check_data(read_recipe(run.folder / "recipe.yaml"))
    return dict(zip(view.ids.tolist(), view.labels.tolist(), strict=True))


def test_a_run_drops_exactly_those_rows(rows, edits, tmp_path):
    run = ft.train({"data": str(rows), "edits": str(edits), "training": SHORT}, runs=tmp_path / "runs", process=False)
    split = next(event for event in run.events() if event["event"] == "split")
    assert sum(count if isinstance(count, int) else sum(count.values()) for count in split["counts"].values()) == 58
    labels = trained(run)
    assert set(labels) == {f"r{i}" for i in range(60)} - {"r3", "r10"}
    assert labels["r4"] == 1


def test_the_run_keeps_its_edits(rows, edits, tmp_path):
    run = ft.train({"data": str(rows), "edits": str(edits), "training": SHORT}, runs=tmp_path / "runs", process=False)
    edits.write_text("")
    assert run.recipe["edits"] == str(run.folder / "edits.jsonl")
    assert len(trained(run)) == 58


def test_edits_in_memory_go_with_the_view(rows, tmp_path):
    view = ft.read(rows).apply([Edit("r0", "drop")])
    run = ft.train(ft.Recipe(data=view, training=SHORT), runs=tmp_path / "runs", process=False)
    assert [edit.row for edit in ft.read_edits(run.folder / "edits.jsonl")] == ["r0"]
    assert run.recipe["data"]["path"] == str(rows)
    assert "r0" not in trained(run)


def test_another_process_sees_the_same_rows(rows, edits, tmp_path):
    recipe = ft.Recipe(data=ft.read(rows).apply(edits), training=SHORT)
    assert recipe.edits == str(edits)
    run = ft.train(recipe, runs=tmp_path / "runs").wait()
    assert run.state == "done"
    assert run.environment["data"]["fingerprint"] == ft.read(rows).apply(edits).fingerprint


def test_rows_in_memory_with_edits_are_kept_as_the_edits_left_them(tmp_path):
    view = ft.read({"x": [i / 7 for i in range(40)], "label": ["p", "q"] * 20})
    edited = view.apply([Edit(view.ids[5], "drop")])
    run = ft.train(ft.Recipe(data=edited, training=SHORT), runs=tmp_path / "runs", process=False)
    assert len(trained(run)) == 39
    assert run.recipe["edits"] is None


def test_a_file_of_edits_that_is_not_there_starts_nothing(rows, tmp_path):
    with pytest.raises(ft.DataError, match="no such file of edits"):
        ft.train({"data": str(rows), "edits": "none.jsonl", "training": SHORT}, runs=tmp_path / "runs")
    assert not (tmp_path / "runs").exists()
