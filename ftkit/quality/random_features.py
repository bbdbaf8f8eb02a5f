"""A kernel machine small enough to be fitted many times: random Fourier features and ridge regression on them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

FEATURES = 1_500
# Times the median distance: wider is smoother.
WIDTH = 1.5
STRENGTHS = (3e-2, 1e-2, 3e-3, 1e-3, 3e-4, 1e-4, 3e-5, 1e-5, 1e-6)
PAIRS = 4_000


class RandomFeatures:
    """Features whose inner product is close to a Gaussian kernel, half as wide again as rows are usually apart.

    Parameters
    ----------
    vectors : ndarray of float32, shape (N, d)
        The rows that say how wide.
    seed : int, default 0

    References
    ----------
    Rahimi and Recht (2007), "Random features for large-scale kernel machines", section 3.

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=(50, 3)).astype(np.float32)
    >>> features = RandomFeatures(x)(x)
    >>> features.shape, bool(np.allclose((features[:, :-1] ** 2).sum(axis=1), 1, atol=0.2))
    ((50, 1501), True)
    """

    def __init__(self, vectors: np.ndarray, seed: int = 0) -> None:
        rng = np.random.default_rng(seed)
        first, second = rng.integers(0, len(vectors), (2, PAIRS))
        apart = np.linalg.norm(vectors[first] - vectors[second], axis=1)
        width = float(np.median(apart[apart > 0])) if (apart > 0).any() else 1.0
        self._along = rng.standard_normal((vectors.shape[1], FEATURES), dtype=np.float32) / np.float32(WIDTH * width)
        self._phase = rng.uniform(0, 2 * np.pi, FEATURES).astype(np.float32)

    def __call__(self, vectors: np.ndarray) -> np.ndarray:
        """The features of rows and a column of ones, float32 (N, 1501)."""
        out = np.ones((len(vectors), FEATURES + 1), np.float32)
        out[:, :-1] = np.cos(vectors @ self._along + self._phase) * np.float32((2 / FEATURES) ** 0.5)
        return out


class FoldedRidge:
    """Ridge regression on all folds but one, each fold multiplied out once.

    Parameters
    ----------
    features : ndarray of float32, shape (N, d)
    target : ndarray of float64, shape (N, K)
        One column a class, or one number.
    folds : ndarray of int, shape (N,)
    draws : int, default 1
        How often each row is among them; all draws of a row count as one row.

    Attributes
    ----------
    gram : list of ndarray, shape (d, d)
    moment : list of ndarray, shape (d, K)
    size : list of float
    """

    def __init__(self, features: np.ndarray, target: np.ndarray, folds: np.ndarray, draws: int = 1) -> None:
        parts = [(features[folds == f], target[folds == f]) for f in range(int(folds.max()) + 1)]
        self.gram = [(x.T @ x).astype(np.float64) / draws for x, _ in parts]
        self.moment = [x.T.astype(np.float64) @ y / draws for x, y in parts]
        self.size = [len(x) / draws for x, _ in parts]

    def weights(self, without: int, strengths: Sequence[float], other: FoldedRidge | None = None) -> list[np.ndarray]:
        """The weights (d, K) for each strength, fitted on every fold but one, of these rows and perhaps of others."""
        from scipy.linalg import cho_factor, cho_solve

        parts = [(one, f) for one in (self, other) if one is not None for f in range(len(self.gram)) if f != without]
        gram = np.sum([one.gram[f] for one, f in parts], axis=0)
        moment = np.sum([one.moment[f] for one, f in parts], axis=0)
        rows, diagonal = sum(one.size[f] for one, f in parts), np.diag(gram).copy()
        out = []
        for strength in strengths:
            gram[np.diag_indices_from(gram)] = diagonal + strength * rows
            out.append(cho_solve(cho_factor(gram, lower=True, check_finite=False), moment))
        return out
