"""Windows and lags: nothing shows the future, and the series comes back."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ftkit.errors import DataError
from ftkit.preprocess import Lags, Windows


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 8), st.integers(0, 4), st.integers(1, 8), st.integers(1, 3), st.integers(0, 2**32 - 1))
def test_windows_come_back(length, horizon, stride, width, seed):
    stride = min(stride, length)
    values = np.random.default_rng(seed).normal(5, 3, (length + horizon + seed % 30, width))
    windows = Windows.fit(values, length, horizon, stride)
    windows = Windows.from_state(json.loads(json.dumps(windows.state())))
    past, future = windows.transform(values)
    assert past.shape[1:] == (length, width)
    assert future.shape == (len(past), horizon, width)
    back = windows.inverse_transform(past, future)
    assert len(values) - stride < len(back) <= len(values)
    np.testing.assert_allclose(back, values[: len(back)], atol=1e-5)


def test_windows_are_views_and_scaled_by_the_train_part():
    series = np.arange(1000.0)
    windows = Windows.fit(series[:500], 100, 10)
    assert windows.scaler.center == (249.5,)
    past, future = windows.transform(series)
    assert np.shares_memory(past, future)
    np.testing.assert_allclose(future[:, 0], past[:, -1] + 1 / windows.scaler.scale[0], atol=1e-5)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 9), min_size=1, max_size=4, unique=True), st.integers(10, 40))
def test_lags_come_back_but_for_the_end(lags, steps):
    values = np.random.default_rng(steps).normal(size=steps)
    made = Lags.from_state(json.loads(json.dumps(Lags.fit(values, lags).state())))
    matrix = made.transform(values)
    for j, lag in enumerate(lags):
        np.testing.assert_array_equal(matrix[lag:, j], values[:-lag])
    back = made.inverse_transform(matrix)
    np.testing.assert_array_equal(back[: -min(lags)], values[: -min(lags)])
    assert np.isnan(back[-min(lags) :]).all()


def test_what_does_not_fit_is_told():
    with pytest.raises(DataError, match="the series has 5 steps; a window of 5 and 1 that follow need 6"):
        Windows.fit(np.arange(5.0), 5)
    with pytest.raises(DataError, match="a stride from 1 to the length"):
        Windows.fit(np.arange(5.0), 2, 1, 3)
    with pytest.raises(DataError, match="so that nothing shows the future"):
        Lags.fit(np.arange(5.0), [0])
