"""The series of a view: one track for each group, in the order of time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from ftkit.data import DatasetView
from ftkit.errors import DataError
from ftkit.quality.check import Check, SkipCheckError
from ftkit.quality.evidence import Evidence
from ftkit.quality.finding import Finding, Severity

DAY = 86400.0
SHOWN = 3
OFFSET = re.compile(r"([+-])(\d{2}):?(\d{2})$")


@dataclass(frozen=True)
class Track:
    """One series.

    Attributes
    ----------
    name : str
        The group, '' where there is only one series.
    rows : ndarray of int64
        Positions in the view, in the order of time.
    time : ndarray of float64
        Seconds since 1970, or whatever number the time column holds; rising.
    dates : bool
        Whether times are dates.
    """

    name: str
    rows: np.ndarray
    time: np.ndarray
    dates: bool
    step: float = field(default=0.0)

    @property
    def where(self) -> str:
        """Words that say which series is meant."""
        return f"series '{self.name}'" if self.name else "the series"


def has_series(view: DatasetView) -> str | None:
    """Applies where a column of times was named."""
    return None if any(c.role == "time" for c in view.columns.values()) else "no column of times was named (time=)"


def time_column(view: DatasetView) -> str:
    """The column of times."""
    return next(name for name, column in view.columns.items() if column.role == "time")


def seconds_of(view: DatasetView) -> np.ndarray:
    """The times as numbers; of texts with an offset from UTC, in UTC."""
    name = time_column(view)
    try:
        values = view.numbers(name)
    except DataError as error:
        raise SkipCheckError(f"the times cannot be read: {error}") from None
    if view.columns[name].kind != "date":
        return values
    ends = [OFFSET.search(text) if text and len(text) > 19 else None for text in view.strings(name)[: len(values)]]
    if any(ends):
        shift = [0 if m is None else int(f"{m[1]}1") * (int(m[2]) * 3600 + int(m[3]) * 60) for m in ends]
        values = values - np.array(shift)
    return values


def tracks(evidence: Evidence) -> Iterator[Track]:
    """The series, one after the other."""
    view = evidence.view
    time = seconds_of(view)
    dates = view.columns[time_column(view)].kind == "date"
    known = np.flatnonzero(np.isfinite(time))
    if view.group is None:
        groups = [("", known)]
    else:
        names, place = np.unique(view.group[known], return_inverse=True)
        order = np.argsort(place, kind="stable")
        parts = np.split(known[order], np.cumsum(np.bincount(place, minlength=len(names)))[:-1])
        groups = list(zip(names.tolist(), parts, strict=True))
    for name, rows in groups:
        rows = rows[np.argsort(time[rows], kind="stable")]
        steps = np.diff(time[rows])
        rising = steps[steps > 0]
        yield Track(str(name), rows, time[rows], dates, float(_usual(rising)) if len(rising) else 0.0)


def _usual(steps: np.ndarray) -> float:
    """The commonest step, near enough."""
    values, counts = np.unique(np.round(steps, 3), return_counts=True)
    return float(values[counts.argmax()]) if counts.max() > 1 else float(np.median(steps))


def said(check: Check, evidence: Evidence, severity: Severity, rows: np.ndarray, message: str, score: float = 0.8):
    """A finding about some rows, in a list; none where there are none."""
    if not len(rows):
        return []
    ids = evidence.view.ids[np.asarray(rows)].tolist()
    return [Finding(check.code, check.name, severity, message, ids, [score] * len(ids))]


def moment(track: Track, time: float) -> str:
    """A time in words."""
    if not track.dates:
        return f"{time:g}"
    stamp = str(np.datetime64(round(time), "s"))
    return stamp[:10] if stamp.endswith("T00:00:00") else stamp.replace("T", " ")


def length(track: Track, step: float) -> str:
    """A step of time in words."""
    if not track.dates:
        return f"{step:g}"
    for name, unit in (("day", DAY), ("hour", 3600.0), ("minute", 60.0)):
        if step >= unit and abs(step / unit - round(step / unit)) < 1e-6:
            count = round(step / unit)
            return f"{count} {name}{'s' if count > 1 else ''}" if count > 1 else f"1 {name}"
    return f"{step:g} seconds"
