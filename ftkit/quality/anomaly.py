"""How unusual each value of a series is, by itself and together with its neighbours."""

from __future__ import annotations

import numpy as np

WIDTHS = (1, 4, 16, 64, 192)
CANDIDATES = (86400.0, 604800.0)  # a day, a week: the seasons clocks make
COUNTED = (4, 7, 12, 24, 48, 52)  # steps: the seasons of series without a clock
GAIN = 0.85
TAIL = 0.98
MOST = 6.0


def unusual(values: np.ndarray, step: float = 0.0) -> np.ndarray:
    """How far each value is from usual, (N,): 0 as usual, 1 as the outermost 2 %, more beyond.

    A straight trend and a seasonal profile (medians by phase, kept where they predict other cycles) are taken out. What
    is left is averaged over 1, 4, 16, 64 and 192 values; each average counts by its distance from the median in units
    of the distance that 2 % exceed, squared. A spike shows in the short averages, a shift in the long ones.

    Parameters
    ----------
    values : ndarray of float, (N,)
        A series at even steps; nan where missing.
    step : float
        Seconds from one value to the next; 0 where values have no clock.

    Returns
    -------
    ndarray of float64, (N,)
    """
    known = np.isfinite(values)
    if known.sum() < 30:
        return np.zeros(len(values))
    filled = np.interp(np.arange(len(values)), np.flatnonzero(known), values[known])
    left = filled - trend(filled)
    left = left - profile(left, step)
    total, used = np.zeros(len(values)), 0
    for width in WIDTHS:
        if width > len(values) // 20:
            continue
        average = _moving(left, width)
        off = np.abs(average - np.median(average))
        unit = max(float(np.quantile(off, TAIL)), 1e-12 * max(1.0, float(np.abs(filled).max())))
        total += np.minimum(off / unit, MOST) ** 2
        used += 1
    return np.where(known, np.sqrt(total / max(used, 1)), 0.0)


def trend(values: np.ndarray) -> np.ndarray:
    """The straight line through the medians of the outer thirds, where it says more than a constant."""
    n = len(values)
    third = n // 3
    rise = (np.median(values[-third:]) - np.median(values[:third])) / max(n - third, 1)
    line = rise * (np.arange(n) - n / 2)
    plain, tilted = _spread(values), _spread(values - line)
    return line if tilted < 0.5 * plain else np.zeros(n)


def profile(values: np.ndarray, step: float) -> np.ndarray:
    """The median of each phase of the seasons that are there, (N,)."""
    unit = _spread(values) or float(values.std()) or 1.0
    scaled = np.clip((values - np.median(values)) / unit, -5, 5)
    out = np.zeros(len(values))
    for period in _periods(len(values), step):
        phase, cycle = np.arange(len(values)) % period, np.arange(len(values)) // period
        left = scaled - out
        even = _medians(left[cycle % 2 == 0], phase[cycle % 2 == 0], period)
        odd = cycle % 2 == 1
        before = np.abs(left[odd] - np.median(left[odd])).mean()
        if np.abs(left[odd] - even[phase[odd]]).mean() < GAIN * before:
            out = out + _medians(left, phase, period)[phase]
    return out * unit


def _periods(n: int, step: float) -> list[int]:
    by_clock = [round(c / step) for c in CANDIDATES] if 0 < step <= 43200 else []
    return sorted({p for p in (by_clock or COUNTED) if 4 <= p <= n // 4})


def _medians(values: np.ndarray, phase: np.ndarray, period: int) -> np.ndarray:
    order = np.argsort(phase, kind="stable")
    ends = np.cumsum(np.bincount(phase, minlength=period))
    parts = np.split(values[order], ends[:-1])
    return np.array([np.median(part) if len(part) else 0.0 for part in parts])


def _moving(values: np.ndarray, width: int) -> np.ndarray:
    padded = np.pad(values, (width // 2, width - 1 - width // 2), "edge")
    sums = np.cumsum(np.concatenate([[0.0], padded]))
    return (sums[width:] - sums[:-width]) / width


def _spread(values: np.ndarray) -> float:
    return float(1.4826 * np.median(np.abs(values - np.median(values))))
