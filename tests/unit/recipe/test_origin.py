"""What a view was read with comes through a recipe, its YAML and back, for every argument of ``read``."""

from __future__ import annotations

import inspect
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import ftkit as ft
from ftkit.recipe.parameters import PARAMETERS, recipe_from
from ftkit.recipe.recipe import Recipe, read_recipe
from ftkit.runs.check import read_rows

HEAD = "编号,size,kind,patient,day,part,label"
ROWS = [
    f"r{i},{'-' if i == 5 else i % 7 + 0.5},{'ab'[i % 2]},p{i // 4},2026-01-{i % 28 + 1:02d},{('train', 'test')[i % 4 == 0]},{'猫狗'[i % 2]}"
    for i in range(40)
]
# Every argument of ``read`` but the source, each with a value that makes a difference or is at least not the default.
ARGUMENTS: dict[str, Any] = {
    "task": "tabular-classification",
    "target": "kind",
    "test": "more.csv",
    "text": "kind",
    "group": "patient",
    "time": "day",
    "split": "part",
    "id": "编号",
    "header": True,
    "separator": ",",
    "missing": ["-", ""],
    "classes": ["b", "a"],
    "labels": "labels.csv",
    "errors": "report",
    "edits": [{"row": "r1", "op": "drop"}],
}


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    """A table with a broken line, and another with its columns."""
    (tmp_path / "rows.csv").write_text("\n".join([HEAD, *ROWS[:30], "broken,line"]) + "\n", encoding="utf-8")
    (tmp_path / "more.csv").write_text("\n".join([HEAD, *ROWS[30:]]) + "\n", encoding="utf-8")
    return tmp_path


def _given(folder: Path, names: tuple[str, ...]) -> dict[str, Any]:
    given = {name: ARGUMENTS[name] for name in names}
    given["errors"] = "report"  # the table has a broken line
    if "classes" in given:
        given["target"] = "kind"
    if "test" in given:
        given["test"] = str(folder / given["test"])
        given.pop("split", None)  # two sources, or a column
    return given


def _same(one: ft.DatasetView, other: ft.DatasetView) -> None:
    assert other.ids.tolist() == one.ids.tolist()
    assert other.columns == one.columns
    assert (other.task, other.target, other.classes) == (one.task, one.target, one.classes)
    assert other.fingerprint == one.fingerprint
    given = [None if view.given_split is None else view.given_split.tolist() for view in (one, other)]
    assert given[0] == given[1]


def test_every_argument_of_read_is_tried() -> None:
    assert set(inspect.signature(ft.read).parameters) == {"source", *ARGUMENTS}


TABLE = sorted(set(ARGUMENTS) - {"labels", "text"})


@pytest.mark.parametrize("names", [(name,) for name in TABLE] + list(combinations(TABLE, 2)), ids="-".join)
def test_through_a_recipe_and_back(rows: Path, tmp_path: Path, names: tuple[str, ...]) -> None:
    view = ft.read(rows / "rows.csv", **_given(rows, names))
    recipe = Recipe(data=view.unedited)  # edits in memory are the run's to keep; see runs.start
    text = recipe.replace(seed=1).to_yaml(whole=False)
    (tmp_path / "recipe.yaml").write_text(text, encoding="utf-8")
    again = read_rows(read_recipe(tmp_path / "recipe.yaml"))
    _same(view, again.apply(view.edits))


def test_several_files_and_a_second_look(rows: Path) -> None:
    files = [rows / "rows.csv", rows / "more.csv"]
    view = ft.read(files, errors="report")
    _same(view, read_rows(Recipe(data=dict(view.origin))))
    classes = ft.read(view, target="kind", classes=["b", "a"])
    _same(classes, read_rows(Recipe(**Recipe(data=classes).to_dict(whole=False))))


def test_edits_in_a_file_are_named(rows: Path) -> None:
    edits = ft.Edits([{"row": "r1", "op": "drop"}]).save(rows / "edits.jsonl")
    view = ft.read(rows / "rows.csv", errors="report", edits=edits)
    recipe = Recipe(data=view)
    assert recipe.edits == str(edits)
    _same(view, read_rows(Recipe(**recipe.to_dict())))


def test_a_table_of_labels(tmp_path: Path) -> None:
    for i in range(4):
        Image.fromarray(np.full((8, 8), 40 * i, dtype=np.uint8)).save(tmp_path / f"{i}.png")
    (tmp_path / "labels.csv").write_text("file,label\n" + "".join(f"{i}.png,{'ab'[i % 2]}\n" for i in range(4)))
    for name in ("labels.csv", tmp_path / "labels.csv"):
        view = ft.read(tmp_path, labels=name)
        _same(view, read_rows(Recipe(**Recipe(data=view).to_dict())))


def test_every_argument_has_a_flat_name() -> None:
    flat = {path[-1] for path in PARAMETERS.values() if path[0] == "data"} | {"task", "edits", "classes"}
    assert set(ARGUMENTS) <= flat
    assert recipe_from({"data": "a.csv", "missing": ["-"], "errors": "report"}).data.errors == "report"


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("errors", "reprot", "data.errors: 'reprot'; nearest is 'report'"),
        ("path", 3, "data.path: 3; asked is text or a list"),
        ("test", [1], "data.test"),
    ],
)
def test_faults_are_told_by_key(key: str, value: object, told: str) -> None:
    with pytest.raises(ft.RecipeError) as caught:
        Recipe(data={"path": "a.csv", key: value})
    assert told in str(caught.value)
