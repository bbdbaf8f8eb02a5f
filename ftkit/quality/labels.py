"""Checks of the target."""

from __future__ import annotations

from typing import Any

import numpy as np

from ftkit.data import DatasetView
from ftkit.errors import DataError
from ftkit.quality.check import Check, SkipCheckError, has_target
from ftkit.quality.evidence import Evidence
from ftkit.quality.finding import Finding

FEW = 10
RATIO = 10
SHOWN = 5
ROUNDING = 1e-3


def missing_labels(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """Rows without a label.

    How: The cell of the target is missing, empty after stripping, or NaN.

    Do: Label them or drop them; training leaves them out in any case.
    """
    labels = labels_of(view)
    gone = np.flatnonzero(labels < 0 if labels.dtype.kind == "i" else np.isnan(labels))
    if not len(gone):
        return []
    verb, rest = ("has", "it is") if len(gone) == 1 else ("have", "they are")
    message = f"{len(gone):,} of {len(view):,} rows {verb} no '{view.target}'; {rest} left out of training."
    return [check.finding("warning", message, view.ids[gone].tolist(), drop=True)]


def unusable_labels(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """A target that no model can learn: one class, constant, infinite, or unknown in train.

    How: The labels are read as training reads them; whatever stops that is the finding. Then the selected rows must
    have two different labels.

    Do: Choose another target, correct the cells that are named, or add rows of a second class.
    """
    try:
        labels = view.labels
    except DataError as error:
        return [check.finding("error", str(error))]
    known = labels[labels >= 0] if labels.dtype.kind == "i" else labels[~np.isnan(labels)]
    if len(np.unique(known)) > 1:
        return []
    message = (
        f"The selected rows have {'one value' if len(known) else 'no value'} in '{view.target}': nothing to learn."
    )
    return [check.finding("error", message)]


def imbalance(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """Classes with few rows.

    How: A class has fewer than 10 rows, or fewer than a tenth of those of the largest class.

    Do: Collect or label more rows of the rare classes, or merge classes. Judge by balanced accuracy or F1 (macro),
    which weigh every class alike, and look at the metrics of each class.
    """
    labels = labels_of(view)
    counts = np.bincount(labels[labels >= 0], minlength=len(view.classes))
    largest, smallest = counts.max(), counts.min()
    if smallest * RATIO >= largest and smallest >= FEW:
        return []
    order = np.argsort(counts, kind="stable")[:SHOWN]
    rare = ", ".join(f"'{view.classes[i]}' {counts[i]:,}" for i in order)
    top = int(counts.argmax())
    message = f"The rarest of {len(counts)} classes: {rare}; the largest, '{view.classes[top]}', has {largest:,} rows."
    return [check.finding("warning", message)]


def labels_of(view: DatasetView) -> np.ndarray:
    """The labels; a check that needs them is skipped where they cannot be used."""
    try:
        return view.labels
    except DataError as error:
        raise SkipCheckError(f"the labels cannot be used: {error}") from None


def check_predicted(probabilities: Any, view: DatasetView) -> np.ndarray:
    """Somebody's own probabilities of each row's classes, float64 (N, K).

    Parameters
    ----------
    probabilities : array of float, shape (N, K)
    view : DatasetView

    Returns
    -------
    ndarray of float64, shape (N, K)

    Raises
    ------
    DataError
        The target has no classes, or they are not one probability of each class for each row, with a sum of 1.

    Examples
    --------
    >>> import ftkit as ft
    >>> check_predicted(np.full((150, 3), 1 / 3), ft.read("iris")).shape
    (150, 3)
    """
    reason = has_classes(view)
    if reason is not None:
        raise DataError(f"{view.name}: probabilities are those of classes, but {reason}.")
    said, classes = np.asarray(probabilities, dtype=np.float64), view.classes
    if said.shape != (len(view), len(classes)):
        shown = ", ".join(classes[:SHOWN]) + (", …" if len(classes) > SHOWN else "")
        raise DataError(
            f"probabilities have the shape {said.shape}; ({len(view)}, {len(classes)}) is needed: a line for each "
            f"row, a column for each class ({shown})."
        )
    wrong = np.flatnonzero(~((said >= 0).all(axis=1) & (np.abs(said.sum(axis=1) - 1) < ROUNDING)))
    if len(wrong):
        at, total = wrong[0], said[wrong[0]].sum()
        raise DataError(
            f"the probabilities of {len(wrong):,} rows are negative, missing or do not sum to 1; the first is row "
            f"'{view.ids[at]}' (number {at:,}), with a sum of {total:g}."
        )
    return said


def has_classes(view: DatasetView) -> str | None:
    """Applies to classification."""
    reason = has_target(view)
    if reason is None and not view.task.endswith("classification"):
        return "the target is a number"
    return reason


CHECKS = (
    Check("LAB101", "missing labels", "cheap", has_target, missing_labels),
    Check("LAB104", "labels that cannot be learned", "cheap", has_target, unusable_labels),
    Check("BAL101", "class imbalance", "cheap", has_classes, imbalance),
)
