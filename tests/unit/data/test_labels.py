from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

import ftkit as ft

X = [float(i) + 0.5 for i in range(6)]


def test_numeric_classes_are_in_numeric_order():
    assert ft.read({"x": X, "y": [10, 9, 2, 10, 9, 2]}, task="tabular-classification").classes == ("2", "9", "10")


def test_whole_floats_are_classes_without_a_point():
    assert ft.read({"x": X, "y": [1.0, 0.0, None, 1.0, 0.0, 1.0]}).classes == ("0", "1")


def test_stray_spaces_are_stripped_and_said():
    view = ft.read({"x": X, "y": ["a", "a ", " b", "b", "a", "b"]})
    assert view.classes == ("a", "b")
    note = next(note for note in view.notes if note.code == "LAB102")
    assert "2 labels" in note.message
    assert note.rows == tuple(view.ids[[1, 2]])


def test_missing_labels_are_minus_one_and_said():
    view = ft.read({"x": X, "y": ["a", None, "", "b", "a", "  "]})
    assert view.labels.tolist() == [0, -1, -1, 1, 0, -1]
    assert "3 of 6 rows" in next(note.message for note in view.notes if note.code == "LAB101")


def test_missing_numbers_are_nan():
    view = ft.read({"x": X, "y": [0.5, None, float("nan"), 1.5, 2.5, 3.5]}, target="y")
    assert np.isnan(view.labels).tolist() == [False, True, True, False, False, False]


def test_infinite_target_is_refused():
    view = ft.read({"x": X, "y": [0.5, 1.5, float("inf"), 1.0, 2.0, 3.0]})
    with pytest.raises(ft.DataError, match=f"infinite in 1 rows, first in row {view.ids[2]}"):
        _ = view.labels


@pytest.mark.parametrize("values", [[1.5] * 6, ["a"] * 6, [None] * 6])
def test_constant_target_is_refused_only_when_labels_are_needed(values):
    view = ft.read({"x": X, "y": pa.array(values)}, task="tabular-classification" if values[0] is None else None)
    assert "DatasetView" in repr(view)
    with pytest.raises(ft.DataError, match=r"in every row|every row has|no row has"):
        _ = view.labels


def test_words_in_a_regression_target_are_refused():
    with pytest.raises(ft.DataError, match="'soon', which is not a number"):
        _ = ft.read({"x": X, "y": ["1", "2", "soon", "4", "5", "6"]}, task="tabular-regression").labels


def test_numbers_in_a_regression_target_of_strings_are_read():
    view = ft.read({"x": X, "y": ["1", "2", None, "4", "5", "6.5"]}, task="tabular-regression")
    assert view.labels[[0, 5]].tolist() == [1.0, 6.5]


def test_test_labels_with_a_point_or_other_case_are_matched():
    view = ft.read({"x": X[:4], "y": ["yes", "no", "yes", "no"]}, test={"x": X[:2], "y": ["Yes.", "NO"]})
    assert view.classes == ("no", "yes")
    assert view.labels.tolist() == [1, 0, 1, 0, 1, 0]
    assert "LAB103" in {note.code for note in view.notes}


def test_unknown_test_labels_are_refused():
    view = ft.read({"x": X[:4], "y": ["yes", "no", "yes", "no"]}, test={"x": X[:2], "y": ["yes", "nope"]})
    with pytest.raises(ft.DataError, match="'nope'"):
        _ = view.classes


def test_classes_name_the_codes():
    view = ft.read({"x": X, "y": [0, 1, 2, 0, 1, 2]}, classes=["red", "green", "blue"])
    assert view.classes == ("red", "green", "blue")
    assert view.labels.tolist() == [0, 1, 2, 0, 1, 2]


def test_labels_outside_given_classes_name_the_nearest():
    with pytest.raises(ft.DataError, match=r"'rsut'.*nearest is 'rust'"):
        _ = ft.read({"x": X, "y": ["rust", "rsut", "ok", "ok", "ok", "ok"]}, classes=["rust", "ok"]).labels


def test_selected_rows_keep_the_classes_of_the_source():
    view = ft.read({"x": X, "y": list("abcabc")})[3:4]
    assert view.classes == ("a", "b", "c")
    assert view.labels.tolist() == [0]
