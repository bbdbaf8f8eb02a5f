"""Checks of the values of series: stuck, spiking, shifted, drifting, or known before their time."""

from __future__ import annotations

import numpy as np

from ftkit.data import DatasetView
from ftkit.quality.anomaly import profile, trend, unusual
from ftkit.quality.cells import numeric
from ftkit.quality.check import Check
from ftkit.quality.evidence import Evidence
from ftkit.quality.finding import Finding
from ftkit.quality.tracks import has_series, moment, said, tracks

LEAST = 12  # equal values one after the other
CUT = 1.5  # times as far as the outermost 2 %
SHIFT, SHARE = 6.0, 0.25


def has_values(view: DatasetView) -> str | None:
    """Applies to series with numbers."""
    return has_series(view) or (None if _columns(view) else "the series hold no numbers")


def _columns(view: DatasetView) -> list[str]:
    return numeric(view, ("target", "feature"))


def stuck(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """Stretches in which a value does not change, where it usually does.

    How: 12 equal values or more one after the other, and three times as many as the longest run to be expected from how
    often neighbours are equal in the series. The commonest value and the smallest (zero of a count) are left alone.

    Do: a sensor that hangs. Take the stretch as missing, or cut it out.
    """
    out = []
    for name in _columns(view):
        values = view.numbers(name)
        for track in tracks(evidence):
            for start, end in _runs(values[track.rows]):
                span = f"{moment(track, track.time[start])} to {moment(track, track.time[end - 1])}"
                value, times = values[track.rows[start]], f"{end - start:,} times in a row"
                message = f"'{name}' is {value:g} {times} in {track.where}, {span}."
                out += said(check, evidence, "info", track.rows[start:end], message)
    return sorted(out, key=lambda finding: -len(finding.rows))[:20]


def _runs(values: np.ndarray) -> list[tuple[int, int]]:
    known = np.isfinite(values)
    if known.sum() < 4 * LEAST:
        return []
    same = (values[1:] == values[:-1]) & known[1:]
    edges = np.flatnonzero(np.diff(np.concatenate([[0], same.astype(np.int8), [0]])))
    starts, ends = edges[0::2], edges[1::2] + 1
    lengths = ends - starts
    order = np.sort(lengths)
    usual = order[: max(len(order) - 3, 0)].max(initial=1)  # the three longest runs do not make themselves usual
    share = min(same.mean(), 0.95)
    expected = max(np.log(len(values)) / -np.log(max(share, 1e-9)), usual)
    named, counts = np.unique(values[known], return_counts=True)
    common = {named[counts.argmax()], named[0]} if counts.max() > 0.05 * known.sum() else set()
    return [
        (int(s), int(e))
        for s, e in zip(starts, ends, strict=True)
        if e - s >= max(LEAST, 3 * expected) and values[s] not in common
    ]


def spikes(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """Values, and stretches of values, that are unusual for their series.

    How: trend and seasons (day and week by the clock) are taken out; moving averages over 1, 4, 16, 64 and 192 values
    count by their distance from the median in units of what 2 % exceed; flagged where their root mean square is 1.5
    or more. On the labelled series of NAB this finds more of the windows before as many false alarms than a rolling
    z-score does.

    Do: look at them beside a calendar of what happened; the edit takes none out: an event is no error.
    """
    out = []
    for name in _columns(view):
        values = view.numbers(name)
        for track in tracks(evidence):
            scores = unusual(values[track.rows], track.step if track.dates else 0.0)
            at = np.flatnonzero(scores >= CUT)
            if not len(at) or len(at) > 0.05 * len(scores):
                continue
            stretches = np.split(at, np.flatnonzero(np.diff(at) > max(3, len(scores) // 200)) + 1)
            best = sorted(stretches, key=lambda s: -scores[s].max())[:3]
            shown = ", ".join(moment(track, track.time[s[scores[s].argmax()]]) for s in best)
            where = f"{len(at):,} rows of {track.where}, in {len(stretches):,} stretches"
            message = f"'{name}' is unusual in {where}; most at {shown}."
            ids = view.ids[track.rows[at]].tolist()
            score = (1 - np.exp(-scores[at] / CUT)).round(3).tolist()
            out.append(Finding(check.code, check.name, "info", message, ids, score))
    return sorted(out, key=lambda finding: -max(finding.scores))[:20]


def shifts(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """Places where the level of a series jumps and stays.

    How: seasons are taken out and far values moved in; the best cut in two levels explains 25 % of the variance, 5 %
    more than a straight line does, their difference is 6 standard errors or more, with the memory of the series (first
    order) counted in, so that a random walk passes, and most of it shows in the values next to the place.

    Do: a new sensor, unit or definition? Level the parts, or start the series there.
    """
    out = []
    for name in _columns(view):
        values = view.numbers(name)
        for track in tracks(evidence):
            at = _jump(values[track.rows], track.step if track.dates else 0.0)
            if at is not None:
                place, before, after = at
                message = (
                    f"The level of '{name}' in {track.where} goes from {before:.4g} to {after:.4g} "
                    f"at {moment(track, track.time[place])} and stays."
                )
                out += said(check, evidence, "info", track.rows[[place]], message)
    return out[:20]


def _jump(values: np.ndarray, step: float) -> tuple[int, float, float] | None:
    known = np.flatnonzero(np.isfinite(values))
    n, edge = len(known), max(10, len(known) // 20)
    if n < 4 * edge:
        return None
    level = values[known] - profile(values[known] - trend(values[known]), step)
    centre = np.median(level)
    reach = 4 * 1.4826 * np.median(np.abs(level - centre)) or level.std()
    level = np.clip(level, centre - reach, centre + reach)
    total = ((level - level.mean()) ** 2).sum()
    if total <= 0:
        return None
    before = np.arange(1, n)
    sums = np.cumsum(level - level.mean())[:-1]
    gain = sums**2 * n / (before * (n - before))
    gain[: edge - 1] = gain[n - edge :] = 0
    place = int(gain.argmax()) + 1
    left, right = level[:place], level[place:]
    rest = level - np.repeat([left.mean(), right.mean()], [place, n - place])
    line = np.corrcoef(np.arange(n), level)[0, 1] ** 2
    share = gain.max() / total
    memory = np.clip((rest[1:] * rest[:-1]).sum() / max((rest**2).sum(), 1e-300), 0, 0.999)
    inflated = rest.var() * (1 + memory) / (1 - memory)
    surprise = abs(left.mean() - right.mean()) / max(np.sqrt(inflated * n / (place * (n - place))), 1e-300)
    near = max(10, min(50, n // 10))
    local = abs(np.median(level[place : place + near]) - np.median(level[max(place - near, 0) : place]))
    if surprise < SHIFT or share < SHARE or share < line + 0.05 or local < 0.6 * abs(left.mean() - right.mean()):
        return None
    return int(known[place]), float(np.median(left)), float(np.median(right))


def drift(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """Series whose last part is nowhere near the values of the first: a model must reach beyond what it has seen.

    How: fewer than 5 % of the last fifth's values lie between the 1st and 99th percentile of the first four fifths.

    Do: forecast differences or ratios, or take the trend out; a random split would hide this, so split by time.
    """
    out = []
    for name in _columns(view):
        values = view.numbers(name)
        for track in tracks(evidence):
            series = values[track.rows]
            series = series[np.isfinite(series)]
            if len(series) < 50:
                continue
            head, tail = np.split(series, [4 * len(series) // 5])
            low, high = np.quantile(head, [0.01, 0.99])
            inside = float(((tail >= low) & (tail <= high)).mean())
            if inside < 0.05:
                way = "above" if np.median(tail) > high else "below"
                message = (
                    f"The last fifth of '{name}' in {track.where} lies {way} nearly all values before it "
                    f"({inside:.0%} inside their range)."
                )
                out += said(check, evidence, "info", track.rows[-1:], message)
    return out[:20]


def future(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """Columns that hold the target of a later time.

    How: the changes of a column from row to row are those of the target 1 to 48 rows later (correlation of 0.999 or
    more), and not those of the target of the same or an earlier row as well.

    Do: leave the column out, or shift it back: at the time of forecasting it is not known.
    """
    if view.target is None or view.columns[view.target].kind != "number":
        return []
    target, out = view.numbers(view.target), []
    for name in numeric(view):
        values = view.numbers(name)
        leads = [
            lead for track in tracks(evidence) if (lead := _lead(values[track.rows], target[track.rows])) is not None
        ]
        if leads:
            lead = int(np.bincount(leads).argmax())
            later = f"{lead} row{'s' if lead > 1 else ''} later"
            message = f"Column '{name}' holds '{view.target}' of {later}: it knows the future."
            out.append(Finding(check.code, check.name, "error", message))
    return out


def _lead(values: np.ndarray, target: np.ndarray) -> int | None:
    """How many rows later the target is what a column says now."""
    values, target = np.diff(values), np.diff(target)
    if len(values) < 100:
        return None
    best, lead = 0.0, None
    for shift in range(-3, 49):
        a, b = (values[: len(values) - shift], target[shift:]) if shift >= 0 else (values[-shift:], target[:shift])
        known = np.isfinite(a) & np.isfinite(b)
        if known.sum() < 50 or not a[known].std() or not b[known].std():
            continue
        same = abs(float(np.corrcoef(a[known], b[known])[0, 1]))
        if same > best + 1e-9:
            best, lead = same, shift
    return lead if best >= 0.999 and lead is not None and lead > 0 else None


CHECKS = (
    Check("SER204", "stuck values", "cheap", has_values, stuck),
    Check("SER205", "unusual values", "cheap", has_values, spikes),
    Check("SER206", "level shifts", "cheap", has_values, shifts),
    Check("SER207", "drift", "cheap", has_values, drift),
    Check("SER209", "columns that know the future", "cheap", has_values, future),
)
