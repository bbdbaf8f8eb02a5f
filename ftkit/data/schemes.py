"""Validation schemes: a view as one split, or as a split a fold."""

from __future__ import annotations

from typing import Any

import numpy as np

from ftkit.data.folding import OVER_ROWS, OVER_TIME, Fold, over_rows, over_time
from ftkit.data.series import is_forecast, time_column
from ftkit.data.split import Split, copies_of, given_groups, holdout, known_labels
from ftkit.data.view import DatasetView
from ftkit.errors import DataError, nearest

METHODS = ("holdout", *OVER_ROWS, *OVER_TIME)


def folds(
    view: DatasetView,
    method: str = "stratified",
    *,
    folds: int = 5,
    repeats: int = 1,
    validation: float = 0.0,
    group: str | np.ndarray | None = None,
    seed: int = 0,
    test_rows: int | None = None,
    train_rows: int | None = None,
    gap: int = 0,
    purge: int = 0,
    embargo: int = 0,
) -> list[Split]:
    """The splits of a validation scheme, one a fold; a fold's test rows are those it holds out.

    Exact copies stay together, rows without a label are left out, and a split that came with the data is not used.

    Parameters
    ----------
    view : DatasetView
    method : str, default "stratified"
        Over rows: kfold, stratified (by class), group, stratified-group, leave-one-group-out. Over time: expanding,
        rolling, purged.
    folds : int, default 5
        At least 2.
    repeats : int, default 1
        All folds so many times over, each time with another seed; 1 over time.
    validation : float, default 0
        Share of each fold's train rows to watch its training with: whole groups where rows have groups, the latest
        where they have a time.
    group : str or array (N,), optional
        A column, or one value a row. By default the group column the view was read with.
    seed : int, default 0
    test_rows, train_rows, gap, purge, embargo : int
        Of folds over time; see :func:`ftkit.data.folding.over_time`.

    Returns
    -------
    list of Split

    Raises
    ------
    DataError
        The method is not known, lacks groups or a time, or the rows are too few for it.

    Examples
    --------
    >>> import ftkit as ft
    >>> [split.counts()["test"] for split in folds(ft.read("wine"), "stratified", folds=5)]
    [36, 36, 36, 35, 35]
    """
    if method not in METHODS[1:]:
        raise DataError(f"split method '{method}' is not known; {nearest(method, METHODS[1:])}.")
    for name, value, least in (("folds", folds, 2), ("repeats", repeats, 1), ("gap", gap, 0), ("purge", purge, 0)):
        if value < least:
            raise DataError(f"{name} is {value}; it must be at least {least}.")
    if is_forecast(view) and method not in OVER_TIME:
        raise DataError(
            f"split method '{method}' mixes what is past with what is to come; {nearest(method, OVER_TIME)}."
        )
    labels, unlabelled = known_labels(view)
    kept = np.flatnonzero(~unlabelled)
    view, labels = view.select(kept), labels[kept]
    groups = given_groups(view, group if group is None or isinstance(group, str) else np.asarray(group)[kept])
    if method in OVER_TIME:
        times = _times(view, method)
        found = over_time(
            method, times, folds, test_rows=test_rows, train_rows=train_rows, gap=gap, purge=purge, embargo=embargo
        )
        return _splits(view, found, method, 1, validation, None, seed)
    found = []
    for repeat in range(repeats):
        found += _of_copies(view, method, labels, groups, folds, seed + 1_000 * repeat)
    return _splits(view, found, method, repeats, validation, groups, seed)


def _times(view: DatasetView, method: str) -> np.ndarray:
    name = time_column(view)
    if name is None:
        raise DataError(f"split '{method}' needs to know the time of each row: read the rows with time='COLUMN'.")
    return view.numbers(name)


def _of_copies(
    view: DatasetView, method: str, labels: np.ndarray, groups: np.ndarray | None, k: int, seed: int
) -> list[Fold]:
    """Folds of the first of each set of exact copies, which the others follow."""
    strata = labels if labels.dtype.kind == "i" else np.zeros(len(labels), dtype=np.int64)
    if groups is not None:
        return over_rows(method, view.ids, strata, groups, k, seed)
    first, of = copies_of(view, np.arange(len(view)))
    found = over_rows(method, view.ids[first], strata[first], None, k, seed)
    return [Fold(*(np.flatnonzero(np.isin(of, side)) for side in (one.train, one.test))) for one in found]


def _splits(
    view: DatasetView, found: list[Fold], method: str, repeats: int, validation: float, groups: Any, seed: int
) -> list[Split]:
    out = []
    each = len(found) // repeats
    for i, one in enumerate(found):
        train, watched = view.select(one.train), view.select(one.train[:0])
        if validation:
            inner = holdout(
                train, test=0, validation=validation, group=None if groups is None else groups[one.train], seed=seed
            )
            train, watched = inner.train, inner.validation
        again = f", repeat {i // each + 1} of {repeats}" if repeats > 1 else ""
        rule = f"{method}: fold {i % each + 1} of {each}{again}, {len(one.test):,} rows held out"
        left = len(view) - len(one.train) - len(one.test)
        rule += f", {left:,} rows in neither" if left else ""
        out.append(Split(train, watched, view.select(one.test), rule + "."))
    return out


def nested_folds(view: DatasetView, outer: dict[str, Any], inner: dict[str, Any]) -> list[tuple[Split, list[Split]]]:
    """Folds to judge by, each with folds of its own train rows to choose by: what is chosen never saw what judges it.

    Parameters
    ----------
    view : DatasetView
    outer, inner : dict
        Arguments of :func:`folds`.

    Returns
    -------
    list of (Split, list of Split)

    Raises
    ------
    DataError
        As :func:`folds`.

    References
    ----------
    Varma and Simon (2006), "Bias in error estimation when using cross-validation for model selection", BMC
    Bioinformatics 7; Cawley and Talbot (2010), JMLR 11.

    Examples
    --------
    >>> import ftkit as ft
    >>> [(s.counts()["test"], len(chosen)) for s, chosen in nested_folds(ft.read("iris"), {"folds": 3}, {"folds": 2})]
    [(51, 2), (50, 2), (49, 2)]
    """
    return [(split, folds(split.train, **inner)) for split in folds(view, **outer)]
