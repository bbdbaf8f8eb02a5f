"""The door of the room: labels and predictions in, plain rows of metrics out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from ftkit.errors import DataError
from ftkit.evaluate.answers import Answers, Asked, Residuals
from ftkit.evaluate.guards import check_classes, check_numbers, check_texts, check_units
from ftkit.evaluate.metrics import METRICS, MetricSpec
from ftkit.evaluate.own import find_metric
from ftkit.evaluate.text import Texts


def evaluate(
    labels: np.ndarray | Sequence[str],
    predictions: np.ndarray | Sequence[str],
    *,
    metrics: Iterable[str | MetricSpec],
    split: str,
    classes: Sequence[str] | None = None,
    weights: np.ndarray | None = None,
    groups: np.ndarray | None = None,
    scales: np.ndarray | None = None,
    level: float = 0.95,
    seed: int = 0,
) -> list[dict[str, Any]]:
    """Every metric asked for, with its interval.

    Parameters
    ----------
    labels : int array (N,), float array (N,) or sequence of N str
        Codes 0 to K-1 of the classes (-1 is missing), numbers (NaN is missing), or texts (None is missing). Rows whose
        label is missing are left out and counted.
    predictions : float array (N, K), (N,) or sequence of N str
        Probabilities of the K classes, predicted numbers, or written texts.
    metrics : iterable of str or MetricSpec
        Names of :data:`METRICS`, dotted paths ``package.module:name`` of a user's own, or what ``metric`` made.
    split : str
        What the rows are, such as "test"; it is written into every result.
    classes : sequence of K str, optional
        Names of the classes; their codes by default.
    weights : float array (N,), optional
        What each row counts, at least 0; rows of weight 0 are left out. 1 by default.
    groups : array (N,), optional
        Which rows belong together, such as one patient's: intervals then take only the groups to be independent.
    scales : float array (N,), optional
        What each row's absolute error is a multiple of in ``mase``: the mean absolute error of the seasonal naive in
        the past of its series.
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
        A metric is unknown, fails, or does not fit the predictions; lengths differ or there are no rows; labels,
        predictions or weights are NaN, infinite or outside their range; probabilities do not sum to 1 within 0.001.
        Says how many rows, and the first positions.

    Examples
    --------
    >>> import numpy as np
    >>> labels, predictions = np.array([0, 1, 1, 0]), np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.7, 0.3]])
    >>> [row] = evaluate(labels, predictions, metrics=["accuracy"], split="test")
    >>> row["value"], round(row["low"], 3), round(row["high"], 3), row["method"]
    (0.75, 0.301, 0.954, 'wilson')
    """
    specs = [find_metric(name) for name in ([metrics] if isinstance(metrics, str | MetricSpec) else metrics)]
    given = {"classes": classes, "weights": weights, "groups": groups, "scales": scales, "level": level, "seed": seed}
    answers, left_out = checked(labels, predictions, specs, **given)
    rows = [score.row(spec.name, split) for spec in specs for score in spec.score(answers)]
    return [row | {"left_out": left_out} for row in rows] if left_out else rows


def checked(
    labels: Any,
    predictions: Any,
    specs: list[MetricSpec],
    *,
    classes: Sequence[str] | None = None,
    weights: np.ndarray | None = None,
    groups: np.ndarray | None = None,
    scales: np.ndarray | None = None,
    level: float = 0.95,
    seed: int = 0,
) -> tuple[Asked, int]:
    """The answers that metrics judge, after every guard, and how many rows have no label; see :func:`evaluate`."""
    if not 0 < level < 1:
        raise DataError(f"level is {level}; expected a share between 0 and 1, such as 0.95.")
    predicts = _predicts(labels, predictions, specs)
    _fit(specs, predicts)
    check = {"class": check_classes, "number": check_numbers, "text": check_texts}[predicts]
    weights, groups, counted = check_units(weights, groups, len(labels))
    scales = None if scales is None else np.asarray(scales, dtype=np.float64)
    if counted is not None:
        scales = None if scales is None else scales[counted]
        labels, predictions = (
            [part[i] for i in counted] if predicts == "text" else np.asarray(part)[counted]
            for part in (labels, predictions)
        )
    labels, predictions, known = check(labels, predictions)
    left_out = int((~known).sum())
    if left_out:
        weights, groups, scales = (None if part is None else part[known] for part in (weights, groups, scales))
    asked = {"weights": weights, "groups": groups, "level": level, "seed": seed}
    if predicts == "class":
        return Answers(labels, predictions, _names(classes, predictions.shape[1]), **asked), left_out
    if predicts == "number":
        return Residuals(labels, predictions, scales, **asked), left_out
    return Texts(labels, predictions, **asked), left_out


def _predicts(labels: Any, predictions: Any, specs: list[MetricSpec]) -> str:
    """What the predictions are: by their shape, and by the metrics where one column could be either."""
    first = next((value for value in predictions if value is not None), None) if np.ndim(predictions) == 1 else None
    if isinstance(first, str):
        return "text"
    columns = np.shape(predictions)[1] if np.ndim(predictions) == 2 else 0
    return "class" if columns > 1 or (columns and any(s.predicts == "class" for s in specs)) else "number"


def _names(classes: Sequence[str] | None, columns: int) -> tuple[str, ...]:
    names = tuple(map(str, range(columns) if classes is None else classes))
    if len(names) != columns:
        raise DataError(f"there are {len(names)} class names for {columns} columns of probabilities.")
    return names


def _fit(specs: list[MetricSpec], predicts: str) -> None:
    """Refuse metrics of classes for numbers, and the other way round."""
    other = [spec.name for spec in specs if spec.predicts != predicts]
    if other:
        what = {"class": "probabilities of classes (N, K)", "number": "one number a row (N,)", "text": "texts"}[
            predicts
        ]
        fitting = ", ".join(name for name, spec in METRICS.items() if spec.predicts == predicts)
        raise DataError(f"metrics {', '.join(other)} do not fit predictions that are {what}; choose among {fitting}.")
