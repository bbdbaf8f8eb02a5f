"""The random steps for series: windows of T moments of C channels, on their device.

All but jitter are from Um et al. (2017), "Data augmentation of wearable sensor data for Parkinson's disease monitoring
using convolutional neural networks", section 3.2, or Le Guennec, Malinowski and Tavenard (2016), "Data augmentation for
time series classification using convolutional neural networks", section 2 (window slicing).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from ftkit.augment.counter import GAMMA, branch, mix, state
from ftkit.augment.fields import Step, number, whole
from ftkit.augment.transfer import send
from ftkit.errors import DataError

if TYPE_CHECKING:
    import torch


class SeriesStep(Step):
    """A step for series: ``bend(series, states)``."""

    kinds = ("series",)

    def bend(self, series: torch.Tensor, states: torch.Tensor) -> torch.Tensor:
        """The series (N, T, C) after the step."""
        raise NotImplementedError


def _uniform(states: torch.Tensor, count: int) -> np.ndarray:
    """Uniform numbers (N, count) of each row, on the host: they are few."""
    z = mix(states.cpu().numpy()[:, None] + np.arange(1, count + 1, dtype=np.int64) * GAMMA)
    return ((z >> 11) & ((1 << 53) - 1)) * 2.0**-53


def _normal(states: torch.Tensor, count: int) -> np.ndarray:
    from scipy.special import ndtri

    return ndtri(_uniform(states, count) * (1 - 2.0**-52) + 2.0**-53)


@lru_cache(maxsize=16)
def _splines(moments: int, knots: int) -> np.ndarray:
    """What a value at each knot adds to a smooth curve at each moment, (knots + 2, T)."""
    from scipy.interpolate import CubicSpline

    at = np.linspace(0, moments - 1, knots + 2)
    return CubicSpline(at, np.eye(knots + 2))(np.arange(moments)).T


def _curves(states: torch.Tensor, std: float, knots: int, moments: int, channels: int) -> np.ndarray:
    """Smooth curves around 1, float64 (N, T, C); summed in one order, so that no batch shows."""
    at = 1 + std * _normal(states, (knots + 2) * channels).reshape(len(states), knots + 2, 1, channels)
    return sum(at[:, k] * _splines(moments, knots)[k][None, :, None] for k in range(knots + 2))


def _read_at(series: torch.Tensor, at: np.ndarray) -> torch.Tensor:
    """The series at other moments (N, T), by straight lines between those that are there."""
    import torch

    last = series.shape[1] - 1
    at = np.clip(at, 0, last)
    low = np.minimum(at.astype(np.int64), max(last - 1, 0))
    part = send(torch.from_numpy(at - low).to(series.dtype), series.device)[:, :, None]
    first = send(low, series.device)[:, :, None].expand(-1, -1, series.shape[2])
    after = (first + 1).clamp(max=last)
    return series.gather(1, first) * (1 - part) + series.gather(1, after) * part


@dataclass(frozen=True)
class Scaling(SeriesStep):
    """Multiply each channel by one number.

    Parameters
    ----------
    std : float, 0 to 1, default 0.1
        The factor is normal around 1.

    Raises
    ------
    RecipeError
        ``std`` is not such a number.

    Examples
    --------
    >>> Scaling()
    Scaling(std=0.1)
    """

    std: float = number(0.1, 0, 1)
    keeps = "Shapes keep; how large values are does not, nor what a threshold says of them."

    def bend(self, series: torch.Tensor, states: torch.Tensor) -> torch.Tensor:
        """The series (N, T, C) after the step."""
        import torch

        factor = 1 + self.std * _normal(states, series.shape[2])
        return series * send(torch.from_numpy(factor).to(series.dtype), series.device)[:, None, :]


@dataclass(frozen=True)
class MagnitudeWarp(SeriesStep):
    """Multiply each channel by a smooth curve around 1.

    Parameters
    ----------
    std : float, 0 to 1, default 0.2
        Deviation of the curve at its knots.
    knots : int, 1 to 50, default 4
        Between the two ends; more are rougher.

    Raises
    ------
    RecipeError
        A parameter is not such a number.

    Examples
    --------
    >>> MagnitudeWarp(0.1)
    MagnitudeWarp(std=0.1, knots=4)
    """

    std: float = number(0.2, 0, 1)
    knots: int = whole(4, 1, 50)
    keeps = "The order of ups and downs keeps; trends and heights do not."

    def bend(self, series: torch.Tensor, states: torch.Tensor) -> torch.Tensor:
        """The series (N, T, C) after the step."""
        import torch

        curves = _curves(states, self.std, self.knots, *series.shape[1:])
        return series * send(torch.from_numpy(curves).to(series.dtype), series.device)


@dataclass(frozen=True)
class TimeWarp(SeriesStep):
    """Let time run faster here and slower there; the ends stay.

    Parameters
    ----------
    std : float, 0 to 1, default 0.2
        Deviation of the speed at its knots.
    knots : int, 1 to 50, default 4
        Between the two ends; more are rougher.

    Raises
    ------
    RecipeError
        A parameter is not such a number.

    Examples
    --------
    >>> TimeWarp()
    TimeWarp(std=0.2, knots=4)
    """

    std: float = number(0.2, 0, 1)
    knots: int = whole(4, 1, 50)
    keeps = "Shapes keep; frequencies, seasons and how long things last do not. Not for forecasting with seasons."

    def bend(self, series: torch.Tensor, states: torch.Tensor) -> torch.Tensor:
        """The series (N, T, C) after the step."""
        moments = series.shape[1]
        # Time never stands still or runs back.
        speed = np.maximum(_curves(states, self.std, self.knots, moments, 1)[:, :, 0], 0.05)
        at = np.cumsum(speed, axis=1) - speed[:, :1]
        return _read_at(series, at / np.maximum(at[:, -1:], 1e-9) * (moments - 1))


@dataclass(frozen=True)
class WindowSlice(SeriesStep):
    """Cut a part out and stretch it to the whole length.

    Parameters
    ----------
    share : float, 0.1 to 1, default 0.9
        How long the part is, of the whole.

    Raises
    ------
    RecipeError
        ``share`` is not such a number.

    Examples
    --------
    >>> WindowSlice(0.8)
    WindowSlice(share=0.8)
    """

    share: float = number(0.9, 0.1, 1)
    keeps = "Labels keep where every part tells the class; what happens once may be cut away, and time is stretched."

    def bend(self, series: torch.Tensor, states: torch.Tensor) -> torch.Tensor:
        """The series (N, T, C) after the step."""
        moments = series.shape[1]
        length = self.share * (moments - 1)
        start = _uniform(states, 1) * (moments - 1 - length)
        return _read_at(series, start + np.linspace(0, length, moments)[None])


def change_series(series: Any, steps: Iterable[Any], keys: np.ndarray, *, seed: int = 0, epoch: int = 0) -> Any:
    """Series after the steps, each a function of (seed, epoch, its key) whatever the batch.

    Parameters
    ----------
    series : float tensor or array, shape (N, T, C)
        T moments of C channels.
    steps : iterable of steps
    keys : ndarray of int64, shape (N,)
        See :func:`ftkit.augment.row_keys`.
    seed, epoch : int, default 0

    Returns
    -------
    tensor or array like ``series``

    Raises
    ------
    DataError
        ``series`` has another shape, or fewer than two moments.
    RecipeError
        A step has a fault or is for other rows.

    Examples
    --------
    >>> change_series(np.ones((1, 4, 1), np.float32), [WindowSlice()], np.array([3])).ravel().tolist()
    [1.0, 1.0, 1.0, 1.0]
    """
    import torch

    from ftkit.augment.form import parse

    out = series if isinstance(series, torch.Tensor) else torch.from_numpy(np.array(series))
    if out.ndim != 3 or out.shape[1] < 2 or not out.dtype.is_floating_point:
        raise DataError(
            f"augmentation: series are {out.dtype} of shape {tuple(out.shape)}; expected floating point, "
            f"rows × moments (two or more) × channels."
        )
    states = state(seed, epoch, np.asarray(keys, dtype=np.int64))
    for i, step in enumerate(parse(steps, kind="series")):
        own = send(branch(states, i), out.device)
        out = step.bend(out, own)
    return out if isinstance(series, torch.Tensor) else out.numpy()


STEPS = (Scaling, MagnitudeWarp, TimeWarp, WindowSlice)
