"""Missing cells: rows left out, or cells filled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ftkit.data import DatasetView, Edit, Edits
from ftkit.errors import DataError, nearest
from ftkit.preprocess import Imputer
from ftkit.preprocess.impute import STRATEGIES


def fill_missing(
    view: DatasetView,
    strategy: str = "median",
    columns: Sequence[str] | None = None,
    *,
    value: Any = None,
    group: str | None = None,
    train: DatasetView | None = None,
    by: str = "",
    at: str = "",
) -> Edits:
    """An edit for every missing cell, or for every row that has one.

    Parameters
    ----------
    view : DatasetView
        The rows.
    strategy : {"median", "constant", "group", "knn", "iterative", "drop"}, default "median"
        What cells are filled with, see ``ftkit.preprocess.Imputer``; ``drop`` leaves their rows out.
    columns : sequence of str, optional
        All features that are numbers or categories by default.
    value : str or number, optional
        For ``constant``.
    group : str, optional
        A column, for ``group``.
    train : DatasetView, optional
        The rows to learn fills from: by default those that came as train rows, and all rows where no split came. Give
        ``split.train`` where rows are set aside later, or its test rows have a say in the fills.
    by, at : str, optional
        Who decides, and when.

    Returns
    -------
    Edits

    Raises
    ------
    DataError
        The strategy is not known or lacks what it needs; a column is not there.

    Examples
    --------
    >>> import ftkit as ft
    >>> view = ft.read({"age": [1.0, 3.0, None], "y": ["a", "b", "a"]}, target="y")
    >>> view.apply(fill_missing(view)).numbers("age")
    array([1., 3., 2.])
    """
    ids = view.ids
    if strategy == "drop":
        rows = np.unique(np.concatenate([_gone(view, name) for name in _features(view, columns)] or [[]]).astype(int))
        return Edits(Edit(str(ids[row]), "drop", because="TAB101", by=by, at=at) for row in rows)
    if strategy not in STRATEGIES:
        raise DataError(f"strategy '{strategy}' is not known; {nearest(strategy, (*STRATEGIES, 'drop'))}.")
    imputer = Imputer.fit(_train_of(view, train), strategy, columns, value=value, group=group)
    return Edits(
        Edit(str(ids[row]), "fill", name, cell, "TAB101", by, at)
        for name, (rows, cells) in imputer.fills(view).items()
        for row, cell in zip(rows.tolist(), cells, strict=True)
    )


def _train_of(view: DatasetView, train: DatasetView | None) -> DatasetView:
    """The rows to learn from."""
    if train is not None:
        return train
    given = view.given_split
    return view if given is None or not (given == "train").any() else view.where(given == "train")


def _features(view: DatasetView, columns: Sequence[str] | None) -> list[str]:
    if columns is None:
        return [name for name, column in view.columns.items() if column.role in ("feature", "text")]
    for name in columns:
        if name not in view.columns:
            raise DataError(f"there is no column '{name}'; {nearest(name, view.columns, 'the columns are')}.")
    return list(columns)


def _gone(view: DatasetView, name: str) -> np.ndarray:
    return np.flatnonzero(view.column(name).is_null(nan_is_null=True).to_numpy())
