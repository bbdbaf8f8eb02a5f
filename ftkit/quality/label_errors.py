"""Checks for labels that are probably wrong."""

from __future__ import annotations

from typing import Any

import numpy as np

from ftkit.data import DatasetView
from ftkit.quality.check import Check, SkipCheckError
from ftkit.quality.confident import LabelErrors, find_label_errors, neighbour_votes
from ftkit.quality.evidence import Evidence
from ftkit.quality.finding import Finding
from ftkit.quality.labels import has_classes, labels_of
from ftkit.quality.probe import can_probe, is_table, out_of_fold, out_of_fold_numbers

ROWS = 1000
# A probe that is right less often names errors of its own: what it doubts is a hint, whatever it expects of itself.
TRUSTED = 0.75
# Below this share of right alarms a finding is no more than a hint.
MOSTLY = 0.5
# Vectors more alike than this are of rows that a person would call equal.
ALIKE = 0.99
FEWEST = 100
# Larger tables are judged by the probe alone: trees are as local as neighbours, and need no pairs of rows.
MOST_VOTES = 20_000
MANY = 0.02


def wrong_labels(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """Rows whose label is more probably wrong than right.

    How: a cheap probe (a linear one on the rows' vectors; trees for tables) says of every row which class it is,
    without having seen it. Its probabilities are calibrated together with the labels of the forty nearest rows, the way
    labels go wrong is estimated where they are surest, and Bayes' rule gives the probability that each label is wrong
    (Northcutt, Jiang and Chuang, JAIR 70, 2021, section 3; Patrini et al., CVPR 2017, section 4.1). Rows above one half
    are listed, the surest first, at most 1,000.

    Do: look at the rows, the first ones first, and correct the labels that are wrong. The message says which share is
    expected to be; the others are hard or odd rows whose labels are right. The suggested class is a suggestion: nothing
    is relabelled unless you say so. ``found.value()`` measures what correcting them is worth.
    """
    right = _probe_is_right(view, evidence)
    found = evidence.label_errors
    if not found.flagged.any():
        return []
    order = np.argsort(-found.score, kind="stable")
    rows = order[found.flagged[order]]
    shown = f" The surest {ROWS:,} are listed." if len(rows) > ROWS else ""
    judge = "a probe that is" if evidence.predicted is None else "the given probabilities, which are"
    message = (
        f"{len(rows):,} of {len(view):,} labels are probably wrong; about {found.expected_precision:.0%} of these are "
        f"expected to be, judged by {judge} right on {right:.0%} of the rows.{shown}"
    )
    rows = rows[:ROWS]
    values = [view.classes[k] for k in found.suggested[rows]]
    suggest = {"op": "relabel", "column": view.target, "values": values, "because": check.code}
    severity = "warning" if found.expected_precision >= MOSTLY and right >= TRUSTED else "info"
    return [_finding(check, severity, message, view, rows, found.score[rows], suggest)]


def _probe_is_right(view: DatasetView, evidence: Evidence) -> float:
    """The share of rows whose class the probe names; one that does no better than guessing cannot doubt a label."""
    labels = labels_of(view)
    known = labels >= 0
    right = float((evidence.probabilities.argmax(axis=1) == labels)[known].mean())
    guess = float(np.bincount(labels[known]).max() / known.sum())
    if right <= guess + 2 * np.sqrt(guess * (1 - guess) / known.sum()):
        who = "a probe does" if evidence.predicted is None else "the given probabilities do"
        raise SkipCheckError(f"{who} no better than guessing on these rows, and cannot doubt their labels")
    return right


def alike_other_labels(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """Images or texts that are all but equal to another and have different labels.

    How: pairs among the ten nearest neighbours of each row whose vectors have a cosine of 0.99 or more, and whose
    labels differ. Rows that are exactly equal are found by DUP102. The score is the share of a row's near-equal
    neighbours that disagree with it.

    Do: decide which label is right and relabel the other; where both are, the classes overlap, or a row needs more
    than one label.
    """
    labels, near = labels_of(view), evidence.neighbours
    same = near.similarity >= ALIKE
    other = same & (labels[near.rows] != labels[:, None]) & (labels[near.rows] >= 0) & (labels[:, None] >= 0)
    other &= view.content(view.features)[near.rows] != view.content(view.features)[:, None]
    rows = np.flatnonzero(other.any(axis=1))
    if not len(rows):
        return []
    score = other.sum(axis=1)[rows] / np.maximum(same.sum(axis=1)[rows], 1)
    order = np.argsort(-score, kind="stable")[:ROWS]
    shown = f" The first {ROWS:,} are listed." if len(rows) > ROWS else ""
    message = f"{len(rows):,} rows are all but equal to a row with a different label.{shown}"
    return [_finding(check, "warning", message, view, rows[order], score[order], None)]


def far_numbers(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """Rows whose number is far from what all other rows lead one to expect.

    How: a cheap probe predicts every row's number without having seen it. The tail of its errors is fitted between the
    90th and the 99th percentile (Hill, Annals of Statistics 3, 1975, section 2); a row is listed if fewer than one
    error in twenty data sets of this size would be as large. So heavy tails are not alarms by themselves.

    Do: look for a slipped decimal point, a wrong unit, a swapped column. Correct the number or drop the row.
    """
    target = labels_of(view)
    known = np.flatnonzero(np.isfinite(target))
    if len(known) < FEWEST:
        raise SkipCheckError(f"{FEWEST} rows with a number are needed; {len(known)} have one")
    error = np.abs(target - out_of_fold_numbers(evidence))[known]
    chance = _chance(error)
    order = np.argsort(chance, kind="stable")
    rows = order[chance[order] < 1 / 20][:ROWS]
    if not len(rows):
        return []
    worst = view.ids[known[rows[0]]]
    message = (
        f"{len(rows):,} of {len(known):,} rows have a '{view.target}' far from what the other rows lead to expect; the "
        f"farthest is {target[known[rows[0]]]:g} in row '{worst}', {error[rows[0]]:g} away."
    )
    return [_finding(check, "warning", message, view, known[rows], 1 - chance[rows], None)]


def label_errors_of(evidence: Evidence, *, passes: int | None = None) -> LabelErrors:
    """The label errors of the rows under inspection, from the probe's probabilities and the neighbours' labels.

    Parameters
    ----------
    evidence : Evidence
    passes : {1, 2}, optional
        With 2, the probe is fitted again without the labels that were doubted at first: better where many are wrong. By
        default so if 2% or more are doubted, up to 20,000 rows, unless the probabilities were given.

    Returns
    -------
    LabelErrors

    Raises
    ------
    SkipCheckError
        There are too few labelled rows for a probe.
    """
    view, labels = evidence.view, labels_of(evidence.view)
    ask = len(view) <= MOST_VOTES or not is_table(view)
    votes = neighbour_votes(evidence.neighbourhood.rows, labels, len(view.classes)) if ask else None
    found = find_label_errors(labels, evidence.probabilities, votes=votes, seed=evidence.seed)
    if passes is None:
        again = evidence.predicted is None and len(view) <= MOST_VOTES
        passes = 2 if again and found.flagged.mean() >= MANY else 1
    if passes == 2 and found.flagged.any():
        second = out_of_fold(evidence, without=found.flagged)
        if votes is not None:
            kept = np.where(found.flagged, -1, labels)
            votes = neighbour_votes(evidence.neighbourhood.rows, kept, len(view.classes))
        found = find_label_errors(labels, second, votes=votes, seed=evidence.seed)
    return found


def _chance(error: np.ndarray) -> np.ndarray:
    """How many errors as large as each are to be expected among so many, at most 1."""
    start, end = np.quantile(error, [0.9, 0.99])
    tail = error[(error > start) & (error <= end)]
    if start <= 0 or not len(tail):
        return np.ones(len(error))
    # The part above the 99th percentile may be what we look for: Hill's estimate for a tail cut off there.
    index = 1 / max(float(np.log(tail / start).mean() + np.log(end / start) / 9), 1e-9)
    return np.minimum(len(error) * 0.1 * (np.maximum(error, start) / start) ** -index, 1)


def _finding(
    check: Check,
    severity: Any,
    message: str,
    view: DatasetView,
    rows: np.ndarray,
    scores: np.ndarray,
    suggest: dict[str, Any] | None,
) -> Finding:
    scores = [round(float(score), 4) for score in scores]
    return Finding(check.code, check.name, severity, message, view.ids[rows].tolist(), scores, suggest)


def _classes(view: DatasetView) -> str | None:
    return can_probe(view) or has_classes(view)


def _no_table(view: DatasetView) -> str | None:
    return _classes(view) or ("rows of a table are equal or not: DUP102" if is_table(view) else None)


def _numbers(view: DatasetView) -> str | None:
    return can_probe(view) or ("the target is a class" if has_classes(view) is None else None)


CHECKS = (
    Check("LAB201", "label errors", "model", _classes, wrong_labels),
    Check("LAB202", "near-equal rows, other labels", "model", _no_table, alike_other_labels),
    Check("LAB203", "numbers far from expected", "model", _numbers, far_numbers),
)
