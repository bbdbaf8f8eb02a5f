"""CSV, TSV and tables with other separators."""

from __future__ import annotations

import csv
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from ftkit.data import sniff
from ftkit.data.decoding import to_utf8
from ftkit.data.faults import Faults
from ftkit.data.files import read_bytes
from ftkit.data.note import Note
from ftkit.data.part import Options, Part
from ftkit.data.source import Table, first_line
from ftkit.errors import DataError

SUFFIXES = (".csv", ".tsv", ".tab", ".txt", ".psv")
BLOCK = 1 << 24
LOOK_AT = 200


def open_delimited(path: Path, options: Options, shown: str) -> Part:
    """The rows of a text table.

    Parameters
    ----------
    path : Path
        The file, packed by gzip where it ends in .gz.
    options : Options
        Header, separator and missing markers, where the caller knows them.
    shown : str
        What the file is called in messages.

    Raises
    ------
    DataError
        The file is empty or no text, has repeated names or a ragged line, or holds only a header.
    """
    data, notes = to_utf8(read_bytes(path), path)
    if not data.strip():
        raise DataError(f"{shown} is empty.")
    separator = _separator(options.separator, data)
    quoting = not sniff.quotes_are_text(data, separator)
    blank = sniff.blank_after(data, separator)
    if blank:
        data = data.replace(f'{separator} "'.encode(), f'{separator}"'.encode())
    rows = _sample(data, separator, quoting, shown)
    markers = sniff.MARKERS if options.missing is None else options.missing
    header = sniff.has_header(rows, markers) if options.header is None else options.header
    width = len(rows[0])
    if options.report:
        width = Counter(len(row) for row in rows).most_common(1)[0][0]
    faults = Faults(shown, options.report)
    table = _parse(data, separator, quoting, width, faults)
    del data
    if header:
        names, table = [str(cell).strip() for cell in table.slice(0, 1).to_pylist()[0].values()], table.slice(1)
    else:
        names = [""] * table.num_columns
    _check_names(names, table.num_rows, shown)
    table, counts = _typed(table, markers, blank)
    table = table.rename_columns(_filled(names, table.schema))
    notes += (*_notes(counts, path.name, header, table.num_columns), *faults.settle(table.num_rows))
    return Part(Table(table), shown, notes=notes, found=Options(header, separator, options.missing, options.errors))


def _separator(given: str | None, data: bytes) -> str:
    separator = {"tab": "\t", "\\t": "\t"}.get(given, given) if given else sniff.separator_of(data)
    if len(separator) != 1 or not separator.isascii():
        raise DataError(f"separator={given!r} is not one character. Usual ones are ',', ';', '\\t' and '|'.")
    return separator


def _sample(data: bytes, separator: str, quoting: bool, shown: str) -> list[list[str]]:
    try:
        return sniff.sample_rows(data, separator, quoting)
    except csv.Error as error:
        raise DataError(f"{shown} cannot be read as a table of text: {error}.") from None


def _parse(data: bytes, separator: str, quoting: bool, width: int, faults: Faults) -> pa.Table:
    """Every cell as a string, the header too; records of another length left out where faults are only reported."""
    shown = faults.shown
    names = [str(i) for i in range(width)]
    quoted_lines = quoting and b'"' in data
    parse = arrow_csv.ParseOptions(
        delimiter=separator,
        quote_char='"' if quoting else False,
        newlines_in_values=quoted_lines,
        invalid_row_handler=(lambda row: _left_out(row, width, faults)) if faults.report else None,
    )
    convert = arrow_csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()))
    for size in (BLOCK, len(data) + 1):
        faults.found.clear()
        try:
            read = arrow_csv.ReadOptions(
                column_names=names, block_size=min(size, 2**31 - 2), use_threads=not faults.report
            )
            return arrow_csv.read_csv(pa.BufferReader(data), read, parse, convert)
        except pa.ArrowInvalid as error:
            if "straddling" not in str(error) or size > len(data):
                reason = _ragged(data, separator, quoting, width, shown)
                raise DataError(reason or f"{shown} cannot be read as a table of text: {first_line(error)}.") from None
    raise DataError(f"{shown} has a record that is too long to be read.")


def _left_out(row: arrow_csv.InvalidRow, width: int, faults: Faults) -> str:
    """Note a record with another number of fields, and go on."""
    place = f"line {row.number:,}" if row.number is not None else f"the line {row.text[:40]!r}"
    faults.add(place, f"{row.actual_columns} fields where {width} are needed")
    return "skip"


def _ragged(data: bytes, separator: str, quoting: bool, width: int, shown: str) -> str | None:
    """The sentence about the first line that has another number of fields."""
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    reader, first, more, good = sniff.records(data, separator, quoting), None, 0, 0
    try:
        for row in reader:
            if row and len(row) != width:
                first, more = first or (reader.line_num, len(row)), more + 1
            else:
                good += bool(row)
    except csv.Error as error:
        return f"{shown}, line {reader.line_num:,}: {error}."
    if first is None:
        return None
    others = f" ({more - 1:,} more lines are so)" if more > 1 else ""
    sep = {"\t": "a tab", ",": "a comma", ";": "a semicolon"}.get(separator, f"'{separator}'")
    return (
        f"{shown}, line {first[0]:,}: {first[1]} fields, where the first line has {width}{others}; the other {good:,} "
        f"lines are fine. The separator is {sep}: put cells that hold it in double quotes, mend the line, pass "
        "separator=, or errors='report' to leave such lines out."
    )


def _check_names(names: list[str], rows: int, shown: str) -> None:
    twice = [name for name, count in Counter(names).items() if name and count > 1]
    if twice:
        listed = ", ".join(f"'{name}'" for name in twice[:8])
        raise DataError(
            f"{shown} names {len(twice)} of its columns more than once: {listed}. Rename them, or pass header=False "
            "if the first line is a row."
        )
    if not rows:
        raise DataError(f"{shown} has a header ({len(names)} columns) and no rows.")


def _filled(names: list[str], schema: pa.Schema) -> list[str]:
    """Names for columns that have none; a first one of whole numbers is the index that pandas writes."""
    filled = [name or f"column_{i + 1}" for i, name in enumerate(names)]
    if any(names) and not names[0] and pa.types.is_integer(schema.field(0).type) and "index" not in filled:
        filled[0] = "index"
    return filled


def _typed(table: pa.Table, markers: tuple[str, ...], blank: bool) -> tuple[pa.Table, Counter[str]]:
    """Numbers as numbers, markers as missing; and how often each marker that is not empty was met."""
    counts: Counter[str] = Counter()
    columns = []
    known = pa.array(markers, pa.string())
    for i in range(table.num_columns):
        cells = table.column(i)
        trimmed = pc.utf8_trim_whitespace(cells)
        missing = pc.is_in(trimmed, value_set=known)
        for entry in pc.value_counts(trimmed.filter(missing)).to_pylist():
            counts[entry["values"]] += entry["counts"]
        columns.append(_typed_column(cells, trimmed, missing, blank))
    counts.pop("", None)
    return pa.table(columns, names=[str(i) for i in range(len(columns))]), counts


def _typed_column(
    cells: pa.ChunkedArray, trimmed: pa.ChunkedArray, missing: pa.ChunkedArray, blank: bool
) -> pa.ChunkedArray:
    nothing = pa.scalar(None, pa.string())
    cleaned = pc.if_else(missing, nothing, trimmed)
    there = cleaned.filter(pc.invert(missing))
    if not len(there):
        return pa.chunked_array([pa.nulls(len(cells))])
    for dtype in (pa.int64(), pa.float64()):
        try:
            there.slice(0, LOOK_AT).cast(dtype)
            return cleaned.cast(dtype)
        except pa.ArrowInvalid:
            continue
    words = pc.unique(pc.utf8_lower(there.slice(0, LOOK_AT))).to_pylist()
    if set(words) <= {"true", "false"} and np.all(
        pc.is_in(pc.utf8_lower(there), value_set=pa.array(["true", "false"])).to_numpy()
    ):
        return pc.utf8_lower(cleaned).cast(pa.bool_())
    return cleaned if blank else pc.if_else(missing, nothing, cells)


def _notes(counts: Counter[str], name: str, header: bool, width: int) -> tuple[Note, ...]:
    notes = []
    if not header:
        message = (
            f"{name} has no header: its columns are called column_1 to column_{width} (header=True if it has one)."
        )
        notes.append(Note("SRC103", "info", message))
    if counts:
        listed = ", ".join(f"{count:,} '{marker}'" for marker, count in counts.most_common())
        notes.append(Note("TAB104", "info", f"{name}: {listed} read as missing (missing=[] keeps them)."))
    return tuple(notes)
