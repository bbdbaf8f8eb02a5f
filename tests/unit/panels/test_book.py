"""Edits of a panel: on disk after every gesture, taken back, decided again."""

from __future__ import annotations

import gc

import pytest

import ftkit as ft
from ftkit.errors import DataError
from ftkit.panels.book import open_book


def drop(*rows):
    return [{"row": row, "op": "drop"} for row in rows]


def on_disk(path):
    return [(edit.row, edit.op) for edit in ft.read_edits(path)]


def test_a_gesture_is_on_disk_and_undo_takes_all_of_it_back(tmp_path):
    path = tmp_path / "edits.jsonl"
    book = open_book(path)
    book.add(drop("a"))
    book.add(drop("b", "c"))
    assert on_disk(path) == [("a", "drop"), ("b", "drop"), ("c", "drop")]
    assert book.undo()
    assert on_disk(path) == [("a", "drop")]
    assert book.redo()
    assert len(on_disk(path)) == 3
    assert [book.undo(), book.undo()] == [True, True]
    assert not book.undo()
    assert on_disk(path) == []


def test_a_new_decision_forgets_what_could_be_redone(tmp_path):
    book = open_book(tmp_path / "edits.jsonl")
    book.add(drop("a"))
    book.undo()
    book.add(drop("b"))
    assert book.can == {"undo": True, "redo": False}
    assert not book.redo()


def test_what_somebody_else_wrote_is_kept_and_not_undone(tmp_path):
    path = tmp_path / "edits.jsonl"
    book = open_book(path)
    book.add(drop("a"))
    with path.open("a") as file:
        file.write('{"row": "乙", "op": "keep"}\n')
    assert not book.undo()
    book.add(drop("b"))
    book.undo()
    assert on_disk(path) == [("a", "drop"), ("乙", "keep")]


def test_an_edit_that_is_none_changes_nothing(tmp_path):
    book = open_book(tmp_path / "edits.jsonl")
    with pytest.raises(DataError, match="op 'drp' is not known; nearest is 'drop'"):
        book.add([{"row": "a", "op": "drop"}, {"row": "b", "op": "drp"}])
    assert not (tmp_path / "edits.jsonl").exists()
    assert not book.can["undo"]


def test_what_could_not_be_written_can_be_undone_and_redone_later(tmp_path, monkeypatch):
    def refuse(*_):
        raise DataError("the disk is full")

    book = open_book(tmp_path / "edits.jsonl")
    book.add(drop("a"))
    with monkeypatch.context() as full:
        full.setattr("ftkit.panels.book.write_edits", refuse)
        with pytest.raises(DataError, match="full"):
            book.undo()
    assert book.undo()
    with monkeypatch.context() as full:
        full.setattr("ftkit.panels.book.append_edits", refuse)
        with pytest.raises(DataError, match="full"):
            book.redo()
    assert book.redo()
    assert on_disk(tmp_path / "edits.jsonl") == [("a", "drop")]


def test_two_panels_of_one_file_have_one_book_that_keeps_neither_alive(tmp_path):
    path = tmp_path / "edits.jsonl"
    one, other = (ft.InspectPanel(ft.read("iris"), edits=path) for _ in range(2))
    assert one._book is other._book
    one._answer_edit([3], "drop")
    assert other.decided == 1
    assert one.code() == other.code()
    one.close()
    other.close()
    del one, other
    gc.collect()
    from ftkit.panels import book

    assert path not in book._open
