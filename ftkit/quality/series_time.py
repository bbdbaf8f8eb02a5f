"""Checks of the times of series: gaps, order, steps, changes of the clock."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ftkit.data import DatasetView
from ftkit.quality.check import Check
from ftkit.quality.evidence import Evidence
from ftkit.quality.finding import Finding
from ftkit.quality.flags import counted
from ftkit.quality.tracks import DAY, Track, has_series, length, moment, said, seconds_of, time_column, tracks

STEADY = 20  # steps one after the other that make a frequency
SHOWN = 3
MONTH, YEAR = (27.5 * DAY, 31.5 * DAY), (364.5 * DAY, 366.5 * DAY)


def gaps(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """Times that are left out, and rows without one.

    How: steps of more than one and a half times the usual one (the commonest). Months and years count by the calendar;
    weekends of a series of working days are no gaps. The rows are those after the gaps.

    Do: fill short gaps in, cut the series at long ones; a model that sees steps of one length takes them for time.
    """
    out, missing = [], np.flatnonzero(~np.isfinite(seconds_of(view)))
    message = f"{counted(len(missing), '{n} row[ has|s have] no time')} in '{time_column(view)}'."
    out += said(check, evidence, "warning", missing, message)
    found: list[tuple[Track, np.ndarray, np.ndarray]] = []
    for track in tracks(evidence):
        steps = _in_steps(track)
        at = np.flatnonzero(steps > 1.5)
        if len(at):
            found.append((track, at, steps))
    if not found:
        return out
    total = sum(float((np.round(steps[at]) - 1).sum()) for _, at, steps in found)
    count = sum(len(at) for _, at, _ in found)
    track, at, steps = max(found, key=lambda f: f[2][f[1]].max())
    longest = at[steps[at].argmax()]
    shown = f"{moment(track, track.time[longest])} to {moment(track, track.time[longest + 1])}"
    message = (
        f"{total:,.0f} times are left out in {count:,} gaps; the longest is from {shown} in {track.where} "
        f"(the usual step is {length(track, track.step)})."
    )
    rows = np.concatenate([t.rows[a + 1] for t, a, _ in found])
    expected = sum(len(t.rows) for t, _, _ in found) + total
    return out + said(check, evidence, "warning" if total > 0.01 * expected else "info", rows, message)


def _in_steps(track: Track) -> np.ndarray:
    """How many usual steps each step is; by the calendar where steps are months, years or working days."""
    steps = np.diff(track.time)
    if not track.step or len(steps) < 3:
        return np.zeros(0)
    if track.dates and MONTH[0] <= np.median(steps) <= MONTH[1]:
        stamps = track.time.astype("int64").astype("datetime64[s]").astype("datetime64[M]").astype(np.int64)
        return np.diff(stamps).astype(float)
    if track.dates and YEAR[0] <= np.median(steps) <= YEAR[1]:
        return np.round(steps / (365.25 * DAY))
    if track.dates and abs(track.step - DAY) < 1:
        weekday = (np.floor(track.time / DAY) + 3) % 7
        if (weekday < 5).mean() > 0.99:
            weeks = (np.floor(track.time[1:] / DAY) + 3) // 7 - (np.floor(track.time[:-1] / DAY) + 3) // 7
            return np.round(steps / DAY) - 2 * weeks
    return steps / track.step


def order(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """Times that come twice in one series, and rows that are not in the order of time.

    How: equal times within a group; a time earlier than that of the row before it in the same group.

    Do: keep one row of equal times, the last where it is a correction (the edit drops only those whose cells are all
    equal to an earlier row's); sort the rest by time before it is split.
    """
    out: list[Finding] = []
    same = np.concatenate([track.rows[_shared(track.time)] for track in tracks(evidence)] or [np.zeros(0, np.int64)])
    if len(same):
        same = np.sort(same)
        _, first = np.unique(view.content()[same], return_index=True)
        copies = np.delete(same, first)
        if len(copies):
            message = counted(len(copies), "{n} row[ is a copy|s are copies] of another row of the same time.")
            out.append(check.finding("warning", message, view.ids[copies].tolist(), drop=True))
        others = np.concatenate(
            [t.rows[_shared(t.time)] for t in _without(evidence, copies)] or [np.zeros(0, np.int64)]
        )
        what = "{n} row[ has|s have] the time of another row of the same series, and other values."
        message = counted(len(others), what)
        out += said(check, evidence, "warning", np.sort(others), message)
    late = np.concatenate([_late(track, view) for track in tracks(evidence)] or [np.zeros(0, np.int64)])
    message = f"{len(late):,} rows come after a row of a later time: sort the rows by '{time_column(view)}'."
    return out + said(check, evidence, "warning", late, message)


def _shared(time: np.ndarray) -> np.ndarray:
    """Whether each of some rising times is equal to the one before or after it."""
    same = np.diff(time) == 0
    return np.concatenate([[False], same]) | np.concatenate([same, [False]]) if len(time) else np.zeros(0, dtype=bool)


def _without(evidence: Evidence, rows: np.ndarray) -> Iterator[Track]:
    """The series without some rows."""
    for track in tracks(evidence):
        keep = ~np.isin(track.rows, rows)
        yield Track(track.name, track.rows[keep], track.time[keep], track.dates, track.step)


def _late(track: Track, view: DatasetView) -> np.ndarray:
    """The rows before which, in the view, a later time of the same series comes."""
    by_place = np.argsort(track.rows, kind="stable")
    times = track.time[by_place]
    return track.rows[by_place][times < np.maximum.accumulate(times)] if len(times) else track.rows[:0]


def frequency(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """Series whose step changes for good.

    How: two stretches of 20 steps or more, each of one step within a tenth, that differ by half or more.

    Do: resample to the longer step, or cut the series there.
    """
    out = []
    for track in tracks(evidence):
        steps = np.diff(track.time)
        if len(steps) < 2 * STEADY or (track.dates and np.median(steps) >= 27 * DAY):
            continue
        counts = np.lib.stride_tricks.sliding_window_view(steps, STEADY)
        low, high = counts.min(axis=1), counts.max(axis=1)
        steady = np.flatnonzero((high - low <= 0.1 * np.maximum(high, 1e-12)) & (low > 0))
        if not len(steady):
            continue
        usual = steps[steady[0]]
        other = steady[(steps[steady] > 1.5 * usual) | (steps[steady] < usual / 1.5)]
        if len(other):
            at = int(other[0])
            message = (
                f"The step of {track.where} changes from {length(track, usual)} to {length(track, steps[at])} "
                f"at {moment(track, track.time[at])}."
            )
            out += said(check, evidence, "warning", track.rows[[at]], message)
    return out[:20]


def clock(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """Times of a clock that was put forward and back (daylight saving).

    How: in series of steps of an hour or less, the hour from two to three (or one to two) left out in the night of a
    Sunday in March, April, September or October; and hours that come twice half a year later.

    Do: convert the times to UTC; else an hour is missing and another counts twice each year.
    """
    rows, days = [], []
    for track in tracks(evidence):
        if not track.dates or not 0 < track.step <= 3600:
            continue
        skipped = np.flatnonzero(_left_out(track))
        if not len(skipped):
            continue
        again = np.flatnonzero(_on_sunday(track.time[1:]) & (np.diff(track.time) <= 0))
        rows.append(track.rows[np.concatenate([skipped, again]) + 1])
        days += [moment(track, time)[:10] for time in track.time[skipped]]
    if not rows:
        return []
    message = f"An hour is left out where clocks are put forward ({', '.join(sorted(set(days))[:5])})."
    return said(check, evidence, "warning", np.unique(np.concatenate(rows)), message)


def _left_out(track: Track) -> np.ndarray:
    """Whether each step leaves out just the hour that clocks skip."""
    before, after = track.time[:-1], track.time[1:]
    hours = (before % DAY / 3600, after % DAY / 3600)
    jump = np.abs(after - before - 3600 - track.step) <= max(track.step * 0.9, 1)
    spans = [(hours[0] < low) & (hours[1] >= low + 1) & (hours[1] < low + 2) for low in (1, 2)]
    return _on_sunday(before) & _on_sunday(after) & jump & (spans[0] | spans[1])


def _on_sunday(time: np.ndarray) -> np.ndarray:
    """Whether times are in the night of a Sunday when clocks are changed."""
    sunday = (np.floor(time / DAY) + 4) % 7 == 0
    hour = time % DAY / 3600
    return sunday & (hour < 4) & np.isin(_months(time) % 12 + 1, [3, 4, 9, 10, 11])


def _months(time: np.ndarray) -> np.ndarray:
    return time.astype(np.int64).astype("datetime64[s]").astype("datetime64[M]").astype(np.int64)


CHECKS = (
    Check("SER201", "gaps", "cheap", has_series, gaps),
    Check("SER202", "order of time", "cheap", has_series, order),
    Check("SER203", "changes of frequency", "cheap", has_series, frequency),
    Check("SER208", "changes of the clock", "cheap", has_series, clock),
)
