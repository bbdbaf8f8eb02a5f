from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

import ftkit as ft
from ftkit.data.hashing import hash_strings

ROWS = {"n": [1, 2, 2], "x": [0.5, 1.5, 1.5], "word": ["猫", "b", "b"], "when": [None, "2024-01-01", "2024-01-01"]}
PINNED = ["0203c9bfd1b69b2d", "c26c0c5af31e5471", "c26c0c5af31e5471-2"]


def test_content_ids_never_change():
    assert ft.read(ROWS).ids.tolist() == PINNED


def test_ids_do_not_depend_on_the_order_of_columns_or_rows():
    turned = {name: ROWS[name][::-1] for name in reversed(ROWS)}
    assert sorted(ft.read(turned).ids) == sorted(PINNED)


def test_ids_do_not_depend_on_the_type_of_whole_numbers():
    floats = ROWS | {"n": pa.array([1.0, 2.0, 2.0])}
    narrow = ROWS | {"n": pa.array([1, 2, 2], pa.int8())}
    assert ft.read(floats).ids.tolist() == ft.read(narrow).ids.tolist() == PINNED


def test_ids_do_not_depend_on_an_empty_column_or_on_encoding():
    more = ROWS | {"none": [None, None, None], "word": pa.array(ROWS["word"]).dictionary_encode()}
    assert ft.read(more).ids.tolist() == PINNED


def test_ids_differ_where_a_value_moves_to_another_column():
    one, other = ft.read({"a": [1], "b": [2]}), ft.read({"a": [2], "b": [1]})
    assert one.ids[0] != other.ids[0]


def test_nested_values_are_hashed_whatever_else_is_there():
    alone = ft.read([{"turns": [{"role": "user", "content": "a"}]}])
    beside = ft.read([{"turns": [{"content": "a", "role": "user", "tool": None}]}, {"turns": [{"tool": "x"}]}])
    assert alone.ids[0] == beside.ids[0]


def test_nan_is_missing():
    assert ft.read({"a": [1], "b": [float("nan")]}).ids[0] == ft.read({"a": [1], "b": [None]}).ids[0]


@pytest.mark.parametrize("name", ["id", "ID", "_id", "row_id", "uuid", "PassengerId", "customer_id", "index"])
def test_id_columns_are_found_by_name(name):
    view = ft.read({name: ["p", "q", "r"], "x": [1.5, 2.5, 3.5]})
    assert view.ids.tolist() == ["p", "q", "r"]
    assert view.columns[name].role == "id"
    assert view.features == ["x"]


@pytest.mark.parametrize("values", [[1, 1, 2], [1, None, 2]])
def test_columns_that_do_not_name_rows_are_no_id(values):
    view = ft.read({"id": values, "x": [1.5, 2.5, 3.5]})
    assert len(view.ids[0]) == 16


def test_given_id_must_name_every_row_once():
    with pytest.raises(ft.DataError, match="id column 'k' has '1' in more than one row"):
        _ = ft.read({"k": [1, 1], "x": [1, 2]}, id="k").ids
    with pytest.raises(ft.DataError, match="1 missing"):
        _ = ft.read({"k": [1, None], "x": [1, 2]}, id="k").ids


def test_test_ids_are_prefixed_only_where_they_meet():
    view = ft.read({"id": [1, 2], "y": [0, 1]}, test={"id": [2, 3], "y": [0, 1]})
    assert view.ids.tolist() == ["1", "2", "test/2", "3"]


def test_equal_rows_of_train_and_test_have_two_ids():
    view = ft.read({"a": [1, 1], "y": [0, 1]}, test={"a": [1], "y": [0]})
    assert view.ids[2] == f"test/{view.ids[0]}"


def test_string_hashes_do_not_depend_on_the_width_of_the_array():
    short, wide = np.array(["ab", "c"]), np.array(["ab", "c", "a much longer one"])
    assert hash_strings(short, 3).tolist() == hash_strings(wide, 3)[:2].tolist()
    assert hash_strings(short, 3)[0] != hash_strings(short, 4)[0]
