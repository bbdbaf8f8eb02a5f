"""Texts as sets of short runs of characters, many at a time.

Texts are compared without case, width, punctuation and repeated spaces. A run is five characters, or two where it
starts with a character of a script that writes no spaces (Chinese, Japanese, Korean, Thai): two of those say as much.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

LONG, SHORT = 5, 2
GAP = LONG - 1
BLOCK = 1 << 16  # characters worked on at a time: what stays in the processor's cache
SPACE = 32
DENSE = ((0x0E00, 0x0EFF), (0x1100, 0x11FF), (0x2E80, 0xA4CF), (0xAC00, 0xD7FF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF))
# A folded character is its code point, with this bit where its script writes no spaces.
DENSE_BIT = 1 << 30
DROPPED = np.uint32(0xFFFFFFFF)
UNKNOWN = np.uint32(0xFFFFFFFE)
_TABLE = np.full(0x110000, UNKNOWN, dtype=np.uint32)
_TABLE[0] = 0


@dataclass(frozen=True)
class Shingles:
    """The runs of some texts.

    Attributes
    ----------
    hashes : ndarray of uint64, shape (S,)
        One for each run, text after text; a run that comes twice is there twice.
    counts : ndarray of int64, shape (N,)
        How many runs each text has; 0 where a text has no letters, digits or symbols.
    """

    hashes: np.ndarray
    counts: np.ndarray

    @property
    def starts(self) -> np.ndarray:
        """Where each text's runs begin."""
        return np.cumsum(self.counts) - self.counts


def blocks_of(texts: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
    """Texts in blocks of bounded size: the position of the first, and the texts.

    Parameters
    ----------
    texts : iterable of str

    Yields
    ------
    (int, list of str)

    Examples
    --------
    >>> [(first, len(block)) for first, block in blocks_of(["a" * 100_000, "b" * 65_535, "c", "d"])]
    [(0, 1), (1, 1), (2, 2)]
    """
    first, size, block = 0, 0, []
    for text in texts:
        size += len(text) + 1
        if size > BLOCK and block:
            yield first, block
            first, size, block = first + len(block), len(text) + 1, []
        block.append(text)
    if block:
        yield first, block


def shingle(texts: Sequence[str]) -> Shingles:
    """The runs of characters of each text.

    Parameters
    ----------
    texts : sequence of str

    Returns
    -------
    Shingles

    Examples
    --------
    >>> plain, loud = shingle(["hello you"]), shingle(["HELLO,  you!"])
    >>> (plain.hashes == loud.hashes).all()
    np.True_
    """
    codes, starts = folded(texts)
    some = codes > 0
    whole = some.copy()
    whole[-1:] = False
    whole[:-1] &= some[1:]
    dense = codes >= DENSE_BIT
    keep = whole & dense
    for i in range(SHORT, LONG):
        whole[:-i] &= some[i:]
    keep |= whole
    keep[starts] = some[starts]  # a text shorter than a run is one run
    at = np.flatnonzero(keep)
    counts = np.diff(np.searchsorted(at, starts), append=len(at))
    return Shingles(_hash_runs(codes, at, dense[at]), counts)


def folded(texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """The characters of all texts, folded, with ``GAP`` zeros after each; and where each text begins.

    Parameters
    ----------
    texts : sequence of str

    Returns
    -------
    (ndarray of uint32, ndarray of int64)

    Examples
    --------
    >>> codes, starts = folded(["Ａ  b!", "c"])
    >>> "".join(map(chr, codes)).split(chr(0) * 4), starts
    (['a b', 'c', ''], array([0, 7]))
    """
    joined = ("\x00" * GAP).join([*texts, ""])
    if joined.count("\x00") != GAP * len(texts):
        return folded([text.replace("\x00", " ") for text in texts])
    raw = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    codes = _TABLE[raw]
    if (codes == UNKNOWN).any():
        for code in np.unique(raw[codes == UNKNOWN]).tolist():
            _TABLE[code] = _fold(chr(code))
        codes = _TABLE[raw]
    codes = codes[codes != DROPPED]
    space = codes == SPACE
    space[1:] &= space[:-1] | (codes[:-1] == 0)
    codes = codes[~space] if space.any() else codes
    ends = np.flatnonzero(codes == 0)[GAP - 1 :: GAP] + 1
    return codes, np.concatenate([[0], ends[:-1]]) if len(ends) else ends


def weights_of(texts: Sequence[str]) -> np.ndarray:
    """How much each text says, in letters: a character of a script without spaces counts for three.

    Parameters
    ----------
    texts : sequence of str

    Returns
    -------
    ndarray of int64, shape (N,)

    Examples
    --------
    >>> weights_of(["a cat!", "一只猫", ""])
    array([5, 9, 0])
    """
    codes, starts = folded(texts)
    sums = np.concatenate([[0], np.cumsum((codes > 0) + 2 * (codes >= DENSE_BIT).astype(np.int64))])
    return np.diff(sums[np.append(starts, len(codes))])


def _fold(character: str) -> int:
    """Lower case, common width, spaces as one kind; punctuation and control characters go."""
    if character.isspace():
        return SPACE
    for fold in (lambda c: unicodedata.normalize("NFKC", c), str.lower):
        other = fold(character)
        character = other if len(other) == 1 else character
    if unicodedata.category(character)[0] in "PC":
        return int(DROPPED)
    code = ord(character)
    return code | (DENSE_BIT if any(low <= code <= high for low, high in DENSE) else 0)


def _hash_runs(codes: np.ndarray, at: np.ndarray, dense: np.ndarray) -> np.ndarray:
    """A well mixed hash of the run from each place on."""
    factor = np.uint64(0x9E3779B97F4A7C15)
    padded = np.concatenate([codes, np.zeros(GAP, dtype=codes.dtype)]).astype(np.uint64)
    value = padded[:-GAP] * factor
    value += padded[1 : len(codes) + 1]
    short = value[at[dense]]
    for i in range(SHORT, LONG):
        value *= factor
        value += padded[i : i + len(codes)]
    value = value[at]
    value[dense] = short
    return mixed(value)


def mixed(values: np.ndarray) -> np.ndarray:
    """Every bit of each value spread over all bits (the finaliser of splitmix64)."""
    values = values ^ (values >> np.uint64(30))
    values *= np.uint64(0xBF58476D1CE4E5B9)
    values ^= values >> np.uint64(27)
    values *= np.uint64(0x94D049BB133111EB)
    values ^= values >> np.uint64(31)
    return values
