"""Numbers far out, brought back to the edge of the others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ftkit.cleaning.missing import _train_of
from ftkit.data import DatasetView, Edit, Edits
from ftkit.errors import DataError, nearest

SHARE = 0.01


def winsorise(
    view: DatasetView,
    columns: Sequence[str] | None = None,
    *,
    share: float = SHARE,
    train: DatasetView | None = None,
    by: str = "",
    at: str = "",
) -> Edits:
    """An edit for every number beyond the quantiles of its column, which brings it back to them.

    Dixon & Tukey, "Approximate behavior of the distribution of winsorized t", Technometrics 10 (1968), section 1: the
    most extreme values are replaced by the nearest of the others.

    Parameters
    ----------
    view : DatasetView
        The rows.
    columns : sequence of str, optional
        All features that are numbers with more than ten values by default.
    share : float, default 0.01
        How many of the values are extreme, half of them at either end; 0 to 1.
    train : DatasetView, optional
        The rows to learn the quantiles from; by default those that came as train rows, else all.
    by, at : str, optional
        Who decides, and when.

    Returns
    -------
    Edits

    Raises
    ------
    DataError
        A column is not there or holds no numbers, or the share is no share.

    Examples
    --------
    >>> import ftkit as ft
    >>> view = ft.read({"x": [float(i) for i in range(99)] + [1e9], "y": ["a", "b"] * 50}, target="y")
    >>> [(edit.op, edit.value) for edit in winsorise(view, share=0.02)]
    [('replace', 1.0), ('replace', 98.0)]
    """
    if not 0 < share < 1:
        raise DataError(f"share={share!r} is no share of the rows; it lies between 0 and 1.")
    ids, fitted, edits = view.ids, _train_of(view, train), []
    for name in _numbers(view, columns):
        known = fitted.numbers(name)
        known = known[np.isfinite(known)]
        if not len(known) or (columns is None and len(np.unique(known[:1000])) <= 10):
            continue
        low = float(np.quantile(known, share / 2, method="higher"))
        high = float(np.quantile(known, 1 - share / 2, method="lower"))
        cells = view.numbers(name)
        for row in np.flatnonzero((cells < low) | (cells > high)).tolist():
            limit = low if cells[row] < low else high
            edits.append(Edit(str(ids[row]), "replace", name, limit, "winsorised", by, at))
    return Edits(edits)


def _numbers(view: DatasetView, columns: Sequence[str] | None) -> list[str]:
    kinds = {name: column.kind for name, column in view.columns.items()}
    for name in columns or ():
        if kinds.get(name) != "number":
            known = [n for n, kind in kinds.items() if kind == "number"]
            raise DataError(f"column '{name}' is no column of numbers; {nearest(name, known)}.")
    numbers = [n for n, c in view.columns.items() if c.role == "feature" and c.kind == "number"]
    return numbers if columns is None else list(columns)
