from __future__ import annotations

import json
import warnings

import numpy as np
import pytest

import ftkit as ft
from ftkit.preprocess import Imputer


@pytest.fixture
def view():
    rng = np.random.default_rng(0)
    a = rng.normal(size=200)
    b = 2 * a + rng.normal(size=200) * 0.1
    c = -a + rng.normal(size=200) * 0.1
    kind = ["up" if x > 0 else "down" for x in a]
    rows = {"a": a, "b": _holes(b, 7), "c": _holes(c, 9), "kind": _holes(kind, 11), "y": ["p", "q"] * 100}
    return ft.read(rows, target="y")


def _holes(values, every):
    return [None if i % every == 0 else v for i, v in enumerate(values)]


@pytest.mark.parametrize("strategy", ["median", "group", "knn", "iterative"])
def test_the_state_is_json_and_gives_the_same_fills(view, strategy):
    imputer = Imputer.fit(view[:150], strategy, group="kind" if strategy == "group" else None)
    again = Imputer.from_state(json.loads(json.dumps(imputer.state())))
    assert str(again.fills(view)) == str(imputer.fills(view))
    assert set(imputer.fills(view)) == {"b", "c", "kind"}


def test_better_strategies_are_better(view):
    def error(strategy):
        rows, cells = Imputer.fit(view, strategy).fills(view)["b"]
        return np.abs(np.array(cells) - 2 * view.numbers("a")[rows]).mean()

    assert error("median") > 1
    assert error("knn") < 0.3
    assert error("iterative") < 0.2


def test_iterative_is_scikit_learns(view):
    from sklearn.experimental import enable_iterative_imputer  # noqa: F401
    from sklearn.impute import IterativeImputer

    names = ["a", "b", "c"]
    table = np.stack([view.numbers(n) for n in names], axis=1)
    mean, std = np.nanmean(table, axis=0), np.nanstd(table, axis=0)
    low, high = np.nanmin(table, axis=0), np.nanmax(table, axis=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = IterativeImputer(random_state=0, min_value=(low - mean) / std, max_value=(high - mean) / std)
        expected = theirs.fit_transform((table - mean) / std) * std + mean
    rows, cells = Imputer.fit(view, "iterative").fills(view)["b"]
    np.testing.assert_allclose(cells, expected[rows, 1], rtol=1e-6)


def test_categories_by_neighbours(view):
    rows, cells = Imputer.fit(view, "knn").fills(view)["kind"]
    right = ["up" if x > 0 else "down" for x in view.numbers("a")[rows]]
    assert np.mean([c == r for c, r in zip(cells, right, strict=True)]) > 0.9


def test_whole_numbers_stay_whole():
    view = ft.read({"n": [1, 2, 4, None], "y": ["a", "b", "a", "b"]}, target="y")
    assert Imputer.fit(view, "knn").fills(view)["n"][1] == [2]


def test_a_column_without_values_is_left_out():
    view = ft.read({"x": [1.5, 2.5, None], "empty": [None, None, None], "y": ["a", "b", "a"]}, target="y")
    assert list(Imputer.fit(view, "knn").columns) == ["x"]
