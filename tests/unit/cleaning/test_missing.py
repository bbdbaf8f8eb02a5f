from __future__ import annotations

import numpy as np
import pytest

import ftkit as ft
from ftkit.cleaning import fill_missing


@pytest.fixture
def view():
    age = [20, 30, None, 40, 50, None, 70, 80]
    city = ["B", "B", "B", "S", "S", "S", None, "S"]
    return ft.read({"age": age, "city": city, "y": ["p", "q"] * 4}, target="y")


def test_every_missing_cell_is_filled(view):
    edited = view.apply(fill_missing(view))
    assert edited.missing("age") == edited.missing("city") == 0
    assert edited.numbers("age")[2] == 45
    assert edited.strings("city")[6] == "S"


def test_by_group(view):
    assert view.apply(fill_missing(view, "group", ["age"], group="city")).numbers("age")[[2, 5]].tolist() == [25, 50]


def test_with_a_constant(view):
    assert [e.value for e in fill_missing(view, "constant", ["city"], value="?")] == ["?"]


def test_rows_can_be_left_out(view):
    assert len(view.apply(fill_missing(view, "drop"))) == 5
    assert len(view.apply(fill_missing(view, "drop", ["city"]))) == 7


def test_fills_are_learned_from_train_rows_only():
    rows = {"x": [1.5, 2.5, 3.5, None], "y": ["a", "b", "a", "b"]}
    view = ft.read(rows, target="y", test={"x": [900.5, 900.5, None], "y": ["a", "b", "b"]})
    assert {e.value for e in fill_missing(view)} == {2.5}
    assert {e.value for e in fill_missing(view, train=view[:1])} == {1.5}


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"strategy": "mean"}, "nearest is"),
        ({"columns": ["agee"]}, "nearest is 'age'"),
        ({"strategy": "group"}, "needs group="),
        ({"strategy": "group", "group": "town"}, "no column 'town'"),
        ({"strategy": "constant"}, "needs value="),
        ({"strategy": "constant", "value": "x"}, "holds numbers"),
    ],
)
def test_what_cannot_be_is_told(view, asked, said):
    with pytest.raises(ft.DataError, match=said):
        fill_missing(view, **asked)


def test_nothing_missing_is_nothing_to_do():
    assert len(fill_missing(ft.read("iris"), "knn")) == 0


def test_on_titanic(shared):
    path = next((shared / "tab-titanic").glob("*.csv*"))
    view = ft.read(path)
    for strategy in ("median", "knn", "iterative"):
        edited = view.apply(fill_missing(view, strategy))
        numbers = [c for c, column in edited.columns.items() if column.role == "feature" and column.kind == "number"]
        assert not any(np.isnan(edited.numbers(c)).any() for c in numbers)
