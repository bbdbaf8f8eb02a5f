"""``read``: whatever holds rows becomes a DatasetView."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ftkit.data.chat import as_chat
from ftkit.data.embedded import EMBEDDED
from ftkit.data.faults import check_mode
from ftkit.data.opening import open_source
from ftkit.data.part import Options, Part, combine
from ftkit.data.qa import as_translation
from ftkit.data.reading import Reading
from ftkit.data.roles import Asked, find_target
from ftkit.data.view import DatasetView


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
    labels: str | os.PathLike[str] | None = None,
    errors: str = "raise",
    edits: Any = None,
) -> DatasetView:
    """A view of the rows of ``source``. Nothing is decoded, and of a Parquet file nothing but the footer is read.

    Parameters
    ----------
    source : path, str or object
        A folder of class folders of images or of ``.txt`` files (``train/``, ``val/`` and ``test/`` around them are
        understood), or of images with a table of labels beside them; a CSV, TSV, Parquet or JSONL file (chats in
        Alpaca's, ShareGPT's or OpenAI's form, SQuAD's and the hub's translation pairs are known), also packed (.gz);
        a list of such files or a folder of them (``train`` and ``test`` in their names are understood); MNIST's idx
        images; a pandas, polars, Arrow or ``datasets`` object; an embedded name (``digits``, ``iris``, ``wine``,
        ``breast-cancer``, ``diabetes``); or an id ``owner/name`` of the hub. An embedded name wins over a file of the
        same name; write ``./digits`` for the file.
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
    labels : path, optional
        The table of labels of a folder of images: one column holds the paths of the images below the folder, their
        names, or their names without suffix. A table at the top of the folder that does is found without being named,
        and a table of images' names can be read itself. Rows without a file and files without a row are noted.
    errors : {"raise", "report"}, default "raise"
        What happens at a row that cannot be read: reading stops and names it, or such rows are left out and noted
        (``inspect`` shows the note as a finding). Large JSONL files are converted block by block to a file in
        ``$FTKIT_CACHE`` (by default ``~/.cache/ftkit``), which is memory-mapped; a note says so.
    edits : path, Edits, or sequence of Edit or dict, optional
        Decisions about rows to apply: an ``edits.jsonl``, or what it would hold (see ``DatasetView.apply``).

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
        view = _again(source, asked)
        return view if edits is None else view.apply(edits)
    if isinstance(test, DatasetView):
        test = test.to_arrow()
    check_mode(errors)
    mode = errors if errors != "raise" else None
    named = None if labels is None else _portable(labels)
    options = Options(header, separator, None if missing is None else tuple(missing), mode, named)
    parts = [_known_form(part, asked) for part in open_source(source, options)]
    name = _short(source, parts)
    if test is not None:
        parts = [_in_split(part, "train") for part in parts]
        known = parts[0].found or options
        held = [_known_form(part, asked) for part in open_source(test, known)]
        parts += [_in_split(part, "test", always=True) for part in held]
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
    view = DatasetView(reading)
    return view if edits is None else view.apply(edits)


def _known_form(part: Part, asked: Asked) -> Part:
    """The part with chats and translations in their one form."""
    return as_chat(replace(part, source=as_translation(part.source)), asked)


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
    if view.edits:
        return _again(view.unedited, asked).apply(view.edits)
    old = view._reading
    reading = Reading(
        old.source,
        old.name,
        old.where,
        replace(old.asked, **given),
        splits=old.part_splits,
        given_ids=old.known_ids,
        notes=old.reading_notes,
        origin=None if old.origin is None else {**old.origin, **_listed(given)},
    )
    return DatasetView(reading, view._positions)


def _short(source: Any, parts: list[Part]) -> str:
    if isinstance(source, (str, os.PathLike)):
        return parts[0].name if len(parts) == 1 else Path(os.fspath(source)).absolute().name
    if type(source).__module__.split(".")[0] == "datasets":
        return f"datasets {type(source).__name__}"
    if len(parts) > 1:
        return f"{parts[0].name} and {len(parts) - 1} more"
    return parts[0].name


def _origin(source: Any, test: Any, options: Options, asked: Asked) -> dict[str, Any] | None:
    """Arguments that read the same rows again, or None where there are none."""
    paths = {"path": _portable(source), "test": _portable(test)}
    if paths["path"] is None or (test is not None and paths["test"] is None):
        return None
    said = {**paths, **_listed(vars(options)), **_listed(vars(asked))}
    return {key: value for key, value in said.items() if value is not None}


def _listed(values: dict[str, Any]) -> dict[str, Any]:
    """The values as a file of YAML holds them."""
    return {key: list(value) if isinstance(value, tuple) else value for key, value in values.items()}


def _portable(source: Any) -> Any:
    """A name that means the same in another working folder, or None for an object."""
    if isinstance(source, (str, os.PathLike)):
        name = os.fspath(source)
        path = Path(name).expanduser()
        return path.absolute().as_posix() if name not in EMBEDDED and path.exists() else name
    if isinstance(source, Sequence) and source and all(isinstance(s, (str, os.PathLike)) for s in source):
        return [_portable(s) for s in source]
    return None
