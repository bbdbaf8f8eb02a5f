"""The door of the room: labels and predictions in, plain rows of metrics out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from ftkit.errors import DataError, nearest
from ftkit.evaluate.classes import Answers
from ftkit.evaluate.guards import check_classes, check_numbers
from ftkit.evaluate.metrics import METRICS, MetricSpec
from ftkit.evaluate.numbers import Residuals


def evaluate(
    labels: np.ndarray,
    predictions: np.ndarray,
    *,
    metrics: Iterable[str],
    split: str,
    classes: Sequence[str] | None = None,
    level: float = 0.95,
    seed: int = 0,
) -> list[dict[str, Any]]:
    """Every metric asked for, with its interval.

    Parameters
    ----------
    labels : int array (N,) or float array (N,)
        Codes 0 to K-1 of the classes (-1 is missing), or numbers (NaN is missing). Rows whose label is missing are left
        out and counted.
    predictions : float array (N, K) or (N,)
        Probabilities of the K classes, or predicted numbers.
    metrics : iterable of str
        Names of :data:`METRICS`.
    split : str
        What the rows are, such as "test"; it is written into every result.
    classes : sequence of K str, optional
        Names of the classes; their codes by default.
    level : float, default 0.95
        Of the intervals, between 0 and 1.
    seed : int, default 0
        Of the resampling; the same seed gives the same ends.

    Returns
    -------
    list of dict
        ``{"name", "split", "value", "low", "high", "method", "n"}``, with "label" for one class of a metric per class,
        "reason" where the value (then None) is undefined or has no interval, "note" where a mean leaves classes
        out, and "left_out" where labels were missing.

    Raises
    ------
    DataError
        A metric is unknown or does not fit the predictions; lengths differ or there are no rows; labels or predictions
        are NaN, infinite or outside their range; probabilities do not sum to 1 within 0.001. Says how many rows,
        and the first positions.

    Examples
    --------
    >>> import numpy as np
    >>> labels, predictions = np.array([0, 1, 1, 0]), np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.7, 0.3]])
    >>> [row] = evaluate(labels, predictions, metrics=["accuracy"], split="test")
    >>> row["value"], round(row["low"], 3), round(row["high"], 3), row["method"]
    (0.75, 0.301, 0.954, 'wilson')
    """
    specs = [_spec(name) for name in ([metrics] if isinstance(metrics, str) else metrics)]
    if not 0 < level < 1:
        raise DataError(f"level is {level}; expected a share between 0 and 1, such as 0.95.")
    columns = np.shape(predictions)[1] if np.ndim(predictions) == 2 else 0
    predicts = "class" if columns > 1 or (columns and any(s.predicts == "class" for s in specs)) else "number"
    _fit(specs, predicts)
    if predicts == "class":
        answers, left_out = _answers(labels, predictions, classes, level, seed)
    else:
        *checked, left_out = check_numbers(labels, predictions)
        answers = Residuals(*checked, level, seed)
    rows = [score.row(spec.name, split) for spec in specs for score in spec.score(answers)]
    return [row | {"left_out": left_out} for row in rows] if left_out else rows


def _answers(
    labels: np.ndarray, predictions: np.ndarray, classes: Sequence[str] | None, level: float, seed: int
) -> tuple[Answers, int]:
    labels, predictions, left_out = check_classes(labels, predictions)
    names = tuple(map(str, range(predictions.shape[1]) if classes is None else classes))
    if len(names) != predictions.shape[1]:
        raise DataError(f"there are {len(names)} class names for {predictions.shape[1]} columns of probabilities.")
    return Answers(labels, predictions, names, level, seed), left_out


def _spec(name: str) -> MetricSpec:
    if name not in METRICS:
        raise DataError(f"metric '{name}' is not known; {nearest(name, METRICS)}.")
    return METRICS[name]


def _fit(specs: list[MetricSpec], predicts: str) -> None:
    """Refuse metrics of classes for numbers, and the other way round."""
    other = [spec.name for spec in specs if spec.predicts != predicts]
    if other:
        what = "probabilities of classes (N, K)" if predicts == "class" else "one number a row (N,)"
        fitting = ", ".join(name for name, spec in METRICS.items() if spec.predicts == predicts)
        raise DataError(f"metrics {', '.join(other)} do not fit predictions that are {what}; choose among {fitting}.")
