from __future__ import annotations

import pytest

import ftkit as ft
from ftkit.data import Edit, Edits, append_edits, read_edits, write_edits

DROP = '{"row": "a", "op": "drop"}\n'


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"op": "dorp"}, "nearest is 'drop'"),
        ({"row": "", "op": "drop"}, "needs the id"),
        ({"row": 3, "op": "drop"}, "row is text"),
        ({"op": "fill", "column": "x"}, "say which value"),
        ({"op": "fill", "value": 3}, "say which column"),
        ({"op": "relabel"}, "say which value"),
        ({"op": "drop", "value": 1}, "takes no value"),
        ({"op": "crop", "value": {"box": [5, 0, 5, 9]}}, "left before right"),
        ({"op": "crop", "value": {"rotate": 45}}, "not 45"),
        ({"op": "crop"}, "its value is"),
        ({"op": "mask", "value": {"size": [2, 2], "rle": [1, 2]}}, "do not fill"),
        ({"op": "mask", "value": {"bax": [0, 0, 1, 1]}}, "its value is"),
        ({"op": "redact", "column": "t", "value": [[3, 1]]}, "each span"),
        ({"op": "replace", "column": "x", "value": float("nan")}, "cannot be written as JSON"),
        ({"op": "drop", "at": "yesterday"}, "no ISO time"),
    ],
)
def test_an_edit_that_cannot_be_is_told(fields, said):
    with pytest.raises(ft.DataError, match=said):
        Edit(**{"row": "a", **fields})


def test_the_last_edit_of_a_row_op_and_column_wins():
    edits = Edits([Edit("a", "relabel", value="x"), Edit("a", "drop"), Edit("a", "relabel", value="y")])
    assert [(e.op, e.value) for e in edits.in_force()] == [("drop", None), ("relabel", "y")]
    assert [e.value for e in edits.undo().for_row("a")] == ["x", None]


def test_the_last_of_drop_and_keep_wins():
    assert [e.op for e in Edits([Edit("a", "drop"), Edit("a", "keep")]).in_force()] == ["keep"]
    assert [e.op for e in Edits([Edit("a", "keep"), Edit("a", "drop")]).in_force()] == ["drop"]


def test_keep_takes_back_what_its_check_brought():
    relabel = [Edit("a", "relabel", value="x", because="LAB201"), Edit("a", "crop", value={"rotate": 90})]
    assert [e.op for e in Edits([*relabel, Edit("a", "keep", because="LAB201")]).in_force()] == ["crop", "keep"]


def test_edits_are_not_changed_by_adding():
    edits = Edits([Edit("a", "drop")])
    more = edits + Edits([{"row": "b", "op": "drop"}])
    assert (len(edits), len(more), edits + edits) == (1, 2, edits)


def test_a_file_reads_back(tmp_path):
    edits = Edits([Edit("猫/1.jpg", "relabel", value="狗", by="li", at="2026-01-31T12:00:00+08:00"), Edit("b", "drop")])
    path = edits.save(tmp_path / "edits.jsonl")
    assert read_edits(path) == edits
    assert "猫" in path.read_text(encoding="utf-8")
    assert read_edits(path).path == str(path)
    assert [p.name for p in tmp_path.iterdir()] == ["edits.jsonl"]


def test_replace_with_nothing_survives_the_file(tmp_path):
    edits = Edits([Edit("a", "replace", "x", None)])
    assert read_edits(edits.save(tmp_path / "e.jsonl")) == edits


def test_a_torn_last_line_is_left_out_and_then_removed(tmp_path):
    path = tmp_path / "edits.jsonl"
    path.write_text(DROP + '{"row": "b", "op": "dr')
    assert [e.row for e in read_edits(path)] == ["a"]
    append_edits(path, [Edit("c", "keep")])
    assert [e.row for e in read_edits(path)] == ["a", "c"]


def test_a_whole_last_line_without_end_counts_and_stays(tmp_path):
    path = tmp_path / "edits.jsonl"
    path.write_text(DROP.strip())
    append_edits(path, [{"row": "c", "op": "keep"}])
    assert [e.row for e in read_edits(path)] == ["a", "c"]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (DROP + "{oops}\n" + DROP, "line 2: not JSON"),
        (DROP + '{"row": "b"}\n', "line 2: an edit without 'op'"),
        ('{"row": "b", "op": "drop", "colum": "x"}\n', "nearest is 'column'"),
        ("[1]\n", "line 1: an edit is an object"),
        ("{1}\n{2}\n", "2 faults"),
    ],
)
def test_a_bad_line_is_named(tmp_path, lines, said):
    path = tmp_path / "edits.jsonl"
    path.write_text(lines)
    with pytest.raises(ft.DataError, match=said) as told:
        read_edits(path)
    assert str(path) in str(told.value)


def test_no_file_is_told(tmp_path):
    with pytest.raises(ft.DataError, match="no such file of edits"):
        read_edits(tmp_path / "none.jsonl")


def test_what_cannot_be_written_leaves_the_old_file(tmp_path):
    path = write_edits(tmp_path / "edits.jsonl", [Edit("a", "drop")])
    with pytest.raises(ft.DataError):
        write_edits(path, [{"row": "b", "op": "?"}])
    with pytest.raises(ft.DataError, match="cannot be written"):
        write_edits(tmp_path / "none" / "edits.jsonl", [Edit("a", "drop")])
    assert [e.row for e in read_edits(path)] == ["a"]
