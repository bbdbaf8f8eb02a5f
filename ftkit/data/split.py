"""Splits: train, validation and test rows that never meet."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ftkit.data.hashing import hash_strings
from ftkit.data.series import is_forecast, one_clock, series_of, time_column
from ftkit.data.view import DatasetView
from ftkit.errors import DataError, nearest
from ftkit.task import get_task


@dataclass(frozen=True)
class Split:
    """Three views whose row ids never meet, and the rule that made them.

    Attributes
    ----------
    train, validation, test : DatasetView
        The rows; validation and test may be empty.
    rule : str
        One sentence: which rows went where, and why.

    Raises
    ------
    DataError
        A row id is in two of the views.
    """

    train: DatasetView
    validation: DatasetView
    test: DatasetView
    rule: str

    def __post_init__(self) -> None:
        parts = {"train": self.train.ids, "validation": self.validation.ids, "test": self.test.ids}
        for one, other in (("train", "validation"), ("train", "test"), ("validation", "test")):
            both = np.intersect1d(parts[one], parts[other])
            if len(both):
                raise DataError(f"{len(both):,} rows are in {one} and in {other}, first '{both[0]}'. Split them again.")

    def counts(self) -> dict[str, int]:
        """How many rows each part has."""
        return {"train": len(self.train), "validation": len(self.validation), "test": len(self.test)}


def holdout(
    view: DatasetView,
    *,
    test: float = 0.2,
    validation: float = 0.1,
    stratify: bool = True,
    group: str | np.ndarray | None = None,
    seed: int = 0,
    given: bool = True,
) -> Split:
    """Rows held out for validation and test.

    A split that came with the data is kept: its test rows stay the test set, its validation rows the validation set,
    and only what it lacks is taken from its train rows. Which rows are taken depends on the seed and the row ids alone,
    not on their order. Rows without a label are left out.

    Parameters
    ----------
    view : DatasetView
        The rows.
    test, validation : float, default 0.2 and 0.1
        The share of the rows to hold out, in [0, 1); of the train rows where a split came with the data.
    stratify : bool, default True
        Whether each class gives the same share (largest remainders; a class keeps at least one row in train).
    group : str or ndarray of shape (N,), optional
        A column, or one value a row: rows of one group are kept together. Groups are not stratified. By default the
        group column the view was read with.
    seed : int, default 0
        Another seed takes other rows.
    given : bool, default True
        False forgets a split that came with the data.

    Returns
    -------
    Split

    Raises
    ------
    DataError
        A share is outside [0, 1), there are too few rows or groups for the shares, the group column is not there, or a
        test row's id is a train row's.

    Examples
    --------
    >>> import ftkit as ft
    >>> ft.holdout(ft.read("iris")).counts()
    {'train': 105, 'validation': 15, 'test': 30}
    """
    _check_shares(test, validation)
    labels, unlabelled = known_labels(view)
    parts, said = _given(view, unlabelled, given)
    pool = np.flatnonzero(parts == "train")
    shares = {"test": test, "validation": validation}
    kept = [name for name in shares if (parts == name).any()]
    wanted = {name: _count(share, len(pool), name) for name, share in shares.items() if share > 0 and name not in kept}
    steps = is_forecast(view)  # series go on from one side to the other: time alone parts them
    groups = None if steps else given_groups(view, group)
    times = _times(view)
    if wanted and steps and not one_clock(view):
        said += _take_last_steps(parts, pool, view, wanted)
    elif wanted and groups is not None:
        said += _take_groups(parts, pool, groups, wanted, seed)
    elif wanted and times is not None:
        said += _take_latest(parts, pool, times, wanted)
    elif wanted:
        first, copies = copies_of(view, pool)
        strata = labels[first] if stratify and labels.dtype.kind == "i" else np.zeros(len(first), dtype=np.int64)
        wanted = {name: _count(shares[name], len(first), name) for name in wanted}
        said += _take_rows(parts, first, strata, view, wanted, seed)
        parts[pool] = parts[first][copies]
        if len(first) < len(pool):
            said.append(f"{len(pool) - len(first):,} exact copies went where their like went")
    if not (parts == "train").any():
        raise DataError(f"no row is left for train among {len(view):,} rows. Hold out less.")
    train, val, tested = (view.where(parts == name) for name in ("train", "validation", "test"))
    return Split(train, val, tested, "; ".join(said) + ".")


def _check_shares(test: float, validation: float) -> None:
    for name, share in (("test", test), ("validation", validation)):
        if isinstance(share, bool) or not isinstance(share, (int, float)) or not 0 <= share < 1:
            raise DataError(f"{name}={share!r} is not a share of the rows: it must be at least 0 and less than 1.")
    if test + validation >= 1:
        raise DataError(
            f"test={test} and validation={validation} leave nothing for train: together they must be below 1."
        )


def known_labels(view: DatasetView) -> tuple[np.ndarray, np.ndarray]:
    """The labels, and which rows have none; a view without a target has none to miss."""
    if view.target is None or view.task is None or get_task(view.task).predicts == "text":
        return np.zeros(len(view)), np.zeros(len(view), dtype=bool)
    labels = view.labels
    return labels, labels < 0 if labels.dtype.kind == "i" else np.isnan(labels)


def _given(view: DatasetView, unlabelled: np.ndarray, keep: bool) -> tuple[np.ndarray, list[str]]:
    """The part of each row as the data came, and what there is to say about it."""
    parts = np.full(len(view), "train", dtype="U10")
    said = []
    given = view.given_split if keep else None
    if given is not None:
        for name in ("test", "validation"):
            parts[given == name] = name
        counts = {name: int((parts == name).sum()) for name in ("test", "validation")}
        kept = [f"{count:,} {name}" for name, count in counts.items() if count]
        if kept:
            said.append(f"the data came with {' and '.join(kept)} rows, which were kept")
    parts[unlabelled] = ""
    if unlabelled.any():
        said.append(f"{int(unlabelled.sum()):,} rows without a label were left out")
    return parts, said


def _count(share: float, rows: int, name: str) -> int:
    count = round(share * rows)
    if count < 1:
        raise DataError(f"{name}={share} of {rows:,} rows is less than one row. Hold out more, or pass {name}=0.")
    return count


def given_groups(view: DatasetView, group: str | np.ndarray | None) -> np.ndarray | None:
    """One group a row; a row without a group is a group of its own."""
    if group is None:
        groups = view.group
    elif isinstance(group, str):
        if group not in view.columns:
            raise DataError(
                f"there is no column '{group}' for group=; {nearest(group, view.columns, 'the columns are')}."
            )
        groups = np.array([value or "" for value in view.strings(group)], dtype=np.str_)
    else:
        groups = np.asarray(group).astype(np.str_)
        if groups.shape != (len(view),):
            raise DataError(f"group= has {groups.size:,} values for {len(view):,} rows.")
    if groups is None:
        return None
    return np.where(groups == "", np.char.add("row ", view.ids), groups)


def copied_columns(view: DatasetView) -> list[str]:
    """The columns by which rows are copies of each other: what the model sees, and the target."""
    names = [*view.features, *([view.target] if view.target is not None and view.target in view.columns else [])]
    return [name for name in names if name in view.columns]


def repeat_by_nature(view: DatasetView, distinct: int, rows: int) -> bool:
    """Whether most rows of a table have their like, because its columns have few values: then equal is not copied."""
    kinds = {view.columns[name].role for name in view.features}
    return kinds <= {"feature"} and 2 * distinct < rows


def copies_of(view: DatasetView, pool: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The first of each set of exact copies in the pool, and which of them each row of the pool is a copy of."""
    columns = copied_columns(view)
    if not columns:
        return pool, np.arange(len(pool))
    # Copies are told by content and the first by its id, so that the order of the rows does not matter.
    content, order = view.content(columns)[pool], np.argsort(view.ids[pool], kind="stable")
    _, first, copies = np.unique(content[order], return_index=True, return_inverse=True)
    if repeat_by_nature(view, len(first), len(pool)):
        return pool, np.arange(len(pool))
    back = np.empty(len(pool), dtype=np.int64)
    back[order] = copies
    return pool[order[first]], back


def _times(view: DatasetView) -> np.ndarray | None:
    """The time of each row, where a column was named for it."""
    name = time_column(view)
    return None if name is None else view.numbers(name)


def _take_latest(parts: np.ndarray, pool: np.ndarray, times: np.ndarray, wanted: dict[str, int]) -> list[str]:
    """Give the latest rows to test, those before them to validation; rows of one time stay together."""
    if np.isnan(times[pool]).any():
        raise DataError(f"{int(np.isnan(times[pool]).sum()):,} rows have no time, by which they are split. Drop them.")
    order, end = pool[np.argsort(times[pool], kind="stable")], len(pool)
    said = []
    for name, count in wanted.items():
        start = int(np.searchsorted(times[order[:end]], times[order[max(end - count, 0)]], side="left"))
        parts[order[start:end]] = name
        said.append(f"{end - start:,} {name} rows")
        end = start
    return [f"the latest {' and the latest before them '.join(said)} of {len(pool):,} were taken"]


def _take_last_steps(parts: np.ndarray, pool: np.ndarray, view: DatasetView, wanted: dict[str, int]) -> list[str]:
    """Give the last steps of each series to test, those before them to validation: times count steps, no moments."""
    series = series_of(view.select(pool))
    said = []
    for name, count in wanted.items():
        taken = 0
        for one in series:
            left = one.rows[parts[pool[one.rows]] == "train"]
            held = left[len(left) - round(count / len(pool) * len(one)) :]
            parts[pool[held]] = name
            taken += len(held)
        said.append(f"{taken:,} {name} rows")
    return [f"of each of {len(series):,} series the last {' and the last before them '.join(said)} were taken"]


def _take_rows(
    parts: np.ndarray, pool: np.ndarray, strata: np.ndarray, view: DatasetView, wanted: dict[str, int], seed: int
) -> list[str]:
    """Give rows of the pool to the wanted parts, each stratum its share, in the order of a hash of seed and id."""
    keys = hash_strings(view.ids[pool], seed)
    order = np.lexsort((keys, strata))
    values, sizes = np.unique(strata, return_counts=True)
    ends = np.cumsum(sizes)
    room = sizes - 1
    taken = np.zeros(len(values), dtype=np.int64)
    said = []
    for name, count in wanted.items():
        quota = np.minimum(largest_remainder(sizes, count), room - taken)
        if not quota.sum():
            raise DataError(f"{len(pool):,} rows in {len(values)} classes are too few to hold out {name} rows.")
        for end, size, start, number in zip(ends, sizes, taken, quota, strict=True):
            rows = order[end - size + start : end - size + start + number]
            parts[pool[rows]] = name
        taken += quota
        said.append(f"{int(quota.sum()):,} {name} rows")
    how = f", each of {len(values)} classes its share" if len(values) > 1 else ""
    said = [f"{' and '.join(said)} were taken from {len(pool):,}{how}, by a hash of seed {seed} and the row id"]
    single = int((sizes < 2).sum())
    if single and len(values) > 1:
        said.append(f"{single} classes have one row only, which stayed in train")
    return said


def largest_remainder(sizes: np.ndarray, total: int) -> np.ndarray:
    """``total`` shared out in proportion to ``sizes``: whole parts first, then the largest remainders (Hamilton)."""
    exact = sizes * (total / sizes.sum())
    whole = np.floor(exact).astype(np.int64)
    left = int(total - whole.sum())
    if left > 0:
        whole[np.argsort(-(exact - whole), kind="stable")[:left]] += 1
    return whole


def _take_groups(
    parts: np.ndarray, pool: np.ndarray, groups: np.ndarray, wanted: dict[str, int], seed: int
) -> list[str]:
    """Give whole groups of the pool to the wanted parts, in the order of a hash of seed and name."""
    names, of, sizes = np.unique(groups[pool], return_inverse=True, return_counts=True)
    if len(names) <= len(wanted):
        raise DataError(f"{len(names)} groups are too few for train and {' and '.join(wanted)}. Hold out less.")
    waiting = list(np.argsort(hash_strings(names, seed), kind="stable"))
    said = []
    for name, count in wanted.items():
        chosen, rows = [], 0
        for which in list(waiting):
            if len(waiting) > 1 and rows + sizes[which] / 2 <= count:
                chosen.append(which)
                waiting.remove(which)
                rows += int(sizes[which])
        if not chosen:
            smallest = min(waiting, key=lambda which: sizes[which])
            chosen, rows = [smallest], int(sizes[smallest])
            waiting.remove(smallest)
        parts[pool[np.isin(of, chosen)]] = name
        said.append(f"{rows:,} {name} rows ({len(chosen):,} groups)")
    taken = f"{' and '.join(said)} were taken from {len(pool):,} rows in {len(names):,} groups"
    return [f"{taken}, groups kept whole, by a hash of seed {seed} and the group"]
