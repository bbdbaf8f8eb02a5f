"""Which two columns of text belong together."""

from __future__ import annotations

import re
from collections.abc import Sequence

KNOWN = (
    ("premise", "hypothesis"),
    ("query", "passage"),
    ("query", "document"),
    ("query", "title"),
    ("question", "sentence"),
    ("question", "answer"),
    ("anchor", "positive"),
    ("text", "text_pair"),
    ("sentence", "sentence_pair"),
    ("前提", "假设"),
    ("问题", "回答"),
)
SECOND = {"1": "2", "a": "b", "一": "二"}


def pair_of(names: Sequence[str]) -> tuple[str, str] | None:
    """The two columns whose names are those of a pair: ``sentence1`` and ``sentence2``, ``premise`` and ``hypothesis``.

    Examples
    --------
    >>> pair_of(["label", "#1 String", "#2 String"])
    ('#1 String', '#2 String')
    """
    lower = {name.strip().lower(): name for name in names}
    for one, other in KNOWN:
        if one in lower and other in lower:
            return lower[one], lower[other]
    parts = {name: match.groups() for name in lower if (match := _numbered(name))}
    for one, (head, mark, tail) in parts.items():
        for other, (head2, mark2, tail2) in parts.items():
            if (head, tail) == (head2, tail2) and (head or tail) and SECOND.get(mark) == mark2:
                return lower[one], lower[other]
    return None


def _numbered(name: str) -> re.Match[str] | None:
    """The name around its mark: at its end (sentence1, text_a) or at its start (#1 string)."""
    return re.fullmatch(r"()\W*([12ab])[\W_]+(.+)", name) or re.fullmatch(r"(.+?)[\W_]*([12ab一二])()", name)
