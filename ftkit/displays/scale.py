"""Scales: from values to places on a drawing, with ticks at round numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass

STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True)
class Scale:
    """A straight or logarithmic map from values to places.

    Attributes
    ----------
    low, high : float
        The values at both ends; high is above low.
    start, end : float
        The places of both ends.
    log : bool
        Whether equal steps are equal ratios; low is then above 0.
    """

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def __call__(self, value: float) -> float:
        """The place of a value, kept within the drawing."""
        if self.log:
            value, low, high = math.log10(max(value, self.low)), math.log10(self.low), math.log10(self.high)
        else:
            low, high = self.low, self.high
        share = min(max((value - low) / (high - low), 0.0), 1.0)
        return self.start + share * (self.end - self.start)

    def ticks(self, count: int = 5, whole: bool = False) -> list[float]:
        """Round values between low and high."""
        return decades(self.low, self.high) if self.log else ticks(self.low, self.high, count, whole)


def step_of(span: float, count: int, whole: bool = False) -> float:
    """The round step that cuts ``span`` into about ``count`` pieces."""
    rough = span / max(count, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(s * power for s in STEPS if s * power >= rough * 0.85)
    return max(1.0, float(math.ceil(step))) if whole else step


def ticks(low: float, high: float, count: int = 5, whole: bool = False) -> list[float]:
    """The multiples of a round step that lie between two values.

    Parameters
    ----------
    low, high : float
        Finite, low below high.
    count : int, default 5
        About how many ticks.
    whole : bool, default False
        Whole numbers only.

    Returns
    -------
    list of float

    Examples
    --------
    >>> ticks(0.41, 0.97)
    [0.5, 0.6, 0.7, 0.8, 0.9]
    """
    step = step_of(high - low, count, whole)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [_round(i * step) for i in range(first, last + 1)]


def _round(value: float) -> float:
    """The value without the dust that multiplying leaves."""
    return float(f"{value:.12g}")


def decades(low: float, high: float) -> list[float]:
    """Powers of ten between two values; 2 and 5 times them too where they are few."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    every = max(1, (last - first) // 5)
    factors = (1, 2, 5) if last - first <= 2 else (1,)
    values = [f * 10.0**p for p in range(first, last + 1, every) for f in factors]
    return [v for v in values if low * 0.999 <= v <= high * 1.001]


def domain(values: list[float], count: int = 5, zero: bool = False, log: bool = False) -> tuple[float, float]:
    """Round ends that hold all values.

    Parameters
    ----------
    values : list of float
        Finite; may be empty.
    count : int, default 5
        About how many ticks there will be.
    zero : bool, default False
        Whether 0 must be within.
    log : bool, default False
        Ends for a logarithmic scale; values of 0 and below are left out.

    Returns
    -------
    tuple of float
        ``(low, high)`` with low below high.

    Examples
    --------
    >>> domain([0.41, 0.97])
    (0.4, 1.0)
    """
    if log:
        values = [v for v in values if v > 0] or [1.0]
        low, high = min(values), max(values)
        return (low / 1.3, high * 1.3) if high / low < 10 else (low / 1.1, high * 1.1)
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    if zero:
        low, high = min(low, 0.0), max(high, 0.0)
    if high - low <= abs(high) * 1e-9:
        pad = abs(high) * 0.1 or 1.0
        low, high = (low if zero and low == 0 else low - pad), high + pad
    step = step_of(high - low, count)
    return _round(math.floor(low / step + 1e-9) * step), _round(math.ceil(high / step - 1e-9) * step)


def tick_labels(values: list[float]) -> list[str]:
    """The ticks in words, all with the same number of places.

    Parameters
    ----------
    values : list of float
        Ticks in order.

    Returns
    -------
    list of str

    Examples
    --------
    >>> tick_labels([0.0, 0.25, 0.5]), tick_labels([0.0, 20000.0])
    (['0', '0.25', '0.5'], ['0', '20k'])
    """
    size = max((abs(v) for v in values), default=0.0)
    if size >= 1e6 or 0 < size < 1e-3:
        return [_short(v) for v in values]
    if size >= 1e4:
        return [_plain(v / 1e3) + "k" if v else "0" for v in values]
    return [_plain(v) for v in values]


def _short(value: float) -> str:
    if not value:
        return "0"
    for size, mark in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return _plain(value / size) + mark
    return f"{value:.2g}".replace("e-0", "e-").replace("-", "−", 1 if value < 0 else 0)


def _plain(value: float) -> str:
    return f"{value:.6g}".replace("-", "−") if abs(value) >= 1e-4 or not value else _short(value)
