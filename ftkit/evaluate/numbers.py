"""Metrics of predicted numbers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ftkit.evaluate.bootstrap import log_interval, log_mean
from ftkit.evaluate.score import Interval, Score, undefined, with_interval


@dataclass(frozen=True)
class Residuals:
    """Labels and predicted numbers (N,), checked, and how far they are apart."""

    labels: np.ndarray
    predictions: np.ndarray
    level: float
    seed: int

    @cached_property
    def squares(self) -> np.ndarray:
        """Squared errors."""
        return (self.labels - self.predictions) ** 2


def mse(of: Residuals) -> list[Score]:
    """The mean squared error."""
    value, interval = _mean(of.squares, of)
    return [with_interval(value, interval, len(of.labels))]


def rmse(of: Residuals) -> list[Score]:
    """The square root of the mean squared error."""
    value, (low, high, method) = _mean(of.squares, of)
    ends = Interval(None if low is None else low**0.5, None if high is None else high**0.5, method)
    return [with_interval(value**0.5, ends, len(of.labels))]


def mae(of: Residuals) -> list[Score]:
    """The mean absolute error."""
    value, interval = _mean(np.abs(of.labels - of.predictions), of)
    return [with_interval(value, interval, len(of.labels))]


def _mean(values: np.ndarray, of: Residuals) -> tuple[float, Interval]:
    return float(values.mean()), log_interval(np.stack([values, values**2], axis=1), log_mean, of.level, of.seed)


def r2(of: Residuals) -> list[Score]:
    """The share of the labels' variance that the predictions explain."""
    n, centred = len(of.labels), of.labels - of.labels.mean()
    if n < 2 or not np.ptp(of.labels):
        why = "there is one row" if n < 2 else f"all test labels are {of.labels[0]:g}"
        return [undefined(n, f"r2 is undefined: {why}")]
    value = float(1 - of.squares.sum() / (centred**2).sum())
    scale = np.sqrt((centred**2).mean())
    a, y = of.squares / scale**2, centred / scale
    columns = np.stack([a, a * a, a * y, a * y * y, y, y**2, y**3, y**4], axis=1)
    low, high, method = log_interval(columns, _log_unexplained, of.level, of.seed)
    return [Score(value, Interval(1 - high, 1 - low, method), n)]


def _log_unexplained(means: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The logarithm of 1 - R² and the deviation of a row's influence on it, from means of the columns of :func:`r2`.

    1 - R² is a ratio of means, A of a = (y - ŷ)² and B of b = (y - ȳ)², so a row's influence on its logarithm is
    a / A - b / B; ȳ is that of the resample.
    """
    a, aa, ay, ayy, m, y2, y3, y4 = means.T
    spread = y2 - m**2
    ab = ayy - 2 * m * ay + m**2 * a
    bb = y4 - 4 * m * y3 + 6 * m**2 * y2 - 3 * m**4
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = aa / a**2 - 2 * ab / (a * spread) + bb / spread**2
        return np.log(a / spread), np.sqrt(np.maximum(variance, 0))
