"""Many texts at once: lengths, patterns, hashes and characters, without a Python object for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ftkit.data.hashing import hash_bytes, mix

POINTS = 1 << 22
WIDE = 8  # octets
_NO_KEYS = np.zeros(0, np.uint64)
PART = 1 << 24  # octets of texts worked on at a time


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

    def __init__(self, cells: pa.ChunkedArray | pa.Array | Sequence[str | None], at: np.ndarray | None = None) -> None:
        if not isinstance(cells, (pa.ChunkedArray, pa.Array)):
            cells = pa.array(cells, pa.large_string())
        cells = cells if isinstance(cells, pa.ChunkedArray) else pa.chunked_array([cells])
        if pa.types.is_dictionary(cells.type):
            cells = cells.cast(cells.type.value_type)
        if not pa.types.is_large_string(cells.type):
            cells = cells.cast(pa.large_string())
        self._whole = cells  # a missing text stays so here, or a file that memory maps would be copied
        self._at = at

    @property
    def cells(self) -> pa.ChunkedArray:
        """The texts as Arrow holds them, missing ones missing."""
        return self._whole if self._at is None else _taken(self._whole, self._at)

    def __len__(self) -> int:
        return len(self._whole) if self._at is None else len(self._at)

    def __getitem__(self, i: int) -> str:
        return self._whole[int(i if self._at is None else self._at[i])].as_py() or ""

    @cached_property
    def lengths(self) -> np.ndarray:
        """Characters in each text, int64 (N,)."""
        return _numpy(self._map(pc.utf8_length))

    @cached_property
    def octets(self) -> np.ndarray:
        """Bytes of each text in UTF-8, int64 (N,)."""
        return _numpy(self._map(pc.binary_length))

    def take(self, positions: np.ndarray) -> Texts:
        """The texts at some positions, or where a mask is true."""
        positions = np.asarray(positions)
        at = np.flatnonzero(positions) if positions.dtype == bool else positions
        if len(at) == len(self) and (np.diff(at) == 1).all():
            return self
        return Texts(self._whole, at if self._at is None else self._at[at])

    def parts(self) -> Iterator[Texts]:
        """The texts in pieces, in order: what is worked out of one need not lie beside that of all."""
        step = self._step
        if self._at is not None:
            yield from (Texts(_taken(self._whole, self._at[i : i + step])) for i in range(0, len(self._at), step))
            return
        for chunk in self._whole.chunks:
            yield from (Texts(chunk.slice(start, step)) for start in range(0, len(chunk), step))

    @cached_property
    def _step(self) -> int:
        """How many texts a piece has."""
        return max(1, PART * len(self._whole) // max(1, self._whole.nbytes))

    def _map(self, work: Callable[[pa.ChunkedArray], pa.ChunkedArray]) -> pa.ChunkedArray:
        """What is worked out of each text; of some texts in pieces, so that they are never copied all at once."""
        if self._at is None or len(self._at) <= self._step:
            return work(self.cells)
        pieces = [work(part.cells) for part in self.parts()]
        return pa.chunked_array([chunk for piece in pieces for chunk in piece.chunks], pieces[0].type)

    def matches(self, pattern: str, ignore_case: bool = False) -> np.ndarray:
        """Whether a regular expression (RE2's: no look-around) is found in each text."""
        return _numpy(self._map(lambda cells: pc.match_substring_regex(cells, pattern, ignore_case=ignore_case)))

    def contains(self, words: str) -> np.ndarray:
        """Whether some words are in each text, letter by letter."""
        return _numpy(self._map(lambda cells: pc.match_substring(cells, words)))

    def count(self, words: str) -> np.ndarray:
        """How often some words are in each text."""
        return _numpy(self._map(lambda cells: pc.count_substring(cells, words)))

    def codes(self) -> np.ndarray:
        """A number for each text, equal for equal texts, int64 (N,)."""
        coded = pc.fill_null(self.cells, "").dictionary_encode().unify_dictionaries()
        if not len(self):
            return np.zeros(0, np.int64)
        return np.concatenate([_numpy(c.indices) for c in coded.chunks])

    def begins_like(self, other: Texts) -> np.ndarray:
        """Whether the first letters of each text are those of the other, without regard to case, spaces and marks."""
        return _numpy(pc.equal(self._map(_beginning), other._map(_beginning)))

    def head(self, characters: int) -> Texts:
        """The first characters of each text, white space in front set aside."""

        def cut(cells: pa.ChunkedArray) -> pa.ChunkedArray:
            return pc.utf8_slice_codeunits(pc.utf8_ltrim_whitespace(_cut(cells, 4 * characters + 64)), 0, characters)

        return Texts(self._map(cut))

    def tail(self, characters: int) -> Texts:
        """The last characters of each text, white space behind set aside."""
        return Texts(
            self._map(lambda cells: pc.utf8_slice_codeunits(pc.utf8_rtrim_whitespace(cells), -characters, None))
        )

    def is_blank(self) -> np.ndarray:
        """Whether each text is empty or white space, visible or not."""
        # Looking for a visible character ends at the first one; looking for none reads on.
        return ~self.matches(r"[^\s\p{Z}\x{200B}\x{FEFF}]")

    def hashes(self) -> np.ndarray:
        """One uint64 for each text; equal for equal texts."""
        return hash_bytes(cell.encode() for cell in self)

    def keys(self) -> np.ndarray:
        """One uint64 for each text, equal for equal texts: quicker than ``hashes`` where few are equal.

        Only texts that have their length and some of their octets in common are read whole; they are held in pieces.
        """
        keys = np.concatenate([_rough(chunk) for part in self.parts() for chunk in part.cells.chunks] or [_NO_KEYS])
        _, group, counts = np.unique(keys, return_inverse=True, return_counts=True)
        alike = np.flatnonzero(counts[group] > 1)
        keys[alike] = self.take(alike).hashes()
        return keys

    def plain(self) -> Texts:
        """The texts in lower case, their white space and punctuation left out: what is compared loosely."""
        return Texts(pc.replace_substring_regex(pc.utf8_lower(self.cells), r"[\s\p{P}\p{S}]+", ""))

    def __iter__(self) -> Iterator[str]:
        for part in self.parts():
            yield from (text or "" for text in part.cells.to_pylist())

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
        chunks = self._whole.chunks if self._at is None else (c for p in self.parts() for c in p.cells.chunks)
        for chunk in chunks:
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


def _taken(cells: pa.ChunkedArray, at: np.ndarray) -> pa.ChunkedArray:
    """The cells at some positions, chunk by chunk: Arrow would join all chunks first."""
    if cells.num_chunks < 2:
        return cells.take(pa.array(at))
    if (np.diff(at) < 0).any():
        order = np.argsort(at, kind="stable")
        return _taken(cells, at[order]).take(pa.array(np.argsort(order, kind="stable")))
    ends = np.cumsum([len(chunk) for chunk in cells.chunks])
    own = np.split(at, np.searchsorted(at, ends))
    starts = [0, *ends.tolist()]
    taken = [c.take(pa.array(o - start)) for c, o, start in zip(cells.chunks, own, starts, strict=False) if len(o)]
    return pa.chunked_array(taken, cells.type)


def _beginning(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    first = pc.utf8_lower(pc.utf8_slice_codeunits(cells, 0, 24))
    return pc.utf8_slice_codeunits(pc.utf8_ltrim(first, characters=" \t\n\r\"'“”‘’「『《*#-（([：:，。"), 0, 4)


def _cut(cells: pa.ChunkedArray, octets: int) -> pa.ChunkedArray:
    """The first characters, roughly, of texts that are much longer."""
    long = _numpy(pc.binary_length(cells)) > 4 * octets
    return pc.if_else(pa.array(long), pc.utf8_slice_codeunits(cells, 0, octets), cells) if long.any() else cells


def _rough(chunk: pa.LargeStringArray) -> np.ndarray:
    """One uint64 for each text, of its length and the octets at its begin, in its middle and at its end."""
    ends = np.frombuffer(chunk.buffers()[1], dtype=np.int64)[chunk.offset : chunk.offset + len(chunk) + 1]
    sizes = np.where(chunk.is_valid().to_numpy(zero_copy_only=False), np.diff(ends), 0)
    keys = mix(sizes.astype(np.uint64))
    long = np.flatnonzero(sizes >= WIDE)
    if len(long):
        octets = np.frombuffer(chunk.buffers()[2], dtype=np.uint8)
        windows = np.ndarray(len(octets) - WIDE + 1, "<u8", octets, strides=(1,))
        last = ends[long + 1] - WIDE
        for place in (ends[long], (ends[long] + last) // 2, last):
            keys[long] = mix(keys[long] ^ windows[place])
    return keys


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
