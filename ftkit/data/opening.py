"""Finding out what a source is, and opening it with the reader that knows it."""

from __future__ import annotations

import difflib
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ftkit.data import delimited, folder, idx, jsonl, parquet, text_folder
from ftkit.data.embedded import EMBEDDED, open_embedded
from ftkit.data.hub import ID, open_hub
from ftkit.data.image import SUFFIXES as IMAGES
from ftkit.data.label_table import beside_table, find_table, label_images
from ftkit.data.memory import open_object
from ftkit.data.part import Options, Part
from ftkit.data.source import quoted
from ftkit.data.splits import split_in
from ftkit.errors import DataError, nearest

TABLES = (*delimited.SUFFIXES, *jsonl.SUFFIXES, *parquet.SUFFIXES)


def open_source(source: Any, options: Options) -> list[Part]:
    """The parts of anything that holds rows."""
    if isinstance(source, (str, os.PathLike)):
        return _open_named(os.fspath(source), options)
    if isinstance(source, Sequence) and source and all(isinstance(s, (str, os.PathLike)) for s in source):
        return _open_files([Path(os.fspath(s)).expanduser() for s in source], options, [str(s) for s in source])
    return open_object(source)


def _open_named(name: str, options: Options) -> list[Part]:
    if name in EMBEDDED:
        return [open_embedded(name)]
    if not name.strip():
        raise DataError("the name of what to read is empty. Give a path, a hub id or an embedded name.")
    path = Path(name).expanduser()
    try:
        if path.is_dir():
            return _open_folder(path, options)
        if path.exists():
            return [_with_images(_open_file(path, options, path.name), path)]
    except (OSError, ValueError) as error:
        raise DataError(f"'{name[:200]}' is not a path that can be opened: {error}.") from None
    nearby = _nearby(path)
    looks_like_path = name.startswith((".", "/", "~")) or folder.suffix_of(name) in (*TABLES, *IMAGES)
    if ID.fullmatch(name) and not looks_like_path and not path.parent.is_dir():
        return open_hub(name, nearby)
    raise DataError(
        f"'{name}': there is no such file or folder ({nearby}). Correct the path, or give an embedded name "
        f"({', '.join(EMBEDDED)}) or an id owner/name of the hub."
    )


def _nearby(path: Path) -> str:
    """What there is in the folder where a path should have been."""
    parent = path.parent
    while not parent.is_dir() and parent != parent.parent:
        path, parent = parent, parent.parent
    known = sorted(entry.name for entry in parent.iterdir() if not entry.name.startswith("."))
    if str(parent) == ".":
        known += EMBEDDED
    close = difflib.get_close_matches(path.name, known, n=4, cutoff=0.5)
    shown = f"nearest is {quoted(close)}" if close else f"there are {quoted(known)}" if known else "nothing"
    return f"in {parent.absolute()}: {shown}"


def _open_folder(root: Path, options: Options) -> list[Part]:
    """A folder of images, of idx files, or of tables."""
    names = folder.walk(root)
    kinds = {folder.suffix_of(name) for name in names}
    shown = root.name or str(root.absolute())
    if kinds & IMAGES:
        return [_open_images(root, names, shown, options)]
    images = [name for name in names if idx.is_idx(name.split("/")[-1]) and idx.labels_beside(root / name)]
    if images:
        return _by_name([idx.open_idx(root / name, name) for name in images])
    if text_folder.is_text_folder(names):
        return [text_folder.open_texts(root, names, shown, options.report)]
    files = [name for name in names if folder.suffix_of(name) in TABLES and not _is_about(name)]
    if files:
        kind = max({folder.suffix_of(name) for name in files}, key=lambda kind: _weight(kind, files))
        same = [name for name in files if folder.suffix_of(name) == kind]
        return _open_files([root / name for name in same], options, same)
    what = f"holds no images or tables, only {nearest('', sorted(kinds), 'files')}" if names else "is empty"
    raise DataError(
        f"folder {root} {what}. Give a folder of images or texts in class folders, or of CSV, Parquet or JSONL files."
    )


def _open_images(root: Path, names: list[str], shown: str, options: Options) -> Part:
    """Images in class folders, or with their labels in a table that was given or lies among them."""
    if options.labels is not None:
        path = Path(options.labels).expanduser()
        path = path if path.is_file() else root / options.labels
        if not path.is_file():
            raise DataError(f"labels='{options.labels}': there is no such file ({_nearby(path)}). Correct the path.")
        return label_images(root, names, shown, _open_file(path, options, path.name), path)
    if not folder.has_classes(names):
        found = find_table(root, names, lambda path, name: _open_file(path, options, name))
        if found is not None:
            return label_images(root, names, shown, *found)
    return folder.image_part(root, names, shown)


def _with_images(part: Part, path: Path) -> Part:
    """A table, or the images that it names where it does."""
    names = beside_table(path, part)
    if names is None:
        return part
    return label_images(path.absolute().parent, names, part.name, part, path, whole=False)


def _weight(kind: str, files: list[str]) -> tuple[int, int]:
    """Which files of a mixed folder are the rows: the most, lists of names (.txt, .json) last."""
    return sum(folder.suffix_of(name) == kind for name in files), kind not in (".txt", ".json")


def _is_about(name: str) -> bool:
    """Whether a file is about the data rather than the data: a read-me, the hub's descriptions, edits."""
    stem = name.split("/")[-1].lower()
    about = ("readme", "license", "dataset_info", "dataset_infos", "state.json", "metadata.json", "edits.jsonl")
    return stem.startswith(about)


def _open_files(paths: list[Path], options: Options, shown: list[str]) -> list[Part]:
    """Files of the same columns, one after the other; text tables are all read like the first."""
    parts: list[Part] = []
    for path, name in zip(paths, shown, strict=True):
        if not path.is_file():
            raise DataError(f"'{name}': there is no such file ({_nearby(path)}).")
        known = parts[0].found if parts and parts[0].found else options
        parts.append(_open_file(path, known, name))
    return _by_name(parts)


def _by_name(parts: list[Part]) -> list[Part]:
    """The parts with the splits that their file names speak of."""
    return [replace(part, splits=split_in(Path(part.name).name) or part.splits) for part in parts]


def _open_file(path: Path, options: Options, shown: str) -> Part:
    suffix = folder.suffix_of(path.name)
    if idx.is_idx(path.name):
        return idx.open_idx(path, shown)
    if suffix in parquet.SUFFIXES:
        return parquet.open_parquet(path, shown)
    if suffix in jsonl.SUFFIXES:
        return jsonl.open_jsonl(path, shown, options.report)
    if suffix in delimited.SUFFIXES or options.separator is not None:
        return delimited.open_delimited(path, options, shown)
    raise DataError(
        f"{path} cannot be read: files that end in {suffix or 'nothing'} are not known. "
        f"{_advice(suffix)}Known are {', '.join(TABLES)}, each also .gz, and folders of images."
    )


def _advice(suffix: str) -> str:
    if suffix in IMAGES:
        return "One image is no data set: give the folder it is in. "
    if suffix in (".tar", ".zip", ".tgz"):
        return "Unpack the archive and give the folder. "
    if suffix in (".xls", ".xlsx", ".ods"):
        return "Save the sheet as CSV. "
    return "If it is a table of text, pass separator=. "
