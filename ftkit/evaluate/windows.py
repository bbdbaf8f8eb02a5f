"""A metric over time, and when to raise an alarm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ftkit.errors import DataError
from ftkit.evaluate.metrics import MetricSpec
from ftkit.evaluate.own import find_metric
from ftkit.evaluate.scoring import evaluate


@dataclass(frozen=True)
class Window:
    """A metric of the rows of one stretch of time.

    Attributes
    ----------
    start, end : float
        Of the first and the last row.
    n : int
    value, low, high : float or None
        None where the metric is undefined in this window.
    alarm : bool
        Whether the whole interval lies on the worse side of the reference.
    reason : str or None
        Why the value is undefined.
    """

    start: float
    end: float
    n: int
    value: float | None
    low: float | None
    high: float | None
    alarm: bool
    reason: str | None = None


def over_windows(
    labels: Any,
    predictions: Any,
    times: np.ndarray,
    metric: str | MetricSpec,
    *,
    windows: int = 10,
    reference: float | None = None,
    level: float = 0.95,
    **given: Any,
) -> list[Window]:
    """A metric of successive windows of rows, each with the verdict of the alarm rule.

    The rule: an alarm where a window's interval, widened for the number of windows (Bonferroni), lies wholly on the
    worse side of the reference. Over all windows together it is raised without cause in at most 1 - level of the cases.

    Parameters
    ----------
    labels, predictions
        As in :func:`ftkit.evaluate.evaluate`.
    times : float array (N,)
        When each row was asked about.
    metric : str or MetricSpec
        Not one with a value for each class.
    windows : int, default 10
        With equally many rows each.
    reference : float, optional
        What the metric should be, such as its value on the test rows; that of the first window without it.
    level : float, default 0.95
    **given
        ``classes`` and ``seed`` as in :func:`ftkit.evaluate.evaluate`.

    Returns
    -------
    list of Window
        The earliest first.

    Raises
    ------
    DataError
        As :func:`ftkit.evaluate.evaluate`; a time is missing; there are fewer rows than windows.

    Examples
    --------
    >>> import numpy as np
    >>> right = np.r_[np.ones(300), np.ones(60), np.zeros(40)]
    >>> p = np.where(right[:, None] == 1, [0.9, 0.1], [0.1, 0.9])
    >>> found = over_windows(np.zeros(400, int), p, np.arange(400.0), "accuracy", windows=4)
    >>> [window.alarm for window in found]
    [False, False, False, True]
    """
    spec = find_metric(metric)
    labels, predictions, times = np.asarray(labels), np.asarray(predictions), np.asarray(times, dtype=np.float64)
    if spec.per_class:
        raise DataError(f"metric '{spec.name}' has a value for each class; choose one that has a single value.")
    if times.shape != (len(labels),) or not np.isfinite(times).all():
        raise DataError(f"times must be {len(labels):,} finite numbers, one a row.")
    if not 1 <= windows <= len(labels):
        raise DataError(f"{len(labels):,} rows cannot be cut into {windows} windows.")
    parts = np.array_split(np.argsort(times, kind="stable"), windows)
    wide = 1 - (1 - level) / windows
    rows = [
        evaluate(labels[at], predictions[at], metrics=[spec], split="window", level=wide, **given)[0] for at in parts
    ]
    known = reference if reference is not None else next((r["value"] for r in rows if r["value"] is not None), None)
    return [
        Window(
            float(times[at[0]]), float(times[at[-1]]), len(at), row["value"], row["low"], row["high"],
            _worse(row, known, spec.greater_is_better), row.get("reason"),
        )
        for at, row in zip(parts, rows, strict=True)
    ]  # fmt: skip


def _worse(row: dict[str, Any], reference: float | None, greater: bool) -> bool:
    if row["low"] is None or reference is None:
        return False
    return row["high"] < reference if greater else row["low"] > reference
