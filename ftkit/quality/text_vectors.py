"""Texts as vectors without a pre-trained model: which short runs of characters they hold, brought to few dimensions.

Runs of 3 and 5 characters (1 and 2 where a script writes no spaces) are hashed and weighted by tf-idf; then latent
semantic analysis (Deerwester et al. 1990) by a randomised range finder (Halko, Martinsson and Tropp 2011, section 4.4).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

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
    counts = count_runs([text[:READ] for text in texts])
    weighted = _weighted(counts, _rarity(counts))
    return _project(weighted, _learnt_axes(weighted, seed)), _familiar(counts)


class TextSpace:
    """The axes of some texts, on which others are laid: what two sets of texts are compared in.

    Parameters
    ----------
    texts : sequence of str
        What rarity of runs and axes are learnt from.
    seed : int, default 0

    Examples
    --------
    >>> space = TextSpace(["red apple", "green apple", "一部电影"])
    >>> bool(np.allclose(*space.describe(["red apple", "Red apple!"]), atol=1e-5))
    True
    """

    def __init__(self, texts: Sequence[str], seed: int = 0) -> None:
        counts = count_runs([text[:READ] for text in texts])
        self._rare = _rarity(counts)
        self._axes = _learnt_axes(_weighted(counts, self._rare), seed)

    def describe(self, texts: Sequence[str]) -> np.ndarray:
        """Each text on the axes, float32 (N, at most 256)."""
        return _project(_weighted(count_runs([text[:READ] for text in texts]), self._rare), self._axes)


def _learnt_axes(weighted: csr_array, seed: int) -> np.ndarray:
    """The axes of a sample of texts, drawn by content so that their order does not matter."""
    by_content = np.lexsort((weighted.sum(axis=1), np.diff(weighted.indptr)))
    rng, rows = np.random.default_rng(seed), weighted.shape[0]
    return _axes(weighted[by_content[np.sort(rng.choice(rows, min(LEARNT_FROM, rows), replace=False))]], rng)


def _project(weighted: csr_array, axes: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(weighted @ axes, dtype=np.float32)


def count_runs(texts: Sequence[str]) -> csr_array:
    """How often each hashed run comes in each text: sparse (N, 65536)."""
    from scipy.sparse import csr_array, vstack

    blocks = [_count_block(texts[first:end]) for first, end in blocks_of(texts)]
    return vstack(blocks, format="csr") if blocks else csr_array((0, COLUMNS), dtype=np.float32)


def _count_block(texts: Sequence[str]) -> csr_array:
    from scipy.sparse import csr_array

    codes, starts = folded(texts)
    dense = codes >= DENSE_BIT
    rows, columns = [], []
    for letters, signs in zip(LETTERS, SIGNS, strict=True):
        at, column = _runs(codes, ~dense, letters)
        at_signs, column_signs = _runs(codes, dense, signs)
        rows += [at, at_signs]
        columns += [column, column_signs]
    row = np.searchsorted(starts, np.concatenate(rows), side="right") - 1
    ones = np.ones(len(row), dtype=np.float32)
    found = csr_array((ones, (row, np.concatenate(columns))), shape=(len(texts), COLUMNS))
    found.sum_duplicates()
    return found


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
    return at, (mixed(value) >> np.uint64(48)).astype(np.int32)


def _rarity(counts: csr_array) -> np.ndarray:
    """How rare each run is, as a logarithm."""
    among = np.bincount(counts.indices, minlength=COLUMNS)
    return (np.log((1 + counts.shape[0]) / (1 + among)) + 1).astype(np.float32)


def _weighted(counts: csr_array, rarity: np.ndarray) -> csr_array:
    """tf-idf with a logarithmic term frequency, rows of unit length."""
    out = counts.copy()
    out.data = (1 + np.log(out.data)) * rarity[out.indices]
    length = np.sqrt(np.asarray(out.multiply(out).sum(axis=1)).ravel())
    out.data /= np.repeat(np.maximum(length, 1e-12), np.diff(out.indptr)).astype(np.float32)
    return out


def _familiar(counts: csr_array) -> np.ndarray:
    """How many texts have the runs of each text, as a share of the logarithm."""
    among = np.log(np.maximum(np.bincount(counts.indices, minlength=COLUMNS), 1))
    runs = np.diff(counts.indptr)
    row = np.repeat(np.arange(len(runs)), runs)
    total = np.bincount(row, among[counts.indices], minlength=len(runs))
    return total / np.maximum(runs, 1) / max(np.log(len(runs)), 1e-12)


def _axes(rows: csr_array, rng: np.random.Generator) -> np.ndarray:
    """The directions in which the rows differ most, float32 (65536, d)."""
    used = np.unique(rows.indices)
    narrow = rows[:, used]
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
