"""How unlike the others vectors are, seen in several ways."""

from __future__ import annotations

import numpy as np

from ftkit.data import DatasetView
from ftkit.quality.check import SkipCheckError
from ftkit.quality.labels import has_classes, labels_of
from ftkit.quality.neighbours import most_similar, nearest_rows
from ftkit.quality.scratch import blocks

ALL_UP_TO = 10_000
REFERENCE = 5_000
COMPONENTS = 32
FEWEST_OF_A_CLASS = 10
PIECE = 1 << 14


def vector_views(
    vectors: np.ndarray, classes: np.ndarray, familiar: np.ndarray | None = None, seed: int = 0
) -> list[np.ndarray]:
    """How far each row is from its neighbours, from its class, and from what explains the rows.

    Parameters
    ----------
    vectors : ndarray of float32, shape (N, d)
        Rows of unit length.
    classes : ndarray of int64, shape (N,)
    familiar : ndarray of float, shape (N,), optional
        How common what each row consists of is.
    seed : int, default 0

    Returns
    -------
    list of ndarray, shape (N,)
        The larger the farther.

    Examples
    --------
    >>> [view.shape for view in vector_views(np.eye(40, dtype=np.float32), np.zeros(40, dtype=np.int64))]
    [(40,), (40,), (40,)]
    """
    views = [1 - _near(vectors, seed), 1 - _to_own_class(vectors, classes), _unexplained(vectors)]
    return views if familiar is None else [*views, 1 - familiar]


def classes_of(view: DatasetView) -> np.ndarray:
    """The class of each row, -1 where unknown; one class where there are none.

    Parameters
    ----------
    view : DatasetView

    Returns
    -------
    ndarray of int64, shape (N,)

    Examples
    --------
    >>> import ftkit as ft
    >>> classes_of(ft.read("iris"))[[0, -1]]
    array([0, 2])
    """
    if has_classes(view) is None:
        try:
            return labels_of(view)
        except SkipCheckError:
            pass
    return np.zeros(len(view), dtype=np.int64)


def _near(vectors: np.ndarray, seed: int) -> np.ndarray:
    """The mean similarity to the nearest rows: more than a handful, so that a few of a kind stay strange."""
    n = len(vectors)
    k = int(np.clip(n // 30, 10, 100))
    if n <= ALL_UP_TO:
        return nearest_rows(vectors, k, seed=seed).similarity.mean(axis=1)
    by_content = np.lexsort(vectors[:, :3].T)
    others = vectors[by_content[np.random.default_rng(seed).choice(n, REFERENCE, replace=False)]]
    k = max(10, k * REFERENCE // n)
    # A row of the reference finds itself: its place is left out, and everybody's last.
    found = most_similar(vectors, others, k + 1)[1]
    own = found[:, 0] > 1 - 1e-5
    return np.where(own, found[:, 1:].mean(axis=1), found[:, :-1].mean(axis=1))


def _to_own_class(vectors: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """The similarity of each row to the mean of its class; to the mean of all where the class is small."""
    out = np.empty(len(vectors))
    small = np.zeros(len(vectors), dtype=bool)
    for code in np.unique(classes):
        own = classes == code
        rows = np.flatnonzero(own)
        mean = _unit(np.sum([vectors[some].sum(axis=0) for some in _pieces(rows)], axis=0) / len(rows))
        for some in _pieces(rows):
            out[some] = vectors[some] @ mean
        small |= own & (len(rows) < FEWEST_OF_A_CLASS)
    out[small] = vectors[small] @ _unit(vectors.mean(axis=0))
    return out


def _pieces(rows: np.ndarray) -> list[np.ndarray]:
    """Rows in pieces, so that their vectors are never copied all at once."""
    return [rows[start : start + PIECE] for start in range(0, len(rows), PIECE)]


def _unexplained(vectors: np.ndarray) -> np.ndarray:
    """The share of each row outside the directions in which the rows differ most."""
    middle, parts = vectors.mean(axis=0), list(blocks(vectors))
    spread = np.sum([(vectors[part] - middle).T @ (vectors[part] - middle) for part in parts], axis=0)
    main = np.linalg.eigh(spread)[1][:, ::-1][:, :COMPONENTS]
    out = np.empty(len(vectors), dtype=vectors.dtype)
    for part in parts:
        centred = vectors[part] - middle
        whole = np.maximum((centred * centred).sum(axis=1), 1e-12)
        out[part] = np.sqrt(np.maximum(whole - ((centred @ main) ** 2).sum(axis=1), 0))
    return out


def _unit(vector: np.ndarray) -> np.ndarray:
    return vector / max(float(np.linalg.norm(vector)), 1e-12)
