"""The cheap models: multinomial logistic and ridge regression on vectors, small enough to fit hundreds of times."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

STEPS = 25
CLOSE = 1e-4
TINY = np.float32(1e-30)
BLOCK = 4096
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
    x: np.ndarray,
    labels: np.ndarray,
    classes: int,
    strength: float = 1e-4,
    steps: int = STEPS,
    start: np.ndarray | None = None,
) -> np.ndarray:
    """The weights of a multinomial logistic regression with a quadratic penalty.

    Conjugate gradients in the metric of a fixed upper bound of the Hessian, so that one matrix is factorised once; each
    step goes to where Newton's method puts the least loss along it, halved as long as the loss rises.

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
        At most; fewer where a step lowers the loss by less than 0.0001.
    start : ndarray of float32, shape (d, classes), optional
        Weights to start from, such as those for another strength or for fewer of the rows; zeros by default.

    Returns
    -------
    ndarray of float32, shape (d, classes)

    References
    ----------
    Böhning (1992), "Multinomial logistic regression algorithm", section 3, for the bound; Nocedal and Wright (2006),
    "Numerical optimization", section 5.2, for conjugate gradients that restart by themselves.
    """
    solve, every, penalty = _bounded(x, strength), np.arange(len(x)), np.float32(strength)
    weights = np.zeros((classes, x.shape[1]), np.float32) if start is None else start.T

    def judge(scores: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, float]:
        said = _shares(scores)
        fit = -float(np.log(np.maximum(said[labels, every], TINY)).mean())
        return said, fit + float(penalty) / 2 * float(np.vdot(weights, weights))

    scores = _ahead(weights, x)
    said, loss = judge(scores, weights)
    along, slope, size = np.zeros_like(weights), np.zeros_like(weights), np.inf
    for _ in range(steps):
        before, slope = slope, _slope(said, labels, x) + penalty * weights
        turned = solve(slope)
        kept, size = max(0.0, float(np.vdot(slope - before, turned)) / size), float(np.vdot(slope, turned))
        along = np.float32(kept) * along - turned
        if size <= 0 or np.vdot(slope, along) >= 0:
            along = -turned
        ahead = _ahead(along, x)
        pace = -np.vdot(slope, along) / max(_bend(said, ahead) + penalty * np.vdot(along, along), TINY)
        last = loss
        said, loss = judge(scores + pace * ahead, weights + pace * along)
        while loss > last + CLOSE:
            pace /= 2
            said, loss = judge(scores + pace * ahead, weights + pace * along)
        scores += pace * ahead
        weights = weights + pace * along
        if last - loss < CLOSE:
            break
    return np.ascontiguousarray(weights.T)


def _bounded(x: np.ndarray, strength: float) -> Callable[[np.ndarray], np.ndarray]:
    """What multiplies rows by the inverse of the Hessian's upper bound."""
    from scipy.linalg import cho_factor, cho_solve

    bound = 0.5 * (x.T @ x).astype(np.float64) / len(x)
    bound[np.diag_indices_from(bound)] += max(strength, 1e-7)
    factor = cho_factor(bound)
    return lambda slope: cho_solve(factor, slope.T, check_finite=False).T.astype(np.float32)


def _shares(scores: np.ndarray) -> np.ndarray:
    """Columns of scores (K, N) to columns that sum to 1."""
    said = np.exp(scores - scores.max(axis=0))
    said /= said.sum(axis=0)
    return said


def _ahead(weights: np.ndarray, x: np.ndarray) -> np.ndarray:
    """What weights (K, d) say of all rows, (K, N); few rows at once, which the processor keeps at hand."""
    out = np.empty((len(weights), len(x)), np.float32)
    for start in range(0, len(x), BLOCK):
        out[:, start : start + BLOCK] = weights @ x[start : start + BLOCK].T
    return out


def _slope(said: np.ndarray, labels: np.ndarray, x: np.ndarray) -> np.ndarray:
    """How the mean loss changes with the weights, (K, d)."""
    off = said.copy()
    off[labels, np.arange(len(labels))] -= 1
    parts = [off[:, start : start + BLOCK] @ x[start : start + BLOCK] for start in range(0, len(x), BLOCK)]
    return np.sum(parts, axis=0) / np.float32(len(x))


def _bend(said: np.ndarray, ahead: np.ndarray) -> np.float32:
    """How much the mean loss bends where the scores move along ``ahead``: the variance of the moves, row by row."""
    moved = said * ahead
    return (np.vdot(moved, ahead) - (moved.sum(axis=0) ** 2).sum()) / np.float32(said.shape[1])


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
    train, judged, losses, weights = x[~held], x[held], [], None
    for strength in STRENGTHS:
        if classes is None:
            said = judged @ fit_ridge(train, target[~held], strength)
            losses.append(np.mean((said - target[held]) ** 2))
        else:
            weights = fit_softmax(train, target[~held], classes, strength, start=weights)
            said = softmax(judged @ weights)[np.arange(len(judged)), target[held]]
            losses.append(-np.log(np.maximum(said, 1e-9)).mean())
    return STRENGTHS[int(np.argmin(losses))]
