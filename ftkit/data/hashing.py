"""Content hashes of cells and rows, the same on every machine and in every version.

A cell is hashed by its value, not by its type: 1, 1.0 and a nullable 1 are the same cell. A row is the sum, over its
columns, of a mix of the column's name and the cell, so neither the order of columns nor an empty column changes it.
The mixer is the finaliser of SplitMix64 (Steele, Lea & Flood, OOPSLA 2014); strings and bytes go through BLAKE2b.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ftkit.data.chat_type import is_messages
from ftkit.data.image_field import ImageField, describe
from ftkit.data.source import Source

FRACTION = np.uint64(0xF1EA5EED00000000)


def mix(values: np.ndarray) -> np.ndarray:
    """Each uint64 scrambled, so that near values are far apart."""
    x = values + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def hash_bytes(values: Iterable[bytes | None]) -> np.ndarray:
    """One uint64 for each byte string."""
    digests = b"".join(blake2b(value or b"", digest_size=8).digest() for value in values)
    return np.frombuffer(digests, dtype="<u8").astype(np.uint64)


def hash_strings(values: np.ndarray, seed: int = 0) -> np.ndarray:
    """One uint64 for each string of an array, character by character, whatever the array's width."""
    wide = np.asarray(values, dtype=np.str_)
    codes = np.ascontiguousarray(wide).view(np.uint32).reshape(len(wide), -1) if wide.dtype.itemsize else None
    state = mix(np.full(len(wide), seed % 2**64, dtype=np.uint64))
    for position in range(0 if codes is None else codes.shape[1]):
        code = codes[:, position].astype(np.uint64)
        state = np.where(code == 0, state, mix(state ^ code))
    return state


def row_hashes(source: Source, names: Sequence[str]) -> np.ndarray:
    """One uint64 for each row, over the columns ``names``."""
    total = np.zeros(source.rows, dtype=np.uint64)
    for name in names:
        field, start = source.schema.field(name), 0
        for batch in source.batches(name):
            total[start : start + len(batch)] += named(name, cell_hashes(batch, describe(field)), batch)
            start += len(batch)
    return total


def named(name: str, hashes: np.ndarray, cells: pa.ChunkedArray | None = None) -> np.ndarray:
    """What the cells of one column add to their rows: nothing where a cell is missing."""
    mixed = mix(hashes ^ hash_bytes([name.encode()]))
    if cells is None:
        return mixed
    return np.where(pc.is_valid(_without_nan(cells)).to_numpy(), mixed, np.uint64(0))


def cell_hashes(cells: pa.ChunkedArray, image: ImageField | None = None) -> np.ndarray:
    """One uint64 for each cell; what missing cells get is not defined."""
    dtype = cells.type
    if image is not None and image.form == "struct":
        return _hash_struct_images(cells)
    if image is not None and image.form == "array":
        return hash_bytes(row.tobytes() for row in array_rows(cells))
    if pa.types.is_dictionary(dtype):
        return cell_hashes(cells.cast(dtype.value_type))
    if pa.types.is_boolean(dtype) or pa.types.is_integer(dtype) or pa.types.is_floating(dtype):
        return _hash_numbers(cells)
    if pa.types.is_null(dtype):
        return np.zeros(len(cells), dtype=np.uint64)
    if is_messages(dtype):
        return _hash_chats(cells)
    if pa.types.is_nested(dtype):
        # Most turns of a chat call no tool: what is missing is not written as JSON.
        return hash_bytes(None if value is None else canonical(value) for value in cells.to_pylist())
    return _hash_scalars(cells)


def array_rows(cells: pa.ChunkedArray) -> np.ndarray:
    """The pixels of an array column, uint8 (N, H·W·C)."""
    width = cells.type.list_size
    parts = [chunk.flatten().to_numpy(zero_copy_only=False).reshape(-1, width) for chunk in cells.chunks]
    return np.concatenate(parts) if parts else np.zeros((0, width), dtype=np.uint8)


def canonical(value: Any) -> bytes:
    """A nested value as JSON with sorted keys, without empty keys, integral floats as integers."""
    return json.dumps(_plain(value), sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str).encode()


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items() if v is not None}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _hash_numbers(cells: pa.ChunkedArray) -> np.ndarray:
    """Integral values by their integer, others by their float64 bits."""
    if not pa.types.is_floating(cells.type):
        filled = cells.fill_null(False if pa.types.is_boolean(cells.type) else 0).to_numpy()
        return mix(filled.astype(np.uint64 if filled.dtype == np.uint64 else np.int64).view(np.uint64))
    floats = cells.cast(pa.float64()).fill_null(0.0).to_numpy()
    integral = (np.floor(floats) == floats) & (np.abs(floats) < 2.0**63)
    bits = np.where(integral, 0.0, floats).view(np.uint64) ^ FRACTION
    whole = np.where(integral, floats, 0.0).astype(np.int64).view(np.uint64)
    return mix(np.where(integral, whole, bits))


def _hash_scalars(cells: pa.ChunkedArray) -> np.ndarray:
    """Strings and bytes as they are, dates and the rest as their text; each distinct value once."""
    if not (pa.types.is_large_binary(cells.type) or pa.types.is_binary(cells.type)):
        cells = cells.cast(pa.string()) if not pa.types.is_large_string(cells.type) else cells
        cells = cells.cast(pa.large_binary())
    pieces = []
    for chunk in cells.chunks:
        encoded = chunk.dictionary_encode()
        hashes = hash_bytes(encoded.dictionary.to_pylist()) if len(encoded.dictionary) else np.zeros(1, np.uint64)
        pieces.append(hashes[encoded.indices.fill_null(0).to_numpy(zero_copy_only=False)])
    return np.concatenate(pieces) if pieces else np.zeros(0, dtype=np.uint64)


def _hash_chats(cells: pa.ChunkedArray) -> np.ndarray:
    """Chats turn by turn in their order, from roles, texts and tool calls; how they were written does not matter."""
    pieces = [_hash_chat_chunk(chunk) for chunk in cells.chunks]
    return np.concatenate(pieces) if pieces else np.zeros(0, dtype=np.uint64)


def _hash_chat_chunk(chunk: pa.ListArray) -> np.ndarray:
    turns = chunk.flatten()
    total = np.zeros(len(turns), dtype=np.uint64)
    for name in ("role", "content", "tool_calls", "tool_call_id", "name"):
        column = pa.chunked_array([pc.struct_field(turns, name)])
        if column.null_count < len(column):
            total += named(name, cell_hashes(column), column)
    lengths = pc.fill_null(pc.list_value_length(chunk), 0).to_numpy()
    starts = np.cumsum(lengths) - lengths
    state = mix(lengths.astype(np.uint64))
    rows = np.flatnonzero(lengths)
    for turn in range(int(lengths.max(initial=0))):
        rows = rows[lengths[rows] > turn]
        state[rows] = mix(state[rows] ^ total[starts[rows] + turn])
    return state


def _hash_struct_images(cells: pa.ChunkedArray) -> np.ndarray:
    """The bytes of the hub's image structs; the path where there are none."""
    return hash_bytes(
        None if value is None else value["bytes"] if value["bytes"] is not None else str(value["path"]).encode()
        for value in cells.to_pylist()
    )


def _without_nan(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """NaN read as missing."""
    if not pa.types.is_floating(cells.type):
        return cells
    return pc.if_else(pc.is_nan(cells), pa.scalar(None, cells.type), cells)
