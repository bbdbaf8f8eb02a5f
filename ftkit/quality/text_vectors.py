"""Texts as vectors without a pre-trained model: which short runs of characters they hold, brought to few dimensions.

Runs of 3 and 5 characters (1 and 2 where a script writes no spaces) are hashed and weighted by tf-idf; then latent
semantic analysis (Deerwester et al. 1990) by a randomised range finder (Halko, Martinsson and Tropp 2011, section 4.4).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ftkit.quality.scratch import scratch
from ftkit.quality.shingles import DENSE_BIT, blocks_of, folded, mixed

if TYPE_CHECKING:
    from scipy.sparse import csr_array

COLUMNS = 1 << 16
DIMENSIONS = 256
LEARNT_FROM = 5_000
READ = 2_000
ROUNDS = 1
LETTERS, SIGNS = (3, 5), (1, 2)


def describe_texts(texts: Sequence[str], seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """A vector of each text, from its first 2,000 characters, and how familiar its runs of characters are.

    Parameters
    ----------
    texts : sequence of str, length N
    seed : int, default 0
        The projection is a function of it.

    Returns
    -------
    ndarray of float32, shape (N, at most 256)
        Not yet centred or of unit length; zeros for a text without letters, digits or symbols.
    ndarray of float64, shape (N,)
        The mean, over a text's runs, of the log of how many texts have them: 0 none other, 1 all.

    Examples
    --------
    >>> (one, same, other), familiar = describe_texts(["red apple", "Red apple!", "一部电影"])
    >>> bool(np.allclose(one, same, atol=1e-5)), bool(abs(one @ other) < 0.1)
    (True, True)
    >>> familiar.round(2)
    array([0.63, 0.63, 0.  ])
    """
    return TextSpace(texts, seed).lay(texts)


class TextSpace:
    """The axes of some texts, on which others are laid: what two sets of texts are compared in.

    Parameters
    ----------
    texts : sequence of str
        What rarity of runs and axes are learnt from. They are walked through block by block, never held.
    seed : int, default 0

    Examples
    --------
    >>> space = TextSpace(["red apple", "green apple", "一部电影"])
    >>> bool(np.allclose(*space.describe(["red apple", "Red apple!"]), atol=1e-5))
    True
    """

    def __init__(self, texts: Sequence[str], seed: int = 0) -> None:
        self._known = len(texts)
        self._among = np.zeros(COLUMNS, dtype=np.int64)
        for _, counts in _counted(texts):
            self._among += np.bincount(counts.indices, minlength=COLUMNS)
        self._rare = (np.log((1 + len(texts)) / (1 + self._among)) + 1).astype(np.float32)
        self._axes = self._learnt_axes(texts, seed)

    def _learnt_axes(self, texts: Sequence[str], seed: int) -> np.ndarray:
        """The axes of a sample of texts, drawn by content so that their order does not matter."""
        from scipy.sparse import csr_array, vstack

        total, runs = np.zeros(len(texts), np.float32), np.zeros(len(texts), np.int64)
        for at, counts in _counted(texts):
            total[at], runs[at] = _weighted(counts, self._rare).sum(axis=1), np.diff(counts.indptr)
        by_content = np.lexsort((total, runs))
        rng, rows = np.random.default_rng(seed), len(texts)
        drawn = by_content[np.sort(rng.choice(rows, min(LEARNT_FROM, rows), replace=False))]
        sample = [_weighted(counts, self._rare) for _, counts in _counted(texts[row] for row in drawn)]
        return _axes(vstack(sample, format="csr") if sample else csr_array((0, COLUMNS), dtype=np.float32), rng)

    def describe(self, texts: Sequence[str]) -> np.ndarray:
        """Each text on the axes, float32 (N, at most 256); in ``scratch`` where they are many."""
        return self.lay(texts)[0]

    def lay(self, texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """Each text on the axes, and how familiar its runs are: see ``describe_texts``."""
        among = np.log(np.maximum(self._among, 1)) / max(np.log(self._known), 1e-12)
        out, familiar = scratch((len(texts), self._axes.shape[1])), np.zeros(len(texts))
        for rows, counts in _counted(texts):
            out[rows] = _weighted(counts, self._rare) @ self._axes
            runs = np.diff(counts.indptr)
            row = np.repeat(np.arange(len(runs)), runs)
            total = np.bincount(row, among[counts.indices], minlength=len(runs))
            familiar[rows] = total / np.maximum(runs, 1)
        return out, familiar


def _counted(texts: Iterable[str]) -> Iterator[tuple[slice, csr_array]]:
    """How often each hashed run comes in each text, block by block: places, and sparse (n, 65536)."""
    for first, block in blocks_of(text[:READ] for text in texts):
        yield slice(first, first + len(block)), _count_block(block)


def _count_block(texts: Sequence[str]) -> csr_array:
    from scipy.sparse import csr_array

    codes, starts = folded(texts)
    dense = codes >= DENSE_BIT
    row = np.zeros(len(codes), dtype=np.uint32)
    row[starts[1:]] = 1
    row = np.cumsum(row, dtype=np.uint32) << np.uint32(16)
    keys = []
    for letters, signs in zip(LETTERS, SIGNS, strict=True):
        for start, width in ((~dense, letters), (dense, signs)):
            at, column = _runs(codes, start, width)
            keys.append(row[at] | column)
    # Text and run in one number: sorting numbers is much quicker than adding up a matrix.
    keys = np.sort(np.concatenate(keys))
    first = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]])[: len(keys)])
    keys, counts = keys[first], np.diff(first, append=len(keys)).astype(np.float32)
    ends = np.searchsorted(keys >> np.uint32(16), np.arange(len(texts) + 1))
    return csr_array((counts, (keys & np.uint32(0xFFFF)).astype(np.int32), ends), shape=(len(texts), COLUMNS))


def _runs(codes: np.ndarray, start: np.ndarray, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Where runs of one width begin, and the column each is hashed to."""
    whole = start & (codes > 0)
    for i in range(1, width):
        whole[len(codes) - i :] = False
        whole[:-i] &= codes[i:] > 0
    at = np.flatnonzero(whole)
    value = np.full(len(at), width, dtype=np.uint64)
    for i in range(width):
        value *= np.uint64(0x9E3779B97F4A7C15)
        value += codes[at + i]
    return at, (mixed(value) >> np.uint64(48)).astype(np.uint32)


def _weighted(counts: csr_array, rarity: np.ndarray) -> csr_array:
    """tf-idf with a logarithmic term frequency, rows of unit length."""
    out = counts.copy()
    out.data = (1 + np.log(out.data)) * rarity[out.indices]
    length = np.sqrt(np.asarray(out.multiply(out).sum(axis=1)).ravel())
    out.data /= np.repeat(np.maximum(length, 1e-12), np.diff(out.indptr)).astype(np.float32)
    return out


def _axes(rows: csr_array, rng: np.random.Generator) -> np.ndarray:
    """The directions in which the rows differ most, float32 (65536, d)."""
    used = np.unique(rows.indices)
    narrow = rows if len(used) == rows.shape[1] else rows[:, used]
    back = narrow.T.tocsr()
    found = narrow @ rng.standard_normal((len(used), DIMENSIONS + 16), dtype=np.float32)
    for _ in range(ROUNDS):
        found = narrow @ (back @ np.linalg.qr(found)[0])
    along = back @ np.linalg.qr(found)[0]
    values, turn = np.linalg.eigh(along.T @ along)
    kept = np.flatnonzero(values > values[-1] * 1e-6)[::-1][:DIMENSIONS]
    axes = np.zeros((COLUMNS, len(kept)), dtype=np.float32)
    axes[used] = along @ (turn[:, kept] / np.sqrt(values[kept]))
    return axes
