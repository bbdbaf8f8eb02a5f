"""Probabilities made to fit the labels they speak of."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ftkit.quality.linear import softmax

SMALLEST = 1e-9
MOST = 20_000
BIAS_PENALTY = 1e-4


def calibrate(sources: Sequence[np.ndarray], labels: np.ndarray, seed: int = 0) -> np.ndarray:
    """One set of probabilities from one or several, weighted so that the labels become most likely.

    The logarithms of the sources are weighted and added, with a bias for each class: temperature scaling with bias
    correction, which for several sources is logarithmic pooling.

    Parameters
    ----------
    sources : sequence of ndarray, each (N, K)
        Probabilities of rows that their models have not been fitted on.
    labels : ndarray of int, shape (N,)
        -1 where missing.
    seed : int, default 0
        Above 20,000 rows the weights are fitted on a sample.

    Returns
    -------
    ndarray of float64, shape (N, K)

    References
    ----------
    Guo et al. (2017), "On calibration of modern neural networks", section 4.2; Alexandari, Kundaje and Shrikumar
    (2020), "Maximum likelihood with bias-corrected calibration", section 3.

    Examples
    --------
    >>> timid = np.tile([[0.6, 0.4], [0.4, 0.6]], (50, 1))
    >>> bool(calibrate([timid], np.tile([0, 1], 50))[0, 0] > 0.75)
    True
    """
    known = np.flatnonzero(labels >= 0)
    if len(known) > MOST:
        known = np.random.default_rng(seed).choice(known, MOST, replace=False)
    weights, bias = _fit([_log(source[known]) for source in sources], labels[known])
    scores = bias + sum(weight * _log(source) for weight, source in zip(weights, sources, strict=True))
    return softmax(scores)


def _log(probabilities: np.ndarray) -> np.ndarray:
    return np.log(np.clip(probabilities, SMALLEST, 1).astype(np.float64))


def _fit(logs: list[np.ndarray], labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The weights of the sources, and the biases of the classes."""
    from scipy.optimize import minimize

    n, classes = logs[0].shape
    wanted = np.zeros((n, classes))
    wanted[np.arange(n), labels] = 1

    def loss(at: np.ndarray) -> tuple[float, np.ndarray]:
        weights, bias = at[: len(logs)], at[len(logs) :]
        said = softmax(bias + sum(weight * log for weight, log in zip(weights, logs, strict=True)))
        slope = (said - wanted) / n
        value = -np.log(np.maximum(said[np.arange(n), labels], 1e-300)).mean() + BIAS_PENALTY * (bias**2).sum()
        return value, np.r_[[(slope * log).sum() for log in logs], slope.sum(axis=0) + 2 * BIAS_PENALTY * bias]

    start = np.r_[np.full(len(logs), 0.7), np.zeros(classes)]
    bounds = [(0, 5)] * len(logs) + [(-5, 5)] * classes
    best = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 100}).x
    return best[: len(logs)], best[len(logs) :]
