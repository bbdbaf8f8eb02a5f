"""A threshold chosen by what errors cost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ftkit.errors import DataError
from ftkit.evaluate import intervals
from ftkit.evaluate.ranking import binary


@dataclass(frozen=True)
class Threshold:
    """A rule "yes at or above ``threshold``" and what it costs.

    Attributes
    ----------
    threshold : float
        Infinite where it is cheapest never to say yes.
    cost : float
        Mean cost of a row on the rows it was chosen by; too low for new rows: judge it with :func:`cost_of`.
    recall, precision, false_alarms : float or None
        Share of the positive rows found, share of the "yes" that is right, share of the negative rows that are "yes".
    thresholds, costs : float arrays
        At most 200 rules that were tried, to draw.
    """

    threshold: float
    cost: float
    recall: float | None
    precision: float | None
    false_alarms: float | None
    thresholds: np.ndarray
    costs: np.ndarray


def choose_threshold(labels: np.ndarray, scores: np.ndarray, *, miss: float, false_alarm: float) -> Threshold:
    """The threshold with the lowest mean cost on these rows.

    Parameters
    ----------
    labels : int or bool array (N,)
        1 is the class looked for, 0 all else; rows with -1 are left out.
    scores : float array (N,)
        Such as validation rows' probabilities.
    miss, false_alarm : float
        What it costs to miss a row of the class, and to say yes to another; at least 0, not both 0.

    Returns
    -------
    Threshold

    Raises
    ------
    DataError
        A cost is negative or both are 0; or labels and scores are no ROC curve's (see ``roc_curve``).

    References
    ----------
    Elkan (2001), "The foundations of cost-sensitive learning", IJCAI: of calibrated probabilities the threshold is
    false_alarm / (false_alarm + miss); chosen by cost on rows, it holds without calibration.

    Examples
    --------
    >>> import numpy as np
    >>> found = choose_threshold(np.array([0, 0, 1, 1]), np.array([0.1, 0.6, 0.4, 0.9]), miss=10, false_alarm=1)
    >>> found.threshold, found.cost, found.recall
    (0.4, 0.25, 1.0)
    """
    _check(miss, false_alarm)
    positive, scores = binary(np.asarray(labels), np.asarray(scores))
    order = np.argsort(-scores)
    last = np.append(np.flatnonzero(np.diff(scores[order])), len(order) - 1)
    found = np.append(0, np.cumsum(positive[order])[last])
    wrong = np.append(0, last + 1) - found
    costs = (miss * (found[-1] - found) + false_alarm * wrong) / len(scores)
    thresholds = np.append(np.inf, scores[order][last])
    best = int(costs.argmin())
    said = int(found[best] + wrong[best])
    keep = np.unique(np.linspace(0, len(costs) - 1, 200).astype(int))
    return Threshold(
        float(thresholds[best]),
        float(costs[best]),
        float(found[best] / found[-1]),
        float(found[best] / said) if said else None,
        float(wrong[best] / wrong[-1]),
        thresholds[keep],
        costs[keep],
    )


def cost_of(
    labels: np.ndarray, scores: np.ndarray, threshold: float, *, miss: float, false_alarm: float, level: float = 0.95
) -> tuple[float, intervals.Interval]:
    """The mean cost of a row under a threshold, with its interval.

    Parameters
    ----------
    labels, scores : arrays (N,)
        Of rows the threshold was not chosen by, such as the test rows.
    threshold : float
    miss, false_alarm : float
    level : float, default 0.95

    Returns
    -------
    (float, Interval)

    Raises
    ------
    DataError
        As :func:`choose_threshold`.

    Examples
    --------
    >>> import numpy as np
    >>> value, interval = cost_of(np.array([0, 1] * 20), np.array([0.2, 0.7] * 20), 0.5, miss=5, false_alarm=1)
    >>> value
    0.0
    """
    _check(miss, false_alarm)
    positive, scores = binary(np.asarray(labels), np.asarray(scores))
    said = scores >= threshold
    each = miss * (positive & ~said) + false_alarm * (said & ~positive)
    return float(each.mean()), intervals.mean_of_positive(each.astype(np.float64), level)


def _check(miss: float, false_alarm: float) -> None:
    if not (miss >= 0 and false_alarm >= 0 and miss + false_alarm > 0) or not np.isfinite(miss + false_alarm):
        raise DataError(f"costs are {miss} and {false_alarm}; they must be at least 0, and not both 0.")
