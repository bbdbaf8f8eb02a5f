"""The confusion table and what follows from it alone."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ftkit.errors import DataError

# Cells drawn at once; about 32 MB of counts.
_AT_ONCE = 4_000_000


def confusion(
    labels: np.ndarray, predicted: np.ndarray, n_classes: int, weights: np.ndarray | None = None
) -> np.ndarray:
    """The table of how often each class was predicted for each true class.

    Parameters
    ----------
    labels : int array (N,)
        True classes 0 to K-1; rows with -1 (missing) are left out.
    predicted : int array (N,)
        Predicted classes 0 to K-1.
    n_classes : int
        K.
    weights : float array (N,), optional
        What each row counts; 1 by default.

    Returns
    -------
    int64 or float64 array (K, K)
        Rows are the true, columns the predicted class.

    Raises
    ------
    DataError
        Lengths differ, or a code is outside 0 to K-1.

    Examples
    --------
    >>> import numpy as np
    >>> confusion(np.array([0, 0, 1]), np.array([0, 1, 1]), 2).tolist()
    [[1, 1], [0, 1]]
    """
    labels, predicted = np.asarray(labels), np.asarray(predicted)
    if labels.shape != predicted.shape or labels.ndim != 1:
        raise DataError(
            f"there are labels of shape {labels.shape} and predictions of shape {predicted.shape}; expected as many."
        )
    if len(labels) and (labels.min() < -1 or predicted.min() < 0 or max(labels.max(), predicted.max()) >= n_classes):
        raise DataError(f"class codes are outside 0..{n_classes - 1}.")
    if len(labels) and labels.min() < 0:
        known = labels >= 0
        labels, predicted = labels[known], predicted[known]
        weights = None if weights is None else weights[known]
    cells = labels.astype(np.int64) * n_classes + predicted
    return np.bincount(cells, weights, minlength=n_classes * n_classes).reshape(n_classes, n_classes)


class Margins(NamedTuple):
    """Of one table or of many: how many rows of each class are right, are of it, are predicted as it, (…, K)."""

    right: np.ndarray
    true: np.ndarray
    predicted: np.ndarray

    @property
    def either(self) -> np.ndarray:
        """Rows that are of the class or predicted as it."""
        return self.true + self.predicted - self.right


def margins(table: np.ndarray) -> Margins:
    """The margins of a table (K, K)."""
    return Margins(table.diagonal().copy(), table.sum(axis=1), table.sum(axis=0))


def resampled(table: np.ndarray, resamples: int, seed: int) -> Margins:
    """The margins of tables drawn again from a table: the bootstrap of its rows, at the price of its cells.

    Rows that fall in the same cell are the same, so drawing N rows with replacement is drawing one multinomial of the
    cells that are not empty: a million rows cost no more than a thousand.

    Parameters
    ----------
    table : int array (K, K)
    resamples : int
        R.
    seed : int

    Returns
    -------
    Margins
        Each (R, K).
    """
    true, predicted = np.nonzero(table)
    counts, total, classes = table[true, predicted], int(table.sum()), len(table)
    draw = np.random.default_rng(seed)
    out = Margins(*(np.zeros((resamples, classes), dtype=np.int64) for _ in range(3)))
    step = max(1, _AT_ONCE // len(counts))
    for start in range(0, resamples, step):
        cells = draw.multinomial(total, counts / total, size=min(step, resamples - start))
        at, on = slice(start, start + len(cells)), true == predicted
        out.right[at, true[on]] = cells[:, on]
        _add_up(cells, true, out.true[at])
        _add_up(cells, predicted, out.predicted[at])
    return out


def _add_up(cells: np.ndarray, classes: np.ndarray, out: np.ndarray) -> None:
    """Sum the columns of the same class."""
    order = np.argsort(classes, kind="stable")
    names, starts = np.unique(classes[order], return_index=True)
    out[:, names] = np.add.reduceat(cells[:, order], starts, axis=1)
