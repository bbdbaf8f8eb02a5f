"""Intervals by drawing the rows again."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ftkit.evaluate.intervals import normal_quantile
from ftkit.evaluate.score import NONE, Interval

RESAMPLES = 2_000
# Above this many rows the bootstrap and the normal approximation agree, and the bootstrap costs seconds.
BOOTSTRAP_ROWS = 20_000
# A resample that misses the one far-out row has next to no spread, and would make the interval boundless: none is
# taken to have less than this share of the spread seen. Coverage stays (docs/LOG.md), the widest interval does not.
SMALLEST = 0.8
# Rows drawn at once: they stay in the cache.
_AT_ONCE = 50_000


def resampled_means(columns: np.ndarray, seed: int) -> np.ndarray:
    """The columns' means over rows drawn again with replacement.

    Parameters
    ----------
    columns : float array (N, S)
    seed : int

    Returns
    -------
    float64 array (R, S)
        One row a resample.
    """
    rows, draw = len(columns), np.random.default_rng(seed)
    out = np.empty((RESAMPLES, columns.shape[1]))
    step = max(1, _AT_ONCE // rows)
    for start in range(0, RESAMPLES, step):
        here = min(step, RESAMPLES - start)
        drawn = draw.integers(0, rows, size=(here, rows), dtype=np.int32) + np.arange(0, here * rows, rows)[:, None]
        times = np.bincount(drawn.ravel(), minlength=here * rows).reshape(here, rows)
        out[start : start + here] = times.astype(np.float64) @ columns / rows
    return out


LogStatistic = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]


def log_interval(columns: np.ndarray, statistic: LogStatistic, level: float, seed: int) -> Interval:
    """The interval of a positive statistic of means, by the bootstrap-t of its logarithm.

    Squares and losses are skewed: with 30 rows the plain bootstrap's 95% interval of a mean square holds the truth
    83 to 90% of the time, this one 91 to 94%. Above 20,000 rows the normal quantile takes the place of the
    resampled ones (the delta method).

    Parameters
    ----------
    columns : float array (N, S)
        What the statistic needs the means of.
    statistic : callable
        From means (R, S) to the statistic's logarithm (R,) and the deviation of one row's influence on it (R,).
    level : float
    seed : int

    Returns
    -------
    Interval
        Of the statistic itself, not of its logarithm.

    References
    ----------
    Efron and Tibshirani (1993), "An Introduction to the Bootstrap", sections 12.5 and 12.6.
    """
    rows = len(columns)
    if rows < 2:
        return NONE
    centre, deviation = (float(part[0]) for part in statistic(columns.mean(axis=0)[None]))
    unbiased = np.sqrt(rows / (rows - 1))
    error = deviation * unbiased / np.sqrt(rows)
    if not error > 0:
        value = float(np.exp(centre))
        return Interval(value, value, "all rows are equal")
    if rows > BOOTSTRAP_ROWS:
        high = normal_quantile(level)
        low, method = -high, "delta, log"
    else:
        drawn, spread = statistic(resampled_means(columns, seed))
        drawn = drawn, np.maximum(spread, SMALLEST * deviation)
        low, high = _studentised(drawn, centre, unbiased / np.sqrt(rows), level)
        method = "bootstrap-t, log"
    return Interval(float(np.exp(centre - high * error)), float(np.exp(centre - low * error)), method)


def log_mean(means: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The logarithm of the mean of x and the deviation of a row's influence on it, from means of x and x², (R, 2)."""
    first, second = means[:, 0], means[:, 1]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.log(first), np.sqrt(np.maximum(second - first**2, 0)) / first


def _studentised(
    drawn: tuple[np.ndarray, np.ndarray], centre: float, scale: float, level: float
) -> tuple[float, float]:
    """Quantiles of (resampled - value) / its own error; resamples without spread cannot be scaled and are left out."""
    with np.errstate(divide="ignore", invalid="ignore"):
        t = (drawn[0] - centre) / (drawn[1] * scale)
    t = t[np.isfinite(t)]
    low, high = np.quantile(t, [(1 - level) / 2, (1 + level) / 2]) if len(t) else (-np.inf, np.inf)
    return float(low), float(high)
