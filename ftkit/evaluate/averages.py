"""Precision, recall and F1 of each class, their averages, and Matthews' coefficient: functions of a table's margins.

Each gives its value for one table or for many at once (the bootstrap), and the slope that says how much one more row in
a cell moves it (its influence).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from ftkit.evaluate.tables import Margins


class Slope(NamedTuple):
    """How much one more right, true and predicted row of each class moves a value, each (K,)."""

    right: np.ndarray
    true: np.ndarray
    predicted: np.ndarray


def _over(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """The quotient; 0 where there is nothing to divide by."""
    return np.divide(part, whole, out=np.zeros(np.broadcast(part, whole).shape), where=whole > 0)


def precisions(of: Margins) -> np.ndarray:
    """Right among predicted, (…, K)."""
    return _over(of.right, of.predicted)


def recalls(of: Margins) -> np.ndarray:
    """Right among true, (…, K)."""
    return _over(of.right, of.true)


def f1s(of: Margins) -> np.ndarray:
    """Their harmonic mean, (…, K)."""
    return _over(2 * of.right, of.true + of.predicted)


def slopes(values: Callable[[Margins], np.ndarray], of: Margins) -> Slope:
    """The slopes of each class's precision, recall or F1, in its own margins."""
    value, none = values(of), np.zeros(len(of.true))
    if values is f1s:
        per = _over(np.ones(len(of.true)), of.true + of.predicted)
        return Slope(2 * per, -value * per, -value * per)
    among = of.predicted if values is precisions else of.true
    per = _over(np.ones(len(of.true)), among)
    return Slope(per, none, -value * per) if values is precisions else Slope(per, -value * per, none)


def met(of: Margins) -> np.ndarray:
    """Which classes are true or predicted somewhere, (…, K)."""
    return (of.true + of.predicted) > 0


def macro(values: Callable[[Margins], np.ndarray], of: Margins) -> np.ndarray:
    """The plain mean over the classes that are true or predicted somewhere, (…)."""
    here = met(of)
    return (values(of) * here).sum(axis=-1) / np.maximum(here.sum(axis=-1), 1)


def weighted(values: Callable[[Margins], np.ndarray], of: Margins) -> np.ndarray:
    """The mean over classes weighed by their true rows, (…)."""
    return (values(of) * of.true).sum(axis=-1) / of.true.sum(axis=-1)


def macro_slope(values: Callable[[Margins], np.ndarray], of: Margins) -> Slope:
    """The slope of :func:`macro`."""
    return Slope(*(part / met(of).sum() for part in slopes(values, of)))


def weighted_slope(values: Callable[[Margins], np.ndarray], of: Margins) -> Slope:
    """The slope of :func:`weighted`."""
    share = of.true / of.true.sum()
    right, true, predicted = (part * share for part in slopes(values, of))
    return Slope(right, true + values(of) / of.true.sum(), predicted)


def matthews(of: Margins) -> np.ndarray:
    """Matthews' correlation coefficient of true and predicted class, (…); nan where either has one class only."""
    total = of.true.sum(axis=-1, dtype=np.float64)
    both = of.right.sum(axis=-1) * total - (of.true * of.predicted.astype(np.float64)).sum(axis=-1)
    spread = [total**2 - (part.astype(np.float64) ** 2).sum(axis=-1) for part in (of.true, of.predicted)]
    with np.errstate(divide="ignore", invalid="ignore"):
        return both / np.sqrt(spread[0] * spread[1])


def matthews_slope(of: Margins) -> Slope:
    """The slope of :func:`matthews`."""
    right, true, predicted = (part.astype(np.float64) for part in of)
    total = true.sum()
    both = right.sum() * total - (true * predicted).sum()
    a, b = total**2 - (true**2).sum(), total**2 - (predicted**2).sum()
    scale = 1 / np.sqrt(a * b)
    return Slope(
        np.full(len(true), total * scale),
        -predicted * scale + both * scale * true / a,
        -true * scale + both * scale * predicted / b,
    )


def influence(slope: Slope, labels: np.ndarray, predicted: np.ndarray, weights: np.ndarray | None) -> np.ndarray:
    """Each row's influence on a function of the table, (N,)."""
    moved = slope.true[labels] + slope.predicted[predicted] + np.where(labels == predicted, slope.right[labels], 0.0)
    if weights is None:
        return moved - moved.mean()
    return weights * (moved - (weights * moved).sum() / weights.sum())
