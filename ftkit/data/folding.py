"""Which rows each fold holds out: positions only, so that any view, table or array can be folded.

Folds depend on the seed and the row ids, not on the order of the rows; those over time depend on the times alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ftkit.data.hashing import hash_strings
from ftkit.errors import DataError

OVER_TIME = ("expanding", "rolling", "purged")
OVER_ROWS = ("kfold", "stratified", "group", "stratified-group", "leave-one-group-out")


@dataclass(frozen=True)
class Fold:
    """Positions of the rows one fold trains on and of those it holds out."""

    train: np.ndarray
    test: np.ndarray


def over_rows(
    method: str, ids: np.ndarray, strata: np.ndarray, groups: np.ndarray | None, folds: int, seed: int
) -> list[Fold]:
    """Folds in which every row is held out once.

    Parameters
    ----------
    method : one of ``OVER_ROWS``
    ids : str array (N,)
    strata : int array (N,)
        Classes; one value for all where there are none.
    groups : str array (N,), optional
        Rows of one group stay together.
    folds : int
        Not used by leave-one-group-out.
    seed : int

    Returns
    -------
    list of Fold

    Raises
    ------
    DataError
        There are too few rows, groups or rows of a class for so many folds, or the method needs groups.
    """
    if method == "leave-one-group-out":
        at = np.unique(_needed(groups, method), return_inverse=True)[1]
        _enough(int(at.max()) + 1, 2, "groups")
    elif method in ("group", "stratified-group"):
        at = _by_group(_needed(groups, method), strata if method == "stratified-group" else strata * 0, folds, seed)
    else:
        at = _dealt(ids, strata if method == "stratified" else strata * 0, folds, seed)
    return [Fold(np.flatnonzero(at != k), np.flatnonzero(at == k)) for k in range(int(at.max()) + 1)]


def _needed(groups: np.ndarray | None, method: str) -> np.ndarray:
    if groups is None:
        raise DataError(f"split '{method}' needs groups: name the column with group=, such as a patient or a plant.")
    return groups


def _enough(count: int, folds: int, what: str) -> None:
    if count < folds:
        raise DataError(f"{count:,} {what} are too few for {folds} folds. Take fewer folds.")


def _dealt(ids: np.ndarray, strata: np.ndarray, folds: int, seed: int) -> np.ndarray:
    """Rows dealt out like cards, class after class, in the order of a hash: sizes differ by one row at most."""
    _enough(len(ids), folds, "rows")
    _, codes, sizes = np.unique(strata, return_inverse=True, return_counts=True)
    if len(sizes) > 1 and sizes.min() < folds:
        raise DataError(
            f"a class has {sizes.min():,} rows, too few for {folds} folds that each hold one. "
            f"Take fewer folds, or method 'kfold'."
        )
    order = np.lexsort((hash_strings(ids, seed), codes))
    at = np.empty(len(ids), dtype=np.int64)
    at[order] = np.arange(len(ids)) % folds
    return at


def _by_group(groups: np.ndarray, strata: np.ndarray, folds: int, seed: int) -> np.ndarray:
    """Whole groups, those with the most uneven classes first, each to the fold it leaves most even."""
    names, of = np.unique(groups, return_inverse=True)
    _enough(len(names), folds, "groups")
    codes = np.unique(strata, return_inverse=True)[1]
    counts = np.zeros((len(names), codes.max() + 1))
    np.add.at(counts, (of, codes), 1)
    shares = counts / counts.sum(axis=0)
    order = np.lexsort((hash_strings(names, seed), -counts.max(axis=1)))
    held, at = np.zeros((folds, counts.shape[1])), np.empty(len(names), dtype=np.int64)
    for name in order:
        # The fold that stays the furthest below its share of each class, counted in squares.
        worse = ((held + shares[name]) ** 2 - held**2).sum(axis=1)
        at[name] = int(np.lexsort((held.sum(axis=1), worse))[0])
        held[at[name]] += shares[name]
    return at[of]


def over_time(
    method: str,
    times: np.ndarray,
    folds: int,
    *,
    test_rows: int | None = None,
    train_rows: int | None = None,
    gap: int = 0,
    purge: int = 0,
    embargo: int = 0,
) -> list[Fold]:
    """Folds in which train rows are never later than the rows held out, but for purged ones.

    Rows are counted in the order of their times; rows of one time are never parted.

    Parameters
    ----------
    method : {"expanding", "rolling", "purged"}
        Train on all that is before; on the ``train_rows`` before; or on both sides, with ``purge`` rows left out before
        the held-out block and ``purge + embargo`` after it.
    times : float array (N,)
        None may be missing.
    folds : int
    test_rows : int, optional
        Rows a fold holds out; N / (folds + 1) without it, N / folds when purged.
    train_rows : int, optional
        The rolling window's length; ``test_rows`` times 3 without it.
    gap : int, default 0
        Rows left out between train and held-out rows: those not yet known when a forecast is made.
    purge : int, default 0
        Rows left out next to the held-out ones because their labels look into them.
    embargo : int, default 0
        Rows after a held-out block that no later fold (when purged: this fold) trains on.

    Returns
    -------
    list of Fold
        The earliest first.

    Raises
    ------
    DataError
        A time is missing, or nothing is left to train on.

    References
    ----------
    López de Prado (2018), "Advances in Financial Machine Learning", chapter 7; Bergmeir and Benítez (2012), "On the use
    of cross-validation for time series predictor evaluation", Information Sciences 191.

    Examples
    --------
    >>> [(f.train.tolist(), f.test.tolist()) for f in over_time("expanding", np.arange(6.0), 2, gap=1)]
    [([0], [2, 3]), ([0, 1, 2], [4, 5])]
    """
    if np.isnan(times).any():
        raise DataError(f"{int(np.isnan(times).sum()):,} of {len(times):,} rows have no time; drop or fill them.")
    order = np.argsort(times, kind="stable")
    n, ordered = len(times), times[order]
    size = test_rows or max(n // (folds if method == "purged" else folds + 1), 1)
    starts = _tied([n - size * (folds - k) for k in range(folds)], ordered)
    if starts[0] < 0 or (method != "purged" and starts[0] < 1):
        raise DataError(f"{n:,} rows are too few for {folds} folds that hold out {size:,} each. Take fewer or smaller.")
    ends = [*starts[1:], n]
    shut = np.zeros(n, dtype=bool)  # embargoed by an earlier fold
    out = []
    for start, end in zip(starts, ends, strict=True):
        free = ~shut
        last = max(_before(start, ordered) - gap - purge, 0)
        if method == "purged":
            free[last : min(end + purge + embargo, n)] = False
        else:
            free[last:] = False
            shut[end : end + embargo] = True
        if method == "rolling":
            free[: max(last - (train_rows or 3 * size), 0)] = False
        if not free.any():
            raise DataError(
                f"gap {gap}, purge {purge} and embargo {embargo} leave no row to train on. Make them smaller."
            )
        if end > start:
            out.append(Fold(np.sort(order[free]), np.sort(order[start:end])))
    return out


def _tied(starts: list[int], ordered: np.ndarray) -> list[int]:
    """Each start moved back to the first row of its time."""
    return [int(np.searchsorted(ordered, ordered[s], side="left")) if 0 <= s < len(ordered) else s for s in starts]


def _before(start: int, ordered: np.ndarray) -> int:
    """How many rows are earlier than the row at ``start``."""
    return int(np.searchsorted(ordered, ordered[start], side="left")) if start < len(ordered) else start
