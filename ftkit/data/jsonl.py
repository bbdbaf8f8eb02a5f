"""JSON Lines, and JSON files that hold one list of objects."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from ftkit.data import mapped
from ftkit.data.decoding import to_utf8
from ftkit.data.faults import Faults
from ftkit.data.files import read_bytes
from ftkit.data.json_table import Layout, as_table, kind_of
from ftkit.data.note import Note
from ftkit.data.part import Part
from ftkit.data.qa import squad_rows
from ftkit.data.source import Table
from ftkit.errors import DataError

SUFFIXES = (".jsonl", ".ndjson", ".json")
BLOCK = 1 << 23  # bytes read at once
BIG = 1 << 26  # bytes: files above are converted block by block to a file that memory maps


def open_jsonl(path: Path, shown: str, report: bool = False) -> Part:
    """The rows of a JSON file: one object a line, or one list of objects.

    Raises
    ------
    DataError
        The file is empty, or a line is no JSON object (the line is named).
    """
    faults = Faults(shown, report)
    if _is_big(path):
        source, note = mapped.convert(path, lambda: _blocks(path, faults), faults)
        return Part(source, shown, notes=(note, *faults.settle(source.rows)))
    data, notes = to_utf8(read_bytes(path), path)
    if not data.strip():
        raise DataError(f"{shown} is empty.")
    table, more = _table(data, shown, faults)
    return Part(Table(table), shown, notes=notes + more)


def _is_big(path: Path) -> bool:
    try:
        size = path.stat().st_size * (5 if path.suffix.lower() == ".gz" else 1)
        with gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb") as file:
            return size > BIG and not file.read(4096).lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"[")
    except OSError:
        return False


def _blocks(path: Path, faults: Faults) -> Iterator[pa.Table]:
    """The rows in pieces, each from a few megabytes of lines."""
    number, layout, rest = 1, Layout(), b""
    with gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb") as file:
        while piece := file.read(BLOCK):
            head, newline, tail = piece.rpartition(b"\n")
            if not newline:
                rest += piece
                continue
            block, rest = rest + head, tail
            yield from _block(block, number, layout, faults)
            number += block.count(b"\n") + 1
        yield from _block(rest, number, layout, faults)


def _block(block: bytes, number: int, layout: Layout, faults: Faults) -> Iterator[pa.Table]:
    block = block.removeprefix(b"\xef\xbb\xbf") if number == 1 else block
    if block.strip():
        table = layout.fast(block)
        if table is None:
            rows = [row for _, row in _lines(block, faults, number)]
            table = as_table(rows, layout) if rows else None
        if table is not None:
            yield table


def _table(data: bytes, shown: str, faults: Faults) -> tuple[pa.Table, tuple[Note, ...]]:
    """All rows of a file that is in memory."""
    listed = data.lstrip()[:1] == b"["
    if not listed and len(data) > BLOCK // 2:
        layout = Layout()
        first = [row for _, row in _lines(data[: data.find(b"\n", BLOCK // 8)], Faults(shown))]
        if first:
            layout.learn(as_table(first, layout))
        if (table := layout.fast(data)) is not None:
            return table, ()
    rows = _listed(data, shown, faults) if listed else _objects(data, faults)
    notes = faults.settle(len(rows))
    if not rows or not any(rows):
        raise DataError(f"{shown} is an empty list." if listed else f"{shown} holds only empty objects.")
    return as_table(squad_rows({"data": rows}) or rows, Layout()), notes


def _objects(data: bytes, faults: Faults) -> list[dict[str, Any]]:
    """The objects of the file, as Python values."""
    rows = [row for _, row in _lines(data, faults)]
    if faults.found and faults.found[0][0] == "line 1" and (whole := _whole(data)) is not None:
        faults.found.clear()
        return whole
    if len(rows) == 1 and not faults.found and (inner := _only_list(rows[0])) is not None:
        return inner
    return rows


def _lines(data: bytes, faults: Faults, start: int = 1) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects with their lines."""
    for number, line in enumerate(data.split(b"\n"), start):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            faults.add(f"line {number:,}", f"not JSON ({error}). One object a line is needed")
            continue
        if isinstance(row, dict):
            yield number, row
        else:
            faults.add(f"line {number:,}", f"{kind_of(row)} where an object {{…}} is needed")


def _listed(data: bytes, shown: str, faults: Faults) -> list[dict[str, Any]]:
    try:
        rows = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{shown} is not JSON: {error}.") from None
    for place, row in enumerate(rows, 1):
        if not isinstance(row, dict):
            faults.add(f"entry {place:,} of the list", f"{kind_of(row)} where an object {{…}} is needed")
    return [row for row in rows if isinstance(row, dict)]


def _whole(data: bytes) -> list[dict[str, Any]] | None:
    """The rows of a file that is one object over many lines: those of its only list of objects."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return _only_list(value) or [value] if isinstance(value, dict) else None


def _only_list(value: dict[str, Any]) -> list[dict[str, Any]] | None:
    if (squad := squad_rows(value)) is not None:
        return squad
    lists = [v for v in value.values() if isinstance(v, list) and v and all(isinstance(row, dict) for row in v)]
    return (
        lists[0]
        if (len(lists) == 1 and len(value) <= 3 and "version" in value) or ("data" in value and lists)
        else None
    )
