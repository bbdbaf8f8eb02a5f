"""A cleaned copy: the files of a source as they were, but for what edits changed."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ftkit.data.copy_files import copy_file, copy_folder
from ftkit.data.copy_labelled import copy_labelled
from ftkit.data.copy_tables import Changes, copy_table
from ftkit.data.folder import walk
from ftkit.data.image_field import describe
from ftkit.data.opening import open_source
from ftkit.data.part import Options
from ftkit.errors import DataError

if TYPE_CHECKING:
    from ftkit.data.label_table import LabelTable
    from ftkit.data.view import DatasetView

EDITS = "edits.jsonl"


@dataclass(frozen=True)
class Copied:
    """What a copy came to.

    Attributes
    ----------
    folder : Path
        Where it is.
    files, links : int
        How many files were written; how many of them are links, because they lead out of the source.
    """

    folder: Path
    files: int
    links: int


def copy_to(view: DatasetView, out: str | Path) -> Copied:
    """Write the rows in the form and layout of their source, edits applied; what no edit changed is copied as it is.

    Parameters
    ----------
    view : DatasetView
        All rows of a source on disk, or of an embedded or hub data set (which become one Parquet file), with edits.
    out : path
        A folder that is not there yet, or empty. It appears whole or not at all. The edits lie in it as
        ``edits.jsonl``.

    Returns
    -------
    Copied

    Raises
    ------
    DataError
        The folder is there already, is inside the source or around it, or cannot be written; the rows came from memory,
        are a selection, or are of a form that cannot be written back. Nothing is left behind then.
    """
    origin = view.unedited.origin
    if origin is None:
        raise DataError(f"{view.name} has no files to copy: write the rows with view.save('rows.parquet').")
    if "test" in origin:
        raise DataError("rows read with test= are two sources: clean each by itself.")
    out = Path(out).expanduser().absolute()
    sources = [Path(p) for p in (origin["path"] if isinstance(origin["path"], list) else [origin["path"]])]
    refuse(out, sources)
    unfinished = out.with_name(f".{out.name}.{os.getpid()}.tmp")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        unfinished.mkdir()
        links = _write(view, sources, unfinished)
        view.edits.save(unfinished / EDITS)
        files = sum(len(names) for _, _, names in os.walk(unfinished))
        unfinished.replace(out)
    except OSError as error:
        raise DataError(f"{out} cannot be written: {error.strerror or error}. Choose another place.") from None
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return Copied(out, files, links)


def refuse(out: Path, sources: list[Path]) -> None:
    """Nothing is written into a source, around one, or over something.

    Raises
    ------
    DataError
        It would be.
    """
    real = Path(os.path.realpath(out))
    for source in sources:
        there = Path(os.path.realpath(source))
        if source.exists() and (real == there or there in real.parents or real in there.parents):
            raise DataError(f"{out} is not apart from the source {source}, which is never written. Choose another.")
    if out.is_symlink() or (out.exists() and (not out.is_dir() or any(out.iterdir()))):
        raise DataError(f"{out} is there already, and is not an empty folder. Choose another place.")


def _write(view: DatasetView, sources: list[Path], out: Path) -> int:
    """The copy of each file; how many became links."""
    if len(sources) == 1 and sources[0].exists() and (table := _label_table(view, sources[0])) is not None:
        return copy_labelled(view, table, out)
    if len(sources) == 1 and sources[0].is_dir():
        if _is_of_files(view):
            return copy_folder(view, sources[0], out)
        return _tables_in(view, sources[0], out)
    if len(sources) == 1 and not sources[0].exists():
        view.save(out / f"{view.name.replace('/', '-')}.parquet")
        return 0
    names = [source.name for source in sources]
    if len(set(names)) < len(names):
        raise DataError("files of the same name cannot lie in one folder; clean them one by one.")
    _tables(view, list(zip(sources, names, strict=True)), out)
    return 0


def _label_table(view: DatasetView, source: Path) -> LabelTable | None:
    """The table in which the labels of images stand, if there is one."""
    if not _is_of_files(view):
        return None
    return open_source(source, _options(view))[0].table


def _options(view: DatasetView) -> Options:
    """How the source was read."""
    origin = view.unedited.origin or {}
    return Options(*(_tuple(origin.get(field.name)) for field in fields(Options)))


def _is_of_files(view: DatasetView) -> bool:
    """Whether every row is a file of its own."""
    before = view.unedited._reading
    forms = [describe(field) for field in before.source.schema]
    files = any(form is not None and form.form == "file" for form in forms)
    return files or (before.known_ids is not None and "text" in before.source.schema.names)


def _tables_in(view: DatasetView, root: Path, out: Path) -> int:
    """A folder of tables: those that were read are edited, the other files copied."""
    read = [part.name for part in open_source(root, _options(view))]
    links = 0
    for name in walk(root):
        if name not in read:
            links += copy_file(root / name, root, out / name)
    for name in read:
        (out / name).parent.mkdir(parents=True, exist_ok=True)
    _tables(view, [(root / name, name) for name in read], out)
    return links


def _tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _tables(view: DatasetView, files: list[tuple[Path, str]], out: Path) -> None:
    """Each table with the changes of its own rows."""
    before, reading = view.unedited._reading, view._reading
    parts = getattr(before.source, "parts", None) or [before.source]
    if len(parts) != len(files):
        raise DataError(f"{view.name}: {len(files)} files hold {len(parts)} tables; clean the files one by one.")
    start = 0
    for part, (path, name) in zip(parts, files, strict=True):
        rows = np.arange(start, start + part.rows)
        start += part.rows
        copy_table(path, out / name, Changes.of(view, reading, rows), before.origin or {})
