"""Texts as units that may be moved: words, or single characters of scripts that write no spaces."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from ftkit.augment.counter import GAMMA, branch, mix

# Scripts without spaces between words: Thai and Lao, Hangul jamo, CJK with kana, compatibility forms, planes 2 and 3.
# Hangul syllables are written with spaces, so they are not among them.
DENSE = "\u0e00-\u0eff\u2e80-\ua4cf\uf900-\ufaff\U00020000-\U0003ffff"
_UNITS = re.compile(rf"([{DENSE}]|[^\s{DENSE}]+)(\s*)")
_NEGATIONS = (
    "not|no|never|none|nobody|nothing|nowhere|neither|nor|cannot|without|hardly|barely|scarcely|nicht|kein|keine|nie|"
    "non|pas|jamais|sans|nunca|jamás|sin"
)
RISKY = re.compile(
    rf"\d|(?:^|\W)(?:{_NEGATIONS})(?:$|\W)|n['’]t(?:$|\W)|[不没沒无無非未别別勿莫否零一二三四五六七八九十百千万亿两]",
    re.I,
)


@dataclass(frozen=True)
class Units:
    """A text taken apart; put together again it is the same text.

    Attributes
    ----------
    head : str
        White space before the first unit.
    cores : list of str
        Words, with the punctuation they carry, or single characters.
    gaps : list of str
        White space after each.
    """

    head: str
    cores: list[str]
    gaps: list[str]

    def text(self) -> str:
        """The text again."""
        return self.head + "".join(core + gap for core, gap in zip(self.cores, self.gaps, strict=True))


def take_apart(text: str) -> Units:
    """The units of a text.

    Parameters
    ----------
    text : str

    Returns
    -------
    Units

    Examples
    --------
    >>> take_apart("I like 苹果 very").cores
    ['I', 'like', '苹', '果', 'very']
    """
    found = _UNITS.findall(text)
    return Units(text[: len(text) - len(text.lstrip())], [core for core, _ in found], [gap for _, gap in found])


def is_risky(core: str, first: bool) -> bool:
    """Whether changing this unit may change what the text says: a number, a negation, or a name.

    A name is taken to be a word with a capital letter that does not begin the text: scripts without capitals hide
    their names, and German writes all nouns so.

    Examples
    --------
    >>> [is_risky(word, first=False) for word in ("didn't", "42nd", "Paris", "good", "不")]
    [True, True, True, False, True]
    """
    return RISKY.search(core) is not None or (not first and core[:1].isupper())


def unit_numbers(states: np.ndarray, lengths: Sequence[int], stream: int) -> list[np.ndarray]:
    """Uniform numbers in [0, 1), one for each unit of each text, a function of the row's state and the unit's place.

    Parameters
    ----------
    states : ndarray of int64, shape (N,)
        See :func:`ftkit.augment.counter.state`.
    lengths : sequence of N int
    stream : int
        What the numbers are for.

    Returns
    -------
    list of N ndarrays of float64
    """
    ends = np.cumsum(lengths)
    return np.split(flat_numbers(states, lengths, stream), ends[:-1])


def flat_numbers(states: np.ndarray, lengths: Sequence[int] | np.ndarray, stream: int) -> np.ndarray:
    """The same, one after the other."""
    lengths = np.asarray(lengths, dtype=np.int64)
    starts = np.cumsum(lengths) - lengths
    place = np.arange(int(lengths.sum()), dtype=np.int64) - np.repeat(starts, lengths)
    z = mix(np.repeat(branch(states, stream), lengths) + (place + 1) * GAMMA)
    return ((z >> 11) & ((1 << 53) - 1)) * 2.0**-53


def codes_of(texts: Iterable[str]) -> tuple[np.ndarray, np.ndarray]:
    """The code points of all texts, one after the other, and how many each has."""
    texts = list(texts)
    whole = "".join(texts).encode("utf-32-le", "surrogatepass")
    return np.frombuffer(whole, dtype="<u4").copy(), np.fromiter(map(len, texts), np.int64, len(texts))


def texts_of(codes: np.ndarray, lengths: np.ndarray) -> list[str]:
    """Code points as texts again."""
    whole = codes.astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")
    ends = np.cumsum(lengths).tolist()
    return [whole[end - size : end] for end, size in zip(ends, lengths.tolist(), strict=True)]
