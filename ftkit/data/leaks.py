"""What makes a test no test: errors, unless whoever asks for the split says they know."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ftkit.data.series import is_forecast, one_clock, series_of, time_column
from ftkit.data.split import Split, copied_columns, repeat_by_nature
from ftkit.data.view import DatasetView
from ftkit.errors import DataError

# A feature that is one-to-one with the target says nothing on fewer rows or rarer classes than these.
_FEWEST_ROWS, _FEWEST_EACH = 50, 5


def check_leaks(split: Split, *, group: str | None = None, allow: bool = False) -> list[str]:
    """What train knows of the rows held out.

    A group with rows on both sides; rows that are equal, features and target, on both sides; train rows as late as the
    first row held out, where the rows have a time; a feature that is the target in other words. Of series only the time
    counts: they have rows on both sides, and equal values, by nature.

    Parameters
    ----------
    split : Split
    group : str, optional
        A column whose equal cells belong together; the view's own group column by default.
    allow : bool, default False
        Give the leaks back instead of refusing.

    Returns
    -------
    list of str
        One sentence a leak; empty where there is none.

    Raises
    ------
    DataError
        There are leaks and they are not allowed: all of them are told.

    Examples
    --------
    >>> import ftkit as ft
    >>> check_leaks(ft.holdout(ft.read("iris")))
    []
    """
    held = [part for part in (split.validation, split.test) if len(part)]
    if is_forecast(split.train):
        # Series go on from one side to the other, and their values come again: what is late is all there is to know.
        found = [said for part in held for said in _late_steps(split.train, part)]
    else:
        found = [said for part in held for said in _between(split.train, part, group)]
        found += list(_told(split.train))
    if found and not allow:
        raise DataError(
            "the split leaks: "
            + " ".join(found)
            + " Figures would be too good. Mend the rows or the split; to go on all the same: split.allow_leak"
            " (--allow-leak), which the report will say."
        )
    return found


def _between(train: DatasetView, held: DatasetView, group: str | None) -> Iterator[str]:
    yield from _groups(train, held, group)
    yield from _copies(train, held)
    yield from _late(train, held)


def _groups(train: DatasetView, held: DatasetView, group: str | None) -> Iterator[str]:
    sides = [_group_of(part, group) for part in (train, held)]
    if sides[0] is None:
        return
    torn = np.intersect1d(*(side[side != ""] for side in sides))
    if len(torn):
        rows = int(np.isin(sides[1], torn).sum())
        yield f"{len(torn):,} groups, such as '{torn[0]}', are in train and among the rows held out ({rows:,} rows)."


def _group_of(part: DatasetView, group: str | None) -> np.ndarray | None:
    if group is None or group not in part.columns:
        return part.group
    return np.array([value or "" for value in part.strings(group)], dtype=np.str_)


def _copies(train: DatasetView, held: DatasetView) -> Iterator[str]:
    columns = copied_columns(train)
    if not columns:
        return
    sides = held.content(columns), train.content(columns)
    both = np.concatenate(sides)
    same = np.flatnonzero(np.isin(*sides))
    if len(same) and not repeat_by_nature(train, len(np.unique(both)), len(both)):
        yield (
            f"{len(same):,} of {len(held):,} rows held out are exact copies of train rows, such as "
            f"'{str(held.ids[same[0]])[:60]}'."
        )


def _late(train: DatasetView, held: DatasetView) -> Iterator[str]:
    name = time_column(train)
    if name is None:
        return
    before, after = train.numbers(name), held.numbers(name)
    after = after[np.isfinite(after)]
    if not len(after):
        return
    late = int((before >= after.min()).sum())
    if late:
        yield f"time is not sorted: {late:,} train rows are as late by '{name}' as the first row held out, or later."


def _late_steps(train: DatasetView, held: DatasetView) -> Iterator[str]:
    """Train steps as late as what is held out: at one moment for all series, or of each where times count steps."""
    if one_clock(train):
        yield from _late(train, held)
        return
    last = {one.name: one.times[-1] for one in series_of(train)}
    late = [one.name for one in series_of(held) if last.get(one.name, -np.inf) >= one.times[0]]
    if late:
        which = f"{len(late):,} series, such as '{late[0]}'," if late[0] else "the series"
        yield f"time is not sorted: of {which} train has steps as late as the first one held out, or later."


def _told(train: DatasetView) -> Iterator[str]:
    """Features that are the target in other words."""
    if train.target is None or train.target not in train.columns or len(train) < _FEWEST_ROWS:
        return
    target = train.strings(train.target).astype(str)
    numeric = train.columns[train.target].kind == "number" and not train.classes
    if not numeric and np.unique(target, return_counts=True)[1].min() < _FEWEST_EACH:
        return
    for name in train.features:
        if train.columns[name].role != "feature":
            continue
        if (numeric and _linear(train, name)) or (not numeric and _one_to_one(train.strings(name).astype(str), target)):
            yield f"feature '{name}' is the target '{train.target}' in other words."


def _linear(train: DatasetView, name: str) -> bool:
    if train.columns[name].kind != "number":
        return False
    x, y = train.numbers(name), train.numbers(train.target)
    known = np.isfinite(x) & np.isfinite(y)
    if known.sum() < _FEWEST_ROWS or not np.ptp(x[known]) or not np.ptp(y[known]):
        return False
    return bool(abs(np.corrcoef(x[known], y[known])[0, 1]) > 1 - 1e-9)


def _one_to_one(feature: np.ndarray, target: np.ndarray) -> bool:
    names, codes = np.unique(feature, return_inverse=True)
    classes, of = np.unique(target, return_inverse=True)
    return len(names) == len(classes) == len(np.unique(codes * len(classes) + of)) > 1
