"""The random step that puts words in the place of others that a table says mean the same."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ftkit.augment.fields import checked, number
from ftkit.augment.text_step import RISKS, TextStep
from ftkit.augment.text_units import unit_numbers


def _table_fault(value: Any) -> str | None:
    good = isinstance(value, Mapping) and all(
        isinstance(word, str) and word and isinstance(others, (list, tuple)) and others
        and all(isinstance(other, str) for other in others)
        for word, others in value.items()
    )  # fmt: skip
    return None if good else "a table of words is asked, such as {good: [fine, nice], 好吃: [美味]}."


@dataclass(frozen=True)
class Synonyms(TextStep):
    """Put words in the place of others that you say mean the same.

    Parameters
    ----------
    table : mapping of str to list of str, default empty
        A word to those that may stand for it. Latin words are found whole and in any case; where no spaces are written
        the longest match counts.
    rate : float, 0 to 1, default 0.5
        The share of the words found that are replaced.

    Raises
    ------
    RecipeError
        ``table`` is no such mapping, or ``rate`` no such number.

    References
    ----------
    Wei and Zou (2019), "EDA: easy data augmentation techniques", section 2, with your table in the place of WordNet.

    Examples
    --------
    >>> from ftkit.augment import change_texts
    >>> step = Synonyms({"good": ["fine"], "好吃": ["美味"]}, rate=1)
    >>> change_texts(["Good food", "很好吃"], [step], ids=["a", "b"])
    ['Fine food', '很美味']
    """

    table: Mapping[str, Sequence[str]] = checked((), lambda v: None if v == () else _table_fault(v), dict)
    rate: float = number(0.5, 0, 1)
    keeps = "Labels keep as far as your table says what means the same."

    @property
    def may_alter(self) -> tuple[str, ...]:
        """What your table names."""
        return tuple(risk for risk, word in zip(RISKS, ("not", "7", ""), strict=True) if word in self.table)

    def rewrite(self, texts: Sequence[str], states: np.ndarray) -> list[str]:
        """The texts after the step."""
        if not self.table:
            return list(texts)
        words = sorted(self.table, key=lambda word: (-len(word), word))
        known = {word.lower(): self.table[word] for word in words}
        found = re.compile("|".join(_whole(word) for word in words), re.IGNORECASE)
        hits = [list(found.finditer(text)) for text in texts]
        drawn = [unit_numbers(states, [len(some) for some in hits], stream) for stream in range(2)]
        return [
            _replaced(text, some, u < self.rate, v, known)
            for text, some, u, v in zip(texts, hits, *drawn, strict=True)
        ]  # fmt: skip


def _whole(word: str) -> str:
    """A pattern that finds a word, not a part of another, where words are written apart."""
    left = r"(?<!\w)" if ord(word[0]) < 0x0E00 else ""
    right = r"(?!\w)" if ord(word[-1]) < 0x0E00 else ""
    return left + re.escape(word) + right


def _replaced(text: str, hits: list, chosen: np.ndarray, v: np.ndarray, known: Mapping[str, Sequence[str]]) -> str:
    parts, end = [], 0
    for hit, yes, u in zip(hits, chosen.tolist(), v.tolist(), strict=True):
        if yes:
            others = known[hit.group().lower()]
            other = others[int(u * len(others))]
            other = other[:1].upper() + other[1:] if hit.group()[0].isupper() else other
            parts += [text[end : hit.start()], other]
            end = hit.end()
    return "".join([*parts, text[end:]])


STEPS = (Synonyms,)
