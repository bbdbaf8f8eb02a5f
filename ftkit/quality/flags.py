"""Turns of chats with a defect, as a finding that names row, turn, defect and fix."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ftkit.data import DatasetView, chats_at
from ftkit.quality.check import Check
from ftkit.quality.evidence import Evidence
from ftkit.quality.finding import Finding, Severity

SHOWN = 3
Chat = list[dict[str, Any]]
Mend = Callable[[Chat, list[int]], Chat | None]


def has_chats(view: DatasetView) -> str | None:
    """Applies to chats."""
    return None if any(c.role == "messages" for c in view.columns.values()) else "the rows are no chats"


def flagged(
    check: Check,
    evidence: Evidence,
    severity: Severity,
    turns: np.ndarray,
    what: str,
    *,
    scores: Sequence[float] | np.ndarray | float = 1.0,
    mend: Mend | None = None,
    fix: str = "",
) -> list[Finding]:
    """Findings about some turns, by what mends them; none where there are none.

    ``mend`` makes a chat without the defect from a chat and the numbers of its bad turns (from 1), or None where the
    row can only be dropped; ``fix`` says what it does. Without it rows are to be dropped.
    """
    turns = np.asarray(turns, dtype=np.int64)
    if not len(turns):
        return []
    found, view = evidence.turns, evidence.view
    scores = np.broadcast_to(np.asarray(scores, dtype=float), turns.shape)
    rows, back = np.unique(found.row[turns], return_inverse=True)
    best = np.zeros(len(rows))
    np.maximum.at(best, back, scores)
    numbers: list[list[int]] = [[] for _ in rows]
    for place, turn in zip(back.tolist(), turns.tolist(), strict=True):
        numbers[place].append(int(found.number[turn]))
    mended = _mended(view, rows, numbers, mend)
    can = np.array([chat is not None for chat in mended])
    out = []
    for which, words in ((can, fix), (~can, "drop the row")):
        at = np.flatnonzero(which)
        if not len(at):
            continue
        ids = view.ids[rows[at]].tolist()
        places = [f"turn {', '.join(map(str, numbers[i]))}" for i in at]
        message = f"{counted(sum(len(numbers[i]) for i in at), what)}: {_examples(ids, places)}. To mend: {words}."
        suggest: dict[str, Any] = {"op": "drop", "because": check.code}
        if words == fix:
            values = [mended[i] for i in at]
            suggest = {"op": "replace", "column": "messages", "values": values, "because": check.code}
        out.append(Finding(check.code, check.name, severity, message, ids, best[at].round(3).tolist(), suggest, places))
    return out


def _mended(view: DatasetView, rows: np.ndarray, numbers: list[list[int]], mend: Mend | None) -> list[Chat | None]:
    if mend is None:
        return [None] * len(rows)
    return [mend(chat, bad) for chat, bad in zip(chats_at(view, rows), numbers, strict=True)]


def counted(count: int, what: str) -> str:
    """``what`` with its count: ``{n}`` is the number, ``[is|are]`` words for one and for more."""
    out = what.replace("{n}", f"{count:,}")
    while "[" in out:
        head, _, rest = out.partition("[")
        inner, _, tail = rest.partition("]")
        one, _, many = inner.rpartition("|")
        out = head + (one if count == 1 else many) + tail
    return out


def _examples(ids: list[str], places: list[str]) -> str:
    shown = "; ".join(f"row {row}, {place}" for row, place in zip(ids[:SHOWN], places, strict=False))
    return f"{shown}; and {counted(len(ids) - SHOWN, '{n} more row[|s]')}" if len(ids) > SHOWN else shown


def until(chat: Chat, turns: list[int]) -> Chat | None:
    """The chat up to the last answer before the first bad turn; None where there is none."""
    kept = chat[: turns[0] - 1]
    while kept and (kept[-1].get("role") != "assistant" or kept[-1].get("tool_calls")):
        kept = kept[:-1]
    return kept or None


def rewritten(change: Callable[[str], str]) -> Mend:
    """A mend that changes the text of the bad turns."""

    def mend(chat: Chat, turns: list[int]) -> Chat | None:
        new = [dict(turn) for turn in chat]
        for number in turns:
            new[number - 1]["content"] = change(new[number - 1].get("content") or "")
        return new

    return mend
