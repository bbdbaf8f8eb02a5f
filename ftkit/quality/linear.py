"""The cheap models: multinomial logistic and ridge regression on vectors, small enough to fit hundreds of times."""

from __future__ import annotations

import numpy as np

STEPS = 25
PIECE = 1 << 14  # rows copied at once
STRENGTHS = (1e-2, 1e-3, 1e-4, 1e-5)


def with_constant(x: np.ndarray) -> np.ndarray:
    """The vectors, float32 (N, d), with a column of ones, (N, d + 1)."""
    return np.concatenate([x, np.ones((len(x), 1), np.float32)], axis=1, dtype=np.float32)


def said_of(x: np.ndarray, rows: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """What weights with a constant say of some rows of vectors without one, float32 (M, K) or (M,).

    Parameters
    ----------
    x : ndarray of float32, shape (N, d)
    rows : ndarray of int64, shape (M,)
    weights : ndarray, shape (d + 1, K) or (d + 1,)

    Returns
    -------
    ndarray
    """
    pieces = [rows[start : start + PIECE] for start in range(0, len(rows), PIECE)]
    said = [with_constant(x[some]) @ weights for some in pieces]
    return np.concatenate(said) if said else np.zeros((0, *weights.shape[1:]), np.float32)


def softmax(scores: np.ndarray) -> np.ndarray:
    """Rows of scores to rows that sum to 1."""
    scores = scores - scores.max(axis=1, keepdims=True)
    np.exp(scores, out=scores)
    scores /= scores.sum(axis=1, keepdims=True)
    return scores


def fit_softmax(
    x: np.ndarray, labels: np.ndarray, classes: int, strength: float = 1e-4, steps: int = STEPS
) -> np.ndarray:
    """The weights of a multinomial logistic regression with a quadratic penalty.

    Steps on a fixed upper bound of the Hessian, so that one matrix is factorised once, with Nesterov's momentum,
    restarted where it points uphill.

    Parameters
    ----------
    x : ndarray of float32, shape (N, d)
        With a constant column where an intercept is wanted.
    labels : ndarray of int, shape (N,)
        0 to ``classes`` - 1.
    classes : int
    strength : float, default 1e-4
        Half of it times the squared weights is added to the mean loss.
    steps : int, default 25

    Returns
    -------
    ndarray of float32, shape (d, classes)

    References
    ----------
    Böhning (1992), "Multinomial logistic regression algorithm", section 3, for the bound; O'Donoghue and Candès (2015),
    "Adaptive restart for accelerated gradient schemes", section 3.2.
    """
    from scipy.linalg import cho_factor, cho_solve

    wanted = np.zeros((len(x), classes), np.float32)
    wanted[np.arange(len(x)), labels] = 1
    bound = 0.5 * (x.T @ x).astype(np.float64) / len(x)
    bound[np.diag_indices_from(bound)] += max(strength, 1e-7)
    factor = cho_factor(bound)
    weights = ahead = np.zeros((x.shape[1], classes), np.float32)
    pace = 1.0
    for _ in range(steps):
        slope = x.T @ (softmax(x @ ahead) - wanted) / len(x) + strength * ahead
        new = ahead - cho_solve(factor, slope).astype(np.float32)
        if np.vdot(slope, new - weights) > 0:
            pace = 1.0
        faster = (1 + np.sqrt(1 + 4 * pace**2)) / 2
        ahead = new + np.float32((pace - 1) / faster) * (new - weights)
        weights, pace = new, faster
    return weights


def fit_ridge(x: np.ndarray, target: np.ndarray, strength: float = 1e-4) -> np.ndarray:
    """The weights of a linear regression with a quadratic penalty, float64 (d,).

    Parameters
    ----------
    x : ndarray of float32, shape (N, d)
    target : ndarray of float64, shape (N,)
    strength : float, default 1e-4
        Times the squared weights is added to the mean squared error.

    Returns
    -------
    ndarray of float64, shape (d,)
    """
    gram = (x.T @ x).astype(np.float64) / len(x)
    gram[np.diag_indices_from(gram)] += max(strength, 1e-7)
    return np.linalg.solve(gram, x.T.astype(np.float64) @ target / len(x))


def strength_for(x: np.ndarray, target: np.ndarray, held: np.ndarray, classes: int | None) -> float:
    """Of ``STRENGTHS`` the one with the least loss on the rows of ``held`` when fitted on the others.

    Parameters
    ----------
    x : ndarray of float32, shape (N, d)
    target : ndarray, shape (N,)
        Labels, or numbers.
    held : ndarray of bool, shape (N,)
    classes : int or None
        None for numbers.

    Returns
    -------
    float
    """
    losses = [_loss(x, target, held, classes, strength) for strength in STRENGTHS]
    return STRENGTHS[int(np.argmin(losses))]


def _loss(x: np.ndarray, target: np.ndarray, held: np.ndarray, classes: int | None, strength: float) -> float:
    if classes is None:
        return float(np.mean((x[held] @ fit_ridge(x[~held], target[~held], strength) - target[held]) ** 2))
    said = softmax(x[held] @ fit_softmax(x[~held], target[~held], classes, strength))
    return -float(np.log(np.maximum(said[np.arange(len(said)), target[held]], 1e-9)).mean())
