"""Checks for what train knows of validation and test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ftkit.data import DatasetView
from ftkit.quality.check import Check, SkipCheckError, has_given_split
from ftkit.quality.finding import Finding
from ftkit.quality.outliers import has_vectors

if TYPE_CHECKING:
    from ftkit.quality.evidence import Evidence

SHOWN = 5
MOST = 1000
HELD = ("validation", "test")


def near_across(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """Train rows that are nearly the same as a row of validation or test.

    How: pairs of near-duplicates as DUP201 (texts) and DUP202 (images) find and verify them, one row in train and one
    held out. Exact copies are left to SPL101. The score is the similarity. At most 1,000 rows are listed.

    Do: drop the listed train rows: what the model has seen is no test, and the figures come out too high.
    """
    given = view.given_split
    pairs = evidence.near_pairs
    one, other = (given[side] == "train" for side in (pairs.first, pairs.second))
    held_one, held_other = (np.isin(given[side], HELD) for side in (pairs.first, pairs.second))
    train = np.concatenate([pairs.first[one & held_other], pairs.second[other & held_one]])
    held = np.concatenate([pairs.second[one & held_other], pairs.first[other & held_one]])
    score = np.concatenate([pairs.score[one & held_other], pairs.score[other & held_one]])
    if not len(train):
        return []
    order = np.lexsort((train, -score))
    rows, first = np.unique(train[order], return_index=True)
    best = score[order][first]
    order = np.lexsort((rows, -best))[:MOST]
    total = int(np.isin(given, HELD).sum())
    message = (
        f"{len(np.unique(held)):,} of {total:,} test and validation rows are nearly the same as a train row "
        f"({len(rows):,} train rows), such as {str(view.ids[held[score.argmax()]])[:60]!r} and "
        f"{str(view.ids[train[score.argmax()]])[:60]!r}."
    )
    suggest = {"op": "drop", "because": check.code}
    ids = [str(row) for row in view.ids[rows[order]]]
    return [Finding(check.code, check.name, "warning", message, ids, best[order].round(4).tolist(), suggest)]


def group_across(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """Groups with rows in train and rows held out.

    How: the values of the group column (a patient, a plant, a writer) on both sides of the split that came with the
    data. The train rows of such groups are listed, 1,000 at most.

    Do: split again by group, or drop the listed rows: otherwise the model is asked about those it knows.
    """
    given, group = view.given_split, view.group
    held = np.isin(given, HELD) & (group != "")
    train = (given == "train") & (group != "")
    torn = np.intersect1d(group[train], group[held])
    if not len(torn):
        return []
    rows = np.flatnonzero(train & np.isin(group, torn))
    names = ", ".join(repr(str(name)[:40]) for name in torn[:SHOWN])
    more = f" and {len(torn) - SHOWN:,} more" if len(torn) > SHOWN else ""
    message = (
        f"{len(torn):,} of {len(np.unique(group[held])):,} groups of test and validation have rows in train too: "
        f"{names}{more}; {len(rows):,} train rows."
    )
    return [check.finding("error", message, [str(row) for row in view.ids[rows[:MOST]]], drop=True)]


def time_across(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """Train rows that are later than the first row held out.

    How: the time column on both sides of the split that came with the data; the train rows at or after the earliest
    time of validation and test are listed, 1,000 at most. The score is the share of held-out rows a row is later than.

    Do: where the model will be asked about the future, split by time: train before, test after.
    """
    name = next(name for name, column in view.columns.items() if column.role == "time")
    times = view.numbers(name)
    given = view.given_split
    held = np.sort(times[np.isin(given, HELD) & np.isfinite(times)])
    train = np.flatnonzero((given == "train") & np.isfinite(times))
    if not len(held):
        raise SkipCheckError(f"no test or validation row has a '{name}'")
    late = train[times[train] >= held[0]]
    if not len(late):
        return []
    ahead = np.searchsorted(held, times[late], side="right") / len(held)
    order = np.argsort(-ahead, kind="stable")[:MOST]
    message = (
        f"{len(late):,} of {len(train):,} train rows are as late as the first test or validation row, or later "
        f"(by '{name}'): train knows some of the future."
    )
    ids = [str(row) for row in view.ids[late[order]]]
    return [Finding(check.code, check.name, "warning", message, ids, ahead[order].round(4).tolist())]


def has_split_vectors(view: DatasetView) -> str | None:
    """Applies to images and texts that came with a split."""
    return has_given_split(view) or has_vectors(view)


def has_split_group(view: DatasetView) -> str | None:
    """Applies where rows came with a split and a group."""
    return has_given_split(view) or (None if view.group is not None else "there is no column of groups")


def has_split_time(view: DatasetView) -> str | None:
    """Applies where rows came with a split and a time."""
    known = any(column.role == "time" for column in view.columns.values())
    return has_given_split(view) or (None if known else "there is no column of times")


CHECKS = (
    Check("LEK201", "near-duplicates across the split", "model", has_split_vectors, near_across),
    Check("LEK202", "groups on both sides of the split", "cheap", has_split_group, group_across),
    Check("LEK203", "train later than test", "cheap", has_split_time, time_across),
)
