"""Looking through rows: order, search, windows."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

import ftkit as ft
from ftkit.data.browsing import order, search, whole_row, window
from ftkit.errors import DataError


@pytest.fixture
def view():
    return ft.read(
        {"name": ["乙", "a.c", "ABC", None], "size": [3.0, float("nan"), 10.0, 2.0], "<b>": ["x" * 500, "y", "z", "w"]}
    )


def test_numbers_are_sorted_as_numbers_and_missing_ones_come_last(view):
    assert order(view, "size").tolist() == [3, 0, 2, 1]
    assert order(view, "size", down=True).tolist() == [2, 0, 3, 1]
    assert order(view, "name").tolist()[-1] == 3
    with pytest.raises(DataError, match="nearest is 'size'"):
        order(view, "sizes")


def test_a_text_is_found_as_it_is_whatever_its_case(view):
    assert search(view, "abc", ["name"]).tolist() == [False, False, True, False]
    assert search(view, "a.c", ["name"]).tolist() == [False, True, False, False]
    assert search(view, "乙", ["name", "<b>"]).tolist() == [True, False, False, False]


def test_a_window_is_an_arrow_stream_of_short_strings(view):
    content = window(view, np.array([2, 0]), ["name", "<b>"], {"place": [2, 0]})
    table = pa.ipc.open_stream(content).read_all()
    assert table.to_pydict() == {"place": [2, 0], "c0": ["ABC", "乙"], "c1": ["z", "x" * 200]}


def test_a_whole_row_is_not_cut(view):
    assert whole_row(view, 0, ["<b>", "name"]) == {"<b>": "x" * 500, "name": "乙"}
