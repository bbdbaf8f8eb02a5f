"""Near-duplicate texts: MinHash and bands propose pairs, exact Jaccard similarity decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ftkit.quality.scratch import scratch
from ftkit.quality.shingles import blocks_of, mixed, shingle, weights_of

if TYPE_CHECKING:
    from scipy.sparse import csr_array

BANDS, ROWS = 20, 4
NEXT = 8
SLACK = 0.2
PAIRS = 1 << 14
CHARACTERS = 1 << 23  # of the texts whose similarity is worked out at once
SHORT_TEXT, SHORT_SIMILAR = (40, 80), (0.75, 0.0)


@dataclass(frozen=True)
class Pairs:
    """Pairs of rows that are nearly the same.

    Attributes
    ----------
    first, second : ndarray of int64, shape (P,)
        Positions of the two rows, ``first`` below ``second``.
    score : ndarray of float64, shape (P,)
        How similar, 0 to 1.
    """

    first: np.ndarray
    second: np.ndarray
    score: np.ndarray

    def __len__(self) -> int:
        return len(self.first)

    def where(self, keep: np.ndarray) -> Pairs:
        """Some of the pairs."""
        return Pairs(self.first[keep], self.second[keep], self.score[keep])


def similar_texts(texts: Sequence[str], threshold: float = 0.6, part: np.ndarray | None = None) -> Pairs:
    """Pairs of texts whose sets of character runs have a Jaccard similarity of at least ``threshold``.

    Parameters
    ----------
    texts : sequence of str, length N
    threshold : float in (0, 1], default 0.6
        Of 5-grams of characters (2-grams of Chinese and the like), without case, punctuation and width. Below 80
        characters (27 Chinese ones) more is asked, up to 0.75 at 40: short texts are similar by chance. Every pair is
        verified; of those at 0.6 one in sixteen may be missed, at 0.7 one in two hundred.
    part : ndarray of int, shape (N,), optional
        The split of each text: of equal texts every part keeps one that is compared with the rest.

    Returns
    -------
    Pairs
        Of a set of texts that are equal after folding, all are paired with one of them.

    Notes
    -----
    MinHash and its bands: Broder, *On the resemblance and containment of documents*, 1997; Leskovec, Rajaraman and
    Ullman, *Mining of Massive Datasets*, section 3.4 (20 bands of 4).

    Examples
    --------
    >>> long = "The cat sat on the mat, and the dog, who was not asked, looked on from the other side of the door"
    >>> found = similar_texts([long, long.upper().replace("LOOKED", "gazed") + "!", "something quite different"])
    >>> found.first, found.second
    (array([0]), array([1]))
    """
    signatures, whole = signatures_of(texts)
    equal, unique = _equal_texts(whole, np.zeros(len(texts), dtype=np.int64) if part is None else part)
    candidates = _candidates(signatures, unique, threshold)
    pairs = np.unique(np.sort(np.concatenate([equal, candidates]), axis=1), axis=0)
    score = jaccard(texts, pairs)
    keep = score >= np.maximum(threshold, _needed(texts, pairs))
    return Pairs(pairs[keep, 0], pairs[keep, 1], score[keep])


def signatures_of(texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """MinHash signatures, uint32 (BANDS × ROWS, N), and a hash of each whole set of runs, 0 where there is none."""
    # The runs are well mixed already, so that a multiplication modulo 2³² is permutation enough.
    factors = np.random.default_rng(0).integers(0, 1 << 32, BANDS * ROWS, dtype=np.uint32) | np.uint32(1)
    signatures = scratch((BANDS * ROWS, len(texts)), np.uint32)
    whole = np.zeros(len(texts), dtype=np.uint64)
    for first, some_texts in blocks_of(texts):
        block = shingle(some_texts)
        some = np.flatnonzero(block.counts)
        if not len(some):
            continue
        starts = block.starts[some]
        whole[first + some] = np.add.reduceat(block.hashes, starts) | np.uint64(1)
        low = block.hashes.astype(np.uint32)
        work = np.empty_like(low)
        for k, factor in enumerate(factors):
            signatures[k, first + some] = np.minimum.reduceat(np.multiply(low, factor, out=work), starts)
    return signatures, whole


def jaccard(texts: Sequence[str], pairs: np.ndarray) -> np.ndarray:
    """The exact similarity of each pair's sets of runs.

    Parameters
    ----------
    texts : sequence of str
    pairs : ndarray of int, shape (P, 2)
        Positions in ``texts``.

    Returns
    -------
    ndarray of float64, shape (P,)

    Examples
    --------
    >>> jaccard(["abcdef", "abcdefg"], np.array([[0, 1]])).round(2)
    array([0.67])
    """
    out = np.zeros(len(pairs))
    for start in range(0, len(pairs), PAIRS):
        out[start : start + PAIRS] = _jaccard_block(texts, pairs[start : start + PAIRS])
    return out


def _jaccard_block(texts: Sequence[str], pairs: np.ndarray) -> np.ndarray:
    rows, place = np.unique(pairs, return_inverse=True)
    said, place = [texts[row] for row in rows], place.reshape(-1, 2)
    if len(pairs) > 1 and np.array(list(map(len, said)))[place].sum() > CHARACTERS:  # long texts: fewer at a time
        return np.concatenate([_jaccard_block(texts, half) for half in np.array_split(pairs, 2)])
    sets = _sets(said)
    both = np.asarray(sets[place[:, 0]].multiply(sets[place[:, 1]]).sum(axis=1)).ravel()
    sizes = np.diff(sets.indptr)
    return both / np.maximum(sizes[place[:, 0]] + sizes[place[:, 1]] - both, 1)


def _needed(texts: Sequence[str], pairs: np.ndarray) -> np.ndarray:
    """The similarity asked of each pair, by the length of its shorter text."""
    rows, place = np.unique(pairs, return_inverse=True)
    weights = [weights_of(block) for _, block in blocks_of(texts[row] for row in rows)]
    lengths = np.concatenate([*weights, np.zeros(0, np.int64)])[place.reshape(-1, 2)].min(axis=1, initial=1 << 40)
    return np.interp(lengths, SHORT_TEXT, SHORT_SIMILAR)


def _sets(texts: list[str]) -> csr_array:
    """One row of a sparse matrix for each text, a column for each possible run."""
    from scipy.sparse import csr_array

    found = shingle(texts)
    columns = (found.hashes >> np.uint64(2)).astype(np.int64)
    ends = np.concatenate([[0], np.cumsum(found.counts)])
    sets = csr_array((np.ones(len(columns), dtype=np.int32), columns, ends), shape=(len(texts), 1 << 62))
    sets.sum_duplicates()
    sets.data[:] = 1
    return sets


def _equal_texts(whole: np.ndarray, part: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of texts that are equal once folded, each with its set's first; and one text of each set and part."""
    some = np.flatnonzero(whole)
    order = some[np.lexsort((some, part[some], whole[some]))]
    same = np.concatenate([[False], whole[order][1:] == whole[order][:-1]])[: len(order)]
    same_part = same & np.concatenate([[False], part[order][1:] == part[order][:-1]])[: len(order)]
    pairs = []
    for new in (~same, ~same_part):
        leader = order[np.maximum.accumulate(np.where(new, np.arange(len(order)), 0))]
        pairs.append(np.stack([leader, order], axis=1)[leader != order])
    # In the order of their content: which of a crowded bucket meet must not depend on the order of the rows.
    return np.concatenate(pairs), order[~same_part]


def _candidates(signatures: np.ndarray, rows: np.ndarray, threshold: float) -> np.ndarray:
    """Pairs of some texts that agree in a band and, by their signatures, may be similar enough: int64 (P, 2)."""
    n = len(rows)
    found = [np.zeros(0, dtype=np.int64)]
    for band in range(BANDS):
        lines = signatures[band * ROWS : (band + 1) * ROWS, rows]
        key = lines[0].astype(np.uint64)
        for line in lines[1:]:
            key *= np.uint64(0x9E3779B97F4A7C15)
            key += line
        found.append(_in_one_bucket(mixed(key)))
    codes = np.unique(np.concatenate(found))
    pairs = rows[np.stack([codes // n, codes % n], axis=1)] if len(codes) else np.zeros((0, 2), dtype=np.int64)
    return pairs[_agreement(signatures, pairs) >= threshold - SLACK]


def _in_one_bucket(key: np.ndarray) -> np.ndarray:
    """Pairs with equal keys, as ``low × n + high``: each text with the next few, and with the first of its bucket."""
    n = len(key)
    # Key and place in one number: sorting numbers is much quicker than sorting places by numbers.
    bits = np.uint64(max(1, int(n - 1).bit_length()))
    packed = np.sort((key >> bits << bits) | np.arange(n, dtype=np.uint64))
    ordered, place = packed >> bits, (packed & ((np.uint64(1) << bits) - np.uint64(1))).astype(np.int64)
    found = []
    for step in range(1, NEXT + 1):
        same = np.flatnonzero(ordered[step:] == ordered[:-step])
        if not len(same):
            break
        found.append(place[same] * n + place[same + step])
    else:
        new = np.concatenate([[True], ordered[1:] != ordered[:-1]])
        leader = place[np.maximum.accumulate(np.where(new, np.arange(n), 0))]
        found.append((leader * n + place)[leader != place])
    return np.concatenate([*found, np.zeros(0, dtype=np.int64)])


def _agreement(signatures: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """The share of equal values in two signatures: an estimate of the similarity."""
    equal = np.zeros(len(pairs), dtype=np.int32)
    for line in signatures:
        equal += line[pairs[:, 0]] == line[pairs[:, 1]]
    return equal / len(signatures)
