"""What a metric works out: a value, how much each row moves it, and the interval for rows like any others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ftkit.evaluate.intervals import student_quantile, wilson
from ftkit.evaluate.score import NONE, Interval, Score

Scale = Literal["logit", "log", "atanh", "unexplained", "plain"]


@dataclass(frozen=True)
class Estimate:
    """A value before its interval is chosen.

    Attributes
    ----------
    value : float
    n : int
        Rows it rests on.
    influence : callable
        Gives float64 (N,): how much each row moves the value. The squares sum to the value's variance, and rows of one
        group are added before they are squared, so this one column serves weights, groups and comparisons.
    interval : callable
        Gives the interval where rows are independent and weigh the same.
    label, note : str, optional
        See :class:`ftkit.evaluate.score.Score`.
    """

    value: float
    n: int
    influence: Callable[[], np.ndarray]
    interval: Callable[[], Interval]
    label: str | None = None
    note: str | None = None

    def score(self, weights: np.ndarray | None, groups: np.ndarray | None, level: float, scale: Scale) -> Score:
        """The value with the interval that fits its rows."""
        if weights is None and groups is None:
            interval = self.interval()
        else:
            interval = linearised(self.value, self.influence(), weights, groups, level, scale)
        lacking = "an interval needs at least 2 rows (or groups)." if interval.low is None else None
        return Score(self.value, interval, self.n, label=self.label, reason=lacking, note=self.note)


def linearised(
    value: float,
    influence: np.ndarray,
    weights: np.ndarray | None,
    groups: np.ndarray | None,
    level: float,
    scale: Scale,
) -> Interval:
    """The interval of a value whose rows have weights or belong to groups, from each row's influence on it.

    Rows of one group may be as alike as they like: only the groups are taken to be independent. The value is moved to a
    scale on which it is nearer to a normal one (a share to its logit), Student's quantile has one degree of freedom
    less than there are groups, and a share of 0 or 1 gets Wilson's interval with the groups as its rows.

    Parameters
    ----------
    value : float
    influence : float64 array (N,)
    weights : float array (N,), optional
    groups : int array (N,), optional
        Codes of the groups.
    level : float
    scale : {"logit", "log", "atanh", "unexplained", "plain"}

    Returns
    -------
    Interval

    References
    ----------
    Binder (1983), "On the variances of asymptotically normal estimators from complex surveys", International
    Statistical Review 51; Cameron and Miller (2015), "A practitioner's guide to cluster-robust inference", section II.
    """
    method = "linearised" if groups is None else "clustered by group"
    units = influence if groups is None else np.bincount(groups, influence)
    many = len(units) if groups is not None or weights is None else weights.sum() ** 2 / (weights**2).sum()
    if len(units) < 2 or many < 2:
        return NONE
    variance = float((units**2).sum()) * len(units) / (len(units) - 1)
    if scale == "logit" and (variance <= 0 or not 0 < value < 1):
        low, high, _ = wilson(value * many, many, level)
        return Interval(low, high, f"{method}, wilson")
    if variance <= 1e-300:
        return Interval(value, value, "all rows are equal")
    low, high = ends(value, student_quantile(level, many - 1) * variance**0.5, scale)
    return Interval(low, high, f"{method}, {scale}" if scale != "plain" else method)


def ends(value: float, reach: float, scale: Scale) -> tuple[float, float]:
    """Value ± reach, on a scale where that is fair."""
    if scale == "logit":
        centre, reach = np.log(value / (1 - value)), reach / (value * (1 - value))
        return float(1 / (1 + np.exp(reach - centre))), float(1 / (1 + np.exp(-reach - centre)))
    if scale == "log" and value > 0:
        return float(value * np.exp(-reach / value)), float(value * np.exp(reach / value))
    if scale == "unexplained" and value < 1:
        rest = 1 - value
        return float(1 - rest * np.exp(reach / rest)), float(1 - rest * np.exp(-reach / rest))
    if scale == "atanh" and abs(value) < 1:
        centre, reach = np.arctanh(value), reach / (1 - value**2)
        return float(np.tanh(centre - reach)), float(np.tanh(centre + reach))
    return float(value - reach), float(value + reach)
