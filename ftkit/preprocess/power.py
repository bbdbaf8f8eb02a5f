"""Power transforms that make skewed numbers look normal, and back."""

from __future__ import annotations

import numpy as np

# Rows a power is chosen from at most: its third digit is settled long before.
LOOKED_AT = 100_000


def best_power(values: np.ndarray) -> tuple[str, float]:
    """The power whose result is most like a normal distribution, by maximum likelihood.

    Parameters
    ----------
    values : float64 array, (N,)
        Finite. Of more than 100,000, evenly spaced ones are looked at.

    Returns
    -------
    (str, float)
        ``box-cox`` where all values are above 0, else ``yeo-johnson``, and its lambda, as scikit-learn's
        PowerTransformer finds it; ``none`` where they are all the same, or where the best power cannot be undone.
        Box & Cox, "An analysis of transformations", 1964; Yeo & Johnson, "A new family of power transformations", 2000.

    Examples
    --------
    >>> kind, power = best_power(np.exp(np.random.default_rng(0).normal(size=500)))
    >>> kind, bool(abs(power) < 0.1)
    ('box-cox', True)
    """
    import warnings

    from scipy import stats

    some = values[np.linspace(0, len(values) - 1, min(len(values), LOOKED_AT)).astype(np.int64)]
    if not len(some) or some.min() == some.max():
        return "none", 1.0
    kind = "box-cox" if some.min() > 0 else "yeo-johnson"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of overflows on the way; what comes out is looked at below
            best = stats.boxcox_normmax(some, method="mle") if kind == "box-cox" else _yeo_johnson(some)
        power = float(best)
    except ValueError:
        return "none", 1.0
    return (kind, power) if _can_be_undone(np.array([some.min(), some.max()]), kind, power) else ("none", 1.0)


def _yeo_johnson(values: np.ndarray) -> float:
    """What ``scipy.stats.yeojohnson_normmax`` finds, without what that checks and lays out anew at every look.

    The bounds are scipy's: within them 20 times the largest value, and the variance, stay in floating point's range.
    """
    from scipy.optimize import fminbound

    up, down = np.log1p(values[values >= 0]), np.log1p(-values[values < 0])
    slope, kinds = float(up.sum() - down.sum()), np.finfo(np.float64)
    reach = np.log1p(20 * np.abs(values).max())
    low, high = (
        (np.log(kinds.tiny) - np.log(kinds.eps)) / 2 / reach,
        (np.log(kinds.max) + np.log(kinds.eps)) / 2 / reach,
    )
    if not len(up):
        low, high = 2 - high, 2 - low
    elif len(down):
        low, high = max(2 - high, low), min(2 - low, high)

    def unlikely(power: float) -> float:
        spread = np.concatenate([_power(up, power), -_power(down, 2 - power)]).var()
        return len(values) / 2 * np.log(spread) - (power - 1) * slope if spread >= kinds.tiny else np.inf

    return float(fminbound(unlikely, low, high, xtol=1.48e-8))


def raise_to(values: np.ndarray, kind: str, power: float) -> np.ndarray:
    """The transformed values.

    Parameters
    ----------
    values : float array
        NaN stays NaN.
    kind : {"none", "log", "box-cox", "yeo-johnson"}
        ``log`` is the sign times log(1 + |x|).
    power : float
        Lambda.

    Returns
    -------
    float array
    """
    if kind == "log":
        return np.copysign(np.log1p(np.abs(values)), values)
    if kind == "box-cox":
        return _power(np.log(values), power)
    if kind == "yeo-johnson":
        up, down = np.log1p(np.maximum(values, 0)), np.log1p(np.maximum(-values, 0))
        return np.where(values >= 0, _power(up, power), -_power(down, 2 - power)) + 0 * values
    return values


def lower_from(values: np.ndarray, kind: str, power: float) -> np.ndarray:
    """The values that ``raise_to`` made these of; what no value leads to becomes the nearest one that does."""
    if kind == "log":
        return np.copysign(np.expm1(np.abs(values)), values)
    if kind == "box-cox":
        return np.exp(_root(values, power))
    if kind == "yeo-johnson":
        up, down = np.expm1(_root(np.maximum(values, 0), power)), np.expm1(_root(np.maximum(-values, 0), 2 - power))
        return np.where(values >= 0, up, -down) + 0 * values
    return values


def _power(logs: np.ndarray, power: float) -> np.ndarray:
    """``(x ** power - 1) / power`` of x given as its logarithm; the logarithm itself for power 0."""
    return logs if power == 0 else np.expm1(power * logs) / power


def _root(values: np.ndarray, power: float) -> np.ndarray:
    """The logarithm of the x of which ``_power`` made these."""
    if power == 0:
        return values
    return np.log1p(np.maximum(values * power, -1 + 1e-15)) / power


def _can_be_undone(ends: np.ndarray, kind: str, power: float) -> bool:
    """Whether the smallest and the largest value come back, to a millionth of their distance."""
    with np.errstate(all="ignore"):
        there = raise_to(ends, kind, power)
        # A network sees float32: what lies nearer than its digits is lost.
        lost = 1e-7 * max(abs(there[1] - there[0]), 1e-300)
        back = lower_from(there + np.array([lost, -lost]), kind, power)
    return bool(np.isfinite(back).all() and np.abs(back - ends).max() <= 1e-3 * (ends[1] - ends[0]))
