"""Checks for rows that come twice."""

from __future__ import annotations

import numpy as np

from ftkit.data import DatasetView
from ftkit.quality.check import Check, has_features, has_given_split, has_images
from ftkit.quality.evidence import Evidence
from ftkit.quality.finding import Finding
from ftkit.quality.flags import counted
from ftkit.quality.labels import has_classes, labels_of


def exact_copies(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """Rows equal to an earlier row of the same split, in features and target.

    How: Each row's values (of an image file its bytes) are hashed to 64 bits, without ids and splits; rows of the same
    hash and split are copies. Unreadable images are left aside.

    Do: Drop them, the first stays: copies count twice in training, and make a random split leak. In tables of few
    columns equal rows can be different things; then keep them.
    """
    rows, content = _rows(view, ("id", "split"))
    if view.given_split is not None:
        _, part = np.unique(view.given_split[rows], return_inverse=True)
        content = content ^ (part.astype(np.uint64) << np.uint64(60))
    _, first, counts = np.unique(content, return_index=True, return_counts=True)
    if len(first) == len(content):
        return []
    later = np.ones(len(content), dtype=bool)
    later[first] = False
    sets = int((counts > 1).sum())
    copies = int(later.sum())
    what = "{n} row[ is an exact copy|s are exact copies] of an earlier row"
    message = f"{counted(copies, what)} ({counted(sets, '{n} set[|s]')}; the largest has {counts.max():,})."
    return [check.finding("warning", message, view.ids[rows[later]].tolist(), drop=True)]


def equal_rows_other_labels(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """Rows that are equal and have different labels.

    How: The same hashes without the target; a hash with two labels or more is a contradiction. All of its rows are
    listed.

    Do: Look at the labels and correct them; where rows truly can be either, nothing but chance decides them and the
    metrics have a ceiling.
    """
    labels = labels_of(view)
    rows, content = _rows(view, ("id", "split", "target"))
    rows, content = rows[labels[rows] >= 0], content[labels[rows] >= 0]
    _, group = np.unique(content, return_inverse=True)
    pairs = np.unique(np.stack([group, labels[rows]]), axis=1)
    torn = np.bincount(pairs[0], minlength=group.max(initial=-1) + 1) > 1
    if not torn.any():
        return []
    message = (
        f"{int(torn[group].sum()):,} rows are equal to another and have different labels "
        f"({counted(int(torn.sum()), '{n} set[|s]')})."
    )
    there = np.flatnonzero(torn[group])
    first = np.full(len(torn), len(rows))
    np.minimum.at(first, group, np.arange(len(rows)))
    side_by_side = there[np.lexsort((there, first[group[there]]))]
    return [check.finding("warning", message, view.ids[rows[side_by_side]].tolist())]


def on_both_sides(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """Train rows whose content is in test or validation too.

    How: The hashes of the train rows, without ids, splits and target, are looked up among those of the other splits.

    Do: Drop them from train, or the test metrics praise what was learned by heart.
    """
    given = view.given_split
    rows, content = _rows(view, ("id", "split", "target"))
    train = given[rows] == "train"
    held = np.isin(given[rows], ["test", "validation"])
    leaking = train & np.isin(content, content[held])
    if not leaking.any():
        return []
    seen = int(np.isin(content[held], content[train]).sum())
    message = f"{seen:,} of {int(held.sum()):,} test and validation rows are in train too."
    return [check.finding("warning", message, view.ids[rows[leaking]].tolist(), drop=True)]


def _rows(view: DatasetView, without: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    """The positions of the rows that can be compared, and the hashes of their cells but those of some roles."""
    names = [name for name, column in view.columns.items() if column.role not in without]
    rows = np.arange(len(view))
    if has_images(view) is None:
        rows = np.setdiff1d(rows, np.array(list(view.scan().error), dtype=np.int64))
    return rows, view.content(names)[rows]


CHECKS = (
    Check("DUP101", "exact copies", "decodes", has_features, exact_copies),
    Check(
        "DUP102",
        "equal rows, other labels",
        "decodes",
        lambda v: has_classes(v) or has_features(v),
        equal_rows_other_labels,
    ),
    Check("SPL101", "rows on both sides of the split", "decodes", has_given_split, on_both_sides),
)
