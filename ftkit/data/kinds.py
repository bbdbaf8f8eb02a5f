"""What the cells of a column are, judged from the schema where possible and else from the first rows."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from ftkit.data.cells import is_dates, is_number, is_stringy
from ftkit.data.chat_type import is_messages
from ftkit.data.column import Kind
from ftkit.data.image_field import describe
from ftkit.data.source import Source

LOOK_AT = 100_000
MOST_BYTES = 1 << 22
STEP = 1_000
FEW = 20
UNIQUE_SHARE = 0.95
LONG = 30  # bytes: ten Chinese characters, about five English words
VERY_LONG = 120


@dataclass(frozen=True)
class Looks:
    """The kind of a column, whether nearly every row has a value of its own, and whether the cells are chats."""

    kind: Kind
    unique: bool = False
    chats: bool = False


def look(source: Source, field: pa.Field) -> Looks:
    """The kind of one column."""
    dtype = field.type
    if describe(field) is not None:
        return Looks("image")
    if is_messages(dtype):
        return Looks("other", chats=True)
    if pa.types.is_boolean(dtype):
        return Looks("boolean")
    if is_number(dtype):
        return Looks("number")
    if pa.types.is_date(dtype) or pa.types.is_timestamp(dtype):
        return Looks("date")
    if pa.types.is_dictionary(dtype) and is_stringy(dtype):
        return Looks("category")
    if is_stringy(dtype):
        return _look_at_strings(_first_cells(source, field))
    return Looks("other")


def _first_cells(source: Source, field: pa.Field) -> pa.ChunkedArray:
    """The first rows of a column, fewer where they are long: what is looked at must not grow with the file."""
    chunks: list[pa.Array] = []
    rows = octets = 0
    for batch in source.batches(field.name):
        for chunk in batch.slice(0, LOOK_AT - rows).chunks:
            for start in range(0, len(chunk), STEP):
                piece = chunk.slice(start, STEP)
                if octets > MOST_BYTES:
                    return pa.chunked_array(chunks, field.type)
                chunks.append(piece)
                octets += pc.sum(pc.binary_length(piece)).as_py() or 0
        rows += len(batch)
        if rows >= LOOK_AT:
            break
    return pa.chunked_array(chunks, field.type)


def _look_at_strings(cells: pa.ChunkedArray) -> Looks:
    """Dates, free text, or categories."""
    there = cells.drop_null()
    if not len(there):
        return Looks("other")
    if is_dates(there):
        return Looks("date")
    share = pc.count_distinct(there).as_py() / len(there)
    length = pc.mean(pc.binary_length(there)).as_py()
    if len(there) < FEW:
        return Looks("text" if length > LONG else "category")
    if share >= UNIQUE_SHARE:
        return Looks("text", unique=True)
    return Looks("text" if length > (LONG if share > 0.5 else VERY_LONG) else "category")
