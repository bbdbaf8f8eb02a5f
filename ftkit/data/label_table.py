"""A folder of images whose labels stand in a table: which row speaks of which file."""

from __future__ import annotations

import difflib
import os
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from ftkit.data.cells import is_stringy, strings
from ftkit.data.folder import image_part, suffix_of
from ftkit.data.image import SUFFIXES as IMAGES
from ftkit.data.note import Note
from ftkit.data.part import Part
from ftkit.data.source import Parquet, Table, column, quoted
from ftkit.errors import DataError

SHOWN = 4
MOST_TABLES = 8
LOOK_AT = 10_000
# A table is about the images where it names at least so many of them, or so many of its rows name one.
SHARE = 0.5
RENAMED = "image_2"  # a column of the table called like that of the images


@dataclass(frozen=True)
class LabelTable:
    """Where the labels of images stand.

    Attributes
    ----------
    path : Path
        The table.
    root : Path
        The folder that the row ids are relative to.
    rows : ndarray of int
        For each image the row of the table that speaks of it; -1 where none does.
    images : ndarray of int
        For each row of the table the image it names; -1 where there is none.
    names : tuple of str
        Its columns, in order.
    whole : bool
        Whether the folder was read, rather than the table.
    """

    path: Path
    root: Path
    rows: np.ndarray
    images: np.ndarray
    names: tuple[str, ...]
    whole: bool

    @property
    def count(self) -> int:
        """The rows of the table."""
        return len(self.images)

    def spelled(self, name: str) -> str:
        """What a column of the rows is called in the table."""
        return "image" if name == RENAMED else name


@dataclass(frozen=True)
class _Match:
    """The column of file names, and for each row of the table the image it names; -1 where there is none."""

    column: str
    image: np.ndarray

    @property
    def found(self) -> int:
        """How many images are named."""
        return len(np.unique(self.image[self.image >= 0]))


def label_images(root: Path, names: list[str], shown: str, table: Part, path: Path, whole: bool = True) -> Part:
    """The images of a folder with the columns of a table that names them.

    Parameters
    ----------
    root : Path
        The folder.
    names : list of str
        Its files.
    shown : str
        What it is called in messages.
    table : Part
        The table as it was read.
    path : Path
        Where it was read from.
    whole : bool, default True
        Whether the folder was asked for, rather than the table.

    Raises
    ------
    DataError
        No column of the table names images that are there.
    """
    own = os.path.relpath(path, root).replace(os.sep, "/")
    part = image_part(root, [name for name in names if name != own], shown, classes=False)
    images = part.ids.to_pylist()
    match = match_images(table, images, os.path.dirname(own) if not own.startswith("..") else "")  # noqa: PTH120
    if match is None or not match.found:
        raise _no_match(table, images, path, root)
    rows, twice = _first_rows(match.image, len(images))
    source = _joined(part, table, match.column, rows)
    notes = (*part.notes, *table.notes, *_gaps(table, match, images, rows, twice))
    about = LabelTable(path.absolute(), root.absolute(), rows, match.image, tuple(table.source.schema.names), whole)
    others = [name for name in source.schema.names if name != "image"]
    facts = {"target": others[0]} if len(others) == 1 else {}
    return replace(part, source=source, notes=notes, facts=facts, table=about)


def find_table(root: Path, names: list[str], read: Callable[[Path, str], Part]) -> tuple[Part, Path] | None:
    """The table at the top of a folder that names its images; None where none does."""
    images = [name for name in names if suffix_of(name) in IMAGES]
    tops = [name for name in names if "/" not in name and suffix_of(name) in (".csv", ".tsv", ".jsonl", ".parquet")]
    best: tuple[int, Part, Path] | None = None
    for name in tops[:MOST_TABLES]:
        try:
            part = read(root / name, name)
        except DataError:
            continue  # it is left out like any other file that is no image
        match = match_images(part, images, "")
        if match and _is_about(match, len(images)) and (best is None or match.found > best[0]):
            best = match.found, part, root / name
    return None if best is None else best[1:]


def beside_table(path: Path, table: Part) -> list[str] | None:
    """The images in the folders that a table names, relative to its own; None where it names none."""
    root, best = path.absolute().parent, None
    for name in _text_columns(table):
        if not _begins_with_images(table, name):
            continue
        cells = {_tidy(cell) for cell in _names_in(table, name)}
        likely = sorted(cell for cell in cells if suffix_of(cell) in IMAGES and _is_inside(cell))
        there = [cell for cell in likely if (root / cell).is_file()]
        if len(there) >= SHARE * len(cells) and len(there) > len(best or ()):
            best = there
    if not best:
        return None
    folders = sorted({os.path.dirname(name) for name in best})  # noqa: PTH120
    return [f"{folder}/{file}" if folder else file for folder in folders for file in sorted(_files(root / folder))]


def _files(folder: Path) -> list[str]:
    return [entry.name for entry in os.scandir(folder) if entry.is_file() and not entry.name.startswith(".")]


def _is_inside(name: str) -> bool:
    """A table from elsewhere must not name any file of the machine: only those below it."""
    return not name.startswith(("/", "~")) and ".." not in name.split("/") and ":" not in name


def match_images(table: Part, images: Sequence[str], folder: str) -> _Match | None:
    """The column of a table that names most of the images: by path, by name, or by name without suffix."""
    best: _Match | None = None
    for keys in _spellings(images, folder):
        place = {key: i for i, key in enumerate(keys) if key is not None}
        for name in _text_columns(table):
            found = np.array([place.get(_tidy(cell), -1) for cell in _names_in(table, name)], dtype=np.int64)
            if (found >= 0).any() and (best is None or len(np.unique(found[found >= 0])) > best.found):
                best = _Match(name, found)
    return best


def _spellings(images: Sequence[str], folder: str) -> list[list[str | None]]:
    """How a table may name images; a name that two files share names neither."""
    whole = [_tidy(name) for name in images]
    files = [name.rsplit("/", 1)[-1] for name in whole]
    stems = [os.path.splitext(file)[0] for file in files]  # noqa: PTH122
    # 007 in a column of numbers has become 7.
    ways = [whole, files, stems, [str(int(stem)) if stem.isdecimal() else stem for stem in stems]]
    if folder:
        ways.insert(1, [name.removeprefix(f"{_tidy(folder)}/") for name in whole])
    counts = [Counter(way) for way in ways]
    return [[key if count[key] == 1 else None for key in way] for way, count in zip(ways, counts, strict=True)]


def _tidy(name: str) -> str:
    """One spelling of a path: of two ways to write é, and of two slashes, one."""
    return unicodedata.normalize("NFC", name).strip().replace("\\", "/").removeprefix("./")


def _text_columns(table: Part) -> list[str]:
    return [field.name for field in table.source.schema if is_stringy(field.type) or pa.types.is_integer(field.type)]


def _begins_with_images(table: Part, name: str) -> bool:
    """Whether some of the first cells end like images; most columns of large files need not be held to know."""
    if pa.types.is_integer(table.source.schema.field(name).type):
        return False
    if isinstance(table.source, Parquet):
        cells = table.source.outermost(name)
    else:
        first = next(iter(table.source.batches(name)), None)
        cells = [] if first is None else strings(first.slice(0, LOOK_AT)).to_pylist()
    return any(suffix_of(_tidy(cell)) in IMAGES for cell in cells if cell)


def _names_in(table: Part, name: str) -> list[str]:
    return [cell or "" for cell in strings(column(table.source, name)).to_pylist()]


def _is_about(match: _Match, images: int) -> bool:
    return match.found >= SHARE * images or (match.image >= 0).mean() >= SHARE


def _first_rows(image: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """For each image the first row that names it, and the rows that name one again."""
    rows = np.full(count, -1, dtype=np.int64)
    named = np.flatnonzero(image >= 0)
    rows[image[named][::-1]] = named[::-1]
    return rows, named[rows[image[named]] != named]


def _joined(part: Part, table: Part, names: str, rows: np.ndarray) -> Table:
    """The images beside the other columns of the table."""
    picked = pa.array(rows, mask=rows < 0)
    fields, columns = [part.source.schema.field("image")], [column(part.source, "image")]
    for field in table.source.schema:
        if field.name != names:
            cells = column(table.source, field.name).take(picked)
            fields.append(field.with_name(RENAMED) if field.name == "image" else field)
            columns.append(cells)
    return Table(pa.table(columns, schema=pa.schema(fields)))


def _gaps(table: Part, match: _Match, images: list[str], rows: np.ndarray, twice: np.ndarray) -> list[Note]:
    """What does not meet: rows without a file, files without a row, rows that name a file again."""
    notes, cells = [], _names_in(table, match.column)
    lost = np.flatnonzero(match.image < 0)
    if len(lost):
        shown = "; ".join(f"row {i + 1:,}: {_named(cells[i], images)}" for i in lost[:SHOWN].tolist())
        more = f"; and {len(lost) - SHOWN:,} more" if len(lost) > SHOWN else ""
        said = (
            f"{len(lost):,} of its {len(cells):,} rows name no image that is there ({shown}{more}); they are left out."
        )
        notes.append(Note("SRC106", "warning", f"{table.name}, column '{match.column}': {said}."))
    bare = [images[i] for i in np.flatnonzero(rows < 0)]
    if bare:
        shown = quoted(bare[:SHOWN])
        said = f"{len(bare):,} of the {len(images):,} images are named by no row, so they have no label: {shown}"
        notes.append(Note("SRC107", "warning", f"{table.name}: {said}.", tuple(bare[:1000])))
    if len(twice):
        shown = quoted(list(dict.fromkeys(cells[i] for i in twice.tolist()))[:SHOWN])
        said = f"{len(twice):,} rows name an image that a row above them names ({shown}); the first one counts."
        ids = dict.fromkeys(images[match.image[i]] for i in twice.tolist())
        notes.append(Note("SRC108", "warning", f"{table.name}: {said}", tuple(ids)[:1000]))
    return notes


def _named(cell: str, images: list[str]) -> str:
    close = difflib.get_close_matches(cell, images[:5000], n=1, cutoff=0.8)
    return f"'{cell}'{f', nearest is {close[0]!r}' if close else ''}" if cell else "nothing"


def _no_match(table: Part, images: list[str], path: Path, root: Path) -> DataError:
    columns = ", ".join(
        f"'{name}' ({(_names_in(table, name) or [''])[0][:40]!r}, …)" for name in _text_columns(table)[:6]
    )
    return DataError(
        f"{path}: no column names the images of {root} ({quoted(images[:3])}); there are {columns or 'no names'}. "
        "One column has to hold their paths below that folder, their names, or their names without suffix."
    )
