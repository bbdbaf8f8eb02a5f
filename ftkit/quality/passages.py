"""The texts of a view, column by column, and findings about them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ftkit.data import DatasetView, Texts, chats_at
from ftkit.quality.check import Check
from ftkit.quality.evidence import Evidence
from ftkit.quality.finding import Finding, Severity
from ftkit.quality.flags import counted

SHOWN = 3
Spans = list[list[Any]]


@dataclass(frozen=True)
class Passages:
    """The texts of one column: a cell a row, or the turns of chats.

    Attributes
    ----------
    column : str
        The column.
    texts : Texts
        The texts.
    row : ndarray of int64
        The row of each.
    turn : ndarray of int64 or None
        The turn of each, from 1, where the column holds chats.
    """

    column: str
    texts: Texts
    row: np.ndarray
    turn: np.ndarray | None = None


def has_texts(view: DatasetView) -> str | None:
    """Applies to columns of text."""
    return None if any(c.role == "text" for c in view.columns.values()) else "there is no column of text"


def has_texts_or_chats(view: DatasetView) -> str | None:
    """Applies to texts and chats."""
    roles = {column.role for column in view.columns.values()}
    return None if roles & {"text", "messages"} else "there are no texts and no chats"


def passages(evidence: Evidence) -> Iterator[Passages]:
    """The texts and the chats of a view."""
    for name, column in evidence.view.columns.items():
        if column.role == "text":
            yield Passages(name, evidence.texts(name), np.arange(len(evidence.view)))
        elif column.role == "messages":
            yield Passages(name, evidence.turns.content, evidence.turns.row, evidence.turns.number)


def noted(
    check: Check,
    evidence: Evidence,
    severity: Severity,
    part: Passages,
    at: np.ndarray,
    what: str,
    *,
    scores: Sequence[float] | np.ndarray | float = 1.0,
    change: Callable[[str], str] | None = None,
    spans: Callable[[str], Spans] | None = None,
    hide: bool = False,
) -> list[Finding]:
    """A finding about some texts of a column; none where there are none.

    ``spans`` are the characters to be taken out of a text, ``[start, end]`` with what stands there instead; ``change``
    makes the new text as a whole. Without either the rows are to be dropped. ``hide`` shows texts without their spans.
    """
    at = np.asarray(at, dtype=np.int64)
    if not len(at):
        return []
    view = evidence.view
    scores = np.broadcast_to(np.asarray(scores, dtype=float), at.shape)
    rows, first, back = np.unique(part.row[at], return_index=True, return_inverse=True)
    best = np.zeros(len(rows))
    np.maximum.at(best, back, scores)
    ids = view.ids[rows].tolist()
    where = f"column '{part.column}'" if part.turn is None else "the chats"
    shown = "; ".join(
        f"row {ids[back[i]]}: {excerpt(part.texts[at[i]], spans or _changed(change), hide)}"
        for i in sorted(first)[:SHOWN]
    )
    message = f"In {where} {counted(len(at), what)} ({shown}{'; …' if len(rows) > SHOWN else ''})."
    suggest = {"because": check.code, **_suggested(view, part, at, rows, back, change, spans)}
    places = [] if part.turn is None else _places(part.turn[at], back, len(rows))
    return [Finding(check.code, check.name, severity, message, ids, best.round(3).tolist(), suggest, places)]


def excerpt(text: str, spans: Callable[[str], Spans] | None = None, hide: bool = False, most: int = 40) -> str:
    """A few characters of a text, those in question; ``hide`` shows what is put in their place instead."""
    found = spans(text) if spans is not None else []
    start = max(found[0][0] - 15, 0) if found else 0
    text = replaced(text, found) if hide else text
    cut = " ".join(text[start : start + most].split())
    return repr(cut + ("…" if len(text) > start + most else ""))


def _changed(change: Callable[[str], str] | None) -> Callable[[str], Spans] | None:
    """Where a text changes first, as a span."""
    if change is None:
        return None

    def spans(text: str) -> Spans:
        new = change(text)
        place = next((i for i, (a, b) in enumerate(zip(text, new, strict=False)) if a != b), 0)
        return [[place, place + 1]]

    return spans


def _places(turns: np.ndarray, back: np.ndarray, rows: int) -> list[str]:
    numbers: list[list[str]] = [[] for _ in range(rows)]
    for place, turn in zip(back.tolist(), turns.tolist(), strict=True):
        numbers[place].append(str(turn))
    return [f"turn {', '.join(said)}" for said in numbers]


def _suggested(
    view: DatasetView,
    part: Passages,
    at: np.ndarray,
    rows: np.ndarray,
    back: np.ndarray,
    change: Callable[[str], str] | None,
    spans: Callable[[str], Spans] | None,
) -> dict[str, Any]:
    """The edit: redacted spans, new texts, new chats; or dropped rows."""
    if change is None and spans is None:
        return {"op": "drop"}
    if part.turn is None and spans is not None:
        return {"op": "redact", "column": part.column, "values": [spans(part.texts[i]) for i in at]}
    new = change or (lambda text: replaced(text, spans(text)))
    if part.turn is None:
        return {"op": "replace", "column": part.column, "values": [new(part.texts[i]) for i in at]}
    chats = chats_at(view, rows)
    for place, i in zip(back.tolist(), at.tolist(), strict=True):
        turn = chats[place][int(part.turn[i]) - 1]
        turn["content"] = new(turn["content"])
    return {"op": "replace", "column": part.column, "values": chats}


def replaced(text: str, spans: Spans) -> str:
    """The text with its spans replaced."""
    for start, end, *instead in sorted(spans, reverse=True):
        text = text[:start] + (instead[0] if instead else "") + text[end:]
    return text
