"""The random steps that move whole words, or characters where no spaces are written."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ftkit.augment.fields import choice, flag, number
from ftkit.augment.text_step import UnitStep
from ftkit.augment.text_units import Units, is_risky

MARKS = (".", ",", ";", ":", "!", "?")


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


STEPS = (RandomDeletion, RandomSwap, RandomInsertion)
