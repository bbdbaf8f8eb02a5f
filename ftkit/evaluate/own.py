"""Metrics that users write: a function with a name, a direction and a range.

A recipe names one by its dotted path, ``package.module:name``. Only what was made with :func:`metric` counts as one,
and only from modules Python finds by itself (installed, or on ``PYTHONPATH``): a recipe can name code that is already
the user's, never bring any. Naming a module loads it: read a stranger's recipe before you run it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np

from ftkit.errors import DataError, nearest
from ftkit.evaluate import intervals
from ftkit.evaluate.answers import Answers
from ftkit.evaluate.metrics import METRICS, MetricSpec, Predicts
from ftkit.evaluate.score import NONE, Interval, Score, undefined

Function = Callable[[np.ndarray, np.ndarray], float]
# Rows that a user's function is called on in all, while its interval is drawn; at least so many resamples.
_WORK, _FEWEST, _MOST = 20_000_000, 100, 1_000


@dataclass(frozen=True)
class OwnMetric(MetricSpec):
    """A user's metric: ``function(labels, predictions)`` is called with plain arrays."""

    function: Function | None = None

    def score(self, of: Any) -> list[Score]:
        """The value, with an interval by drawing rows (or groups) again."""
        labels, predictions = arrays(of)
        if of.weights is not None:
            raise DataError(f"metric '{self.name}' is a function of rows and cannot weigh them. Leave weights out.")
        value = self.value(labels, predictions)
        if value is None:
            return [undefined(len(labels), f"{self.name} is undefined: the function gave no finite number")]
        interval = self._drawn(of, labels, predictions)
        lacking = "too few rows, or the function fails on most rows drawn again." if interval.low is None else None
        return [Score(value, interval, len(labels), reason=lacking)]

    def value(self, labels: np.ndarray, predictions: np.ndarray) -> float | None:
        """What the function gives, checked; None where that is no finite number."""
        try:
            value = float(self.function(labels, predictions))
        except Exception as error:
            raise DataError(f"metric '{self.name}' failed: {type(error).__name__}: {error}") from error
        low, high = self.range
        if (low is not None and value < low) or (high is not None and value > high):
            raise DataError(f"metric '{self.name}' gave {value:g}, outside its range {low} to {high}. Correct either.")
        return value if np.isfinite(value) else None

    def _drawn(self, of: Any, labels: np.ndarray, predictions: np.ndarray) -> Interval:
        found = []
        for at in redrawn(len(labels), of.groups, of.seed):
            try:
                found.append(float(self.function(labels[at], predictions[at])))
            except Exception:  # a draw of one class only, say, has no value: it is left out
                found.append(np.nan)
        known = np.array(found)[np.isfinite(found)]
        if not found or len(known) < len(found) / 2:
            return NONE
        unit = "rows" if of.groups is None else "groups"
        return intervals.percentiles(known, of.level, f"bootstrap of {unit}")


def redrawn(rows: int, groups: np.ndarray | None, seed: int) -> Iterator[np.ndarray]:
    """Positions of rows (or of whole groups' rows) drawn again with replacement; none where there is only one."""
    units = np.arange(rows) if groups is None else groups
    order = np.argsort(units, kind="stable")
    starts = np.append(np.flatnonzero(np.append(True, np.diff(units[order]) > 0)), rows)
    many, draw = len(starts) - 1, np.random.default_rng(seed)
    for _ in range(int(np.clip(_WORK / rows, _FEWEST, _MOST)) if many > 1 else 0):
        chosen = draw.integers(0, many, many)
        yield chosen if groups is None else np.concatenate([order[starts[c] : starts[c + 1]] for c in chosen])


def arrays(of: Any) -> tuple[np.ndarray, np.ndarray]:
    """Labels and predictions as a user's function gets them."""
    predictions = of.probabilities if isinstance(of, Answers) else of.predictions
    return np.asarray(of.labels), np.asarray(predictions)


def metric(
    name: str,
    *,
    predicts: Predicts = "class",
    greater_is_better: bool = True,
    range: tuple[float | None, float | None] = (None, None),
) -> Callable[[Function], OwnMetric]:
    """A decorator that makes a function a metric.

    Parameters
    ----------
    name : str
        What it is called in results: letters, digits, ``_`` and ``-``, and not the name of a metric there is.
    predicts : {"class", "number", "text"}, default "class"
        What it judges: the function gets labels and probabilities (N, K), numbers, or texts.
    greater_is_better : bool, default True
    range : (low, high), default (None, None)
        Values outside are refused; None is no bound.

    Returns
    -------
    callable
        From ``function(labels, predictions) -> float`` to a metric that ``evaluate`` and recipes take.

    Raises
    ------
    DataError
        The name cannot be one or is taken, or the range is empty.

    Examples
    --------
    >>> import numpy as np
    >>> @metric("false_alarms", greater_is_better=False, range=(0, None))
    ... def false_alarms(labels, probabilities):
    ...     return int(((labels == 0) & (probabilities[:, 1] > 0.5)).sum())
    >>> from ftkit.evaluate import evaluate
    >>> labels, p = np.array([0, 0, 1]), np.array([[0.2, 0.8], [0.9, 0.1], [0.3, 0.7]])
    >>> evaluate(labels, p, metrics=[false_alarms], split="test")[0]["value"]
    1.0
    """
    if not re.fullmatch(r"[\w-]+", name):
        raise DataError(f"metric name {name!r}: use letters, digits, '_' and '-'.")
    if name in METRICS:
        raise DataError(f"metric name '{name}' is taken. Choose another.")
    low, high = range
    if low is not None and high is not None and not low < high:
        raise DataError(f"metric '{name}': its range {low} to {high} is empty.")

    def made(function: Function) -> OwnMetric:
        summary = (function.__doc__ or "A user's metric.").strip().split("\n")[0]
        return OwnMetric(
            name, predicts, lambda of: [], summary, greater_is_better, range, scale="plain", function=function
        )

    return made


def find_metric(name: str | MetricSpec) -> MetricSpec:
    """The metric of that name, or the user's at that dotted path.

    Parameters
    ----------
    name : str or MetricSpec
        A name of ``METRICS``; ``package.module:name`` of something made with :func:`metric`; or a metric itself.

    Returns
    -------
    MetricSpec

    Raises
    ------
    DataError
        There is none: the nearest name, or what is at the path, is said.

    Examples
    --------
    >>> find_metric("accuracy").range
    (0.0, 1.0)
    """
    if isinstance(name, MetricSpec):
        return name
    if not isinstance(name, str):
        raise DataError(f"metric {name!r} is neither a name nor made with ftkit.metric.")
    if ":" not in name:
        if name not in METRICS:
            raise DataError(f"metric '{name}' is not known; {nearest(name, METRICS)}.")
        return METRICS[name]
    module, _, attribute = name.partition(":")
    if not re.fullmatch(r"\w+(\.\w+)*", module) or not attribute.isidentifier():
        raise DataError(f"metric '{name}': a user's metric is named package.module:name.")
    try:
        found = getattr(import_module(module), attribute, None)
    except ImportError as error:
        raise DataError(f"metric '{name}': {error}. Install the module, or set PYTHONPATH to its folder.") from None
    if not isinstance(found, MetricSpec):
        what = "there is none of that name" if found is None else f"it is a {type(found).__name__}"
        raise DataError(f"metric '{name}': {what}. Make it with @ftkit.metric('{attribute}').")
    return found
