"""Forecasts scored by rolling origin: at each origin only what came before it is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ftkit.errors import DataError
from ftkit.evaluate.estimate import linearised
from ftkit.evaluate.forecasters import Forecaster, seasonal_naive
from ftkit.evaluate.intervals import student_quantile
from ftkit.evaluate.score import Score, undefined
from ftkit.shown import Shown

BASE = "seasonal naive"


@dataclass(frozen=True, repr=False)
class Backtest(Shown):
    """How forecasters did, origin after origin.

    Attributes
    ----------
    metrics : list of dict
        As the rows of :func:`ftkit.evaluate.evaluate`: "mase", "smape", "mae", "rmse" of each forecaster ("label").
    horizons : dict of str to list of dict
        For each forecaster, MASE of each step ahead.
    against : list of dict
        For each other forecaster, MASE minus that of the seasonal naive: difference, low, high, p, better.
    series, origins, horizon, season : int
        How many series, and origins in all; steps ahead; values a season.
    example : dict
        One window to draw: time, history, truth, and every forecast.
    """

    metrics: list[dict[str, Any]]
    horizons: dict[str, list[dict[str, Any]]]
    against: list[dict[str, Any]]
    series: int
    origins: int
    horizon: int
    season: int
    example: dict[str, Any]

    def sentences(self) -> list[str]:
        """What can be said against the seasonal naive."""
        return [_said(one) for one in self.against]

    def __repr__(self) -> str:
        rows = [f"  {m['label']}: MASE {m['value']:.3f}" for m in self.metrics if m["name"] == "mase" and m["value"]]
        head = f"Backtest of {self.series:,} series at {self.origins:,} origins, {self.horizon} steps ahead"
        return "\n".join([head, *rows, *self.sentences()])


def backtest(
    series: np.ndarray | Sequence[np.ndarray],
    forecasters: Mapping[str, Forecaster],
    *,
    horizon: int,
    season: int,
    origins: int = 5,
    step: int | None = None,
    level: float = 0.95,
) -> Backtest:
    """Forecasters judged at several origins of one or many series, beside the seasonal naive.

    Parameters
    ----------
    series : float array (T,) or sequence of them
        No value may be missing.
    forecasters : mapping of str to callable
        ``forecaster(history, horizon)`` gives (horizon,) forecasts; it is given a copy of what came before the origin.
    horizon : int
        Steps ahead.
    season : int
        Values a season; 1 where there is none.
    origins : int, default 5
        Of each series, the last so that its forecasts end with the series.
    step : int, optional
        From one origin to the next; ``horizon`` without it, so that no value is judged twice.
    level : float, default 0.95

    Returns
    -------
    Backtest
        Intervals take series to be independent; of a single series its origins (which ``step`` keeps apart).

    Raises
    ------
    DataError
        A series is too short or has missing values; a forecaster gives another number of values or no finite ones, or
        its forecasts do not depend on the history it is given: they come from elsewhere, such as the future.

    References
    ----------
    Hyndman and Koehler (2006), "Another look at measures of forecast accuracy", International Journal of Forecasting
    22: the mean absolute error is divided by that of the seasonal naive within the history of the first origin.
    Tashman (2000), "Out-of-sample tests of forecasting accuracy", International Journal of Forecasting 16.

    Examples
    --------
    >>> import numpy as np
    >>> from ftkit.evaluate import naive
    >>> wave = np.sin(np.arange(120) * np.pi / 6) + np.random.default_rng(0).normal(0, 0.1, 120)
    >>> found = backtest(wave, {"naive": naive}, horizon=12, season=12)
    >>> found.against[0]["better"]
    'seasonal naive'
    """
    many = [np.asarray(series, float)] if np.ndim(series[0]) == 0 else [np.asarray(one, float) for one in series]
    step, asked = step or horizon, {BASE: seasonal_naive(season), **forecasters}
    _check(many, horizon, season, origins, step)
    found: dict[str, list[np.ndarray]] = {name: [] for name in asked}
    truths, scales, clusters = [], [], []
    for number, values in enumerate(many):
        starts = [len(values) - horizon - step * k for k in reversed(range(origins))]
        scale = float(np.abs(values[season : starts[0]] - values[: starts[0] - season]).mean())
        for start in starts:
            truths.append(values[start : start + horizon])
            scales.append(scale)
            clusters.append(number if len(many) > 1 else len(truths))
            for name, forecaster in asked.items():
                found[name].append(_forecast(name, forecaster, values[:start], horizon))
    for name, forecaster in forecasters.items():
        _must_read_history(name, forecaster, many[0][: len(many[0]) - horizon], horizon)
    return _judge(np.array(truths), {n: np.array(f) for n, f in found.items()}, scales, clusters, many, season, level)


def _check(many: list[np.ndarray], horizon: int, season: int, origins: int, step: int) -> None:
    for name, value in (("horizon", horizon), ("season", season), ("origins", origins), ("step", step)):
        if value < 1:
            raise DataError(f"{name} is {value}; it must be at least 1.")
    needed = horizon + step * (origins - 1) + season + 1
    for number, values in enumerate(many, 1):
        if not np.isfinite(values).all():
            raise DataError(f"series {number} has {int((~np.isfinite(values)).sum()):,} missing values; fill them.")
        if len(values) < needed:
            raise DataError(f"series {number} has {len(values):,} values; {origins} origins need at least {needed:,}.")


def _forecast(name: str, forecaster: Forecaster, history: np.ndarray, horizon: int) -> np.ndarray:
    out = np.asarray(forecaster(history.copy(), horizon), dtype=np.float64)
    if out.shape != (horizon,) or not np.isfinite(out).all():
        raise DataError(
            f"forecaster '{name}' gave {out.shape} values, some not finite; expected {horizon} finite ones."
        )
    return out


def _must_read_history(name: str, forecaster: Forecaster, history: np.ndarray, horizon: int) -> None:
    """Refuse forecasts that stay the same whatever the history was: they were not made from it."""
    other = history[::-1] + 10 * (np.ptp(history) + 1)
    same = _forecast(name, forecaster, history, horizon), _forecast(name, forecaster, other, horizon)
    if np.allclose(*same, rtol=1e-6, atol=1e-9):
        raise DataError(
            f"forecaster '{name}' gives the same forecasts for another history: they are not made from the history it "
            "is given. If it has seen the whole series, it looks ahead."
        )


def independent(series: np.ndarray, windows: np.ndarray) -> np.ndarray:
    """What intervals of forecasts take to be independent: the series, or of a single one its windows.

    Parameters
    ----------
    series : str array (N,)
        The series each forecast is of.
    windows : int array (N,)
        The window each forecast is of.

    Returns
    -------
    int array (N,)
        Codes from 0.
    """
    codes = np.unique(series.astype(str), return_inverse=True)[1]
    return codes if codes.max(initial=0) else np.unique(windows, return_inverse=True)[1]


def check_look_ahead(prepare: Callable[[np.ndarray], np.ndarray], series: np.ndarray, *, origins: int = 5) -> None:
    """Refuse a preparation whose values before an origin depend on values after it.

    A scaler fitted on the whole series, a centred moving average, an interpolation: each tells the past of the future,
    and forecasts made from it come out too good.

    Parameters
    ----------
    prepare : callable
        From a series (T,) to prepared values (T,) or (T, d).
    series : float array (T,)
    origins : int, default 5
        Where it is tried, evenly over the second half.

    Raises
    ------
    DataError
        It looks ahead; says at which value, and how far.

    Examples
    --------
    >>> import numpy as np
    >>> check_look_ahead(np.cumsum, np.arange(100.0))
    >>> check_look_ahead(lambda y: y - y.mean(), np.arange(100.0))
    Traceback (most recent call last):
        ...
    ftkit.errors.DataError: the preparation looks ahead: value 0 changes when values from 50 on become known...
    """
    whole = np.asarray(prepare(np.array(series, dtype=float)), dtype=np.float64)
    for origin in np.unique(np.linspace(len(series) // 2, len(series) - 1, origins).astype(int)):
        before = np.asarray(prepare(np.array(series[:origin], dtype=float)), dtype=np.float64)
        apart = ~np.isclose(before, whole[:origin], rtol=1e-9, atol=1e-12, equal_nan=True)
        if apart.any():
            first = int(np.argwhere(apart)[0][0])
            raise DataError(
                f"the preparation looks ahead: value {first:,} changes when values from {origin:,} on become known "
                f"({int(apart.sum()):,} of {apart.size:,} values do). Prepare from the past alone, at each origin anew."
            )


def _judge(
    truth: np.ndarray, found: dict[str, np.ndarray], scales: list[float], clusters: list[int],
    many: list[np.ndarray], season: int, level: float,
) -> Backtest:  # fmt: skip
    scale, groups = np.array(scales)[:, None], np.unique(clusters, return_inverse=True)[1]
    metrics, horizons = [], {}
    for name, forecasts in found.items():
        error = np.abs(forecasts - truth)
        size = (np.abs(forecasts) + np.abs(truth)) / 2
        of = {
            "mase": error / np.where(scale > 0, scale, np.nan),
            "smape": np.divide(error, size, out=np.zeros_like(error), where=size > 0),
            "mae": error,
            "rmse": error**2,
        }
        metrics += [
            _score(key, values, groups, level).row(key, "rolling origin") | {"label": name}
            for key, values in of.items()
        ]
        horizons[name] = [
            _score("mase", of["mase"][:, k : k + 1], groups, level).row("mase", f"step {k + 1}")
            for k in range(truth.shape[1])
        ]
    against = [_against(name, found, truth, scale, groups, level) for name in found if name != BASE]
    last = many[-1]
    kept = min(4 * max(season, truth.shape[1]), len(last) - truth.shape[1])
    start = len(last) - truth.shape[1]
    example = {"history": last[start - kept : start], "truth": truth[-1], **{n: f[-1] for n, f in found.items()}}
    return Backtest(metrics, horizons, against, len(many), len(truth), truth.shape[1], season, example)


def _score(name: str, values: np.ndarray, groups: np.ndarray, level: float) -> Score:
    """The mean over windows and steps, clustered."""
    if np.isnan(values).any():
        flat = int(np.isnan(values).any(axis=1).sum())
        return undefined(len(values), f"{name} is undefined: in {flat:,} windows the seasonal naive has no error")
    each = values.mean(axis=1)
    value = float(each.mean())
    interval = linearised(value, (each - value) / len(each), None, groups, level, "log")
    if name == "rmse":
        value = value**0.5
        low, high = (None if end is None else max(end, 0) ** 0.5 for end in interval[:2])
        interval = interval._replace(low=low, high=high)
    return Score(value, interval, len(each))


def _against(
    name: str, found: dict[str, np.ndarray], truth: np.ndarray, scale: np.ndarray, groups: np.ndarray, level: float
) -> dict[str, Any]:
    from scipy.stats import t

    gap = (np.abs(found[name] - truth) - np.abs(found[BASE] - truth)) / np.where(scale > 0, scale, np.nan)
    each = gap.mean(axis=1)
    value, many = float(each.mean()), int(groups.max()) + 1
    told = {"forecaster": name, "metric": "mase", "difference": value, "n": many}
    if many < 2 or np.isnan(value):
        return told | {"low": None, "high": None, "p": None, "better": None}
    units = np.bincount(groups, (each - value) / len(each))
    spread = float(np.sqrt((units**2).sum() * many / (many - 1)))
    reach = student_quantile(level, many - 1) * spread
    p = float(2 * t.sf(abs(value) / max(spread, 1e-300), many - 1))
    better = None if p >= 1 - level else (name if value < 0 else BASE)
    return told | {"low": value - reach, "high": value + reach, "p": p, "better": better}


def _said(one: dict[str, Any]) -> str:
    if one["low"] is None:
        return f"{one['forecaster']}: one window says nothing against {BASE}."
    ends = f"{one['difference']:+.3f} of MASE ({one['low']:+.3f} to {one['high']:+.3f})"
    if one["better"] is None:
        return f"{one['forecaster']} against {BASE}: no difference can be shown, {ends}."
    loser = BASE if one["better"] == one["forecaster"] else one["forecaster"]
    return f"{one['better']} is better than {loser}: {one['forecaster']} has {ends}."
