"""The copy of images whose labels stand in a table: the files that stay, and the table with its rows changed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ftkit.data.copy_files import contents, copy_file
from ftkit.data.copy_tables import Changes, copy_table
from ftkit.data.folder import walk
from ftkit.errors import DataError

if TYPE_CHECKING:
    from ftkit.data.label_table import LabelTable
    from ftkit.data.view import DatasetView


def copy_labelled(view: DatasetView, table: LabelTable, out: Path) -> int:
    """Copy the images that stay, with their new content, and the table with the changes of its own rows.

    Parameters
    ----------
    view : DatasetView
        All rows that were read, with edits.
    table : LabelTable
        Where their labels stand.
    out : Path
        Where the copy goes. A table from outside the folder goes to its top.

    Returns
    -------
    int
        How many files are links.

    Raises
    ------
    DataError
        An image without a row of the table has a new label, or the table cannot be written back.
    """
    names = view.unedited.ids.tolist()
    stays = np.isin(names, view.ids)
    own = table.path.relative_to(table.root).as_posix() if table.path.is_relative_to(table.root) else table.path.name
    gone, content = {name for name, stay in zip(names, stays, strict=True) if not stay}, contents(view, names)
    links = 0
    for name in walk(table.root) if table.whole else names:
        if name in gone or table.root / name == table.path:
            continue
        data = content[name](table.root / name) if name in content else None
        if data is None:
            links += copy_file(table.root / name, table.root, out / name)
        else:
            (out / name).parent.mkdir(parents=True, exist_ok=True)
            (out / name).write_bytes(data)
    (out / own).parent.mkdir(parents=True, exist_ok=True)
    copy_table(table.path, out / own, _changes(view, table, names, stays), view.unedited.origin or {})
    return links


def _changes(view: DatasetView, table: LabelTable, names: list[str], stays: np.ndarray) -> Changes:
    """The changes of the rows of the table; all rows of a file that is left out are left out."""
    source: Any = view._reading.source
    keep = np.ones(table.count, dtype=bool)
    keep[np.isin(table.images, np.flatnonzero(~stays))] = False
    cells: dict[str, dict[int, Any]] = {}
    for name, changed in getattr(source, "changed", {}).items():
        rows = table.rows[changed.rows]
        if (rows < 0).any():
            bare = names[changed.rows[np.flatnonzero(rows < 0)[0]]]
            raise DataError(f"'{bare}' has no row in {table.path.name}, so '{name}' cannot be written there. Add one.")
        new = source.cells(name, np.searchsorted(source.kept, changed.rows)).to_pylist()
        cells[table.spelled(name)] = dict(zip(rows.tolist(), new, strict=True))
    return Changes(keep, cells, view, np.full(table.count, -1), table.names)
