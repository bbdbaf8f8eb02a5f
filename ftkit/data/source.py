"""Where cells come from: an Arrow table, a Parquet file, or several of them one after the other.

A source has a ``schema``, a number of ``rows``, and two ways to its cells: ``batches(name)`` in pieces, and
``cells(name, positions)`` of some rows. What was read is not remembered, so a file larger than memory can be walked.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ftkit.data.cache import cache_folder
from ftkit.data.image_field import describe
from ftkit.errors import DataError

BATCH = 1 << 16  # rows
PIECE = 1 << 24  # bytes of a column unpacked at a time
LARGE = 1 << 26  # bytes: columns of text above are unpacked into a file


class Source(Protocol):
    """What every source answers to."""

    schema: pa.Schema
    rows: int

    def batches(self, name: str) -> Iterator[pa.ChunkedArray]:
        """The column in pieces, in order."""

    def cells(self, name: str, positions: np.ndarray) -> pa.ChunkedArray:
        """The cells of the rows at ``positions``, in their order."""


class Table:
    """Rows that are in memory already (or memory-mapped by Arrow)."""

    def __init__(self, table: pa.Table) -> None:
        self.table = table
        self.schema = table.schema
        self.rows = table.num_rows

    def batches(self, name: str) -> Iterator[pa.ChunkedArray]:
        """The column in pieces, in order."""
        column = self.table.column(name)
        for start in range(0, self.rows, BATCH):
            yield column.slice(start, BATCH)

    def cells(self, name: str, positions: np.ndarray) -> pa.ChunkedArray:
        """The cells of the rows at ``positions``, in their order."""
        return self.table.column(name).take(pa.array(positions))


class Parquet:
    """One Parquet file, of which only the asked columns and row groups are read."""

    def __init__(self, path: Path, buffer: bytes | None = None) -> None:
        self.path, self.buffer = path, buffer
        try:
            file = self._open()
        except (pa.ArrowException, OSError) as error:
            raise DataError(f"{path} is not a whole Parquet file ({first_line(error)}). Write it again.") from None
        self.metadata, self.schema = file.metadata, file.schema_arrow
        self.rows = self.metadata.num_rows
        sizes = [self.metadata.row_group(i).num_rows for i in range(self.metadata.num_row_groups)]
        self._starts = np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)])
        self._remember_nothing()

    def _remember_nothing(self) -> None:
        self._group = lru_cache(maxsize=4 + len(self.schema))(self._read_group)
        self._spread = lru_cache(maxsize=None)(self._spread_out)
        self._octets = lru_cache(maxsize=None)(self._unpacked)

    def __getstate__(self) -> dict[str, Any]:
        at_hand = ("_group", "_spread", "_octets")  # stays here
        return {name: value for name, value in vars(self).items() if name not in at_hand}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._remember_nothing()

    def _open(self, metadata: pq.FileMetaData | None = None) -> pq.ParquetFile:
        where = self.path if self.buffer is None else pa.BufferReader(self.buffer)
        return pq.ParquetFile(where, metadata=metadata, memory_map=self.buffer is None)

    def _read_group(self, name: str, group: int) -> pa.ChunkedArray:
        try:
            return self._open(self.metadata).read_row_group(group, columns=[name]).column(name)
        except (pa.ArrowException, OSError) as error:
            raise DataError(f"{self.path}: column '{name}' cannot be read ({first_line(error)}).") from None

    def outermost(self, name: str) -> list[str]:
        """The first and the last text in alphabetical order of a column's first group, as the file's summary has them.

        Empty where there is no summary: no value is read.
        """
        if not self.metadata.num_row_groups:
            return []
        group = self.metadata.row_group(0)
        columns = (group.column(i) for i in range(group.num_columns))
        told = next((column.statistics for column in columns if column.path_in_schema == name), None)
        ends = (told.min, told.max) if told is not None and told.has_min_max else ()
        return [end for end in ends if isinstance(end, str)]

    def batches(self, name: str) -> Iterator[pa.ChunkedArray]:
        """The column in pieces, in order."""
        size = min(BATCH, max(1, PIECE * self.rows // max(1, self._octets(name))))
        try:
            for batch in self._open(self.metadata).iter_batches(size, columns=[name]):
                yield pa.chunked_array([batch.column(0)], self.schema.field(name).type)
        except (pa.ArrowException, OSError) as error:
            raise DataError(f"{self.path}: column '{name}' cannot be read ({first_line(error)}).") from None

    def whole(self, name: str) -> Iterator[pa.ChunkedArray]:
        """The whole column in pieces; where it is large these lie in a file, not in memory."""
        column = self._spread(name) if self._is_large(name) else None
        return self.batches(name) if column is None else iter([column])

    def _is_large(self, name: str) -> bool:
        return holds_texts(self.schema.field(name).type) and self._octets(name) > LARGE

    def _unpacked(self, name: str) -> int:
        """The size of a column once it is unpacked."""
        groups = (self.metadata.row_group(i) for i in range(self.metadata.num_row_groups))
        columns = (group.column(i) for group in groups for i in range(group.num_columns))
        return sum(c.total_uncompressed_size for c in columns if f"{c.path_in_schema}.".startswith(f"{name}."))

    def _spread_out(self, name: str) -> pa.ChunkedArray | None:
        """A column unpacked into an unnamed file that memory maps; None where there is no room for one."""
        return mapped_column(self.batches(name), self.schema.field(name))

    def cells(self, name: str, positions: np.ndarray) -> pa.ChunkedArray:
        """The cells of the rows at ``positions``, in their order."""
        if self._is_large(name) and (column := self._spread(name)) is not None:
            starts = np.concatenate([[0], np.cumsum([len(chunk) for chunk in column.chunks], dtype=np.int64)])
            take = lambda i, rows: pa.chunked_array([column.chunk(i).take(pa.array(rows))])  # noqa: E731
            return gather(starts, positions, take, column.type)
        return gather(
            self._starts,
            positions,
            lambda group, rows: self._group(name, group).take(pa.array(rows)),
            self.schema.field(name).type,
        )


class Joined:
    """Sources one after the other, under one schema."""

    def __init__(self, parts: Sequence[Source], schema: pa.Schema) -> None:
        self.parts, self.schema = list(parts), schema
        self.rows = sum(part.rows for part in parts)
        self._starts = np.concatenate([[0], np.cumsum([part.rows for part in parts], dtype=np.int64)])

    def batches(self, name: str) -> Iterator[pa.ChunkedArray]:
        """The column in pieces, in order."""
        return self._pieces(name, lambda part: part.batches(name))

    def whole(self, name: str) -> Iterator[pa.ChunkedArray]:
        """The whole column in pieces; see ``Parquet.whole``."""
        return self._pieces(name, lambda part: whole(part, name))

    def _pieces(self, name: str, of: Callable[[Source], Iterator[pa.ChunkedArray]]) -> Iterator[pa.ChunkedArray]:
        for part in self.parts:
            if name not in part.schema.names:
                yield pa.chunked_array([pa.nulls(part.rows, self.schema.field(name).type)])
            else:
                yield from (self._fit(name, batch) for batch in of(part))

    def cells(self, name: str, positions: np.ndarray) -> pa.ChunkedArray:
        """The cells of the rows at ``positions``, in their order."""
        return gather(self._starts, positions, lambda i, rows: self._part_cells(name, i, rows), self._type(name))

    def _part_cells(self, name: str, part: int, rows: np.ndarray) -> pa.ChunkedArray:
        if name not in self.parts[part].schema.names:
            return pa.chunked_array([pa.nulls(len(rows), self._type(name))])
        return self._fit(name, self.parts[part].cells(name, rows))

    def _fit(self, name: str, cells: pa.ChunkedArray) -> pa.ChunkedArray:
        return cells if cells.type == self._type(name) else cells.cast(self._type(name))

    def _type(self, name: str) -> pa.DataType:
        return self.schema.field(name).type


def column(source: Source, name: str) -> pa.ChunkedArray:
    """The whole column."""
    chunks = [chunk for batch in whole(source, name) for chunk in batch.chunks]
    return pa.chunked_array(chunks, type=source.schema.field(name).type)


def whole(source: Source, name: str) -> Iterator[pa.ChunkedArray]:
    """All of a column in pieces that may be held together: from a file where the source has unpacked it into one."""
    return source.whole(name) if isinstance(source, Parquet | Joined) else source.batches(name)


def holds_texts(dtype: pa.DataType) -> bool:
    """Whether cells are texts, or lists and structs that may hold some."""
    return pa.types.is_string(dtype) or pa.types.is_large_string(dtype) or pa.types.is_nested(dtype)


def mapped_column(batches: Iterator[pa.ChunkedArray], field: pa.Field) -> pa.ChunkedArray | None:
    """A column in an unnamed file of the cache folder that memory maps; None where there is no room for one."""
    schema = pa.schema([field.remove_metadata()])
    try:
        cache_folder().mkdir(parents=True, exist_ok=True)
        handle, path = tempfile.mkstemp(".arrow", ".column.", cache_folder())
    except OSError:
        return None
    try:
        with os.fdopen(handle, "wb") as file, pa.ipc.new_file(file, schema) as writer:
            for batch in batches:
                writer.write_table(pa.table([batch], schema=schema))
        return pa.ipc.open_file(pa.memory_map(path)).read_all().column(0)
    except OSError:
        return None
    finally:
        with suppress(OSError):  # where a file that is mapped cannot be removed it stays until the cache is tidied
            Path(path).unlink()


def gather(
    starts: np.ndarray,
    positions: np.ndarray,
    fetch: Callable[[int, np.ndarray], pa.ChunkedArray],
    dtype: pa.DataType,
) -> pa.ChunkedArray:
    """Cells fetched part by part and put back in the order of ``positions``."""
    part_of = np.searchsorted(starts, positions, side="right") - 1
    order = np.argsort(part_of, kind="stable")
    chunks: list[pa.Array] = []
    for part in np.unique(part_of):
        rows = positions[order][part_of[order] == part] - starts[part]
        chunks.extend(fetch(int(part), rows).chunks)
    cells = pa.chunked_array(chunks, type=dtype)
    if (np.diff(part_of) >= 0).all():
        return cells
    back = np.empty(len(order), dtype=np.int64)
    back[order] = np.arange(len(order))
    return cells.take(pa.array(back))


def join(parts: Sequence[Source], names: Sequence[str], may_lack: str | None = None) -> Source:
    """The parts one after the other; ``names`` are what messages call them.

    Raises
    ------
    DataError
        A column of the first part is missing in another (``may_lack`` may be), or its type cannot be reconciled.
    """
    if len(parts) == 1:
        return parts[0]
    for part, name in zip(parts, names, strict=True):
        lacking = [c for c in parts[0].schema.names if c not in part.schema.names and c != may_lack]
        if lacking:
            raise DataError(
                f"{name} has no column '{lacking[0]}', which {names[0]} has"
                f"{f' (nor {len(lacking) - 1} more)' if lacking[1:] else ''}; it has {quoted(part.schema.names)}. "
                "Read the files one by one, or give them the same columns."
            )
    fields = [_common(field, parts, names) for field in parts[0].schema]
    return Joined(parts, pa.schema(fields, metadata=parts[0].schema.metadata))


def _common(field: pa.Field, parts: Sequence[Source], names: Sequence[str]) -> pa.Field:
    """The field that holds the cells of every part."""
    for part, name in zip(parts, names, strict=True):
        if field.name not in part.schema.names:
            continue
        other = part.schema.field(field.name)
        if other.type == field.type:
            continue
        try:
            merged = [pa.schema([field.remove_metadata()]), pa.schema([other.remove_metadata()])]
            common = pa.unify_schemas(merged, promote_options="permissive").field(0).type
        except pa.ArrowException:
            if pa.types.is_nested(field.type) or pa.types.is_nested(other.type) or describe(field):
                raise DataError(
                    f"column '{field.name}' is {field.type} in {names[0]} and {other.type} in {name}. "
                    "Give it one type, or read the files one by one."
                ) from None
            common = pa.string()
        field = field.with_type(common)
    return field


def quoted(names: Sequence[str]) -> str:
    """The first few names in quotes."""
    shown = ", ".join(f"'{name}'" for name in names[:8])
    return f"{shown} and {len(names) - 8:,} more" if len(names) > 8 else shown


def first_line(error: BaseException) -> str:
    """The first line of what an error says."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
