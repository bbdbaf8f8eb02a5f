"""Dates: parts, circles, and back again."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ftkit.errors import DataError
from ftkit.preprocess import Dates

seconds = st.one_of(st.integers(-(10**9), 2 * 10**9).map(float), st.just(float("nan")))
DAYS = np.arange("2023-12-25", "2024-01-08", dtype="datetime64[D]").astype("datetime64[s]").astype(float)


@settings(max_examples=60, deadline=None)
@given(st.lists(seconds, min_size=1, max_size=40))
def test_parts_come_back_to_the_second(values):
    column = np.array(values)
    made = Dates.fit(column, "parts")
    if made is None:
        assert np.isnan(column).all()
        return
    made = Dates.from_state(json.loads(json.dumps(made.state())))
    block = made.transform(column)
    assert np.isfinite(block).all()
    np.testing.assert_array_equal(made.inverse_transform(block), column)


@settings(max_examples=60, deadline=None)
@given(st.lists(seconds, min_size=1, max_size=40), st.sampled_from(["cycles", "none"]))
def test_others_come_back_to_a_millionth_of_the_deviation(values, method):
    column = np.array(values)
    made = Dates.fit(column, method)
    if made is None:
        return
    block = made.transform(column)
    assert np.isfinite(block).all()
    assert np.abs(block[:, 1:]).max(initial=0) <= 1
    near = np.abs(block[:, 0]) < 9.9
    error = np.abs(made.inverse_transform(block) - column)[near & np.isfinite(column)]
    assert error.max(initial=0) <= 1e-6 * (made.elapsed.scale[0] + 1)


def test_the_parts_are_those_of_the_calendar():
    made = Dates.fit(DAYS, "parts")
    assert made.names == ["elapsed", "year", "month", "day", "weekday"]
    first = made.transform(DAYS)[0]
    assert first[2] == 1  # December
    assert first[4] == 0  # Monday
    expected = [(int(str(day)[8:10]) - 1) / 30 for day in DAYS.astype("datetime64[s]").astype("datetime64[D]")]
    np.testing.assert_allclose(made.transform(DAYS)[:, 3], expected, atol=1e-6)


def test_december_is_next_to_january():
    made = Dates.fit(DAYS, "cycles")
    month = [i for i, name in enumerate(made.names) if name.startswith("month")]
    block = made.transform(DAYS)[:, month]
    assert np.linalg.norm(block[0] - block[-1]) < 0.6


def test_odd_columns():
    assert Dates.fit(np.array([np.nan])) is None
    same = Dates.fit(np.full(5, 1e9))
    assert same.names == ["elapsed"]
    assert np.isfinite(same.transform(np.array([1e9, 2e9, np.nan]))).all()
    with pytest.raises(DataError, match="nearest is 'cycles'"):
        Dates.fit(DAYS, "cycle")
