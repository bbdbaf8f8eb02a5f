"""Whether stated probabilities can be believed: reliability by bins, the expected calibration error, temperature."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ftkit.errors import DataError
from ftkit.evaluate import intervals
from ftkit.evaluate.answers import Answers
from ftkit.evaluate.estimate import Estimate
from ftkit.evaluate.guards import check_classes
from ftkit.evaluate.score import Interval

BINS = 15
# Draws of the error that chance alone would make, and the multiples of the errors seen that are tried.
_DRAWS, _GRID = 2_000, np.linspace(0, 4, 161)


@dataclass(frozen=True)
class Reliability:
    """Rows by how sure the model was of its answer, in bins of equal width; empty bins are left out.

    Attributes
    ----------
    edges : float64 array (B + 1,)
        From 0 to 1, of all bins.
    bins : int array (M,)
        Which bins have rows.
    rows, confidence, accuracy : arrays (M,)
        Rows, their mean stated confidence, the share of them that is right.
    low, high : arrays (M,)
        Wilson's interval of the accuracy.
    """

    edges: np.ndarray
    bins: np.ndarray
    rows: np.ndarray
    confidence: np.ndarray
    accuracy: np.ndarray
    low: np.ndarray
    high: np.ndarray


def reliability(labels: np.ndarray, probabilities: np.ndarray, *, bins: int = BINS, level: float = 0.95) -> Reliability:
    """How often the answers of each confidence are right.

    Parameters
    ----------
    labels : int array (N,)
        Codes of the classes; -1 is missing.
    probabilities : float array (N, K)
    bins : int, default 15
        From 1 to 1,000.
    level : float, default 0.95
        Of the intervals.

    Returns
    -------
    Reliability

    Raises
    ------
    DataError
        As :func:`ftkit.evaluate.evaluate`; or ``bins`` is outside its range.

    References
    ----------
    Guo, Pleiss, Sun and Weinberger (2017), "On calibration of modern neural networks", ICML, section 2.

    Examples
    --------
    >>> import numpy as np
    >>> p = np.array([[0.9, 0.1], [0.8, 0.2], [0.85, 0.15]])
    >>> seen = reliability(np.array([0, 0, 1]), p, bins=2)
    >>> seen.rows.tolist(), seen.confidence.round(2).tolist(), seen.accuracy.round(2).tolist()
    ([3], [0.85], [0.67])
    """
    if not 1 <= bins <= 1000:
        raise DataError(f"bins is {bins}; expected 1 to 1,000.")
    labels, probabilities, _ = check_classes(labels, probabilities)
    right, sure = probabilities.argmax(axis=1) == labels, probabilities.max(axis=1).astype(np.float64)
    at = bin_of(sure, bins)
    rows = np.bincount(at, minlength=bins)
    used = np.flatnonzero(rows)
    hits, sums = (np.bincount(at, part, minlength=bins)[used] for part in (right, sure))
    ends = np.array([intervals.wilson(h, n, level)[:2] for h, n in zip(hits, rows[used], strict=True)])
    edges = np.linspace(0, 1, bins + 1)
    return Reliability(edges, used, rows[used], sums / rows[used], hits / rows[used], ends[:, 0], ends[:, 1])


def bin_of(sure: np.ndarray, bins: int = BINS) -> np.ndarray:
    """The bin of each confidence: those of equal width, closed above as the calibration literature has them."""
    return (np.ceil(sure * bins).astype(np.int64) - 1).clip(0, bins - 1)


def ece_estimate(of: Answers) -> Estimate:
    """The expected calibration error and what its interval needs."""
    sure = of.probabilities[np.arange(len(of.labels)), of.predicted].astype(np.float64)
    at, gap = bin_of(sure), of.right - sure
    weights = np.ones(len(gap)) if of.weights is None else of.weights
    sums = np.bincount(at, gap * weights, minlength=BINS)
    value = float(np.abs(sums).sum() / weights.sum())
    chance = _chance(at, sure, of.right, of.seed)
    note = f"{np.abs(chance).sum(axis=1).mean() / len(gap):.3f} is what chance alone makes of that many rows."
    return Estimate(
        value,
        len(gap),
        lambda: weights * (np.sign(sums)[at] * gap - value) / weights.sum(),
        lambda: _inverted(np.bincount(at, gap, minlength=BINS) / len(gap), chance / len(gap), of.level),
        note=note if np.abs(chance).sum(axis=1).mean() / len(gap) > value / 4 else None,
    )


def _chance(at: np.ndarray, sure: np.ndarray, right: np.ndarray, seed: int) -> np.ndarray:
    """Sums of (right - confidence) by bin that chance makes around their expectation, (R, B).

    A bin's share right is taken between what is seen and what is stated, as one row's worth: two rows that are both
    right say little of how their sum varies.
    """
    rows, hits, stated = (np.bincount(at, part, minlength=BINS) for part in (None, right, sure))
    share = (hits + np.divide(stated, rows, out=np.zeros(BINS), where=rows > 0)) / (rows + 1)
    squares = np.bincount(at, sure**2, minlength=BINS)
    of_sure = np.maximum(squares - np.divide(stated**2, rows, out=np.zeros(BINS), where=rows > 0), 0)
    # As with any variance, the rows that found the share are taken off: of 30 rows, 90% cover without it, 97% with.
    unbiased = (rows + 1) / np.maximum(rows, 1)
    deviation = np.sqrt(rows * share * (1 - share) * unbiased + of_sure)
    return np.random.default_rng(seed).normal(size=(_DRAWS, BINS)) * deviation


def _inverted(seen: np.ndarray, chance: np.ndarray, level: float) -> Interval:
    """All errors that would make the one seen unsurprising.

    The error is a sum of distances, which chance only makes larger: a bootstrap of it covers far too little. So the
    true gaps are supposed to be t times those seen, and every t is kept at which the error seen lies in the middle
    share of what chance makes of it.
    """
    value = float(np.abs(seen).sum())
    drawn = np.stack([np.abs(t * seen + chance).sum(axis=1) for t in _GRID])
    below, above = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2], axis=1)
    kept = _GRID[(below <= value) & (value <= above)]
    low, high = (kept.min(), kept.max()) if len(kept) else (0.0, 1.0)
    return Interval(float(low * value), float(min(max(high, 1.0) * value, 1.0)), "inverted test")


def fit_temperature(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """The temperature that makes the probabilities of these rows the most believable.

    Parameters
    ----------
    labels : int array (N,)
        Codes of the classes of rows that were not trained on, such as the validation rows; -1 is missing.
    probabilities : float array (N, K)

    Returns
    -------
    float
        Between 0.05 and 20. Over 1 the model was too sure, below 1 not sure enough; 1 leaves all as it is.

    Raises
    ------
    DataError
        As :func:`ftkit.evaluate.evaluate`.

    References
    ----------
    Guo, Pleiss, Sun and Weinberger (2017), "On calibration of modern neural networks", ICML, section 4.2.

    Examples
    --------
    >>> import numpy as np
    >>> p = np.tile([0.99, 0.01], (10, 1))
    >>> fit_temperature(np.array([0] * 8 + [1] * 2), p).__round__(1)
    3.3
    """
    from scipy.optimize import minimize_scalar

    labels, probabilities, _ = check_classes(labels, probabilities)
    logs = _logs(probabilities)

    def loss(log_temperature: float) -> float:
        scaled = logs / np.exp(log_temperature)
        peak = scaled.max(axis=1)
        return float(
            (peak + np.log(np.exp(scaled - peak[:, None]).sum(axis=1)) - scaled[np.arange(len(labels)), labels]).mean()
        )

    best = minimize_scalar(loss, bounds=(np.log(0.05), np.log(20)), method="bounded")
    return float(np.exp(best.x))


def apply_temperature(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """The probabilities at another temperature; the most probable class stays the same.

    Parameters
    ----------
    probabilities : float array (N, K)
    temperature : float
        Over 0.

    Returns
    -------
    float64 array (N, K)

    Raises
    ------
    DataError
        The temperature is not over 0.

    Examples
    --------
    >>> import numpy as np
    >>> apply_temperature(np.array([[0.9, 0.1]]), 2.0).round(2).tolist()
    [[0.75, 0.25]]
    """
    if not temperature > 0:
        raise DataError(f"temperature is {temperature}; it must be over 0.")
    scaled = _logs(probabilities) / temperature
    raised = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


def _logs(probabilities: np.ndarray) -> np.ndarray:
    return np.log(np.asarray(probabilities, dtype=np.float64).clip(1e-12, 1))
