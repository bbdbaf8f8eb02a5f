"""How well scores put one class above another: the ROC curve, its area, and the area's spread."""

from __future__ import annotations

import numpy as np

from ftkit.errors import DataError

POINTS = 200


def roc_curve(labels: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The ROC curve, thin enough to draw.

    Parameters
    ----------
    labels : int or bool array (N,)
        1 is the class looked for, 0 all else; rows with -1 (missing) are left out.
    scores : float array (N,)
        Higher for the class looked for.

    Returns
    -------
    fpr, tpr : float64 arrays
        Points from (0, 0) to (1, 1), at most 200, evenly spaced along the curve and all of them on it.

    Raises
    ------
    DataError
        Lengths differ, a score is NaN or infinite, labels are not 0 and 1, or only one of them occurs.

    Examples
    --------
    >>> import numpy as np
    >>> fpr, tpr = roc_curve(np.array([0, 1, 1]), np.array([0.2, 0.1, 0.9]))
    >>> fpr.tolist(), tpr.tolist()
    ([0.0, 0.0, 1.0, 1.0], [0.0, 0.5, 0.5, 1.0])
    """
    positive, scores = binary(np.asarray(labels), np.asarray(scores))
    order = np.argsort(-scores)
    found, ordered = np.cumsum(positive[order]), scores[order]
    last = np.append(np.flatnonzero(ordered[1:] != ordered[:-1]), len(ordered) - 1)
    tpr = np.append(0.0, found[last] / found[-1])
    fpr = np.append(0.0, (last + 1 - found[last]) / (len(scores) - found[-1]))
    if len(fpr) > POINTS:
        keep = np.unique(np.searchsorted(fpr + tpr, np.linspace(0, 2, POINTS)).clip(0, len(fpr) - 1))
        fpr, tpr = fpr[keep], tpr[keep]
    return fpr, tpr


def binary(labels: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Labels as booleans, missing ones left out."""
    if labels.shape != scores.shape or labels.ndim != 1:
        raise DataError(
            f"there are labels of shape {labels.shape} and scores of shape {scores.shape}; expected as many."
        )
    if not np.isfinite(scores).all():
        raise DataError(f"{int((~np.isfinite(scores)).sum()):,} of {len(scores):,} scores are NaN or infinite.")
    labels, scores = labels[labels != -1], scores[labels != -1]
    if not np.isin(labels, (0, 1)).all():
        raise DataError("labels of a ROC curve are 0 and 1 (or -1 for missing); choose one class against the rest.")
    if len(np.unique(labels)) < 2:
        raise DataError(f"the ROC curve is undefined: the labels have one class (n = {len(labels):,}).")
    return labels.astype(bool), scores.astype(np.float64)


def placements(positive: np.ndarray, scores: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """Each row's placement value: the share of the other class it is on the right side of, ties counting half.

    The mean over the positive rows is the area under the ROC curve, and so is that over the negative rows; their spread
    is DeLong's variance.

    Parameters
    ----------
    positive : bool array (N,)
        Both values must occur.
    scores : float array (N,)
    weights : float array (N,), optional
        What each row counts; 1 by default.

    Returns
    -------
    float64 array (N,)

    References
    ----------
    DeLong, DeLong and Clarke-Pearson (1988), Biometrics 44; by ranks in O(N log N) after Sun and Xu (2014), "Fast
    implementation of DeLong's algorithm", IEEE Signal Processing Letters 21(11).
    """
    order = np.argsort(scores)
    ordered, hits = scores[order], positive[order]
    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
    sizes = np.diff(np.append(starts, len(order)))
    if weights is None:
        found = np.add.reduceat(hits.astype(np.int64), starts)
        other = sizes - found
    else:
        found, other = (np.add.reduceat(weights[order] * part, starts) for part in (hits, ~hits))
    of_positive = (np.cumsum(other) - other / 2) / other.sum()
    of_negative = 1 - (np.cumsum(found) - found / 2) / found.sum()
    out = np.empty(len(order))
    out[order] = np.where(hits, np.repeat(of_positive, sizes), np.repeat(of_negative, sizes))
    return out


def area(positive: np.ndarray, scores: np.ndarray, weights: np.ndarray | None = None) -> tuple[float, np.ndarray]:
    """The area under the ROC curve, and each row's influence on it.

    Parameters
    ----------
    positive : bool array (N,)
        Both values must occur.
    scores : float array (N,)
    weights : float array (N,), optional
        What each row counts; 1 by default.

    Returns
    -------
    area : float
    influence : float64 array (N,)
        Its sum of squares estimates the variance of the area; with the n/(n - 1) of each class it is DeLong's.
    """
    values = placements(positive, scores, weights)
    if weights is not None:
        hit, miss = weights * positive, weights * ~positive
        value = float((hit * values).sum() / hit.sum())
        return value, (values - value) * (hit / hit.sum() + miss / miss.sum())
    hits = int(positive.sum())
    value = float(values[positive].mean())
    spread = np.where(positive, _unbiased(hits), _unbiased(len(values) - hits))
    return value, (values - value) * spread


def _unbiased(n: int) -> float:
    """1/n, widened so that squares sum to variance/n with the n - 1 of an unbiased variance."""
    return 1 / np.sqrt(n * (n - 1)) if n > 1 else 1.0
