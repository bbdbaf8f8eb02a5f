"""Which rows are held out together."""

from __future__ import annotations

import numpy as np

from ftkit.data import DatasetView

FOLDS = 5
BINS = 10


def folds_of(view: DatasetView, labels: np.ndarray, folds: int = FOLDS, seed: int = 0) -> np.ndarray:
    """A fold for each row: classes spread evenly, equal rows and rows of one group together.

    Parameters
    ----------
    view : DatasetView
    labels : ndarray, shape (N,)
        Class codes, or numbers, which are cut into ten bins.
    folds : int, default 5
    seed : int, default 0

    Returns
    -------
    ndarray of int64, shape (N,)
        0 to ``folds`` - 1.
    """
    names = [name for name, column in view.columns.items() if column.role not in ("id", "split", "target")]
    together = view.content(names) if view.group is None else view.group
    return deal(labels, together, folds, seed)


def deal(labels: np.ndarray, together: np.ndarray | None, folds: int = FOLDS, seed: int = 0) -> np.ndarray:
    """The same for labels and a key that rows which stay together share.

    Parameters
    ----------
    labels : ndarray, shape (N,)
        Class codes, or numbers, which are cut into ten bins.
    together : ndarray, shape (N,), or None
        Rows of one value are never apart; None: every row for itself.
    folds : int, default 5
    seed : int, default 0

    Returns
    -------
    ndarray of int64, shape (N,)

    Examples
    --------
    >>> np.sort(deal(np.array([0, 0, 1, 1]), None, folds=2)[:2]).tolist()
    [0, 1]
    """
    rng = np.random.default_rng(seed)
    strata = _bins(labels) if labels.dtype.kind == "f" else labels
    keys = np.arange(len(labels)) if together is None else together
    _, first, inverse, sizes = np.unique(keys, return_index=True, return_inverse=True, return_counts=True)
    order = np.lexsort((rng.random(len(first)), -sizes, strata[first]))
    fold = np.empty(len(first), np.int64)
    fold[order] = np.arange(len(first)) % folds
    return fold[inverse]


def _bins(numbers: np.ndarray) -> np.ndarray:
    """Each number's tenth; -1 where it is missing."""
    known = np.isfinite(numbers)
    edges = np.quantile(numbers[known], np.linspace(0, 1, BINS + 1)[1:-1]) if known.any() else []
    return np.where(known, np.searchsorted(edges, np.where(known, numbers, 0)), -1)
