"""Texts as words, and runs of words as numbers: what boilerplate and contamination are found with.

A word is a run of letters and digits, without case and width; a Chinese, Japanese or Korean character is a word of its
own. Words and runs of words are hashed by polynomials modulo 2^64.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ftkit.data import Texts, mix

BASE = np.uint64(0x9E3779B97F4A7C15)
CJK = ((0x2E80, 0x9FFF), (0xA000, 0xA4CF), (0xAC00, 0xD7FF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF))
GAP, LETTER, ALONE = 0, 1, 2
_KIND = np.full(0x110000, 255, dtype=np.uint8)
_FOLD = np.arange(0x110000, dtype=np.uint32)
_POWERS: dict[int, np.ndarray] = {}


@dataclass(frozen=True)
class Words:
    """The words of a block of texts.

    Attributes
    ----------
    first : int
        The position of the block's first text.
    hashes : ndarray of uint64, (W,)
        One for each word.
    text : ndarray of int64, (W,)
        The text of each word, as a position in the block.
    start : ndarray of int64, (W,)
        The character at which each word begins, counted from the start of its text.
    """

    first: int
    hashes: np.ndarray
    text: np.ndarray
    start: np.ndarray


def words_of(texts: Texts) -> Iterator[Words]:
    """The words of texts, block by block."""
    for first, codes, bounds in texts.points(1 << 17):
        yield _words(first, codes, bounds)


def _words(first: int, codes: np.ndarray, bounds: np.ndarray) -> Words:
    kind = _kinds(codes)
    inside = kind == LETTER
    begins = kind == ALONE
    begins[0:1] |= inside[0:1]
    begins[1:] |= inside[1:] & ~inside[:-1]
    edges = bounds[1:-1]
    edges = edges[edges < len(codes)]
    begins[edges] |= inside[edges]
    start = np.flatnonzero(begins)
    text = np.repeat(np.arange(len(bounds) - 1), np.diff(np.searchsorted(start, bounds)))
    up, down = _powers(len(codes) + 1)
    values = _FOLD[codes].astype(np.uint64)
    values *= kind > GAP
    values *= up[: len(codes)]
    sums = np.add.reduceat(values, start) if len(start) else values[:0]
    return Words(first, mix(sums * down[start]), text, start - bounds[text])


def runs_of(words: Words, n: int) -> tuple[np.ndarray, np.ndarray]:
    """The hashes of all runs of ``n`` words that lie in one text, uint64, and the place of each one's first word."""
    count = len(words.hashes) - n + 1
    if count <= 0:
        return np.zeros(0, np.uint64), np.zeros(0, np.int64)
    run = words.hashes[:count].copy()
    for i in range(1, n):
        run *= BASE
        run += words.hashes[i : count + i]
    at = np.flatnonzero(words.text[:count] == words.text[n - 1 :])
    return mix(run[at]), at


def _kinds(codes: np.ndarray) -> np.ndarray:
    """Gap, letter or a word of its own, for each character; worked out once for each code point."""
    kinds = _KIND[codes]
    if (kinds == 255).any():
        for code in np.unique(codes[kinds == 255]).tolist():
            _KIND[code], _FOLD[code] = _judge(code)
        kinds = _KIND[codes]
    return kinds


def _judge(code: int) -> tuple[int, int]:
    character = chr(code)
    for fold in (lambda c: unicodedata.normalize("NFKC", c), str.lower):
        folded = fold(character)
        character = folded if len(folded) == 1 else character
    if not character.isalnum():
        return GAP, code
    alone = any(low <= ord(character) <= high for low, high in CJK)
    return (ALONE if alone else LETTER), ord(character) + 1


def _powers(count: int) -> tuple[np.ndarray, np.ndarray]:
    """The powers of the base and of its inverse modulo 2^64."""
    known = max(_POWERS, default=0)
    if known < count:
        size = max(count, 1 << 16)
        _POWERS.clear()
        _POWERS[size] = np.stack([_series(BASE, size), _series(np.uint64(pow(int(BASE), -1, 2**64)), size)])
        known = size
    return _POWERS[known][0], _POWERS[known][1]


def _series(base: np.uint64, count: int) -> np.ndarray:
    return np.cumprod(np.concatenate([[np.uint64(1)], np.full(count - 1, base)]), dtype=np.uint64)
