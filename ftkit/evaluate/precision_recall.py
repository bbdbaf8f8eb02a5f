"""Precision against recall: the curve, its area by steps (average precision), and each row's influence on it."""

from __future__ import annotations

import numpy as np

from ftkit.evaluate.ranking import POINTS, binary


def precision_recall_curve(labels: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The precision-recall curve, thin enough to draw.

    Parameters
    ----------
    labels : int or bool array (N,)
        1 is the class looked for, 0 all else; rows with -1 (missing) are left out.
    scores : float array (N,)
        Higher for the class looked for.

    Returns
    -------
    precision, recall : float64 arrays
        Points by rising recall, at most 200 and all of them on the curve; the first has recall 0 and precision 1.

    Raises
    ------
    DataError
        Lengths differ, a score is NaN or infinite, labels are not 0 and 1, or only one of them occurs.

    Examples
    --------
    >>> import numpy as np
    >>> precision, recall = precision_recall_curve(np.array([0, 1, 1]), np.array([0.2, 0.1, 0.9]))
    >>> precision.round(2).tolist(), recall.tolist()
    ([1.0, 1.0, 0.5, 0.67], [0.0, 0.5, 0.5, 1.0])
    """
    positive, scores = binary(np.asarray(labels), np.asarray(scores))
    steps = _Steps(positive, scores, None)
    precision, recall = np.append(1.0, steps.precision), np.append(0.0, steps.found / steps.found[-1])
    if len(recall) > POINTS:
        along = np.cumsum(np.append(0.0, np.abs(np.diff(recall)) + np.abs(np.diff(precision))))
        keep = np.unique(np.searchsorted(along, np.linspace(0, along[-1], POINTS)).clip(0, len(recall) - 1))
        precision, recall = precision[keep], recall[keep]
    return precision, recall


class _Steps:
    """Rows by falling score, those of one score together: what is found, what is taken, and the precision."""

    def __init__(self, positive: np.ndarray, scores: np.ndarray, weights: np.ndarray | None) -> None:
        order = np.argsort(-scores)
        ordered = scores[order]
        starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
        hits = positive[order].astype(np.float64)
        weighed = np.ones(len(order)) if weights is None else weights[order]
        self.hits = np.add.reduceat(hits * weighed, starts)
        self.found = np.cumsum(self.hits)
        self.taken = np.cumsum(np.add.reduceat(weighed, starts))
        self.precision = np.divide(self.found, self.taken, out=np.zeros(len(starts)), where=self.taken > 0)
        self.order, self.sizes = order, np.diff(np.append(starts, len(order)))


def precision_area(
    positive: np.ndarray, scores: np.ndarray, weights: np.ndarray | None = None
) -> tuple[float, np.ndarray]:
    """The average precision, and each row's influence on it.

    A row moves the precision of every step that takes it in, and a positive row is a step itself. So the influence of a
    positive row is (its precision - AP + Σ hits (1 - precision) / taken) / P and of a negative one
    -(Σ hits · precision / taken) / P, both sums over the steps from its own downwards.

    Parameters
    ----------
    positive : bool array (N,)
        Both values must occur.
    scores : float array (N,)
    weights : float array (N,), optional

    Returns
    -------
    area : float
    influence : float64 array (N,)
        Its squares sum to the variance of the area.
    """
    steps = _Steps(positive, scores, weights)
    total = steps.found[-1]
    value = float((steps.hits * steps.precision).sum() / total)
    share = np.divide(steps.hits, steps.taken, out=np.zeros(len(steps.hits)), where=steps.taken > 0)
    gained = np.cumsum((share * (1 - steps.precision))[::-1])[::-1]
    lost = np.cumsum((share * steps.precision)[::-1])[::-1]
    of_positive, of_negative = (steps.precision - value + gained) / total, -lost / total
    influence = np.empty(len(positive))
    hits = positive[steps.order]
    influence[steps.order] = np.where(hits, np.repeat(of_positive, steps.sizes), np.repeat(of_negative, steps.sizes))
    return value, influence if weights is None else influence * weights
