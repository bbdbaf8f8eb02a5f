"""A class against the rest: its curves, and what "yes from this threshold on" does to the test rows."""

from __future__ import annotations

from typing import TypedDict

import numpy as np

from ftkit.errors import DataError, nearest
from ftkit.evaluate import choose_threshold, cost_of, precision_recall_curve, roc_curve
from ftkit.evaluate.intervals import wilson
from ftkit.panels.judged import Answers

STEPS = 1000  # thresholds whose counts a page is sent, so that it need not ask while a slider moves
NEVER = 1.001  # the threshold of a rule that never says yes


class Curve(TypedDict):
    """ROC as false alarms and found, PR as recall and precision; areas with their intervals; counts by threshold."""

    roc: list[list[float]]
    pr: list[list[float]]
    areas: list[list[float]]
    found: list[int]
    taken: list[int]
    positive: int
    rows: int


class Rule(TypedDict):
    """What "yes from this threshold on" does to the test rows; ``cost`` is that of a mean row."""

    threshold: float
    found: int
    missed: int
    alarms: int
    passed: int
    precision: list[float] | None
    recall: list[float] | None
    cost: list[float]


def curve_of(answers: Answers, name: str) -> Curve:
    """The curves of a class, and how many rows each threshold takes and rightly finds."""
    k = answers.code(name)
    positive, scores = answers.labels == k, answers.answers[:, k]
    fpr, tpr = roc_curve(positive.astype(int), scores)
    precision, recall = precision_recall_curve(positive.astype(int), scores)
    at = np.arange(STEPS + 2) / STEPS
    found, taken = (len(s) - np.searchsorted(np.sort(s), at) for s in (scores[positive], scores))
    return Curve(
        roc=[fpr.tolist(), tpr.tolist()],
        pr=[recall.tolist(), precision.tolist()],
        areas=answers.areas[name],
        found=found.tolist(),
        taken=taken.tolist(),
        positive=int(positive.sum()),
        rows=len(scores),
    )


def rule_of(answers: Answers, name: str, threshold: float, miss: float, false_alarm: float) -> Rule:
    """What a threshold does, with intervals."""
    k = answers.code(name)
    positive, said = answers.labels == k, answers.answers[:, k] >= threshold
    found, taken, real = int((positive & said).sum()), int(said.sum()), int(positive.sum())
    costs = {"miss": miss, "false_alarm": false_alarm}
    value, ends = cost_of(positive.astype(int), answers.answers[:, k], threshold, **costs)
    return Rule(
        threshold=threshold,
        found=found,
        missed=real - found,
        alarms=taken - found,
        passed=len(said) - real - taken + found,
        precision=_share(found, taken),
        recall=_share(found, real),
        cost=[value, ends.low, ends.high],
    )


def rows_of_rule(answers: Answers, name: str, threshold: float, part: str) -> np.ndarray:
    """The rows that a rule finds, misses, falsely takes, or rightly passes."""
    k = answers.code(name)
    positive, said = answers.labels == k, answers.answers[:, k] >= threshold
    parts = {"found": positive & said, "missed": positive & ~said, "alarms": ~positive & said}
    parts["passed"] = ~(positive | said)
    if part not in parts:
        raise DataError(f"part '{part}' is not known; {nearest(part, parts)}.")
    return np.flatnonzero(parts[part])


def cheapest(answers: Answers, name: str, miss: float, false_alarm: float) -> tuple[float, str]:
    """The threshold with the lowest cost, and the split it was chosen by: validation rows where there are some."""
    k, held = answers.code(name), answers.held
    by = "validation" if 0 < int((held.labels == k).sum()) < len(held.labels) else "test"
    chosen = held if by == "validation" else answers
    labels, scores = (chosen.labels == k).astype(int), chosen.answers[:, k]
    return min(choose_threshold(labels, scores, miss=miss, false_alarm=false_alarm).threshold, NEVER), by


def _share(hits: int, of: int) -> list[float] | None:
    """A share and its interval; None where there is nothing to be a share of."""
    if not of:
        return None
    low, high = wilson(hits, of, 0.95)[:2]
    return [hits / of, float(low), float(high)]
