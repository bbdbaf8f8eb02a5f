"""The series of a view: the rows of each, in the order of time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ftkit.data.view import DatasetView
from ftkit.errors import DataError

FORECASTING = "time-series-forecasting"
DAY = 86_400.0
# Seconds from one step to the next: steps a season.
SEASONS = ((1, 1), (60, 60), (300, 288), (600, 144), (900, 96), (1800, 48), (3600, 24), (DAY, 7), (7 * DAY, 52))
CALENDAR = ((28, 31, 12), (89, 92, 4), (365, 366, 1))  # shortest and longest step in days, steps a season


@dataclass(frozen=True)
class Series:
    """One series.

    Attributes
    ----------
    name : str
        The cell of the group column; '' where there is only one series.
    rows : int64 array (T,)
        Positions in the view.
    times : float64 array (T,)
        Rising; seconds since 1970 where times are dates.
    values : float64 array (T,)
        The target; NaN where it is missing.
    """

    name: str
    rows: np.ndarray
    times: np.ndarray
    values: np.ndarray

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def where(self) -> str:
        """Words that say which series is meant."""
        return f"series '{self.name}'" if self.name else "the series"


def is_forecast(view: DatasetView) -> bool:
    """Whether the rows are steps of series: then time alone says what may be known."""
    return view.task == FORECASTING


def series_of(view: DatasetView) -> list[Series]:
    """The series of a view, by name.

    Parameters
    ----------
    view : DatasetView
        Read with ``time``, and with ``group`` where it holds several series.

    Returns
    -------
    list of Series

    Raises
    ------
    DataError
        No column of times was named, a row has no time, or two rows of a series have the same.

    Examples
    --------
    >>> import pandas as pd
    >>> import ftkit as ft
    >>> table = pd.DataFrame({"day": [2, 1, 1], "shop": ["a", "a", "b"], "sold": [5.0, 4.0, 9.0]})
    >>> [(s.name, s.values.tolist()) for s in series_of(ft.read(table, time="day", group="shop", target="sold"))]
    [('a', [4.0, 5.0]), ('b', [9.0])]
    """
    name = time_of(view)
    times, values = view.numbers(name), view.numbers(view.target)
    lost = int((~np.isfinite(times)).sum())
    if lost:
        raise DataError(f"{view.name}: {lost:,} rows have no time in '{name}'. Drop or fill them.")
    names = np.zeros(len(view), dtype=np.str_) if view.group is None else view.group
    order = np.lexsort((times, names))
    starts = np.flatnonzero(np.append(True, names[order][1:] != names[order][:-1])) if len(order) else []
    found = []
    for rows in np.split(order, starts[1:]):
        one = Series(str(names[rows[0]]), rows, times[rows], np.where(np.isfinite(values[rows]), values[rows], np.nan))
        _check_steps(one, view, name)
        found.append(one)
    return found


def time_column(view: DatasetView) -> str | None:
    """The column that holds the time, if one was named."""
    return next((name for name, column in view.columns.items() if column.role == "time"), None)


def time_of(view: DatasetView) -> str:
    """The column that holds the time.

    Raises
    ------
    DataError
        None was named.
    """
    found = time_column(view)
    if found is None:
        raise DataError(f"{view.name}: no column of times was named. Say which: data.time, or time='COLUMN'.")
    return found


def _check_steps(series: Series, view: DatasetView, time: str) -> None:
    same = np.flatnonzero(np.diff(series.times) == 0)
    if len(same):
        at = view[int(series.rows[same[0]])][time]
        more = "; if these are several series, name the column that tells them apart: data.group" * (not series.name)
        raise DataError(
            f"{view.name}: {series.where} has several rows at one time, first at {at!s} ({len(same):,} in all). "
            f"Keep one of each{more}."
        )


def one_clock(view: DatasetView) -> bool:
    """Whether equal times are the same moment in every series: dates are; numbers only count steps."""
    return view.columns[time_of(view)].kind == "date"


def season_of(series: list[Series], dates: bool) -> int:
    """Steps a season by the usual step between two times: 24 hours, 7 days, 12 months; 1 where nothing is known.

    Examples
    --------
    >>> hours = np.arange(48) * 3600.0
    >>> season_of([Series("", np.arange(48), hours, hours)], dates=True)
    24
    """
    steps = np.concatenate([np.diff(one.times) for one in series])
    if not dates or not len(steps):
        return 1
    step = float(np.median(steps))
    found = [season for seconds, season in SEASONS if abs(step - seconds) < 0.01 * seconds]
    found += [season for low, high, season in CALENDAR if low * DAY <= step <= high * DAY]
    return found[0] if found else 1


def times_after(series: Series, count: int, dates: bool) -> np.ndarray:
    """The next times of a series, float64 (count,): by its usual step; months and years by the calendar."""
    steps = np.diff(series.times)
    last = series.times[-1]
    if not len(steps):
        return last + np.arange(1, count + 1)
    step = float(np.median(steps))
    months = next((12 // many for low, high, many in CALENDAR if low * DAY <= step <= high * DAY), 0)
    if not dates or not months:
        return last + step * np.arange(1, count + 1)
    stamp = np.datetime64(round(last), "s")
    into = stamp - stamp.astype("datetime64[M]")
    return (
        (stamp.astype("datetime64[M]") + months * np.arange(1, count + 1) + into).astype("datetime64[s]").astype(float)
    )


def said_time(time: float, dates: bool) -> str:
    """A time in words: a date as ISO 8601 has it, without the hour where it is midnight."""
    if not dates:
        return f"{time:g}"
    return str(np.datetime64(round(time), "s")).replace("T", " ").removesuffix(" 00:00:00")
