"""The nearest neighbours of unit vectors: exact in blocks, approximate where there are very many."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

EXACT_UP_TO = 100_000
ON_GPU_FROM = 20_000
BLOCK = 1024
# What shows that there may be a GPU, before torch is loaded to ask it: NVIDIA's, AMD's and Windows' (WSL) drivers.
DRIVERS = ("/dev/nvidiactl", "/dev/kfd", "/dev/dxg")
SAMPLE = 1024


@dataclass(frozen=True)
class Neighbours:
    """The rows nearest to each row, the nearest first.

    Attributes
    ----------
    rows : ndarray of int64, shape (N, k)
        Their positions; never the row itself.
    similarity : ndarray of float32, shape (N, k)
        Cosine similarity, -1 to 1.
    recall : float
        1.0 where exact; else the share of true neighbours among those found, measured on ``SAMPLE`` rows.
    """

    rows: np.ndarray
    similarity: np.ndarray
    recall: float = 1.0


def nearest_rows(
    vectors: np.ndarray,
    k: int = 10,
    *,
    exact: bool | None = None,
    signs: np.ndarray | None = None,
    seed: int = 0,
) -> Neighbours:
    """The ``k`` most similar other rows of every row.

    Parameters
    ----------
    vectors : ndarray of float32, shape (N, d)
        Rows of unit length.
    k : int, default 10
        At most N - 1 are found.
    exact : bool, optional
        Compare every pair; by default up to 100,000 rows, and on a GPU any number. Above, an inverted file is searched
        whose breadth is chosen so that at least 0.95 of the true neighbours of a sample are found.
    signs : ndarray of 1 and -1, shape (d,), optional
        Compare each row with the other rows times these: such as with the mirrored ones.
    seed : int, default 0
        The inverted file is a function of it.

    Returns
    -------
    Neighbours

    Notes
    -----
    Exact: only the upper half of the similarities is computed; a row keeps those above the k-th best of a sample, and
    the bound rises as blocks come in.

    Examples
    --------
    >>> turn = np.deg2rad([0, 10, 90, 100])
    >>> nearest_rows(np.stack([np.cos(turn), np.sin(turn)], axis=1).astype(np.float32), 1).rows.ravel()
    array([1, 0, 3, 2])
    """
    vectors = np.ascontiguousarray(vectors, dtype=np.float32)
    k = min(k, len(vectors) - 1)
    if k < 1:
        return Neighbours(np.zeros((len(vectors), 0), np.int64), np.zeros((len(vectors), 0), np.float32))
    if exact is not False and len(vectors) > ON_GPU_FROM and (found := _on_gpu(vectors, k, signs)):
        return Neighbours(*found)
    if exact or (exact is None and len(vectors) <= EXACT_UP_TO):
        return Neighbours(*_all_pairs(vectors, k, seed, vectors if signs is None else vectors * signs))
    from ftkit.quality.inverted_file import search

    return Neighbours(*search(vectors, k, seed, signs))


def _on_gpu(vectors: np.ndarray, k: int, signs: np.ndarray | None) -> tuple[np.ndarray, np.ndarray] | None:
    """Rows and similarities by a GPU; None without one."""
    if not any(Path(driver).exists() for driver in DRIVERS):
        return None
    from ftkit.models import similar_on_gpu

    return similar_on_gpu(vectors, k, signs)


def most_similar(queries: np.ndarray, vectors: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """The ``k`` most similar vectors of every query, exactly: rows (Q, k) and similarities (Q, k).

    Parameters
    ----------
    queries : ndarray of float32, shape (Q, d)
    vectors : ndarray of float32, shape (N, d)
    k : int
        At most N.

    Returns
    -------
    (ndarray of int64, ndarray of float32)
        The most similar first.

    Examples
    --------
    >>> most_similar(np.eye(2, dtype=np.float32)[:1], np.eye(2, dtype=np.float32), 1)
    (array([[0]]), array([[1.]], dtype=float32))
    """
    k = min(k, len(vectors))
    rows, values = np.zeros((len(queries), k), np.int64), np.zeros((len(queries), k), np.float32)
    step = max(1, (1 << 24) // max(1, len(vectors)))
    for start in range(0, len(queries), step):
        found = queries[start : start + step] @ vectors.T
        top = _top(found, k)
        rows[start : start + step], values[start : start + step] = top, np.take_along_axis(found, top, axis=1)
    return rows, values


def _top(found: np.ndarray, k: int) -> np.ndarray:
    """The places of the k largest values of each line, the largest first."""
    width = found.shape[1]
    if k >= width:
        return np.argsort(-found, axis=1, kind="stable")
    # Values part much faster than their places: so the k-th value first, then what reaches it.
    least = np.partition(found, width - k, axis=1)[:, width - k, None]
    at = np.flatnonzero(found >= least)
    if len(at) == k * len(found):
        top = (at % width).reshape(-1, k)
    else:  # several are as large as the k-th
        top = np.argpartition(found, width - k, axis=1)[:, -k:]
    order = np.argsort(-np.take_along_axis(found, top, axis=1), axis=1, kind="stable")
    return np.take_along_axis(top, order, axis=1)


def _all_pairs(vectors: np.ndarray, k: int, seed: int, others: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Every pair once, in square blocks; row i is to the other j what row j is to the other i."""
    n = len(vectors)
    bound = _first_bound(vectors, k, seed, others)
    best = _Best(n, k)
    for i in range(0, n, BLOCK):
        here = slice(i, min(i + BLOCK, n))
        for j in range(i, n, BLOCK):
            there = slice(j, min(j + BLOCK, n))
            found = vectors[here] @ others[there].T
            if i == j:
                np.fill_diagonal(found, -2)
            width = found.shape[1]
            at = np.flatnonzero(found >= bound[here, None])
            best.add(at // width + i, at % width + j, found.ravel()[at])
            if i != j:
                at = np.flatnonzero(found >= bound[None, there])
                best.add(at % width + j, at // width + i, found.ravel()[at])
            if best.pending > n * k:
                best.settle()
                bound = np.maximum(bound, best.values[:, -1])
    best.settle()
    return best.rows, best.values


def _first_bound(vectors: np.ndarray, k: int, seed: int, others: np.ndarray) -> np.ndarray:
    """A similarity that at least k other rows of each row reach."""
    n = len(vectors)
    if n <= SAMPLE:
        return np.full(n, -2, dtype=np.float32)
    chosen = np.random.default_rng(seed).choice(n, SAMPLE, replace=False)
    bound = np.empty(n, dtype=np.float32)
    for start in range(0, n, BLOCK):
        found = vectors[start : start + BLOCK] @ others[chosen].T
        # One more than k: the sample may hold the row itself. A hair less: blocks round differently.
        bound[start : start + BLOCK] = np.partition(found, SAMPLE - k - 1, axis=1)[:, SAMPLE - k - 1] - 1e-5
    return bound


class _Best:
    """The k best pairs of each row so far, and those still to be looked at."""

    def __init__(self, n: int, k: int) -> None:
        self.rows = np.zeros((n, k), dtype=np.int64)
        self.values = np.full((n, k), -2, dtype=np.float32)
        self._waiting: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
        self.pending = 0

    def add(self, row: np.ndarray, other: np.ndarray, value: np.ndarray) -> None:
        """Pairs that may be among the best."""
        self._waiting.append((row.astype(np.int32), other.astype(np.int32), value))
        self.pending += len(row)

    def settle(self) -> None:
        """Keep the best of what is known and what waits."""
        n, k = self.rows.shape
        old = np.repeat(np.arange(n, dtype=np.int32), k)
        waiting = [(old, self.rows.ravel().astype(np.int32), self.values.ravel()), *self._waiting]
        row, other, value = (np.concatenate(parts) for parts in zip(*waiting, strict=True))
        order = np.argsort(_packed(row, value))
        row = row[order]
        first = np.searchsorted(row, np.arange(n))
        chosen = order[first[:, None] + np.arange(k)]
        self.rows, self.values = other[chosen].astype(np.int64), value[chosen]
        self._waiting, self.pending = [], 0


def _packed(row: np.ndarray, value: np.ndarray) -> np.ndarray:
    """Row, then value from large to small, as one number that sorts so."""
    bits = value.view(np.uint32)
    rising = np.where(bits >> 31, ~bits, bits | np.uint32(1 << 31))
    return (row.astype(np.uint64) << np.uint64(32)) | (~rising).astype(np.uint64)
