"""Tests of two models on the same rows: the interval of their difference, p, and how many rows it would take."""

from __future__ import annotations

from collections.abc import Callable
from statistics import NormalDist

import numpy as np

from ftkit.evaluate import averages, bootstrap, intervals
from ftkit.evaluate.answers import Answers, Asked
from ftkit.evaluate.averages import f1s, macro, precisions, recalls, weighted
from ftkit.evaluate.tables import Margins

# Metrics that follow from the table of (true, one's answer, other's answer): drawn again by its cells.
TABLES: dict[str, Callable[[Margins], np.ndarray]] = {
    "f1_macro": lambda of: macro(f1s, of),
    "f1_weighted": lambda of: weighted(f1s, of),
    "precision_macro": lambda of: macro(precisions, of),
    "precision_weighted": lambda of: weighted(precisions, of),
    "recall_macro": lambda of: macro(recalls, of),
    "matthews_corrcoef": averages.matthews,
}
POWER = 0.8

Tested = tuple[tuple[float, float], float, str]


def mcnemar(effect: np.ndarray, value: float, level: float) -> Tested:
    """Of shares: the rows that only one of them has right decide."""
    n = len(effect)
    per_row = np.rint(effect * n + value).astype(int)
    gained, lost = int((per_row == 1).sum()), int((per_row == -1).sum())
    more, less = (gained + 1) / (n + 2), (lost + 1) / (n + 2)
    reach = intervals.normal_quantile(level) * np.sqrt((more + less - (more - less) ** 2) / (n + 2))
    low, high = max(more - less - reach, -1.0), min(more - less + reach, 1.0)
    return (float(min(low, value)), float(max(high, value))), _mid_p(gained, gained + lost), "McNemar, mid-p"


def _mid_p(hits: int, n: int) -> float:
    from scipy.stats import binom

    if n == 0:
        return 1.0
    few = min(hits, n - hits)
    return float(min(2 * binom.cdf(few, n, 0.5) - binom.pmf(few, n, 0.5), 1.0))


def by_influence(effect: np.ndarray, value: float, of: Asked, name: str) -> Tested:
    """Student's test of the sum of the rows' (or groups') influences on the difference."""
    from scipy.stats import t

    units = effect if of.groups is None else np.bincount(of.groups, effect)
    many = len(units)
    method = "DeLong, paired" if "roc_auc" in name else "paired differences"
    method += ", clustered by group" if of.groups is not None else ""
    spread = float(np.sqrt((units**2).sum() * many / max(many - 1, 1)))
    if many < 2 or spread <= 1e-15:
        same = abs(value) <= 1e-15
        return (value, value), 1.0 if same else 0.0, method
    reach = intervals.student_quantile(of.level, many - 1) * spread
    return (value - reach, value + reach), float(2 * t.sf(abs(value) / spread, many - 1)), method


def by_table(name: str, one: Answers, other: Answers, value: float, effect: np.ndarray) -> Tested:
    """Paired bootstrap: the cells of (true, A's answer, B's answer) drawn again."""
    k = len(one.classes)
    cells, counts = np.unique((one.labels * k + one.predicted) * k + other.predicted, return_counts=True)
    labels, a, b = cells // (k * k), cells // k % k, cells % k
    draw = np.random.default_rng(one.seed).multinomial(counts.sum(), counts / counts.sum(), size=bootstrap.RESAMPLES)
    found = [TABLES[name](_margins(draw, labels, answers, k)) for answers in (a, b)]
    drawn = found[1] - found[0]
    drawn = drawn[np.isfinite(drawn)]
    if not len(drawn) or not np.ptp(drawn):
        return by_influence(effect, value, one, name)
    squares = float((effect**2).sum())
    skewness = float((effect**3).sum()) / squares**1.5 if squares > 0 else 0.0
    low, high, _ = intervals.accelerated(drawn, value, skewness, one.level)
    _, p, _ = by_influence(effect, value, one, name)
    return (low, high), p, "paired bootstrap of counts"


def _margins(draw: np.ndarray, labels: np.ndarray, answers: np.ndarray, classes: int) -> Margins:
    one_hot = np.eye(classes)
    return Margins(
        draw @ (one_hot[labels] * (labels == answers)[:, None]), draw @ one_hot[labels], draw @ one_hot[answers]
    )


def rows_needed(units: np.ndarray, difference: float, level: float) -> int | None:
    """Rows that would show such a difference in 4 of 5 tests, if they are like these; None where there is none."""
    if abs(difference) < 1e-12:
        return None
    spread = len(units) * float((units**2).sum())
    z = intervals.normal_quantile(level) + NormalDist().inv_cdf(POWER)
    return max(int(np.ceil(spread * z**2 / difference**2)), 1)
