"""Steps for series."""

import numpy as np
import pytest

from ftkit.augment import Jitter, MagnitudeWarp, Scaling, TimeWarp, WindowSlice, change_series, row_keys
from ftkit.errors import DataError

KEYS = row_keys(f"{i}" for i in range(64))
STEPS = [Jitter(), Scaling(), MagnitudeWarp(), TimeWarp(), WindowSlice()]


@pytest.fixture
def waves():
    t = np.arange(100) / 10
    return np.stack([np.sin(t + i)[:, None] * [1, 3] + [0, 10] for i in range(64)]).astype(np.float32)


@pytest.mark.parametrize("step", STEPS, ids=lambda s: type(s).__name__)
def test_a_series_is_the_same_whatever_is_beside_it(waves, step):
    whole = change_series(waves, [step], KEYS)
    alone = np.concatenate([change_series(waves[i : i + 1], [step], KEYS[i : i + 1]) for i in range(64)])
    assert (whole == alone).all()
    assert (whole.shape, whole.dtype) == (waves.shape, np.float32)
    assert np.isfinite(whole).all()
    assert (whole != waves).any()


def test_noise_is_in_units_of_each_channels_deviation(waves):
    apart = (change_series(waves, [Jitter(0.1)], KEYS) - waves).std(axis=(0, 1)) / waves.std(axis=1).mean(axis=0)
    assert apart == pytest.approx([0.1, 0.1], rel=0.05)


def test_scaling_is_one_factor_a_channel(waves):
    factor = change_series(waves, [Scaling(0.2)], KEYS)[:, :, 1] / waves[:, :, 1]
    assert np.ptp(factor, axis=1).max() < 1e-5
    assert factor[:, 0].std() == pytest.approx(0.2, rel=0.4)


def test_time_runs_forward_and_the_ends_stay(waves):
    ramp = np.broadcast_to(np.arange(100, dtype=np.float32)[None, :, None], (64, 100, 1))
    after = change_series(ramp, [TimeWarp(0.4)], KEYS)[:, :, 0]
    assert (np.diff(after, axis=1) > 0).all()
    assert after[:, 0] == pytest.approx(0)
    assert after[:, -1] == pytest.approx(99)


def test_a_slice_is_a_part(waves):
    ramp = np.broadcast_to(np.arange(100, dtype=np.float32)[None, :, None], (64, 100, 1))
    after = change_series(ramp, [WindowSlice(0.5)], KEYS)[:, :, 0]
    assert after[:, -1] - after[:, 0] == pytest.approx(49.5, abs=1e-3)
    assert np.ptp(after[:, 0]) > 20


def test_shapes_are_checked():
    with pytest.raises(DataError, match="rows × moments"):
        change_series(np.zeros((3, 4), np.float32), [Jitter()], KEYS[:3])
