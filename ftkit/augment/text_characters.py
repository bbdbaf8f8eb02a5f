"""The random steps that put single characters in the place of others."""

from __future__ import annotations

from dataclasses import dataclass

from ftkit.augment import text_tables as tables
from ftkit.augment.fields import flag, number
from ftkit.augment.text_step import CharacterStep


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


STEPS = (KeyboardTypos, OcrErrors, RandomCase, Homophones, LookAlikes)
