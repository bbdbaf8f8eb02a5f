"""Scalers: scikit-learn's numbers, in place, and back again."""

import json
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.preprocessing import MinMaxScaler, PowerTransformer, RobustScaler, StandardScaler

import ftkit as ft
from ftkit.errors import DataError
from ftkit.preprocess import Numbers, Scaler, TableEncoder
from ftkit.preprocess.power import lower_from, raise_to
from ftkit.preprocess.scaling import METHODS

PEERS = {"zscore": StandardScaler, "minmax": MinMaxScaler, "robust": RobustScaler}
TABLES = [
    ("tab-wine-quality/winequality-white.csv.gz", "column_12"),
    ("tab-california-housing/housing.csv.gz", "median_house_value"),
    ("tab-credit-default/UCI_Credit_Card.csv.gz", None),
]
tables = arrays(
    np.float64,
    st.tuples(st.integers(1, 40), st.integers(1, 4)),
    elements=st.one_of(st.floats(-1e6, 1e6, allow_subnormal=False), st.just(np.nan), st.just(3.0)),
)


def numbers_of(path, target):
    rows = ft.read(path, target=target)
    names = [name for name in rows.features if rows.columns[name].kind == "number"]
    return np.stack([rows.numbers(name) for name in names], axis=1)


@pytest.fixture(scope="module", params=TABLES, ids=lambda table: table[0].split("/")[0])
def table(request, shared):
    return numbers_of(shared / request.param[0], request.param[1])


@pytest.mark.parametrize("method", PEERS)
def test_scalers_equal_scikit_learn_on_real_tables(table, method):
    peer = PEERS[method]().fit(table)
    ours = Scaler.fit(table, method)
    np.testing.assert_allclose(ours.transform(table), peer.transform(table), atol=1e-6, rtol=0)
    np.testing.assert_allclose(ours.inverse_transform(ours.transform(table)), table, rtol=1e-9, atol=1e-6)


def test_powers_equal_scikit_learn_on_real_tables(table):
    table = table[:3000]
    scaler = Scaler.fit(table, "power")
    for j, (kind, _) in enumerate(scaler.powers):
        if kind == "none":
            continue
        known = table[np.isfinite(table[:, j]), j : j + 1]
        ours = Scaler.fit(known, "power").transform(known)
        np.testing.assert_allclose(ours, PowerTransformer(method=kind).fit_transform(known), atol=1e-6, rtol=0)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_in_place_is_the_same(method, dtype):
    values = np.random.default_rng(0).gamma(2, size=(3000, 7)).astype(dtype)
    scaler, before = Scaler.fit(values, method), values.copy()
    expected = scaler.transform(values)
    assert scaler.transform(values, out=values) is values
    np.testing.assert_array_equal(values, expected)
    scaler.inverse_transform(values, out=values)
    np.testing.assert_allclose(values, before, rtol=1e-3 if dtype == np.float32 else 1e-9, atol=1e-6)


@settings(max_examples=60, deadline=None)
@given(tables, st.sampled_from(METHODS))
def test_the_way_back(values, method):
    scaler = Scaler.fit(values, method)
    again = Scaler.from_state(json.loads(json.dumps(scaler.state())))
    assert again == scaler
    there = again.transform(values)
    assert np.isfinite(there[np.isfinite(values)]).all()
    np.testing.assert_array_equal(np.isnan(there), np.isnan(values))
    spread = np.nan_to_num(np.nanmax(np.abs(values), axis=0, initial=0)) + 1e-9
    error = np.nan_to_num(np.abs(scaler.inverse_transform(there) - values)) / spread
    assert error.max(initial=0) <= (1e-3 if method == "power" else 1e-9)


@settings(max_examples=60, deadline=None)
@given(tables, st.sampled_from([m for m in METHODS if m not in ("none", "power")]))
def test_a_column_for_a_network_is_finite_and_comes_back(values, method):
    column = values[:, 0]
    made = Numbers.fit(column, method)
    if made is None:
        assert not np.isfinite(column).any()
        return
    assert Numbers.from_state(json.loads(json.dumps(made.state()))) == made
    block = made.transform(column)
    assert block.dtype == np.float32
    assert np.isfinite(block).all()
    near = np.abs(block[:, 0]) < 9.99
    back = made.inverse_transform(block)
    np.testing.assert_array_equal(np.isnan(back), np.isnan(column))
    spread = np.abs(column[np.isfinite(column)]).max() + 1e-9
    assert np.nan_to_num(np.abs(back - column) / spread)[near].max(initial=0) < 1e-5


@settings(max_examples=100, deadline=None)
@given(st.floats(-50, 50), st.floats(-1, 2), st.sampled_from(["log", "yeo-johnson", "box-cox"]))
def test_powers_can_be_undone(value, power, kind):
    value = abs(value) + 1e-3 if kind == "box-cox" else value
    there = raise_to(np.array([value]), kind, power)
    np.testing.assert_allclose(lower_from(there, kind, power), [value], rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("value", [0.0, 5.0, 0.1, 1e9 + 0.3, -1e-9])
def test_a_constant_column_is_nothing(method, value):
    values = np.full((1000, 2), value)
    there = Scaler.fit(values, method).transform(values)
    assert np.isfinite(there).all()
    if method != "none":
        np.testing.assert_allclose(there, 0, atol=1e-6)


@pytest.mark.parametrize("method", METHODS)
def test_columns_without_values_and_infinities_do_no_harm(method):
    values = np.array([[np.nan, 1.0, np.inf], [np.nan, 2.0, 3.0], [np.nan, np.nan, 5.0]])
    scaler = Scaler.fit(values, method)
    assert np.isfinite(scaler.center).all()
    assert np.isfinite(scaler.scale).all()
    assert np.isfinite(scaler.transform(values)[:2, 1]).all()


def test_what_cannot_be_scaled_is_told():
    with pytest.raises(DataError, match="nearest is 'zscore'"):
        Scaler.fit(np.zeros((2, 2)), "zscores")
    with pytest.raises(DataError, match="a matrix of rows and columns"):
        Scaler.fit(np.zeros(3))
    with pytest.raises(DataError, match="fitted on 2 columns; here are 3"):
        Scaler.fit(np.zeros((2, 2))).transform(np.zeros((2, 3)))


def test_values_below_all_that_was_seen_have_a_power():
    values = np.exp(np.random.default_rng(0).normal(size=(200, 1)))
    scaler = Scaler.fit(values, "power")
    assert scaler.powers[0][0] == "box-cox"
    assert np.isfinite(scaler.transform(np.array([[-5.0], [0.0]]))).all()


def beyond(work):
    """Bytes that a call held at its peak, beyond what was there before it and what it returned."""
    tracemalloc.start()
    made = work()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most - (made.nbytes if made is not None else 0)


@pytest.mark.parametrize("method", [m for m in METHODS if m != "power"])
def test_a_table_is_scaled_without_a_second_copy(method):
    values = np.random.default_rng(0).gamma(2, size=(40_000, 50))
    scaler = Scaler.fit(values[:1000], method)
    assert beyond(lambda: Scaler.fit(values, method) and None) < values.nbytes / 10
    assert beyond(lambda: scaler.transform(values, out=values) is None or None) < values.nbytes / 10


def test_a_view_is_encoded_without_a_second_copy():
    values = np.random.default_rng(0).normal(size=(50, 40_000))
    view = ft.read({f"x{j}": column for j, column in enumerate(values)})
    encoder = TableEncoder.fit(view, list(view.columns), [])
    encoder.transform(view, len(view))
    assert beyond(lambda: encoder.transform(view, len(view))) < values.nbytes / 10
