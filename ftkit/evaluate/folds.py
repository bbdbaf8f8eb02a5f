"""What folds say together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ftkit.errors import DataError
from ftkit.evaluate.intervals import student_quantile
from ftkit.evaluate.own import find_metric
from ftkit.evaluate.score import NONE, Interval, Score, undefined


def corrected_mean(
    name: str, values: Sequence[float | None], held_to_train: float, *, level: float = 0.95
) -> dict[str, Any]:
    """The mean of a metric over folds, with an interval that knows that folds share most of their train rows.

    Parameters
    ----------
    name : str
        The metric.
    values : sequence of K floats
        One a fold; None where it was undefined there.
    held_to_train : float
        Rows held out over rows trained on, in one fold.
    level : float, default 0.95

    Returns
    -------
    dict
        As the rows of :func:`ftkit.evaluate.evaluate`, with split "over folds"; ``n`` is the number of folds.

    Raises
    ------
    DataError
        There is no fold.

    References
    ----------
    Nadeau and Bengio (2003), "Inference for the generalization error", Machine Learning 52: the variance of the mean is
    (1/K + rows held out / rows trained on) times that between the folds, with K - 1 degrees of freedom.

    Examples
    --------
    >>> row = corrected_mean("accuracy", [0.8, 0.9, 0.85, 0.82, 0.88], 0.25)
    >>> round(row["value"], 2), round(row["low"], 3), round(row["high"], 3)
    (0.85, 0.773, 0.927)
    """
    if not len(values):
        raise DataError("there are no folds.")
    if None in values:
        lost = sum(value is None for value in values)
        return undefined(len(values), f"{name} is undefined in {lost} of {len(values)} folds").row(name, "over folds")
    mean, interval = float(np.mean(values)), NONE
    if len(values) > 1:
        spread = float(np.var(values, ddof=1)) * (1 / len(values) + held_to_train)
        reach = student_quantile(level, len(values) - 1) * spread**0.5
        least, most = find_metric(name).range
        low = mean - reach if least is None else max(mean - reach, least)
        high = mean + reach if most is None else min(mean + reach, most)
        interval = Interval(low, high, "corrected t over folds")
    return Score(mean, interval, len(values)).row(name, "over folds")
