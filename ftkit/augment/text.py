"""The random steps for texts.

Words are changed where a script writes spaces, single characters where it does not; both may come in one text. What
may change what a text says, negations, numbers and names, is spared unless told otherwise, and ``may_alter`` says what
is left at risk.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ftkit.augment import text_tables as tables
from ftkit.augment.counter import branch, row_keys, state
from ftkit.augment.fields import Step, checked, choice, flag, number
from ftkit.augment.text_units import Units, codes_of, flat_numbers, is_risky, take_apart, texts_of, unit_numbers

RISKS = ("negations", "numbers", "names")
MARKS = (".", ",", ";", ":", "!", "?")


class TextStep(Step):
    """A step for texts: ``rewrite(texts, states)``, with one state a row."""

    kinds = ("text",)
    spare = True

    @property
    def may_alter(self) -> tuple[str, ...]:
        """What this step may change and a label may hang on."""
        return ("names",) if self.spare else RISKS

    def rewrite(self, texts: Sequence[str], states: np.ndarray) -> list[str]:
        """The texts after the step."""
        raise NotImplementedError


class UnitStep(TextStep):
    """A step that moves whole words, or characters of scripts without spaces."""

    def rewrite(self, texts: Sequence[str], states: np.ndarray) -> list[str]:
        """The texts after the step."""
        apart = [take_apart(text) for text in texts]
        lengths = [len(units.cores) for units in apart]
        drawn = [unit_numbers(states, lengths, stream) for stream in range(2)]
        return [
            self.move(units, u, v) if len(units.cores) > 1 and u.min() < self.rate else text
            for text, units, u, v in zip(texts, apart, *drawn, strict=True)
        ]

    def chosen(self, units: Units, u: np.ndarray) -> list[int]:
        """The units whose turn it is and that may be touched."""
        some = np.flatnonzero(u < self.rate).tolist()
        return [i for i in some if not (self.spare and is_risky(units.cores[i], i == 0))]

    def move(self, units: Units, u: np.ndarray, v: np.ndarray) -> str:
        """One text after the step."""
        raise NotImplementedError


class CharacterStep(TextStep):
    """A step that puts single characters in the place of others."""

    def table(self) -> tables.Substitutions:
        """What may become what."""
        raise NotImplementedError

    def rewrite(self, texts: Sequence[str], states: np.ndarray) -> list[str]:
        """The texts after the step, as long as they were."""
        codes, lengths = codes_of(texts)
        table = self.table()
        at = np.flatnonzero((flat_numbers(states, lengths, 0) < self.rate) & table.known(codes))
        if self.spare and len(at):
            at = _safe(texts, lengths, at)
        u = flat_numbers(states, lengths, 1)[at]
        codes[at] = table.pick(codes[at], u)
        return texts_of(codes, lengths)


def _safe(texts: Sequence[str], lengths: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Those of some characters whose word says no negation, number or name."""
    ends = np.cumsum(lengths)
    row = np.searchsorted(ends, at, side="right")
    inside = at - (ends - lengths)[row]
    keep = []
    for text, i in zip((texts[r] for r in row.tolist()), inside.tolist(), strict=True):
        first = max(text.rfind(" ", 0, i), text.rfind("\n", 0, i)) + 1
        after = text.find(" ", i)
        word = text[first : after if after >= 0 else len(text)]
        # Characters of a script without spaces stand for themselves.
        keep.append(not is_risky(text[i] if ord(text[i]) >= 0x0E00 else word.split("\n")[0], first == 0))
    return at[np.array(keep, dtype=bool)]


@dataclass(frozen=True)
class RandomDeletion(UnitStep):
    """Leave words out, or characters where no spaces are written.

    Parameters
    ----------
    rate : float, 0 to 1, default 0.1
        The share left out; at least one stays.
    spare : bool, default True
        Leave negations, numbers and names alone. Without, a deleted "not" alters the label.

    Raises
    ------
    RecipeError
        A parameter is not of its type or out of range.

    References
    ----------
    Wei and Zou (2019), "EDA: easy data augmentation techniques", section 2.

    Examples
    --------
    >>> RandomDeletion(0.3)
    RandomDeletion(rate=0.3, spare=True)
    """

    rate: float = number(0.1, 0, 1)
    spare: bool = flag(True)
    keeps = "Topics keep; what hangs on one word (a negation, a number, a name, an aspect) may be lost with it."

    def move(self, units: Units, u: np.ndarray, v: np.ndarray) -> str:
        """One text after the step."""
        gone = set(self.chosen(units, u))
        if len(gone) == len(units.cores):
            gone.discard(int(np.argmax(u)))
        left = [i for i in range(len(units.cores)) if i not in gone]
        text = units.head + "".join(units.cores[i] + units.gaps[i] for i in left)
        return text.rstrip() if not units.gaps[-1] else text


@dataclass(frozen=True)
class RandomSwap(UnitStep):
    """Let words change places, or characters where no spaces are written.

    Parameters
    ----------
    rate : float, 0 to 1, default 0.1
        The share that is put in the place of another, anywhere in the text.
    spare : bool, default True
        Leave negations, numbers and names where they are. Without, "not" may come to stand before another word.

    Raises
    ------
    RecipeError
        A parameter is not of its type or out of range.

    References
    ----------
    Wei and Zou (2019), "EDA: easy data augmentation techniques", section 2.

    Examples
    --------
    >>> RandomSwap()
    RandomSwap(rate=0.1, spare=True)
    """

    rate: float = number(0.1, 0, 1)
    spare: bool = flag(True)
    keeps = "Topics keep; who does what to whom, and what a negation belongs to, may not."

    def move(self, units: Units, u: np.ndarray, v: np.ndarray) -> str:
        """One text after the step."""
        cores = list(units.cores)
        for i in self.chosen(units, u):
            j = int(v[i] * len(cores))
            if not (self.spare and (is_risky(cores[j], j == 0) or is_risky(cores[i], i == 0))):
                cores[i], cores[j] = cores[j], cores[i]
        return Units(units.head, cores, units.gaps).text()


@dataclass(frozen=True)
class RandomInsertion(UnitStep):
    """Put in punctuation marks, or words of the text itself.

    Parameters
    ----------
    rate : float, 0 to 1, default 0.1
        The share of words (characters where no spaces are written) after which something is put in.
    what : {"marks", "words"}, default "marks"
        One of ``. , ; : ! ?``, which changes no word; or a copy of another word of the text.
    spare : bool, default True
        Copy no negation, number or name.

    Raises
    ------
    RecipeError
        A parameter is not of its type or out of range.

    References
    ----------
    Karimi, Rossi and Prati (2021), "AEDA: an easier data augmentation technique for text classification", section 3,
    for marks; Wei and Zou (2019), "EDA", section 2, for words.

    Examples
    --------
    >>> RandomInsertion(what="words")
    RandomInsertion(rate=0.1, what='words', spare=True)
    """

    rate: float = number(0.1, 0, 1)
    what: str = choice("marks", "marks", "words")
    spare: bool = flag(True)
    keeps = "Topics and opinions keep; where punctuation itself is the label, marks do not."

    @property
    def may_alter(self) -> tuple[str, ...]:
        """Marks touch no word."""
        return () if self.what == "marks" else super().may_alter

    def move(self, units: Units, u: np.ndarray, v: np.ndarray) -> str:
        """One text after the step."""
        parts = [units.head]
        for i, (core, gap) in enumerate(zip(units.cores, units.gaps, strict=True)):
            parts.append(core)
            if u[i] < self.rate:
                spaced = ord(core[-1]) < 0x0E00
                parts.append((" " if spaced else "") + self._put_in(units, v[i]))
            parts.append(gap)
        return "".join(parts)

    def _put_in(self, units: Units, v: float) -> str:
        if self.what == "words":
            j = int(v * len(units.cores))
            if not (self.spare and is_risky(units.cores[j], j == 0)):
                return units.cores[j]
        return MARKS[int(v * len(MARKS))]


@dataclass(frozen=True)
class KeyboardTypos(CharacterStep):
    """Hit the key beside the right one.

    Parameters
    ----------
    rate : float, 0 to 1, default 0.03
        The share of Latin letters that become a neighbour on a US keyboard.
    spare : bool, default True
        Leave negations, numbers and names alone: "not" may become "nor" or "now".

    Raises
    ------
    RecipeError
        A parameter is not of its type or out of range.

    References
    ----------
    Belinkov and Bisk (2018), "Synthetic and natural noise both break neural machine translation", section 3.2 ("Key").

    Examples
    --------
    >>> KeyboardTypos(0.05)
    KeyboardTypos(rate=0.05, spare=True)
    """

    rate: float = number(0.03, 0, 1)
    spare: bool = flag(True)
    keeps = "A reader still knows what is meant while few letters are hit; short words may become others."

    def table(self) -> tables.Substitutions:
        """Keys side by side."""
        return tables.keyboard()


@dataclass(frozen=True)
class OcrErrors(CharacterStep):
    """Take characters for others of the same shape, as a scanner does.

    Parameters
    ----------
    rate : float, 0 to 1, default 0.03
        The share of the characters with a double that become it: 0 and O, 1 and l, 5 and S.
    spare : bool, default True
        Leave negations, numbers and names alone: a scanned 5 becomes S, and the amount is lost.

    Raises
    ------
    RecipeError
        A parameter is not of its type or out of range.

    Examples
    --------
    >>> OcrErrors()
    OcrErrors(rate=0.03, spare=True)
    """

    rate: float = number(0.03, 0, 1)
    spare: bool = flag(True)
    keeps = "A reader still knows what is meant; numbers and codes are lost unless they are spared."

    def table(self) -> tables.Substitutions:
        """Shapes that are taken for each other."""
        return tables.scanner()


@dataclass(frozen=True)
class RandomCase(CharacterStep):
    """Write letters in the other case.

    Parameters
    ----------
    rate : float, 0 to 1, default 0.1
        The share of letters that have two cases.
    spare : bool, default True
        Leave names as they are written; negations and numbers lose nothing, but are left alone too.

    Raises
    ------
    RecipeError
        A parameter is not of its type or out of range.

    Examples
    --------
    >>> RandomCase()
    RandomCase(rate=0.1, spare=True)
    """

    rate: float = number(0.1, 0, 1)
    spare: bool = flag(True)
    keeps = "Words keep their meaning; where capitals mark names or shouting, they do not."

    def table(self) -> tables.Substitutions:
        """The other case."""
        return tables.other_case()


@dataclass(frozen=True)
class Homophones(CharacterStep):
    """Write Chinese characters that sound the same, as a phonetic input method does when the wrong one is taken.

    Parameters
    ----------
    rate : float, 0 to 1, default 0.05
        The share of the characters in the table (``ftkit.augment.text_tables``) that become another of their sound.
    spare : bool, default True
        Leave negations (不, 没, 未, …) and numerals alone. Names cannot be told from words, and are not spared.

    Raises
    ------
    RecipeError
        A parameter is not of its type or out of range.

    Examples
    --------
    >>> Homophones()
    Homophones(rate=0.05, spare=True)
    """

    rate: float = number(0.05, 0, 1)
    spare: bool = flag(True)
    keeps = "A reader hears what is meant; names, which no capital marks, may become others."

    def table(self) -> tables.Substitutions:
        """Characters that sound alike."""
        return tables.homophones()


@dataclass(frozen=True)
class LookAlikes(CharacterStep):
    """Write Chinese characters that look the same, as a scanner or a shape-based input method does.

    Parameters
    ----------
    rate : float, 0 to 1, default 0.05
        The share of the characters in the table (``ftkit.augment.text_tables``) that become one of their doubles.
    spare : bool, default True
        Leave negations (不, 没, 未, …) and numerals alone. Names cannot be told from words, and are not spared.

    Raises
    ------
    RecipeError
        A parameter is not of its type or out of range.

    Examples
    --------
    >>> LookAlikes(0.1)
    LookAlikes(rate=0.1, spare=True)
    """

    rate: float = number(0.05, 0, 1)
    spare: bool = flag(True)
    keeps = "A reader sees what is meant; names, which no capital marks, may become others."

    def table(self) -> tables.Substitutions:
        """Characters that look alike."""
        return tables.look_alikes()


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


def change_texts(
    texts: Iterable[str], steps: Iterable[Any], ids: Iterable[str], *, seed: int = 0, epoch: int = 0
) -> list[str]:
    """Texts after the steps, each a function of (seed, epoch, its id) whatever the others are.

    Parameters
    ----------
    texts : iterable of N str
    steps : iterable of steps
        See :func:`ftkit.augment.parse`.
    ids : iterable of N str
        Row ids.
    seed, epoch : int, default 0

    Returns
    -------
    list of N str

    Raises
    ------
    RecipeError
        A step has a fault or is for other rows.

    Examples
    --------
    >>> change_texts(["the cat sat on the mat"], [RandomDeletion(0.3)], ["a"])
    ['the sat on the mat']
    """
    from ftkit.augment.form import parse

    out = list(texts)
    states = state(seed, epoch, row_keys(ids))
    for i, step in enumerate(parse(steps, kind="text")):
        # Every step has numbers of its own.
        out = step.rewrite(out, branch(states, i)) if out else out
    return out


STEPS = (
    RandomDeletion,
    RandomSwap,
    RandomInsertion,
    KeyboardTypos,
    OcrErrors,
    RandomCase,
    Homophones,
    LookAlikes,
    Synonyms,
)
