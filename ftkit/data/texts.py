"""Many texts at once: lengths, patterns, hashes and characters, without a Python object for each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ftkit.data.hashing import hash_bytes

POINTS = 1 << 22


class Texts:
    """An ordered collection of texts; a missing one is empty.

    Parameters
    ----------
    cells : pyarrow array or chunked array of strings, or sequence of str
        The texts.

    Examples
    --------
    >>> texts = Texts(["a cat", None, "猫"])
    >>> texts.lengths.tolist(), texts.matches("cat|猫").tolist()
    ([5, 0, 1], [True, False, True])
    """

    def __init__(self, cells: pa.ChunkedArray | pa.Array | Sequence[str | None]) -> None:
        if not isinstance(cells, (pa.ChunkedArray, pa.Array)):
            cells = pa.array(cells, pa.large_string())
        cells = cells if isinstance(cells, pa.ChunkedArray) else pa.chunked_array([cells])
        if pa.types.is_dictionary(cells.type):
            cells = cells.cast(cells.type.value_type)
        if not pa.types.is_large_string(cells.type):
            cells = cells.cast(pa.large_string())
        self.cells = cells  # a missing text stays so here, or a file that memory maps would be copied

    def __len__(self) -> int:
        return len(self.cells)

    def __getitem__(self, i: int) -> str:
        return self.cells[int(i)].as_py() or ""

    @cached_property
    def lengths(self) -> np.ndarray:
        """Characters in each text, int64 (N,)."""
        return _numpy(pc.utf8_length(self.cells))

    @cached_property
    def octets(self) -> np.ndarray:
        """Bytes of each text in UTF-8, int64 (N,)."""
        return _numpy(pc.binary_length(self.cells))

    def take(self, positions: np.ndarray) -> Texts:
        """The texts at some positions, or where a mask is true."""
        positions = np.asarray(positions)
        at = np.flatnonzero(positions) if positions.dtype == bool else positions
        return Texts(self.cells.take(pa.array(at))) if len(at) < len(self) or (np.diff(at) != 1).any() else self

    def matches(self, pattern: str, ignore_case: bool = False) -> np.ndarray:
        """Whether a regular expression (RE2's: no look-around) is found in each text."""
        return _numpy(pc.match_substring_regex(self.cells, pattern, ignore_case=ignore_case))

    def contains(self, words: str) -> np.ndarray:
        """Whether some words are in each text, letter by letter."""
        return _numpy(pc.match_substring(self.cells, words))

    def count(self, words: str) -> np.ndarray:
        """How often some words are in each text."""
        return _numpy(pc.count_substring(self.cells, words))

    def codes(self) -> np.ndarray:
        """A number for each text, equal for equal texts, int64 (N,)."""
        coded = pc.fill_null(self.cells, "").dictionary_encode().unify_dictionaries()
        if not len(self):
            return np.zeros(0, np.int64)
        return np.concatenate([_numpy(c.indices) for c in coded.chunks])

    def same_as(self, other: Texts) -> np.ndarray:
        """Whether each text is equal to the other at its place."""
        return _numpy(pc.equal(pc.fill_null(self.cells, ""), pc.fill_null(other.cells, "")))

    def begins_like(self, other: Texts) -> np.ndarray:
        """Whether the first letters of each text are those of the other, without regard to case, spaces and marks."""
        return _numpy(pc.equal(self._beginning(), other._beginning()))

    def _beginning(self) -> pa.ChunkedArray:
        first = pc.utf8_lower(pc.utf8_slice_codeunits(self.cells, 0, 24))
        return pc.utf8_slice_codeunits(pc.utf8_ltrim(first, characters=" \t\n\r\"'“”‘’「『《*#-（([：:，。"), 0, 4)

    def head(self, characters: int) -> Texts:
        """The first characters of each text, white space in front set aside."""
        return Texts(pc.utf8_slice_codeunits(pc.utf8_ltrim_whitespace(self._cut(4 * characters + 64)), 0, characters))

    def tail(self, characters: int) -> Texts:
        """The last characters of each text, white space behind set aside."""
        return Texts(pc.utf8_slice_codeunits(pc.utf8_rtrim_whitespace(self.cells), -characters, None))

    def _cut(self, octets: int) -> pa.ChunkedArray:
        """The first characters, roughly, of texts that are much longer."""
        long = _numpy(pc.binary_length(self.cells)) > 4 * octets
        if not long.any():
            return self.cells
        return pc.if_else(pa.array(long), pc.utf8_slice_codeunits(self.cells, 0, octets), self.cells)

    def is_blank(self) -> np.ndarray:
        """Whether each text is empty or white space, visible or not."""
        # Looking for a visible character ends at the first one; looking for none reads on.
        return ~self.matches(r"[^\s\p{Z}\x{200B}\x{FEFF}]")

    def hashes(self) -> np.ndarray:
        """One uint64 for each text; equal for equal texts."""
        return hash_bytes(cell.encode() for cell in self)

    def plain(self) -> Texts:
        """The texts in lower case, their white space and punctuation left out: what is compared loosely."""
        return Texts(pc.replace_substring_regex(pc.utf8_lower(self.cells), r"[\s\p{P}\p{S}]+", ""))

    def __iter__(self) -> Iterator[str]:
        for chunk in self.cells.chunks:
            yield from (text or "" for text in chunk.to_pylist())

    def points(self, size: int = POINTS) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
        """The characters of the texts in blocks of about ``size``.

        Yields
        ------
        int
            The position of the block's first text.
        ndarray of uint32
            The code points of its texts, one after the other.
        ndarray of int64, (texts + 1,)
            Where each begins and ends among them.
        """
        first = 0
        for chunk in self.cells.chunks:
            chunk = pc.fill_null(chunk, "") if chunk.null_count else chunk
            ends = np.cumsum(_numpy(pc.utf8_length(chunk)))
            start = 0
            while start < len(chunk):
                before = ends[start - 1] if start else 0
                stop = max(int(np.searchsorted(ends, before + size, side="right")), start + 1)
                codes = _codes(chunk.slice(start, stop - start))
                yield first + start, codes, np.concatenate([[0], ends[start:stop] - before])
                start = stop
            first += len(chunk)


def _codes(chunk: pa.LargeStringArray) -> np.ndarray:
    offsets = np.frombuffer(chunk.buffers()[1], dtype=np.int64)[chunk.offset : chunk.offset + len(chunk) + 1]
    data = chunk.buffers()[2]
    octets = b"" if data is None else memoryview(data)[offsets[0] : offsets[-1]]
    return np.frombuffer(str(octets, "utf-8").encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def _numpy(cells: pa.ChunkedArray | pa.Array) -> np.ndarray:
    """Numbers or truth values; 0 and False where missing."""
    if cells.null_count:
        cells = pc.fill_null(cells, False if pa.types.is_boolean(cells.type) else 0)
    out = cells.to_numpy(zero_copy_only=False) if isinstance(cells, pa.Array) else cells.to_numpy()
    return out.astype(np.int64) if out.dtype.kind in "iu" else out.astype(bool)
