"""Looking through many rows a window at a time: order, search, and a few rows as an Arrow stream."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ftkit.data.cells import is_number
from ftkit.data.turns import chats_at

if TYPE_CHECKING:
    from ftkit.data.view import DatasetView

LONGEST = 200  # characters of a cell in a table
WHOLE = 20_000  # characters of a cell in a row that is looked at


def order(view: DatasetView, column: str, down: bool = False) -> np.ndarray:
    """The places of all rows, sorted by a column; missing cells come last, equal ones stay in their order.

    Parameters
    ----------
    view : DatasetView
    column : str
    down : bool, default False
        The largest first.

    Returns
    -------
    ndarray of int64, shape (N,)

    Raises
    ------
    DataError
        There is no such column.

    Examples
    --------
    >>> import ftkit as ft
    >>> iris = ft.read("iris")
    >>> order(iris, "sepal length (cm)")[:3].tolist()
    [13, 8, 38]
    """
    cells = view.column(column)
    cells = cells if is_number(cells.type) else view.text_cells(column)
    way = "descending" if down else "ascending"
    return pc.sort_indices(cells, sort_keys=[("", way)], null_placement="at_end").to_numpy().astype(np.int64)


def search(view: DatasetView, text: str, columns: Sequence[str]) -> np.ndarray:
    """Which rows hold a text in one of some columns, whatever its case.

    Parameters
    ----------
    view : DatasetView
    text : str
        Taken as it is, not as a pattern.
    columns : sequence of str

    Returns
    -------
    ndarray of bool, shape (N,)

    Raises
    ------
    DataError
        There is no such column.
    """
    found = np.zeros(len(view), dtype=bool)
    for name in columns:
        hits = pc.match_substring(view.text_cells(name), text, ignore_case=True)
        found |= pc.fill_null(hits, False).to_numpy(zero_copy_only=False)
    return found


def window(
    view: DatasetView,
    places: np.ndarray,
    columns: Sequence[str],
    more: Mapping[str, Sequence[object]],
    first: int = 0,
) -> bytes:
    """A few rows as the bytes of an Arrow IPC stream of strings, long cells cut.

    Parameters
    ----------
    view : DatasetView
    places : ndarray of int, shape (K,)
        Places in the view.
    columns : sequence of str
    more : mapping of str to sequence, length K
        Other columns, named first.
    first : int, default 0
        The number of the first column: they are called ``c0``, ``c1``, ….

    Returns
    -------
    bytes
    """
    rows = view.select(places)
    table = {name: pa.array(list(values)) for name, values in more.items()}
    for place, name in enumerate(columns, first):  # by place: names are the user's, and may be any text
        cells = _spoken(rows, name) if view.columns[name].role == "messages" else rows.text_cells(name).combine_chunks()
        table[f"c{place}"] = pc.utf8_slice_codeunits(cells.cast(pa.string()), 0, LONGEST)
    table = pa.table(table)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return sink.getvalue().to_pybytes()


def _spoken(view: DatasetView, name: str) -> pa.Array:
    """Chats as one text a row: who says what."""
    chats = chats_at(view, np.arange(len(view)), name)
    texts = [" ".join(f"[{turn.get('role')}] {turn.get('content') or ''}"[:LONGEST] for turn in chat) for chat in chats]
    return pa.array(texts, pa.string())


def whole_row(view: DatasetView, place: int, columns: Sequence[str]) -> dict[str, str | None]:
    """One row's cells as strings."""
    rows = view.select(np.array([place]))
    cells = {name: rows.text_cells(name)[0].as_py() for name in columns}
    return {name: value if value is None else value[:WHOLE] for name, value in cells.items()}
