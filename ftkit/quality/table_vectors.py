"""Tables as vectors: numbers scaled by their quartiles, categories one-hot."""

from __future__ import annotations

import numpy as np

from ftkit.data import DatasetView

FAR = 5.0
CATEGORIES = 20


def describe_table(view: DatasetView) -> np.ndarray:
    """A vector of each row, with a last constant column, so that angles follow distances.

    Parameters
    ----------
    view : DatasetView

    Returns
    -------
    ndarray of float32, shape (N, d)

    Examples
    --------
    >>> import ftkit as ft
    >>> describe_table(ft.read("iris")).shape
    (150, 5)
    """
    columns = [numbers_of(view)[0].clip(-FAR, FAR), _one_hot(view)]
    values = np.concatenate(columns, axis=1)
    constant = np.full((len(values), 1), 2 * np.sqrt(max(1, values.shape[1])))
    return np.concatenate([values, constant], axis=1).astype(np.float32)


def numbers_of(view: DatasetView) -> tuple[np.ndarray, list[str]]:
    """The columns of numbers, scaled by their medians and quartiles, missing ones 0; and their names.

    Parameters
    ----------
    view : DatasetView

    Returns
    -------
    (ndarray of float64, shape (N, d), list of str)
        Columns with one value only are left out.

    Examples
    --------
    >>> import ftkit as ft
    >>> numbers_of(ft.read("iris"))[1][0]
    'sepal length (cm)'
    """
    kinds = {name: view.columns[name].kind for name in view.features}
    names = [name for name, kind in kinds.items() if kind in ("number", "boolean", "date")]
    scaled = {name: robust(view.numbers(name)) for name in names}
    kept = [name for name, values in scaled.items() if values.any()]
    return np.stack([scaled[name] for name in kept], axis=1) if kept else np.zeros((len(view), 0)), kept


def robust(values: np.ndarray) -> np.ndarray:
    """Distance from the median in interquartile ranges (in deviations where half the values are equal); nan is 0.

    Parameters
    ----------
    values : ndarray of float64, shape (N,)

    Returns
    -------
    ndarray of float64, shape (N,)

    Examples
    --------
    >>> robust(np.array([1.0, 2, 3, 4, 5, np.nan]))
    array([-1. , -0.5,  0. ,  0.5,  1. ,  0. ])
    """
    there = np.isfinite(values)
    if not there.any():
        return np.zeros(len(values))
    low, middle, high = np.quantile(values[there], (0.25, 0.5, 0.75))
    scale = high - low or values[there].std()
    if scale <= 0 or not np.isfinite(scale):
        return np.zeros(len(values))
    return np.where(there, (values - middle) / scale, 0.0)


def _one_hot(view: DatasetView) -> np.ndarray:
    """The most frequent values of each column of categories."""
    parts = [np.zeros((len(view), 0))]
    for name in view.features:
        if view.columns[name].kind == "category":
            cells = view.strings(name)
            there = cells[cells != np.array(None)].astype(str)
            values, counts = np.unique(there, return_counts=True)
            often = values[np.argsort(-counts, kind="stable")[:CATEGORIES]]
            parts.append((cells[:, None] == often[None, :].astype(object)).astype(np.float64))
    return np.concatenate(parts, axis=1)
