"""The copy of a table: the same form, columns and order; rows left out, and cells changed, as edits say."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ftkit.data import delimited, jsonl, parquet, sniff
from ftkit.data.chat import chat_rows
from ftkit.data.chat_type import is_messages, told
from ftkit.data.decoding import BOMS, _guess, to_utf8
from ftkit.data.files import read_bytes
from ftkit.data.folder import suffix_of
from ftkit.errors import DataError

if TYPE_CHECKING:
    from ftkit.data.reading import Reading
    from ftkit.data.view import DatasetView


@dataclass(frozen=True)
class Changes:
    """What edits do to the rows of one file.

    Attributes
    ----------
    keep : ndarray of bool
        For each row of the file, whether it stays.
    cells : dict of str to dict of int to object
        By column the new values of its rows.
    view : DatasetView
        The edited view.
    places : ndarray of int
        The position of each row in the edited view; -1 where it does not stay.
    columns : tuple of str
        The columns of the file, where they are not those of the rows.
    """

    keep: np.ndarray
    cells: dict[str, dict[int, Any]]
    view: DatasetView
    places: np.ndarray
    columns: tuple[str, ...] = ()

    @property
    def names(self) -> list[str]:
        """The columns of the file."""
        return list(self.columns or self.view.unedited._reading.source.schema.names)

    @classmethod
    def of(cls, view: DatasetView, reading: Reading, rows: np.ndarray) -> Changes:
        """The changes of the rows of the source at ``rows``."""
        source: Any = reading.source
        if not hasattr(source, "kept"):
            return cls(np.ones(len(rows), dtype=bool), {}, view, rows)
        keep = np.isin(rows, source.kept)
        places = np.where(keep, np.searchsorted(source.kept, rows), -1)
        cells: dict[str, dict[int, Any]] = {}
        for name, changed in source.changed.items():
            here = changed.rows[np.isin(changed.rows, rows)]
            new = source.cells(name, np.searchsorted(source.kept, here)).to_pylist()
            cells[name] = dict(zip((here - rows[0]).tolist() if len(rows) else [], new, strict=True))
        if source.steps:
            changed = [row for row in source.steps if len(rows) and rows[0] <= row <= rows[-1]]
            new = source.cells(source.image, np.searchsorted(source.kept, changed)).to_pylist() if changed else []
            cells[source.image] = dict(zip([row - int(rows[0]) for row in changed], new, strict=True))
        return cls(keep, {name: by_row for name, by_row in cells.items() if by_row}, view, places)

    def rows(self) -> dict[int, dict[str, Any]]:
        """By row, the new values of its columns."""
        out: dict[int, dict[str, Any]] = {}
        for name, by_row in self.cells.items():
            for row, value in by_row.items():
                out.setdefault(row, {})[name] = value
        return out


def copy_table(path: Path, out: Path, changes: Changes, origin: dict[str, Any]) -> None:
    """Write one table again.

    Raises
    ------
    DataError
        Its form cannot be written back, or it is not the file that was read.
    """
    suffix = suffix_of(path.name)
    if changes.keep.all() and not changes.cells:
        out.write_bytes(path.read_bytes())
    elif suffix in parquet.SUFFIXES:
        _write_parquet(path, out, changes)
    elif suffix in jsonl.SUFFIXES:
        _store(out, _json(path, changes))
    elif suffix in delimited.SUFFIXES or origin.get("separator") is not None:
        _store(out, _delimited(path, changes, origin))
    else:
        raise DataError(f"{path}: files of this form cannot be written back. Write the rows with view.save(…).")


def _store(out: Path, content: bytes) -> None:
    out.write_bytes(gzip.compress(content, mtime=0) if out.suffix.lower() == ".gz" else content)


def _delimited(path: Path, changes: Changes, origin: dict[str, Any]) -> bytes:
    """The text of a delimited table; lines without a change are those of the file."""
    raw = read_bytes(path)
    mark = next((mark for mark, _ in BOMS if raw.startswith(mark)), b"")
    encoding = next((code for mark, code in BOMS if raw.startswith(mark)), None) or _encoding(raw)
    data, _ = to_utf8(raw, path)
    separator = delimited._separator(origin.get("separator"), data)
    quoting = not sniff.quotes_are_text(data, separator)
    text = data.decode("utf-8")
    records = ((line, fields) for line, fields in _records(text, separator, quoting) if fields)
    first = sniff.sample_rows(data, separator, quoting)
    markers = tuple(origin.get("missing") or sniff.MARKERS)
    header = origin["header"] if origin.get("header") is not None else sniff.has_header(first, markers)
    out = [next(records)[0]] if header else []
    width = len(first[0])
    names = changes.names
    changed, row = changes.rows(), -1
    nothing = "" if "" in markers else markers[0] if markers else ""
    for line, fields in records:
        if len(fields) != width:
            continue  # left out when it was read
        row += 1
        if row >= len(changes.keep):
            break
        if not changes.keep[row]:
            continue
        if row in changed:
            for name, value in changed[row].items():
                fields[names.index(name)] = _text(value, nothing)
            line = _line(fields, separator, quoting, line)
        out.append(line)
    _check_rows(row + 1, changes, path)
    if len(out) and not out[-1].endswith(("\n", "\r")) and not text.endswith(out[-1]):
        out[-1] += "\n"
    done = "".join(out)
    return done.encode("utf-8") if encoding == "utf-8" else mark * (encoding == "utf-8-sig") + _encoded(done, encoding)


def _encoded(text: str, encoding: str) -> bytes:
    return text.encode("utf-8" if encoding == "utf-8-sig" else encoding, "xmlcharrefreplace")


def _encoding(raw: bytes) -> str:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return _guess(raw)
    return "utf-8"


def _records(text: str, separator: str, quoting: bool) -> Iterator[tuple[str, list[str]]]:
    """Each record with the lines it was read from."""
    seen: list[str] = []

    def lines() -> Iterator[str]:
        for line in io.StringIO(text, newline=""):
            seen.append(line)
            yield line

    style = csv.QUOTE_MINIMAL if quoting else csv.QUOTE_NONE
    for fields in csv.reader(lines(), delimiter=separator, skipinitialspace=separator in ",;|", quoting=style):
        yield "".join(seen), fields
        seen.clear()


def _line(fields: list[str], separator: str, quoting: bool, old: str) -> str:
    """A record as a line with the end of the old one."""
    end = old[len(old.rstrip("\r\n")) :]
    if not quoting:
        return separator.join(" ".join(f.replace(separator, " ").split("\n")) for f in fields) + end
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=separator, lineterminator="").writerow(fields)
    return buffer.getvalue() + end


def _text(value: Any, nothing: str) -> str:
    if value is None or value != value:
        return nothing
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else json.dumps(value) if isinstance(value, (list, dict)) else str(value)


def _json(path: Path, changes: Changes) -> bytes:
    """JSON Lines, or one list of objects; lines without a change are those of the file."""
    data, _ = to_utf8(read_bytes(path), path)
    changed = changes.rows()
    if data.lstrip()[:1] == b"[":
        rows = [row for row in json.loads(data) if isinstance(row, dict)]
        _check_rows(len(rows), changes, path)
        kept = [_object(row, changed.get(i), changes, i) for i, row in enumerate(rows) if changes.keep[i]]
        indent = 2 if data.lstrip()[1:2] in (b"\n", b"\r") else None
        return (json.dumps(kept, ensure_ascii=False, indent=indent) + "\n").encode()
    out, row = [], -1
    for line in data.splitlines(keepends=True) if b"\r" not in data else data.split(b"\n"):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except ValueError:
            continue  # left out when it was read
        if not isinstance(value, dict):
            continue
        row += 1
        if row >= len(changes.keep) or not changes.keep[row]:
            continue
        if row in changed:
            line = json.dumps(_object(value, changed[row], changes, row), ensure_ascii=False).encode()
        out.append(line.rstrip(b"\r\n") + b"\n")
    _check_rows(row + 1, changes, path)
    return b"".join(out)


def _object(old: dict[str, Any], new: dict[str, Any] | None, changes: Changes, row: int) -> dict[str, Any]:
    """An object with its new values; chats in the form of the source."""
    if not new:
        return old
    schema = changes.view._reading.source.schema
    chats = [name for name in new if is_messages(schema.field(name).type) or name not in old]
    if any(is_messages(schema.field(name).type) for name in new) or ("messages" in schema.names and chats):
        place = int(changes.places[row])
        return next(chat_rows(changes.view.select([place])))
    return {**old, **new}


def _check_rows(found: int, changes: Changes, path: Path) -> None:
    if found != len(changes.keep):
        raise DataError(
            f"{path} holds {found:,} rows in a form that can be written back, and {len(changes.keep):,} were read. "
            "Write the rows with view.save('rows.parquet') instead."
        )


def _write_parquet(path: Path, out: Path, changes: Changes) -> None:
    """A Parquet file with the schema, metadata and compression of the old one."""
    packed = path.suffix.lower() == ".gz"
    file = pq.ParquetFile(pa.BufferReader(read_bytes(path)) if packed else path)
    _check_rows(file.metadata.num_rows, changes, path)
    schema, start = file.schema_arrow, 0
    compression = file.metadata.row_group(0).column(0).compression if file.metadata.num_row_groups else "snappy"
    cells = {name: _parquet_cells(name, by_row, changes, schema) for name, by_row in changes.cells.items()}
    for name in {name for name, _ in cells.values()}:
        field = schema.field(name)
        if pa.types.is_integer(field.type) and any(
            isinstance(v, float) for n, rows in cells.values() if n == name for v in rows.values()
        ):
            schema = schema.set(schema.get_field_index(name), field.with_type(pa.float64()))
    sink = io.BytesIO() if packed else out
    with pq.ParquetWriter(sink, schema, compression=compression) as writer:
        for group in range(file.metadata.num_row_groups):
            table = file.read_row_group(group)
            for name, by_row in cells.values():
                here = {row - start: value for row, value in by_row.items() if start <= row < start + table.num_rows}
                table = _put(table, name, here, schema.field(name))
            keep = changes.keep[start : start + table.num_rows]
            start += table.num_rows
            writer.write_table(table.filter(pa.array(keep)).cast(schema))
    if packed:
        _store(out, sink.getvalue())


def _parquet_cells(
    name: str, by_row: dict[int, Any], changes: Changes, schema: pa.Schema
) -> tuple[str, dict[int, Any]]:
    """The column of the file and its new values; chats under the name and in the form they have there."""
    field = changes.view._reading.source.schema.field(name)
    if not is_messages(field.type):
        return name, by_row
    key = told(field).get("key", name)
    if key not in schema.names:
        raise DataError(f"column '{name}' is made from several columns; write the rows as JSONL with write_chat.")
    kept = {row: next(chat_rows(changes.view.select([int(changes.places[row])])))[key] for row in by_row}
    return key, kept


def _put(table: pa.Table, name: str, new: dict[int, Any], field: pa.Field) -> pa.Table:
    if not new:
        return table
    at = table.schema.get_field_index(name)
    values = table.column(at).to_pylist()
    for row, value in new.items():
        values[row] = value
    return table.set_column(at, field, pa.array(values, field.type))
