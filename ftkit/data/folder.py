"""Folders: of class folders of images, of shards of a table, of idx files."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa

from ftkit.data.image import SUFFIXES as IMAGES
from ftkit.data.image_field import file_field
from ftkit.data.note import Note
from ftkit.data.part import Part
from ftkit.data.source import Table
from ftkit.data.splits import split_of
from ftkit.errors import DataError

IGNORED = {"__MACOSX", "Thumbs.db", "desktop.ini"}


def walk(root: Path) -> list[str]:
    """The files below a folder, as sorted posix paths relative to it; hidden ones left out.

    Raises
    ------
    DataError
        The folder cannot be listed.
    """
    try:
        return sorted(_walk(str(root), "", {os.path.realpath(root)}))
    except OSError as error:
        raise DataError(f"folder {root} cannot be listed: {error.strerror}.") from None


def _walk(folder: str, prefix: str, above: set[str]) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(".") or entry.name in IGNORED:
                continue
            if not entry.is_dir():
                yield prefix + entry.name
                continue
            real = os.path.realpath(entry.path) if entry.is_symlink() else entry.path
            if real not in above:
                yield from _walk(entry.path, f"{prefix}{entry.name}/", above | {real})


def suffix_of(name: str) -> str:
    """The lower-case suffix, ``.gz`` set aside."""
    return os.path.splitext(name.lower().removesuffix(".gz"))[1]  # noqa: PTH122  (100,000 names: no Path each)


def image_part(root: Path, names: list[str], shown: str, classes: bool = True) -> Part:
    """The images of a folder: the class is the first folder of the path, after a split folder if there are any.

    ``classes=False`` reads no classes from folders.

    Raises
    ------
    DataError
        A name cannot be written as Unicode.
    """
    images = [name for name in names if suffix_of(name) in IMAGES and not name.lower().endswith(".gz")]
    notes = _left_out([name for name in names if suffix_of(name) not in IMAGES and name != "edits.jsonl"], shown)
    splits, labels = _meaning([name.split("/") for name in images])
    base = f"{root.absolute().as_posix().rstrip('/')}/"
    try:
        ids = pa.array(images, pa.string())
        paths = pa.array([base + name for name in images], pa.string())
    except UnicodeEncodeError as error:
        raise DataError(f"{shown}: the file name {error.object!r} is not Unicode. Rename the file.") from None
    columns, fields = [paths], [file_field("image")]
    if classes and any(label is not None for label in labels):
        columns.append(pa.array(labels, pa.string()).dictionary_encode())
        fields.append(pa.field("label", columns[1].type))
    table = pa.table(columns, schema=pa.schema(fields))
    given = np.array([split or "" for split in splits], dtype="U10") if any(splits) else None
    return Part(Table(table), shown, given, pa.chunked_array([ids]), notes)


def has_classes(names: list[str]) -> bool:
    """Whether the folders of images are two classes or more."""
    images = [name.split("/") for name in names if suffix_of(name) in IMAGES]
    return len({label for label in _meaning(images)[1] if label is not None}) > 1


def _meaning(paths: list[list[str]]) -> tuple[list[str | None], list[str | None]]:
    """The split and the class of each path."""
    start = 0
    while True:
        heads = {path[start] if len(path) > start + 1 else None for path in paths}
        if heads and all(split_of(head) for head in heads):
            splits: list[str | None] = [split_of(path[start]) for path in paths]
            return splits, _classes(paths, start + 1)
        if len(heads) == 1 and None not in heads and all(len(path) > start + 2 for path in paths):
            start += 1  # one folder around everything, as archives have
            continue
        return [None] * len(paths), _classes(paths, start)


def _classes(paths: list[list[str]], level: int) -> list[str | None]:
    return [path[level] if len(path) > level + 1 else None for path in paths]


def _left_out(names: list[str], shown: str) -> tuple[Note, ...]:
    if not names:
        return ()
    kinds = Counter(suffix_of(name) or "no suffix" for name in names)
    listed = ", ".join(f"{count:,} {kind}" for kind, count in kinds.most_common(6))
    return (Note("SRC101", "info", f"{shown}: {len(names):,} files that are no images were left out ({listed})."),)
