"""``clean``: a cleaned copy of a source, which itself is never written."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ftkit.data import DatasetView, Edits
from ftkit.data.copying import copy_to
from ftkit.data.edits import edits_of
from ftkit.errors import DataError


@dataclass(frozen=True)
class Cleaned:
    """What cleaning came to.

    Attributes
    ----------
    folder : Path
        The copy; its ``edits.jsonl`` says what was done.
    before, after : int
        Rows of the source and of the copy.
    edits : dict of str to int
        How many edits were applied, by op.
    files, links : int
        Files of the copy; how many of them are links, because they lead out of the source.
    notes : list of str
        On edits that changed nothing, and on what the edits' maker left out.
    """

    folder: Path
    before: int
    after: int
    edits: dict[str, int]
    files: int
    links: int
    notes: list[str]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {**vars(self), "folder": str(self.folder)}


def clean(view: DatasetView, edits: Any, out: str | Path) -> Cleaned:
    """A cleaned copy of the rows' source: the same form and layout, edits applied.

    Parameters
    ----------
    view : DatasetView
        All rows of a source on disk.
    edits : path, Edits, or sequence of Edit or dict
        What is to be done.
    out : path
        A folder that is not there yet. It appears whole or not at all.

    Returns
    -------
    Cleaned

    Raises
    ------
    DataError
        An edit cannot be applied, or none is about a row that is there; the folder is there already, or is not apart
        from the source; the source is of a form that cannot be written back. Nothing is left behind then.

    Examples
    --------
    >>> import tempfile
    >>> import ftkit as ft
    >>> found = ft.inspect("iris")
    >>> done = clean(found.view, ft.apply_policy(found), tempfile.mkdtemp() + "/iris")
    >>> done.before, done.after, sorted(path.name for path in done.folder.iterdir())
    (150, 149, ['edits.jsonl', 'iris.parquet'])
    """
    edits = edits_of(edits)
    edited = view.apply(edits)
    rows = set(edited.unedited.ids.tolist()) if edits else set()
    applied = [edit for edit in Edits(edited.edits).in_force() if edit.row in rows]
    if edits and not applied:
        first, said = edits[0].row, "the edit is not" if len(edits) == 1 else f"none of the {len(edits):,} edits is"
        raise DataError(
            f"{said} about a row of {view.name}: '{first}' is asked for, the first row is '{edited.unedited.ids[0]}'. "
            "Give the edits that were made for these rows."
        )
    copied = copy_to(edited, out)
    counts = Counter(edit.op for edit in applied)
    notes = [note.message for note in edited.notes if note.code.startswith("EDT")]
    notes = [*edits.notes, *notes]
    return Cleaned(copied.folder, len(edited.unedited), len(edited), dict(counts), copied.files, copied.links, notes)
