import pytest

import ftkit as ft


def test_a_cleaned_copy_and_what_it_came_to(photos, tmp_path):
    done = ft.clean(
        ft.read(photos), [{"row": "cat/00.png", "op": "drop"}, {"row": "cat/99.png", "op": "drop"}], tmp_path / "out"
    )
    assert (done.before, done.after, done.edits, done.links) == (24, 23, {"drop": 1}, 0)
    assert "not in photos" in done.notes[0]
    assert len(ft.read(done.folder)) == 23


def test_an_edit_that_cannot_be_applied_leaves_nothing(photos, tmp_path):
    with pytest.raises(ft.DataError, match="not one of the 2 classes"):
        ft.clean(ft.read(photos), [{"row": "cat/00.png", "op": "relabel", "value": "cow"}], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_edits_of_other_rows_are_refused(photos, tmp_path):
    with pytest.raises(ft.DataError, match="the edit is not about a row of photos: 'nope'"):
        ft.clean(ft.read(photos), [{"row": "nope", "op": "drop"}], tmp_path / "out")
    assert not (tmp_path / "out").exists()
