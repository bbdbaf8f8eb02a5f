"""Rows that are the same or nearly the same, set by set, as a person looks at them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ftkit.quality.near_duplicates import keep_one, parts_of

if TYPE_CHECKING:
    from ftkit.quality.evidence import Evidence


@dataclass(frozen=True)
class Group:
    """A row, and others that are like it.

    Attributes
    ----------
    kept : int
        The place of the row that the checks would keep.
    copies : list of int
        The places of the others.
    scores : list of float
        How similar each of them is to that row, 0 to 1; 1 for an exact copy.
    """

    kept: int
    copies: list[int]
    scores: list[float]


def duplicate_groups(evidence: Evidence) -> list[Group]:
    """The sets of rows of one split that are nearly the same, the least similar first, then exact copies.

    Parameters
    ----------
    evidence : Evidence

    Returns
    -------
    list of Group
        Every row is in one group at most as a copy.

    Examples
    --------
    >>> import ftkit as ft
    >>> from ftkit.quality.evidence import Evidence
    >>> duplicate_groups(Evidence(ft.read("iris")))
    [Group(kept=101, copies=[142], scores=[1.0])]
    """
    near = sorted(_near(evidence), key=lambda group: min(group.scores))
    return [*near, *_exact(evidence)]


def _near(evidence: Evidence) -> list[Group]:
    pairs, part = evidence.near_pairs, parts_of(evidence.view)
    found = keep_one(pairs.where(part[pairs.first] == part[pairs.second]), evidence.view.ids)
    groups = []
    for kept in np.unique(found.kept):
        mine = np.flatnonzero(found.kept == kept)
        copies, scores = found.copies[mine].tolist(), found.score[mine].round(4).tolist()
        groups.append(Group(int(kept), copies, scores))
    return groups


def _exact(evidence: Evidence) -> list[Group]:
    view = evidence.view
    names = [name for name, column in view.columns.items() if column.role not in ("id", "split")]
    keys = np.stack([parts_of(view), np.unique(view.content(names), return_inverse=True)[1]], axis=1)
    _, group = np.unique(keys, axis=0, return_inverse=True)
    order = np.argsort(group, kind="stable")
    sets = np.split(order, np.flatnonzero(np.diff(group[order])) + 1)
    several = [one.tolist() for one in sets if len(one) > 1]
    return [Group(kept, copies, [1.0] * len(copies)) for kept, *copies in sorted(several)]
