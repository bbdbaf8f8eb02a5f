from __future__ import annotations

import numpy as np
import pytest

import ftkit as ft

VIEW = ft.read(
    {"id": list("abcde"), "x": [0.5, None, 2.5, 3.5, 4.5], "y": list("ppqqp"), "g": [1, 1, 2, None, 3]}, group="g"
)


def test_selections_compose():
    chosen = VIEW[1:][[3, 0, -1]]
    assert chosen.ids.tolist() == ["e", "b", "e"]
    assert chosen.source_rows.tolist() == [4, 1, 4]
    assert VIEW[VIEW.labels == 1].ids.tolist() == ["c", "d"]
    assert VIEW.where([True] + [False] * 4).ids.tolist() == ["a"]
    assert len(VIEW[[]]) == 0
    assert VIEW[::-1].fingerprint != VIEW.fingerprint


def test_rows_are_dicts():
    assert VIEW[1] == {"id": "b", "x": None, "y": "p", "g": 1}
    assert [row["id"] for row in VIEW[:2]] == ["a", "b"]
    with pytest.raises(IndexError):
        VIEW[5]


@pytest.mark.parametrize("bad", [[5], [-6], [0.5], np.zeros((2, 2), int)])
def test_bad_positions(bad):
    with pytest.raises(ft.DataError):
        VIEW.select(bad)


def test_bad_mask_and_bad_column():
    with pytest.raises(ft.DataError, match="3 values was given for 5 rows"):
        VIEW.where([True, False, True])
    with pytest.raises(ft.DataError, match="nearest is 'x'"):
        VIEW.column("xx")
    with pytest.raises(ft.DataError, match="'p', which is not a number"):
        VIEW.numbers("y")


def test_cells_missing_and_groups():
    assert VIEW.missing("x") == 1
    assert np.isnan(VIEW.numbers("x")[1])
    assert VIEW.group.tolist() == ["1", "1", "2", "", "3"]
    assert VIEW.columns["g"].role == "group"


def test_it_prints_in_a_few_lines():
    lines = repr(VIEW).splitlines()
    assert 3 <= len(lines) <= 6
    assert "5 rows, 4 columns" in lines[0]
    assert "tabular-classification, because" in lines[1]


def test_fingerprint_is_of_the_content_and_is_kept(written):
    text = "a,y\n1,p\n2,q\n"
    one, other = ft.read(written(text, "one.csv")), ft.read(written(text.replace("1", "1.0"), "other.csv"))
    assert one.fingerprint == other.fingerprint
    assert len(one.fingerprint) == 16
