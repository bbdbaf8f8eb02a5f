"""A map of the rows in two dimensions."""

from __future__ import annotations

import numpy as np

from ftkit.quality.neighbours import nearest_rows

MOST_REFINED = 20_000
NEIGHBOURS = 10
ROUNDS = 120
APART = 5


def project(
    vectors: np.ndarray, *, near: np.ndarray | None = None, refine: bool | None = None, seed: int = 0
) -> np.ndarray:
    """Places of the rows on a map on which similar rows lie close together.

    Parameters
    ----------
    vectors : ndarray of float32, shape (N, d)
        Rows of unit length.
    near : ndarray of int, shape (N, 10), optional
        The rows nearest to each row, where they are known; looked for otherwise.
    refine : bool, optional
        Pull neighbours together and push others apart, from the principal components on; by default up to 20,000 rows.
    seed : int, default 0
        Which others are pushed away is a function of it.

    Returns
    -------
    ndarray of float32, shape (N, 2)
        Centred, the larger spread first, in units of that spread.

    Notes
    -----
    Principal components, then a plain form of UMAP's layout (McInnes, Healy and Melville 2018, section 4.2) with
    attraction along the edges of the 10 nearest neighbours and repulsion from random rows.

    Examples
    --------
    >>> project(np.eye(4, dtype=np.float32)).shape
    (4, 2)
    """
    places = _principal(np.asarray(vectors, dtype=np.float32))
    if len(places) > NEIGHBOURS and (len(places) <= MOST_REFINED if refine is None else refine):
        near = nearest_rows(vectors, NEIGHBOURS, seed=seed).rows if near is None else near
        places = _refined(places, near, np.random.default_rng(seed))
        places = _principal(places)
    return places


def _principal(vectors: np.ndarray) -> np.ndarray:
    """The first two principal components, scaled together; signs by the largest coordinate."""
    if not len(vectors):
        return np.zeros((0, 2), dtype=np.float32)
    centred = vectors - vectors.mean(axis=0)
    _, axes = np.linalg.eigh((centred.T @ centred).astype(np.float64))
    axes = axes[:, ::-1][:, :2]
    axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])])
    places = np.zeros((len(vectors), 2), dtype=np.float32)
    places[:, : axes.shape[1]] = centred @ axes
    return places / max(float(places.std(axis=0).max()), 1e-12)


def _refined(places: np.ndarray, near: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Neighbours pulled together, others pushed apart, in smaller and smaller steps."""
    n, k = near.shape
    places = 10 * places.astype(np.float64)
    for round_ in range(ROUNDS):
        step = 1 - round_ / ROUNDS
        pull = places[near[:, round_ % k]] - places
        squared = (pull * pull).sum(axis=1, keepdims=True)
        places = places + step * 0.5 * pull * 2 / (1 + squared) * np.minimum(1, np.sqrt(squared))
        for _ in range(APART):
            push = places - places[rng.integers(0, n, n)]
            squared = (push * push).sum(axis=1, keepdims=True)
            places = places + step * np.clip(0.2 * push / ((0.1 + squared) * (1 + squared)), -1, 1)
    return places.astype(np.float32)
