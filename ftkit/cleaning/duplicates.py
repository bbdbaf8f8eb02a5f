"""Which of several equal rows stays."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ftkit.data import DatasetView, Edit
from ftkit.quality import Finding

RULES = ("first", "longest", "newest")


def spare(view: DatasetView, drops: list[Edit], finding: Finding, rule: str) -> list[Edit]:
    """The drops of a finding of duplicates, with another row of each set spared than the finding does.

    Parameters
    ----------
    view : DatasetView
        The rows.
    drops : list of Edit
        What the finding suggests: all rows of a set but its first.
    finding : Finding
        Its suggestion may say, under ``of``, which row each is a duplicate of; without it the first stays.
    rule : {"first", "longest", "newest"}
        ``longest`` is the row with the most text, ``newest`` the one with the latest time, or the last where there is
        no column of time.

    Returns
    -------
    list of Edit
    """
    of = (finding.suggest or {}).get("of")
    if rule in ("first", "keep") or not isinstance(of, list) or len(of) != len(finding.rows):
        return drops
    template = {edit.row: edit for edit in drops}
    place = {name: i for i, name in enumerate(view.ids.tolist())}
    sets: dict[str, list[str]] = {}
    for row, first in zip(finding.rows, of, strict=True):
        if row in template:
            sets.setdefault(first, [first]).append(row)
    worth = _worth(view, rule)
    out: list[Edit] = []
    for rows in sets.values():
        best = max(rows, key=lambda row: worth[place[row]] if row in place else -np.inf)
        like = next(template[row] for row in rows if row in template)
        out += [Edit(row, "drop", None, None, like.because, like.by, like.at) for row in rows if row != best]
    return out


def keep_one(view: DatasetView, sets: Sequence[Sequence[int]], rule: str = "first") -> list[int]:
    """The positions to leave out of each set of equal rows.

    Parameters
    ----------
    view : DatasetView
    sets : sequence of sequence of int
        Positions of rows that are the same.
    rule : {"first", "longest", "newest"}, default "first"

    Returns
    -------
    list of int
    """
    worth = -np.arange(len(view), dtype=np.float64) if rule == "first" else _worth(view, rule)
    return [i for rows in sets for i in rows if i != max(rows, key=worth.__getitem__)]


def _worth(view: DatasetView, rule: str) -> np.ndarray:
    """A number for each row; that of the row that stays is the greatest."""
    if rule == "newest":
        times = [name for name, column in view.columns.items() if column.role == "time"]
        order = np.arange(len(view), dtype=np.float64)
        if not times:
            return order
        seconds = view.numbers(times[0])
        return np.where(np.isnan(seconds), -np.inf, seconds) if len(seconds) else order
    total = np.zeros(len(view))
    for name, column in view.columns.items():
        if column.kind in ("text", "category") and column.role in ("text", "feature"):
            total += [len(cell or "") for cell in view.strings(name)]
    return total
