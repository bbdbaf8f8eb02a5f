"""Clusters of vectors, to slice rows by."""

from __future__ import annotations

import numpy as np


def cluster(vectors: np.ndarray, count: int, seed: int = 0) -> np.ndarray:
    """The cluster of each row, the largest first, by k-means.

    Parameters
    ----------
    vectors : float array (N, d)
        NaN counts as 0.
    count : int
        How many clusters, at most N.
    seed : int, default 0

    Returns
    -------
    int array (N,)

    Examples
    --------
    >>> import numpy as np
    >>> cluster(np.array([[0.0], [0.1], [9.0], [0.2]]), 2).tolist()
    [0, 0, 1, 0]
    """
    from sklearn.cluster import MiniBatchKMeans

    values = np.nan_to_num(np.asarray(vectors, dtype=np.float32))
    found = MiniBatchKMeans(min(count, len(values)), random_state=seed, n_init=3).fit_predict(values)
    names, counts = np.unique(found, return_counts=True)
    rank = np.empty(found.max() + 1, dtype=np.int64)
    rank[names[np.argsort(-counts, kind="stable")]] = np.arange(len(names))
    return rank[found]
