"""JSON Lines, and JSON files that hold one list of objects."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa

from ftkit.data.decoding import to_utf8
from ftkit.data.files import read_bytes
from ftkit.data.hashing import canonical
from ftkit.data.part import Part
from ftkit.data.source import Table
from ftkit.errors import DataError

SUFFIXES = (".jsonl", ".ndjson", ".json")
BLOCK = 1 << 24


def open_jsonl(path: Path, shown: str) -> Part:
    """The rows of a JSON file: one object a line, or one list of objects.

    Raises
    ------
    DataError
        The file is empty, or a line is no JSON object (the line is named).
    """
    data, notes = to_utf8(read_bytes(path), path)
    if not data.strip():
        raise DataError(f"{shown} is empty.")
    table = _columns(list(_objects(data, shown)), shown)
    return Part(Table(table), shown, notes=notes)


def _objects(data: bytes, shown: str) -> list[dict[str, Any]]:
    """The objects of the file, as Python values."""
    if data.lstrip()[:1] == b"[":
        return _listed(data, shown)
    rows = []
    for number, line in enumerate(data.split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            if number == 1 and (whole := _whole(data)) is not None:
                return whole
            raise DataError(f"{shown}, line {number:,}: not JSON ({error}). One object a line is needed.") from None
        if not isinstance(row, dict):
            raise DataError(f"{shown}, line {number:,}: {_kind(row)} where an object {{…}} is needed.")
        rows.append(row)
    if len(rows) == 1 and (inner := _only_list(rows[0])) is not None:
        return inner
    return rows


def _listed(data: bytes, shown: str) -> list[dict[str, Any]]:
    try:
        rows = json.loads(data)
    except ValueError as error:
        raise DataError(f"{shown} is not JSON: {error}.") from None
    for place, row in enumerate(rows, 1):
        if not isinstance(row, dict):
            raise DataError(f"{shown}, entry {place:,} of the list: {_kind(row)} where an object {{…}} is needed.")
    if not rows:
        raise DataError(f"{shown} is an empty list.")
    return rows


def _whole(data: bytes) -> list[dict[str, Any]] | None:
    """The rows of a file that is one object over many lines: those of its only list of objects."""
    try:
        value = json.loads(data)
    except ValueError:
        return None
    return _only_list(value) or [value] if isinstance(value, dict) else None


def _only_list(value: dict[str, Any]) -> list[dict[str, Any]] | None:
    lists = [v for v in value.values() if isinstance(v, list) and v and all(isinstance(row, dict) for row in v)]
    return (
        lists[0]
        if (len(lists) == 1 and len(value) <= 3 and "version" in value) or ("data" in value and lists)
        else None
    )


def _columns(rows: list[dict[str, Any]], shown: str) -> pa.Table:
    """The objects as a table; a key whose values are of several types becomes a column of strings."""
    names = list(dict.fromkeys(key for row in rows for key in row))
    if not names:
        raise DataError(f"{shown} holds only empty objects.")
    return pa.table({name: _column([row.get(name) for row in rows]) for name in names})


def _column(values: list[Any]) -> pa.Array:
    try:
        array = pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
        plain = [v if v is None or isinstance(v, str) else canonical(v).decode() for v in values]
        return pa.array(plain, pa.string())
    return array if not pa.types.is_struct(array.type) or array.type.num_fields else pa.nulls(len(values))


def _kind(value: Any) -> str:
    return {list: "a list", str: "a string", bool: "a truth value", type(None): "null"}.get(type(value), "a number")
