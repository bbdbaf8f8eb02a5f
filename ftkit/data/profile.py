"""What one column is like: how its values are distributed, how many there are, and where they are missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from ftkit.data.view import DatasetView

BARS = 24
BLOCKS = 40
NAMES = 12  # values that are counted one by one
LONGEST = 60  # characters of a value that is told


@dataclass(frozen=True)
class Profile:
    """One column.

    Attributes
    ----------
    shape : {"values", "names", "characters", ""}
        What the bars count: rows by value, by one of a few names, by length in characters; nothing for cells of no
        such kind.
    bars : list of int
        Rows.
    names : list of str
        The names, the most frequent first, where ``shape`` says so.
    low, high : str
        The ends of the bars.
    distinct : int
        Different values; 0 where they cannot be compared.
    missing : int
        Rows without a value; NaN counts.
    blocks : list of float
        The share of missing cells in each of up to 40 stretches of rows, in their order.
    """

    shape: str
    bars: list[int]
    names: list[str]
    low: str
    high: str
    distinct: int
    missing: int
    blocks: list[float]


def profile(view: DatasetView, name: str) -> Profile:
    """What one column is like.

    Parameters
    ----------
    view : DatasetView
    name : str
        Of the column.

    Returns
    -------
    Profile

    Raises
    ------
    DataError
        There is no such column.

    Examples
    --------
    >>> import ftkit as ft
    >>> known = profile(ft.read("iris"), "sepal length (cm)")
    >>> known.shape, known.low, known.high, known.distinct, sum(known.bars)
    ('values', '4.3', '7.9', 35, 150)
    """
    kind = view.columns[name].kind if name in view.columns else ""
    cells = view.column(name)
    gone = _gone(cells)
    known = {"missing": int(gone.sum()), "blocks": _blocks(gone)}
    if kind in ("number", "date"):
        return Profile(**_of_values(view, name, cells, gone), **known)
    if kind in ("category", "text", "boolean"):
        return Profile(**_of_texts(view.text_cells(name)), **known)
    return Profile("", [], [], "", "", 0, **known)


def _gone(cells: pa.ChunkedArray) -> np.ndarray:
    gone = pc.is_null(cells, nan_is_null=pa.types.is_floating(cells.type))
    return gone.to_numpy().astype(bool)


def _blocks(gone: np.ndarray) -> list[float]:
    parts = [part for part in np.array_split(gone, BLOCKS) if len(part)]
    return [round(float(part.mean()), 4) for part in parts]


def _of_values(view: DatasetView, name: str, cells: pa.ChunkedArray, gone: np.ndarray) -> dict[str, object]:
    distinct = pc.count_distinct(cells.filter(pa.array(~gone)), mode="only_valid").as_py()
    if distinct <= NAMES:
        return _of_texts(view.text_cells(name))
    values = view.numbers(name)
    finite = np.flatnonzero(np.isfinite(values))
    bars, low, high = [], "", ""
    if len(finite):
        bars = np.histogram(values[finite], BARS)[0].tolist()
        ends = finite[[values[finite].argmin(), values[finite].argmax()]]
        low, high = (str(cell)[:LONGEST] for cell in view.select(ends).text_cells(name).to_pylist())
    return {"shape": "values", "bars": bars, "names": [], "low": low, "high": high, "distinct": distinct}


def _of_texts(texts: pa.ChunkedArray) -> dict[str, object]:
    counts = pc.value_counts(texts.drop_null())
    distinct = len(counts)
    order = np.argsort(-counts.field("counts").to_numpy(), kind="stable")[:NAMES]
    few = distinct <= NAMES or 2 * pc.sum(counts.field("counts").take(pa.array(order))).as_py() >= len(texts)
    if few:
        names = [str(name)[:LONGEST] for name in counts.field("values").take(pa.array(order)).to_pylist()]
        bars = counts.field("counts").take(pa.array(order)).to_pylist()
        return {"shape": "names", "bars": bars, "names": names, "low": "", "high": "", "distinct": distinct}
    lengths = pc.utf8_length(texts.drop_null()).to_numpy()
    bars, _ = np.histogram(lengths, BARS)
    low, high = str(lengths.min()), str(lengths.max())
    return {"shape": "characters", "bars": bars.tolist(), "names": [], "low": low, "high": high, "distinct": distinct}
