"""Arrow cells as numpy arrays of numbers or strings."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ftkit.data.hashing import canonical
from ftkit.errors import DataError

ISO_DATE = r"^\s*\d{4}[-/]\d{1,2}(?:[-/]\d{1,2}(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?)?\s*$"
DATE_PARTS = re.compile(r"(\d{4})[-/](\d{1,2})(?:[-/](\d{1,2}))?(.*)", re.DOTALL)


def is_stringy(dtype: pa.DataType) -> bool:
    """Whether the cells are strings, dictionary-encoded or not."""
    plain = dtype.value_type if pa.types.is_dictionary(dtype) else dtype
    return pa.types.is_string(plain) or pa.types.is_large_string(plain)


def is_number(dtype: pa.DataType) -> bool:
    """Whether the cells are integers, floats or decimals."""
    return pa.types.is_integer(dtype) or pa.types.is_floating(dtype) or pa.types.is_decimal(dtype)


def strings(cells: pa.ChunkedArray, names: Sequence[str] | None = None) -> pa.ChunkedArray:
    """The cells as strings: 1.0 as '1', dates in ISO form, codes by their ``names`` where there are any.

    NaN is missing, and so is a code that has no name.
    """
    dtype = cells.type
    if pa.types.is_dictionary(dtype):
        return strings(cells.cast(dtype.value_type))
    if pa.types.is_string(dtype):
        return cells
    if pa.types.is_nested(dtype):
        return pa.chunked_array([pa.array([v if v is None else canonical(v).decode() for v in cells.to_pylist()])])
    if pa.types.is_floating(dtype):
        cells = pc.if_else(pc.is_nan(cells), pa.scalar(None, dtype), cells)
    if names is not None and pa.types.is_integer(dtype):
        known = pc.and_(pc.greater_equal(cells, 0), pc.less(cells, len(names)))
        codes = pc.if_else(known, cells, pa.scalar(None, dtype)).cast(pa.int64())
        return pc.take(pa.chunked_array([pa.array(names, pa.string())]), codes)
    if pa.types.is_binary(dtype) or pa.types.is_large_binary(dtype):
        return pa.chunked_array([pa.array([None if v is None else v.hex() for v in cells.to_pylist()], pa.string())])
    return cells.cast(pa.string())


def numbers(cells: pa.ChunkedArray, what: str) -> np.ndarray:
    """The cells as float64, missing as nan: booleans as 0 and 1, dates as seconds since 1970.

    Raises
    ------
    DataError
        Some cells are no numbers; the first is shown. ``what`` names the column in the message.
    """
    dtype = cells.type
    if pa.types.is_dictionary(dtype):
        return numbers(cells.cast(dtype.value_type), what)
    if pa.types.is_null(dtype):
        return np.full(len(cells), np.nan)
    if pa.types.is_boolean(dtype):
        cells = cells.cast(pa.int8())
    elif pa.types.is_date(dtype) or pa.types.is_timestamp(dtype):
        return _seconds(cells)
    elif is_stringy(dtype):
        return _parsed(cells.cast(pa.string()), what)
    elif not is_number(dtype):
        raise DataError(f"{what} holds {dtype}, not numbers.")
    return cells.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False).astype(np.float64)


def is_dates(cells: pa.ChunkedArray) -> bool:
    """Whether every cell that is there is an ISO-like date, with or without a time."""
    there = cells.drop_null()
    return len(there) > 0 and bool(pc.all(pc.match_substring_regex(there, ISO_DATE)).as_py())


def _parsed(cells: pa.ChunkedArray, what: str) -> np.ndarray:
    """Strings that hold numbers, or dates."""
    trimmed = pc.utf8_trim_whitespace(cells)
    try:
        return trimmed.cast(pa.float64()).to_numpy(zero_copy_only=False).astype(np.float64)
    except pa.ArrowInvalid:
        if is_dates(trimmed):
            return _seconds(pa.chunked_array([pa.array([_iso(v) for v in trimmed.to_pylist()])]))
    first = next(value for value in trimmed.to_pylist() if value is not None and not _is_float(value))
    raise DataError(f"{what} holds {first!r}, which is not a number.")


def _seconds(cells: pa.ChunkedArray) -> np.ndarray:
    """Dates as seconds since 1970, UTC where no zone is said."""
    if is_stringy(cells.type):
        stamps = np.array([v or "NaT" for v in cells.to_pylist()], dtype="datetime64[us]")
    else:
        stamps = cells.cast(pa.timestamp("us"), safe=False).to_numpy().astype("datetime64[us]")
    seconds = stamps.astype(np.int64) / 1e6
    return np.where(np.isnat(stamps), np.nan, seconds)


def _iso(value: str | None) -> str | None:
    """``2016/7/1 0:00`` as ``2016-07-01T00:00``, without the zone."""
    if value is None:
        return None
    year, month, day, rest = DATE_PARTS.match(value).groups()
    time = re.sub(r"(?:Z|[+-]\d{2}:?\d{2})$", "", rest.strip().lstrip("T").strip())
    hours = f"T{time.zfill(5) if time.count(':') == 1 else time.zfill(8)}" if time else ""
    return f"{year}-{int(month):02d}-{int(day or 1):02d}{hours}"


def _is_float(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True
