"""How a table of text is written: its separator, and whether its first line is a header. Judged from a sample."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator

from ftkit.data.roles import SPLIT_NAMES, TARGET_NAMES

SAMPLE = 1 << 16
SEPARATORS = ",;\t|"
MARKERS = ("", "?", "NA", "N/A", "NaN", "nan", "null", "NULL")
USUAL = {*TARGET_NAMES, *SPLIT_NAMES, "text", "sentence", "id", "name", "date", "image", "file", "file_name"}
NAME_LENGTH = 60


def sample_rows(data: bytes, separator: str, quoting: bool = True) -> list[list[str]]:
    """The whole records of the first part of the file."""
    rows = list(records(data[:SAMPLE], separator, quoting))
    whole = rows[:-1] if len(data) > SAMPLE and len(rows) > 1 else rows
    return [row for row in whole if row]


def records(data: bytes, separator: str, quoting: bool) -> Iterator[list[str]]:
    """The records of a text, as Python's csv module reads them."""
    text = io.StringIO(data.decode("utf-8", "ignore"), newline="")
    style = csv.QUOTE_MINIMAL if quoting else csv.QUOTE_NONE
    return csv.reader(text, delimiter=separator, skipinitialspace=separator in ",;|", quoting=style)


def quotes_are_text(data: bytes, separator: str) -> bool:
    """Whether quotation marks are part of the text, as in tab-separated files that no program quoted.

    They are where the lines, split without regard to quotes, all have the same number of fields, and some field begins
    with a mark that it does not end with.
    """
    if separator != "\t" or b'"' not in data:
        return False
    lines = [line.split(b"\t") for line in data.splitlines() if line]
    if len({len(fields) for fields in lines}) != 1:
        return False
    return any(f.startswith(b'"') and (len(f) < 2 or not f.endswith(b'"')) for fields in lines for f in fields)


def separator_of(data: bytes) -> str:
    """The separator that gives the most lines the same number of fields, more than one; a comma where none does."""
    best, chosen = (0.0, 0), ","
    for separator in SEPARATORS:
        try:
            counts = Counter(len(row) for row in sample_rows(data, separator))
        except csv.Error:
            continue
        fields, lines = max(counts.items(), key=lambda item: (item[1], item[0]), default=(1, 0))
        score = (round(lines / max(sum(counts.values()), 1), 2), fields)
        if fields > 1 and score > best:
            best, chosen = score, separator
    return chosen


def has_header(rows: list[list[str]], markers: tuple[str, ...]) -> bool:
    """Whether the first record names the columns.

    It does not where it holds a number in a column of numbers; it does where it holds a word in one. Where all columns
    are words, it does when its words are short, differ from each other and do not come again below. One column of
    words alone has none.
    """
    if not rows:
        return False
    first = [cell.strip() for cell in rows[0]]
    if {cell.lower() for cell in first} & USUAL:
        return True
    below = [row for row in rows[1:] if len(row) == len(first)]
    columns = [[row[i].strip() for row in below] for i in range(len(first))]
    verdicts = [_verdict(cell, cells, markers) for cell, cells in zip(first, columns, strict=True)]
    if any(verdict is not None for verdict in verdicts):
        return verdicts.count(True) > verdicts.count(False)
    if not below:
        return not any(_is_number(cell) for cell in first)
    if len(first) == 1:
        return False
    recurs = any(cell in cells for cell, cells in zip(first, columns, strict=True))
    return not recurs and all(_is_name(cell) for cell in first if cell) and len(set(first)) == len(first)


def blank_after(data: bytes, separator: str) -> bool:
    """Whether a blank follows every separator, and so belongs to it."""
    if separator not in ",;|":
        return False
    mark = separator.encode()
    sample = data[:SAMPLE].rsplit(b"\n", 1)[0]
    total = sample.count(mark)
    return total > 0 and sample.count(mark + b" ") == total


def _verdict(cell: str, cells: list[str], markers: tuple[str, ...]) -> bool | None:
    """True: a name above numbers. False: a number above numbers. None: cannot tell."""
    known = [value for value in cells if value not in markers]
    if not known or not all(_is_number(value) for value in known):
        return None
    if cell in markers:
        return None
    return not _is_number(cell)


def _is_name(cell: str) -> bool:
    return len(cell) <= NAME_LENGTH and cell[-1] not in ".?!。？！" and len(cell.split()) <= 6


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
