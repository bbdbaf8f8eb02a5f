"""Approximate neighbours of very many vectors: an inverted file (Jégou, Douze and Schmid 2011, section IV).

The vectors are put into cells around centres; a row is compared with the rows of the cells nearest to its own. How many
cells is found out on a sample whose true neighbours are known.
"""

from __future__ import annotations

import numpy as np

from ftkit.quality.neighbours import most_similar
from ftkit.quality.scratch import scratch

RECALL = 0.96
JUDGED = 500
ROWS_A_CELL = 500
LEARNT_FROM = 64
ROUNDS = 6


def search(
    vectors: np.ndarray, k: int, seed: int = 0, signs: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray, float]:
    """The neighbours of every row, their similarities, and the share of true ones among them, measured.

    Parameters
    ----------
    vectors : ndarray of float32, shape (N, d)
        Rows of unit length.
    k : int
    seed : int, default 0
    signs : ndarray of 1 and -1, shape (d,), optional
        Compare each row with the other rows times these.

    Returns
    -------
    (ndarray of int64 (N, k), ndarray of float32 (N, k), float)
    """
    n = len(vectors)
    cells = max(1, min(n // ROWS_A_CELL, 4096))
    rng = np.random.default_rng(seed)
    centres = _centres(vectors, cells, rng)
    cell = _nearest_centre(vectors, centres)
    order = np.argsort(cell, kind="stable")
    ends = np.cumsum(np.bincount(cell, minlength=cells))
    signs = np.ones(vectors.shape[1], dtype=np.float32) if signs is None else signs.astype(np.float32)
    near = most_similar(centres * signs, centres, cells)[0]
    probes, recall = _breadth(vectors, k, cell, near, rng, signs)
    rows, values = scratch((n, k), np.int64), scratch((n, k))
    for own in range(cells):
        mine = order[ends[own - 1] if own else 0 : ends[own]]
        if not len(mine):
            continue
        others = np.concatenate([order[ends[c - 1] if c else 0 : ends[c]] for c in near[own, :probes]])
        rows[mine], values[mine] = _among(vectors, mine, others, k, signs)
    return rows, values, recall


def _centres(vectors: np.ndarray, cells: int, rng: np.random.Generator) -> np.ndarray:
    """Spherical k-means on a sample."""
    some = vectors[rng.choice(len(vectors), min(len(vectors), cells * LEARNT_FROM), replace=False)]
    centres = some[:cells].copy()
    for _ in range(ROUNDS):
        cell = _nearest_centre(some, centres)
        order = np.argsort(cell, kind="stable")
        there, first = np.unique(cell[order], return_index=True)
        sums = np.add.reduceat(some[order], first, axis=0)
        centres[there] = sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-12)
    return centres


def _nearest_centre(vectors: np.ndarray, centres: np.ndarray, block: int = 4096) -> np.ndarray:
    return np.concatenate([(vectors[i : i + block] @ centres.T).argmax(axis=1) for i in range(0, len(vectors), block)])


def _breadth(
    vectors: np.ndarray, k: int, cell: np.ndarray, near: np.ndarray, rng: np.random.Generator, signs: np.ndarray
) -> tuple[int, float]:
    """How many cells to look into so that enough true neighbours are found, and the share found with them."""
    judged = rng.choice(len(vectors), min(JUDGED, len(vectors)), replace=False)
    true = most_similar(vectors[judged] * signs, vectors, k + 1)[0]
    rank = np.empty_like(near)
    np.put_along_axis(rank, near, np.arange(near.shape[1])[None, :], axis=1)
    needed = rank[cell[judged][:, None], cell[true]][true != judged[:, None]]
    probes = int(np.quantile(needed, RECALL, method="higher")) + 1
    return probes, float((needed < probes).mean())


def _among(
    vectors: np.ndarray, mine: np.ndarray, others: np.ndarray, k: int, signs: np.ndarray, block: int = 1 << 24
) -> tuple[np.ndarray, np.ndarray]:
    """The k most similar of some rows, among others, for the rows of one cell."""
    if len(others) <= k:
        others = np.arange(len(vectors))
    there = vectors[others]
    step = max(1, block // len(others))
    rows, values = [], []
    for start in range(0, len(mine), step):
        here = mine[start : start + step]
        top, found = most_similar(vectors[here] * signs, there, k + 1)
        top = others[top]
        own = top == here[:, None]
        own[~own.any(axis=1), -1] = True
        rows.append(top[~own].reshape(len(here), -1))
        values.append(found[~own].reshape(len(here), -1))
    return np.concatenate(rows), np.concatenate(values)
