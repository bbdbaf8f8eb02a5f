"""Metrics of predicted numbers."""

from __future__ import annotations

import numpy as np

from ftkit.evaluate import bootstrap
from ftkit.evaluate.answers import Residuals
from ftkit.evaluate.estimate import Estimate
from ftkit.evaluate.intervals import heaviest
from ftkit.evaluate.score import Interval, Score, undefined

Found = list[Estimate | Score]


def mse(of: Residuals) -> Found:
    """The mean squared error."""
    return [of.mean(of.squares)]


def rmse(of: Residuals) -> Found:
    """The square root of the mean squared error."""
    mean = of.mean(of.squares)
    root = mean.value**0.5

    def interval() -> Interval:
        low, high, method = mean.interval()
        return Interval(None if low is None else low**0.5, None if high is None else high**0.5, method)

    influence = lambda: mean.influence() / (2 * root) if root else mean.influence()  # noqa: E731
    return [Estimate(root, mean.n, influence, interval, note=mean.note)]


def mae(of: Residuals) -> Found:
    """The mean absolute error."""
    return [of.mean(np.abs(of.errors))]


def mape(of: Residuals) -> Found:
    """The mean absolute error as a share of the true value; undefined where a true value is 0."""
    zero = int((of.labels == 0).sum())
    if zero:
        return [undefined(len(of.labels), f"mape is undefined: {zero:,} true values are 0; smape is not")]
    return [of.mean(np.abs(of.errors / of.labels))]


def smape(of: Residuals) -> Found:
    """The mean absolute error as a share of the mean of true and predicted size, 0 to 2; 0 where both are 0."""
    size = (np.abs(of.labels) + np.abs(of.predictions)) / 2
    return [of.mean(np.divide(np.abs(of.errors), size, out=np.zeros(len(size)), where=size > 0))]


def mase(of: Residuals) -> Found:
    """The mean absolute error as a multiple of the seasonal naive's in the past (Hyndman and Koehler 2006)."""
    n = len(of.labels)
    if of.scales is None:
        return [undefined(n, "mase is undefined: it is a multiple of the seasonal naive's error, which was not given")]
    flat = int((~(of.scales > 0)).sum())
    if flat:
        return [undefined(n, f"mase is undefined: for {flat:,} rows the seasonal naive has no error in the past")]
    return [of.mean(np.abs(of.errors) / of.scales)]


def _pinball(of: Residuals, quantile: float) -> Found:
    return [of.mean(np.maximum(quantile * of.errors, (quantile - 1) * of.errors))]


def pinball_10(of: Residuals) -> Found:
    """The mean pinball loss of a predicted 10% quantile."""
    return _pinball(of, 0.1)


def pinball_50(of: Residuals) -> Found:
    """The mean pinball loss of a predicted median: half the mean absolute error."""
    return _pinball(of, 0.5)


def pinball_90(of: Residuals) -> Found:
    """The mean pinball loss of a predicted 90% quantile."""
    return _pinball(of, 0.9)


def r2(of: Residuals) -> Found:
    """The share of the labels' variance that the predictions explain."""
    n = len(of.labels)
    if n < 2 or not np.ptp(of.labels):
        why = "there is one row" if n < 2 else f"all test labels are {of.labels[0]:g}"
        return [undefined(n, f"r2 is undefined: {why}")]
    weights = np.ones(n) if of.weights is None else of.weights
    centred = of.labels - (weights * of.labels).sum() / weights.sum()
    unexplained, whole = float((weights * of.squares).sum()), float((weights * centred**2).sum())
    value = 1 - unexplained / whole
    influence = lambda: -weights * (of.squares - (1 - value) * centred**2) / whole  # noqa: E731
    interval = lambda: _interval(of, of.labels - of.labels.mean())  # noqa: E731
    return [Estimate(value, n, influence, interval, note=heaviest(of.squares))]


def _interval(of: Residuals, centred: np.ndarray) -> Interval:
    scale = np.sqrt((centred**2).mean())
    a, y = of.squares / scale**2, centred / scale
    columns = np.stack([a, a * a, a * y, a * y * y, y, y**2, y**3, y**4], axis=1)
    low, high, method = bootstrap.log_interval(columns, _log_unexplained, of.level, of.seed)
    return Interval(1 - high, 1 - low, method)


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
