"""Tables to matrices: equal to scikit-learn's, fitted on train rows only, the same from JSON."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.preprocessing import OneHotEncoder, StandardScaler

import ftkit as ft
from ftkit.preprocess import TableEncoder
from ftkit.preprocess.categories import MOST_CATEGORIES
from ftkit.preprocess.numbers import FARTHEST


def view(**columns):
    return ft.read(pd.DataFrame(columns | {"label": ["x", "y"] * (len(next(iter(columns.values()))) // 2)}))


def encode(train, rows, numbers=(), categories=()):
    return TableEncoder.fit(train, numbers, categories).transform(rows, len(rows))


def test_numbers_equal_scikit_learn(shared):
    rows = ft.read(shared / "tab-wine-quality" / "winequality-red.csv.gz", target="column_12")
    numbers = [name for name in rows.features if rows.columns[name].kind == "number"]
    ours = encode(rows, rows, numbers=numbers)
    theirs = StandardScaler().fit_transform(np.stack([rows.numbers(name) for name in numbers], axis=1))
    np.testing.assert_allclose(ours, theirs.clip(-FARTHEST, FARTHEST), atol=1e-5)


def test_categories_equal_scikit_learn():
    rows = view(city=["北京", "上海", "北京", "广州"] * 10)
    ours = encode(rows, rows, categories=["city"])
    theirs = OneHotEncoder(sparse_output=False).fit_transform(rows.strings("city").reshape(-1, 1))
    np.testing.assert_array_equal(ours[:, :3], theirs)
    assert not ours[:, 3:].any()


def test_missing_and_unseen_have_a_place():
    train = view(city=["a", "b"] * 5, size=[1.0, 3.0] * 5)
    new = view(city=["a", None, "zzz", "b"], size=[1.0, None, 3.0, 2.0])
    encoder = TableEncoder.fit(train, ["size"], ["city"])
    assert encoder.names == ["size", "city=a", "city=b", "city=missing", "city=other"]
    got = encoder.transform(new, 4)
    np.testing.assert_array_equal(got[:, 0], [-1, 0, 1, 0])
    np.testing.assert_array_equal(got[:, 1:], [[1, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [0, 1, 0, 0]])


def test_a_missing_number_says_so_where_train_rows_miss_some():
    train = view(size=[1.0, None, 3.0, 2.0])
    encoder = TableEncoder.fit(train, ["size"], [])
    assert encoder.names == ["size", "size=missing"]
    np.testing.assert_array_equal(encoder.transform(train, 4)[:, 1], [0, 1, 0, 0])


def test_statistics_are_those_of_the_rows_it_was_fitted_on():
    train, all_rows = view(size=[0.0, 2.0] * 4), view(size=[0.0, 2.0] * 4 + [1000.0, 1000.0])
    assert TableEncoder.fit(train, ["size"], []).steps[0].transform.scaler.center == (1.0,)
    assert encode(train, all_rows, numbers=["size"])[-1, 0] == FARTHEST


def test_the_state_survives_json():
    train = view(city=["a", "b"] * 5, size=[1.5, None] * 5)
    encoder = TableEncoder.fit(train, ["size"], ["city"])
    again = TableEncoder.from_state(json.loads(json.dumps(encoder.state())))
    assert again == encoder
    np.testing.assert_array_equal(again.transform(train, 10), encoder.transform(train, 10))


def test_only_the_most_frequent_categories_have_a_column():
    cells = [f"c{i}" for i in range(600) for _ in range(3)] + ["top"] * 200
    encoder = TableEncoder.fit(view(city=cells), [], ["city"])
    assert len(encoder.names) == MOST_CATEGORIES + 2
    assert "city=top" in encoder.names


@pytest.mark.parametrize("cells", [[None] * 4, [5.0] * 4])
def test_columns_that_say_nothing_do_no_harm(cells):
    assert np.isfinite(
        encode(
            view(size=cells, other=[1.0, 2.0, 3.0, 4.0]), view(size=cells, other=[1.0] * 4), numbers=["size", "other"]
        )
    ).all()
