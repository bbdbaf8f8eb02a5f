"""Metrics of predicted classes: functions of the confusion table."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ftkit.evaluate import averages, bootstrap, intervals, tables
from ftkit.evaluate.answers import Answers
from ftkit.evaluate.averages import Slope, f1s, precisions, recalls
from ftkit.evaluate.estimate import Estimate
from ftkit.evaluate.score import Interval, Score, undefined
from ftkit.evaluate.tables import Margins

Values = Callable[[Margins], np.ndarray]
Found = list[Estimate | Score]


def accuracy(of: Answers) -> Found:
    """The share of rows whose most probable class is the true one."""
    return [share(of, of.right)]


def share(of: Answers, hits: np.ndarray) -> Estimate:
    """The share of rows that hit, with Wilson's interval."""
    mean = of.mean(hits.astype(np.float64))
    return Estimate(mean.value, mean.n, mean.influence, lambda: intervals.wilson(int(hits.sum()), len(hits), of.level))


def precision(of: Answers) -> Found:
    """For each class, the share of right rows among those predicted as it."""
    return _each(of, precisions, of.counts.predicted, "precision is undefined: no row is predicted as class '{}'")


def recall(of: Answers) -> Found:
    """For each class, the share of right rows among those of it."""
    return _each(of, recalls, of.counts.true, "recall is undefined: no test row is of class '{}'")


def f1(of: Answers) -> Found:
    """For each class, the harmonic mean of precision and recall."""
    return _each(of, f1s, of.counts.either, "f1 is undefined: no row is of class '{}' or predicted as it")


def _each(of: Answers, values: Values, among: np.ndarray, nobody: str) -> Found:
    """One value a class."""
    value, slope = values(of.margins), averages.slopes(values, of.margins)
    proportion = intervals.wilson_f1 if values is f1s else intervals.wilson
    out: Found = []
    for k, (name, right, n) in enumerate(zip(of.classes, of.counts.right.tolist(), among.tolist(), strict=True)):
        if not n or np.isnan(value[k]):
            out.append(undefined(0, nobody.format(name), name))
            continue
        one = Slope(*(np.where(np.arange(len(value)) == k, part, 0.0) for part in slope))
        out.append(
            Estimate(
                float(value[k]),
                n,
                lambda one=one: _influence(of, one),
                lambda right=right, n=n: proportion(right, n, of.level),
                label=name,
            )
        )
    return out


def _influence(of: Answers, slope: Slope) -> np.ndarray:
    return averages.influence(slope, of.labels, of.predicted, of.weights)


def _averaged(of: Answers, values: Values, name: str) -> Found:
    """The macro mean (name ends so) or the mean weighed by true rows."""
    macro = name.endswith("macro")
    mean, slope = (averages.macro, averages.macro_slope) if macro else (averages.weighted, averages.weighted_slope)
    return [
        Estimate(
            float(mean(values, of.margins)),
            len(of.labels),
            lambda: _influence(of, slope(values, of.margins)),
            lambda: _drawn_again(of, lambda m: mean(values, m), slope(values, of.counts), values),
            note=_about_mean(of, values),
        )
    ]


def _about_mean(of: Answers, values: Values) -> str | None:
    """Classes left out of a mean, and those that count as 0 because nothing can be divided."""
    here = averages.met(of.margins)
    zero = here & ((of.margins.predicted if values is precisions else of.margins.true) == 0)
    said = [of.left_out(here)]
    if values is not f1s and zero.any():
        why = "no row is predicted as it" if values is precisions else "no row is of it"
        said.append(f"counted as 0, because {why}: {of.named(zero)}.")
    return " ".join(filter(None, said)) or None


def _drawn_again(of: Answers, statistic: Callable[[Margins], np.ndarray], slope: Slope, values: Values) -> Interval:
    """The accelerated bootstrap over tables drawn again."""
    interval = _accelerated(of, statistic, slope)
    if interval is not None:
        return interval
    # All right, or all wrong: drawn again they stay so, and each class's own interval has to speak.
    among = {precisions: of.counts.predicted, recalls: of.counts.true}.get(values, of.counts.either)
    proportion = intervals.wilson_f1 if values is f1s else intervals.wilson
    ends = [proportion(r, n, of.level) for r, n in zip(of.counts.right, among, strict=True) if n]
    low, high = (float(np.mean(side)) for side in zip(*((e.low, e.high) for e in ends), strict=True))
    return Interval(low, high, "wilson by class")


def _accelerated(of: Answers, statistic: Callable[[Margins], np.ndarray], slope: Slope) -> Interval | None:
    """The interval from tables drawn again; None where they all give the same."""
    drawn = statistic(tables.resampled(of.table, bootstrap.RESAMPLES, of.seed))
    drawn = drawn[np.isfinite(drawn)]
    if not len(drawn) or not np.ptp(drawn):
        return None
    true, predicted = np.nonzero(of.table)
    rows = of.table[true, predicted]
    moved = averages.influence(slope, true, predicted, None) * 1.0
    moved -= (rows * moved).sum() / rows.sum()
    squares = float((rows * moved**2).sum())
    skewness = float((rows * moved**3).sum()) / squares**1.5 if squares > 0 else 0.0
    return intervals.accelerated(drawn, float(statistic(of.counts)), skewness, of.level)


def f1_macro(of: Answers) -> Found:
    """The mean F1 of the classes that occur."""
    return _averaged(of, f1s, "f1_macro")


def f1_weighted(of: Answers) -> Found:
    """The mean F1 of the classes, weighed by their rows."""
    return _averaged(of, f1s, "f1_weighted")


def f1_micro(of: Answers) -> Found:
    """F1 of all classes counted together: of one class a row, the accuracy."""
    return accuracy(of)


def precision_macro(of: Answers) -> Found:
    """The mean precision of the classes that occur."""
    return _averaged(of, precisions, "precision_macro")


def precision_weighted(of: Answers) -> Found:
    """The mean precision of the classes, weighed by their rows."""
    return _averaged(of, precisions, "precision_weighted")


def precision_micro(of: Answers) -> Found:
    """Precision of all classes counted together: of one class a row, the accuracy."""
    return accuracy(of)


def recall_macro(of: Answers) -> Found:
    """The mean recall of the classes that occur."""
    return _averaged(of, recalls, "recall_macro")


def recall_weighted(of: Answers) -> Found:
    """The mean recall of the classes, weighed by their rows: the accuracy."""
    return accuracy(of)


def recall_micro(of: Answers) -> Found:
    """Recall of all classes counted together: of one class a row, the accuracy."""
    return accuracy(of)


def balanced_accuracy(of: Answers) -> Found:
    """The mean recall of the classes that occur in the test rows."""
    met = of.margins.true > 0
    value = float((of.margins.right[met] / of.margins.true[met]).mean())
    slope = Slope(*(part / met.sum() for part in averages.slopes(recalls, of.margins)))
    interval = lambda: intervals.mean_of_proportions(of.counts.right[met], of.counts.true[met], of.level)  # noqa: E731
    return [Estimate(value, len(of.labels), lambda: _influence(of, slope), interval, note=of.left_out(met))]


def matthews_corrcoef(of: Answers) -> Found:
    """Matthews' correlation of true and predicted classes: 1 perfect, 0 no better than chance."""
    n, value = len(of.labels), float(averages.matthews(of.margins))
    for what, part in (("test rows have", of.margins.true), ("predictions name", of.margins.predicted)):
        if (part > 0).sum() < 2:
            return [undefined(n, f"matthews_corrcoef is undefined: the {what} one class, {of.named(part > 0)}")]
    influence = lambda: _influence(of, averages.matthews_slope(of.margins))  # noqa: E731
    return [Estimate(value, n, influence, lambda: _of_matthews(of, value))]


def _of_matthews(of: Answers, value: float) -> Interval:
    """From tables drawn again, those with one class left out; at 1, what Wilson says of the accuracy."""
    interval = _accelerated(of, averages.matthews, averages.matthews_slope(of.counts))
    if interval is not None:
        return interval
    low, high, _ = intervals.wilson(int(of.right.sum()), len(of.right), of.level)
    return Interval(min(2 * low - 1, value), max(2 * high - 1, value), "wilson of the accuracy")
