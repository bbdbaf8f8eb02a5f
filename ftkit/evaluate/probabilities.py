"""Metrics of the probabilities given to classes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ftkit.evaluate import calibration, intervals
from ftkit.evaluate.answers import Answers
from ftkit.evaluate.classes import Found, share
from ftkit.evaluate.estimate import Estimate, ends
from ftkit.evaluate.precision_recall import precision_area
from ftkit.evaluate.ranking import area
from ftkit.evaluate.score import Interval, undefined

Area = Callable[[np.ndarray, np.ndarray, np.ndarray | None], tuple[float, np.ndarray]]


def roc_auc(of: Answers) -> Found:
    """The area under the ROC curve; of more than two classes, the mean over each against the rest."""
    return _mean_area(of, area, "roc_auc")


def roc_auc_weighted(of: Answers) -> Found:
    """The mean area under the ROC curves of each class against the rest, weighed by the classes' rows."""
    return _mean_area(of, area, "roc_auc_weighted", weighed=True)


def roc_auc_micro(of: Answers) -> Found:
    """The area under the ROC curve of all classes' answers put in one ranking."""
    return _pooled_area(of, area, "roc_auc_micro")


def roc_auc_by_class(of: Answers) -> Found:
    """For each class, the area under the ROC curve of it against the rest."""
    return _area_by_class(of, area, "roc_auc_by_class")


def average_precision(of: Answers) -> Found:
    """The area under the precision-recall curve, by steps; of more than two classes, the mean over each."""
    return _mean_area(of, precision_area, "average_precision")


def average_precision_weighted(of: Answers) -> Found:
    """The mean average precision of the classes, weighed by their rows."""
    return _mean_area(of, precision_area, "average_precision_weighted", weighed=True)


def average_precision_micro(of: Answers) -> Found:
    """The average precision of all classes' answers put in one ranking."""
    return _pooled_area(of, precision_area, "average_precision_micro")


def average_precision_by_class(of: Answers) -> Found:
    """For each class, its average precision against the rest."""
    return _area_by_class(of, precision_area, "average_precision_by_class")


def _mean_area(of: Answers, of_one: Area, name: str, weighed: bool = False) -> Found:
    n, true = len(of.labels), of.counts.true
    met = np.flatnonzero(true)
    if len(met) < 2:
        return [undefined(n, f"{name} is undefined: the test rows have one class, '{of.classes[met[0]]}'")]
    ranked = [1] if len(of.classes) == 2 and not weighed else met.tolist()
    shares = (
        of.margins.true[ranked] / of.margins.true[ranked].sum() if weighed else np.full(len(ranked), 1 / len(ranked))
    )
    found = [of_one(of.labels == code, of.probabilities[:, code], of.weights) for code in ranked]
    value = float(sum(part * s for (part, _), s in zip(found, shares, strict=True)))
    influence = sum(effect * s for (_, effect), s in zip(found, shares, strict=True))
    if weighed:
        total = n if of.weights is None else of.weights.sum()
        each = np.zeros(len(of.classes))
        each[ranked] = [part for part, _ in found]
        moved = (each[of.labels] - value) / total
        influence = influence + (moved if of.weights is None else of.weights * moved)
    few = int(np.minimum(true, n - true)[ranked].min())
    interval = lambda: _area_interval(value, influence, few, n - few, of.level, of_one, len(ranked))  # noqa: E731
    return [Estimate(value, n, lambda: influence, interval, note=of.left_out(true > 0))]


# DeLong's variance is too low where a class has fewer rows than this and is nearly told apart (docs/LOG.md).
_FEW = 60


def _area_interval(
    value: float, influence: np.ndarray, few: int, many: int, level: float, of_one: Area, averaged: int = 1
) -> Interval:
    """Of a ROC area, or of an average precision; ``averaged`` is over how many classes it is the mean."""
    freedom = few * averaged - 1
    if of_one is area:
        if averaged == 1 and few < _FEW:
            return intervals.score_area(value, few, many, level)
        return intervals.logit_area(value, float((influence**2).sum()), few, many, level, freedom)
    variance = float((influence**2).sum()) * len(influence) / max(len(influence) - 1, 1)
    if 0 < value < 1 and variance > 0 and freedom >= 1:
        low, high = ends(value, intervals.student_quantile(level, freedom) * variance**0.5, "logit")
        return Interval(low, high, "influence, logit")
    low, high, _ = intervals.wilson(value * few, few, level)
    return Interval(low, high, "wilson of the positive rows")


def _pooled_area(of: Answers, of_one: Area, name: str) -> Found:
    n, k = of.probabilities.shape
    if k < 2:
        return [undefined(n, f"{name} is undefined: there is one class, '{of.classes[0]}'")]
    positive = (of.labels[:, None] == np.arange(k)).ravel()
    weights = None if of.weights is None else np.repeat(of.weights, k)
    value, effect = of_one(positive, of.probabilities.ravel(), weights)
    influence = effect.reshape(n, k).sum(axis=1)  # a row's K answers are not independent
    interval = lambda: _area_interval(value, influence, n, n, of.level, of_one)  # noqa: E731
    return [Estimate(value, n, lambda: influence, interval)]


def _area_by_class(of: Answers, of_one: Area, name: str) -> Found:
    n, out = len(of.labels), []
    for code, (label, hits) in enumerate(zip(of.classes, of.counts.true.tolist(), strict=True)):
        if hits in (0, n):
            what = "no test row is" if not hits else "all test rows are"
            out.append(undefined(n, f"{name} is undefined: {what} of class '{label}'", label))
            continue
        value, effect = of_one(of.labels == code, of.probabilities[:, code], of.weights)
        few = min(hits, n - hits)
        out.append(
            Estimate(
                value,
                n,
                lambda effect=effect: effect,
                lambda v=value, e=effect, f=few: _area_interval(v, e, f, n - f, of.level, of_one),
                label=label,
            )
        )
    return out


def log_loss(of: Answers) -> Found:
    """The mean negative logarithm of the true class's probability."""
    p = of.probabilities
    # As scikit-learn does: no probability is nearer to 0 or 1 than its type can tell.
    tiny = np.finfo(p.dtype if p.dtype in (np.float32, np.float64) else np.float32).eps
    return [of.mean(-np.log(p[np.arange(len(p)), of.labels].astype(np.float64).clip(tiny, 1 - tiny)))]


def brier_score_loss(of: Answers) -> Found:
    """The mean squared distance of the probabilities from what was true; of two classes, half of it (0 to 1)."""
    p = of.probabilities.astype(np.float64)
    if p.shape[1] == 2:
        return [of.mean((p[:, 1] - (of.labels == 1)) ** 2)]
    chosen = p[np.arange(len(p)), of.labels]
    return [of.mean((p**2).sum(axis=1) - 2 * chosen + 1)]


def ece(of: Answers) -> Found:
    """How far the stated confidence is from the share right: mean over 15 bins of equal width, weighed by rows."""
    return [calibration.ece_estimate(of)]


def _top(of: Answers, k: int) -> Found:
    """As scikit-learn does: among equal probabilities the later class comes first."""
    if k >= len(of.classes):
        n = len(of.labels)
        return [undefined(n, f"top_{k}_accuracy says nothing of {len(of.classes)} classes")]
    chosen = of.probabilities[np.arange(len(of.labels)), of.labels][:, None]
    above = (of.probabilities > chosen).sum(axis=1)
    later = ((of.probabilities == chosen) & (np.arange(len(of.classes)) > of.labels[:, None])).sum(axis=1)
    return [share(of, above + later < k)]


def top_2_accuracy(of: Answers) -> Found:
    """The share of rows whose true class is among the 2 most probable."""
    return _top(of, 2)


def top_3_accuracy(of: Answers) -> Found:
    """The share of rows whose true class is among the 3 most probable."""
    return _top(of, 3)


def top_5_accuracy(of: Answers) -> Found:
    """The share of rows whose true class is among the 5 most probable."""
    return _top(of, 5)
