"""Metrics of predicted classes and their probabilities."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ftkit.evaluate import bootstrap, intervals, tables
from ftkit.evaluate.ranking import area
from ftkit.evaluate.score import Interval, Score, undefined, with_interval


@dataclass(frozen=True)
class Answers:
    """Labels (N,) of K classes and the probabilities (N, K) given to them, checked, with what metrics share."""

    labels: np.ndarray
    probabilities: np.ndarray
    classes: tuple[str, ...]
    level: float
    seed: int

    @cached_property
    def table(self) -> np.ndarray:
        """The confusion table, (K, K)."""
        return tables.confusion(self.labels, self.probabilities.argmax(axis=1), len(self.classes))

    @cached_property
    def margins(self) -> tables.Margins:
        """Its margins."""
        return tables.margins(self.table)


def accuracy(of: Answers) -> list[Score]:
    """The share of rows whose most probable class is the true one."""
    right, n = int(of.margins.right.sum()), len(of.labels)
    return [Score(right / n, intervals.wilson(right, n, of.level), n)]


def precision(of: Answers) -> list[Score]:
    """For each class, the share of right rows among those predicted as it."""
    return _shares(of, of.margins.predicted, "precision", "no row is predicted as")


def recall(of: Answers) -> list[Score]:
    """For each class, the share of right rows among those of it."""
    return _shares(of, of.margins.true, "recall", "no test row is of")


def _shares(of: Answers, among: np.ndarray, name: str, nobody: str) -> list[Score]:
    return [
        Score(right / n, intervals.wilson(right, n, of.level), n, label=label)
        if n
        else undefined(0, f"{name} is undefined: {nobody} class '{label}'", label)
        for label, right, n in zip(of.classes, of.margins.right.tolist(), among.tolist(), strict=True)
    ]


def f1(of: Answers) -> list[Score]:
    """For each class, the harmonic mean of precision and recall."""
    m = of.margins
    return [
        Score(2 * right / total, intervals.wilson_f1(right, either, of.level), either, label=label)
        if total
        else undefined(0, f"f1 is undefined: no row is of class '{label}' or predicted as it", label)
        for label, right, either, total in zip(
            of.classes, m.right.tolist(), m.either.tolist(), (m.true + m.predicted).tolist(), strict=True
        )
    ]


def f1_macro(of: Answers) -> list[Score]:
    """The mean F1 of the classes that occur."""
    value = float(tables.f1_macro(of.margins))
    drawn = tables.f1_macro(tables.resampled(of.table, bootstrap.RESAMPLES, of.seed))
    interval = intervals.percentiles(drawn, of.level, "bootstrap of counts")
    if interval.low == interval.high:
        # All right, or all wrong: drawn again they stay so, and each class's own interval has to speak.
        ends = [s.interval for s in f1(of) if s.value is not None]
        low, high = (float(np.mean(side)) for side in zip(*((e.low, e.high) for e in ends), strict=True))
        interval = Interval(low, high, "wilson by class")
    return [Score(value, interval, len(of.labels), note=_absent(of, of.margins.true + of.margins.predicted))]


def balanced_accuracy(of: Answers) -> list[Score]:
    """The mean recall of the classes that occur in the test rows."""
    m, met = of.margins, of.margins.true > 0
    value = float((m.right[met] / m.true[met]).mean())
    interval = intervals.mean_of_proportions(m.right[met], m.true[met], of.level)
    return [Score(value, interval, len(of.labels), note=_absent(of, m.true))]


def roc_auc(of: Answers) -> list[Score]:
    """The area under the ROC curve; of more than two classes, the mean over each against the rest."""
    n, true = len(of.labels), of.margins.true
    met = np.flatnonzero(true)
    if len(met) < 2:
        return [undefined(n, f"roc_auc is undefined: the test rows have one class, '{of.classes[met[0]]}'")]
    ranked = [1] if len(of.classes) == 2 else met.tolist()
    areas, influence = [], np.zeros(n)
    for code in ranked:
        value, effect = area(of.labels == code, of.probabilities[:, code])
        areas.append(value)
        influence += effect / len(ranked)
    variance, few = float((influence**2).sum()), int(np.minimum(true, n - true)[ranked].min())
    value = float(np.mean(areas))
    return [Score(value, intervals.logit_area(value, variance, few, n - few, of.level), n, note=_absent(of, true))]


def log_loss(of: Answers) -> list[Score]:
    """The mean negative logarithm of the true class's probability."""
    p = of.probabilities
    # As scikit-learn does: no probability is nearer to 0 or 1 than its type can tell.
    tiny = np.finfo(p.dtype if p.dtype in (np.float32, np.float64) else np.float32).eps
    losses = -np.log(p[np.arange(len(p)), of.labels].astype(np.float64).clip(tiny, 1 - tiny))
    interval = bootstrap.log_interval(np.stack([losses, losses**2], axis=1), bootstrap.log_mean, of.level, of.seed)
    return [with_interval(float(losses.mean()), interval, len(losses))]


def _absent(of: Answers, met: np.ndarray) -> str | None:
    """Which classes a mean over classes leaves out."""
    names = [of.classes[i] for i in np.flatnonzero(met == 0)]
    if not names:
        return None
    shown = ", ".join(f"'{name}'" for name in names[:5]) + (f" and {len(names) - 5:,} more" if len(names) > 5 else "")
    return f"left out of the mean, because no row has it: {shown}."
