"""``read``: whatever holds rows becomes a DatasetView."""

from __future__ import annotations

import difflib
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ftkit.data import delimited, folder, idx, jsonl, parquet
from ftkit.data.embedded import EMBEDDED, open_embedded
from ftkit.data.hub import ID, open_hub
from ftkit.data.image import SUFFIXES as IMAGES
from ftkit.data.memory import open_object
from ftkit.data.part import Options, Part, combine
from ftkit.data.reading import Reading
from ftkit.data.roles import Asked, find_target
from ftkit.data.source import quoted
from ftkit.data.splits import split_in
from ftkit.data.view import DatasetView
from ftkit.errors import DataError, nearest

TABLES = (*delimited.SUFFIXES, *jsonl.SUFFIXES, *parquet.SUFFIXES)


def read(
    source: Any,
    task: str | None = None,
    target: str | None = None,
    *,
    test: Any = None,
    text: str | None = None,
    group: str | None = None,
    time: str | None = None,
    split: str | None = None,
    id: str | None = None,
    header: bool | None = None,
    separator: str | None = None,
    missing: Sequence[str] | None = None,
    classes: Sequence[str] | None = None,
) -> DatasetView:
    """A view of the rows of ``source``. Nothing is decoded, and of a Parquet file nothing but the footer is read.

    Parameters
    ----------
    source : path, str or object
        A folder of class folders of images (``train/``, ``val/`` and ``test/`` around them are understood); a CSV,
        TSV, Parquet or JSONL file, also packed (.gz); a list of such files or a folder of them (``train`` and ``test``
        in their names are understood); MNIST's idx images; a pandas, polars, Arrow or ``datasets`` object; an embedded
        name (``digits``, ``iris``, ``wine``, ``breast-cancer``, ``diabetes``); or an id ``owner/name`` of the hub. An
        embedded name wins over a file of the same name; write ``./digits`` for the file.
    task : str, optional
        The task, where it is not to be inferred.
    target : str, optional
        The column to be predicted. By default the class folders, a ClassLabel column, or a column called label, labels,
        target, class, y, 标签, 类别 or 目标.
    test : path, str or object, optional
        Rows kept as the test set, read like ``source``.
    text, group, time : str, optional
        The column of text, of groups that are not to be split, of time.
    split : str, optional
        The column that says train, validation or test. By default one called split, subset or partition that does.
    id : str, optional
        The column that names every row once. By default one called like an id that does; else rows are named by a hash
        of their content.
    header : bool, optional
        Whether the first line of a text table names the columns. Found out by default.
    separator : str, optional
        The separator of a text table. Found out by default.
    missing : sequence of str, optional
        Cells of a text table that mean "missing". Default: '', '?', 'NA', 'N/A', 'NaN', 'nan', 'null', 'NULL'.
    classes : sequence of str, optional
        The classes in order, or the names of the codes 0, 1, … of the target.

    Returns
    -------
    DatasetView

    Raises
    ------
    DataError
        The source is not there, empty or cannot be read; a column or the task does not fit. The message says what there
        is, and what to do.
    MissingDependency
        An embedded data set was asked for and scikit-learn is not installed.

    Examples
    --------
    >>> import ftkit as ft
    >>> digits = ft.read("digits")
    >>> len(digits), digits.task
    (1797, 'image-classification')
    >>> ft.read({"size": [1.5, 2.5, 3.5], "price": [10.5, 19.0, 31.5]}, target="price").task
    'tabular-regression'
    """
    asked = Asked(task, target, text, group, time, split, id, None if classes is None else tuple(map(str, classes)))
    if isinstance(source, DatasetView):
        return _again(source, asked)
    options = Options(header, separator, None if missing is None else tuple(missing))
    parts = _open(source, options)
    name = _short(source, parts)
    if test is not None:
        parts = [_in_split(part, "train") for part in parts]
        known = parts[0].found or options
        parts += [_in_split(part, "test", always=True) for part in _open(test, known)]
    asked = _with_facts(asked, parts[0])
    whole = combine(parts, find_target(asked, parts[0].source.schema))
    reading = Reading(
        whole.source,
        name,
        whole.name if len(parts) == 1 else name,
        asked,
        splits=whole.splits,
        given_ids=whole.ids,
        notes=whole.notes,
        origin=_origin(source, test, options, asked),
    )
    return DatasetView(reading)


def _open(source: Any, options: Options) -> list[Part]:
    """The parts of anything that holds rows."""
    if isinstance(source, (str, os.PathLike)):
        return _open_named(os.fspath(source), options)
    if isinstance(source, DatasetView):
        return [Part(open_object(source.to_arrow())[0].source, source.name)]
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
            return [_open_file(path, options, path.name)]
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
        return [folder.open_images(root, names, shown)]
    images = [name for name in names if idx.is_idx(name.split("/")[-1]) and idx.labels_beside(root / name)]
    if images:
        return _by_name([idx.open_idx(root / name, name) for name in images])
    files = [name for name in names if folder.suffix_of(name) in TABLES and not _is_about(name)]
    if files:
        kind = max({folder.suffix_of(name) for name in files}, key=lambda kind: _weight(kind, files))
        same = [name for name in files if folder.suffix_of(name) == kind]
        return _open_files([root / name for name in same], options, same)
    what = f"holds no images or tables, only {nearest('', sorted(kinds), 'files')}" if names else "is empty"
    raise DataError(
        f"folder {root} {what}. Give a folder of images in class folders, or of CSV, Parquet or JSONL files."
    )


def _weight(kind: str, files: list[str]) -> tuple[int, int]:
    """Which files of a mixed folder are the rows: the most, lists of names (.txt, .json) last."""
    return sum(folder.suffix_of(name) == kind for name in files), kind not in (".txt", ".json")


def _is_about(name: str) -> bool:
    """Whether a file is about the data rather than the data: a read-me, the hub's descriptions."""
    stem = name.split("/")[-1].lower()
    return stem.startswith(("readme", "license", "dataset_info", "dataset_infos", "state.json", "metadata.json"))


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
        return jsonl.open_jsonl(path, shown)
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


def _in_split(part: Part, split: str, always: bool = False) -> Part:
    """The part as a train or test set, unless it came with splits of its own."""
    return part if part.splits is not None and not always else replace(part, splits=split)


def _with_facts(asked: Asked, part: Part) -> Asked:
    """What the rows say about themselves, where the caller said nothing."""
    own = {key: value for key, value in part.facts.items() if getattr(asked, key) is None and value is not None}
    if isinstance(own.get("classes"), list):
        own["classes"] = tuple(own["classes"])
    if asked.target is not None and asked.target != part.facts.get("target"):
        own = {key: value for key, value in own.items() if key not in ("task", "classes")}
    return replace(asked, **own)


def _again(view: DatasetView, asked: Asked) -> DatasetView:
    """The same rows, under other roles where some are given."""
    given = {key: value for key, value in vars(asked).items() if value is not None}
    if not given:
        return view
    old = view._reading
    reading = Reading(
        old.source,
        old.name,
        old.where,
        replace(old.asked, **given),
        splits=old.part_splits,
        given_ids=old.known_ids,
        notes=old.reading_notes,
        origin=None if old.origin is None else {**old.origin, **given},
    )
    return DatasetView(reading, view._positions)


def _short(source: Any, parts: list[Part]) -> str:
    if isinstance(source, (str, os.PathLike)):
        return parts[0].name if len(parts) == 1 else Path(os.fspath(source)).absolute().name
    if len(parts) > 1 and not isinstance(source, dict):
        return f"{parts[0].name} and {len(parts) - 1} more"
    return parts[0].name


def _origin(source: Any, test: Any, options: Options, asked: Asked) -> dict[str, Any] | None:
    """Arguments that read the same rows again, or None where there are none."""
    paths = {"path": _portable(source), "test": _portable(test)}
    if paths["path"] is None or (test is not None and paths["test"] is None):
        return None
    said = {**vars(options), **vars(asked)}
    listed = {key: list(value) if isinstance(value, tuple) else value for key, value in said.items()}
    return {key: value for key, value in {**paths, **listed}.items() if value is not None}


def _portable(source: Any) -> Any:
    """A name that means the same in another working folder, or None for an object."""
    if isinstance(source, (str, os.PathLike)):
        name = os.fspath(source)
        path = Path(name).expanduser()
        return path.absolute().as_posix() if name not in EMBEDDED and path.exists() else name
    if isinstance(source, Sequence) and source and all(isinstance(s, (str, os.PathLike)) for s in source):
        return [_portable(s) for s in source]
    return None
