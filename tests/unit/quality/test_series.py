from __future__ import annotations

import json

import numpy as np
import pytest

import ftkit as ft
from ftkit.quality.anomaly import unusual
from ftkit.quality.check import SkipCheckError
from ftkit.quality.evidence import Evidence
from ftkit.quality.series import CHECKS

N = 24 * 60
START = np.datetime64("2024-01-08T00:00:00")
RNG = np.random.default_rng(0)
HOURS = START + np.arange(N) * np.timedelta64(1, "h")
VALUES = 20 + 5 * np.sin(np.arange(N) * 2 * np.pi / 24) + RNG.normal(0, 1, N)


def rows(time=HOURS, value=VALUES, **columns) -> dict:
    return {"time": np.datetime_as_string(time, "s").tolist(), "value": np.asarray(value).tolist(), **columns}


def found(source, **options) -> dict[str, list]:
    view = ft.read(source, **{"time": "time", "target": "value", **options})
    evidence, out = Evidence(view), {}
    for check in CHECKS:
        try:
            for finding in check.run(view, check, evidence) if check.applies(view) is None else []:
                out.setdefault(finding.code, []).append(finding)
        except SkipCheckError:
            continue
    return out


def changed(where, what) -> np.ndarray:
    new = VALUES.copy()
    new[where] = what if not callable(what) else what(new[where])
    return new


def spring(zone_hour: int = 2) -> np.ndarray:
    """Hours of local time through 2024-03-10, when clocks skip the hour from two to three."""
    time = np.datetime64("2024-03-01T00:00:00") + np.arange(24 * 40) * np.timedelta64(1, "h")
    return np.where(time >= np.datetime64(f"2024-03-10T0{zone_hour}:00:00"), time + np.timedelta64(1, "h"), time)


FUTURE = np.concatenate([VALUES[3:], VALUES[:3]])
PLANTED = {
    "gap": (
        "SER201",
        rows(np.delete(HOURS, slice(100, 130)), np.delete(VALUES, slice(100, 130))),
        "30 times are left out",
    ),
    "twice": (
        "SER202",
        rows(np.insert(HOURS, 100, HOURS[100]), np.insert(VALUES, 100, 7.5)),
        "have the time of another",
    ),
    "copy": (
        "SER202",
        rows(np.insert(HOURS, 100, HOURS[100]), np.insert(VALUES, 100, VALUES[100])),
        "1 row is a copy of another row",
    ),
    "unordered": ("SER202", rows(np.concatenate([HOURS[50:], HOURS[:50]])), "50 rows come after a row of a later time"),
    "frequency": (
        "SER203",
        rows(np.concatenate([HOURS[:700], HOURS[700] + np.arange(N - 700) * np.timedelta64(3, "h")])),
        "from 1 hour to 3 hours",
    ),
    "stuck": ("SER204", rows(value=changed(slice(300, 360), 21.5)), "21.5 60 times in a row"),
    "spike": ("SER205", rows(value=changed(500, 60.0)), "most at 2024-01-28 20:00:00"),
    "outage": ("SER205", rows(value=changed(slice(500, 520), lambda v: v - 14)), "unusual"),
    "shift": ("SER206", rows(value=changed(slice(800, None), lambda v: v + 12)), "at 2024-02-10 08:00:00"),
    "drift": ("SER207", rows(value=VALUES + np.arange(N) * 0.2), "lies above nearly all values"),
    "clock": ("SER208", rows(spring(), VALUES[: 24 * 40]), "2024-03-10"),
    "future": ("SER209", rows(x=FUTURE.tolist()), "'x' holds 'value' of 3 rows later"),
}


def test_a_clean_series_passes():
    assert found(rows()) == {}


def test_a_series_of_numbered_steps_passes():
    assert found({"time": list(range(N)), "value": VALUES.tolist()}) == {}


@pytest.mark.parametrize("name", PLANTED)
def test_the_planted_is_found(name):
    code, source, said = PLANTED[name]
    there = found(source)
    assert any(said in finding.message for finding in there[code]), there
    also = {
        "twice": {"SER205"},
        "stuck": {"SER205"},
        "clock": {"SER201"},
        "outage": {"SER206"},
        "shift": {"SER205", "SER207"},
        "frequency": {"SER201"},
    }
    assert set(there) <= {code} | also.get(name, set())


@pytest.mark.parametrize("name", ["gap", "stuck", "spike", "shift", "clock", "future", "twice"])
def test_the_order_of_rows_matters_only_where_it_is_asked(name):
    code, source, _ = PLANTED[name]
    order = np.random.default_rng(1).permutation(len(source["time"]))
    source = {**source, "id": [f"r{i}" for i in range(len(source["time"]))]}
    mixed = {key: [values[i] for i in order] for key, values in source.items()}
    rows_of = [
        {row for f in found(s, id="id")[code] if "later time" not in f.message for row in f.rows}
        for s in (source, mixed)
    ]
    assert rows_of[0] == rows_of[1]


def test_each_series_by_itself():
    both = rows(np.tile(HOURS, 2), np.concatenate([VALUES, changed(500, 99.0) + 1000]), shop=["a"] * N + ["b"] * N)
    there = found(both, group="shop")
    assert set(there) == {"SER205"}
    assert "series 'b'" in there["SER205"][0].message


def test_months_working_days_and_weekends_are_no_gaps():
    months = np.arange("2015-01", "2024-01", dtype="datetime64[M]").astype("datetime64[s]")
    assert "SER201" not in found(rows(months, VALUES[: len(months)]))
    days = np.arange("2023-01-02", "2024-01-01", dtype="datetime64[D]")
    days = days[np.is_busday(days)].astype("datetime64[s]")
    assert "SER201" not in found(rows(days, VALUES[: len(days)]))


def test_a_random_walk_has_no_level_shift():
    for seed in range(10):
        walk = np.cumsum(np.random.default_rng(seed).normal(0, 1, 1000))
        assert "SER206" not in found({"time": list(range(1000)), "value": walk.tolist()})


def test_times_that_cannot_be_read_are_skipped():
    assert found({"time": ["one", "two", "three"] * 20, "value": list(range(60))}) == {}


def test_not_applicable_without_a_time():
    view = ft.read("iris")
    assert {check.applies(view) for check in CHECKS} == {"no column of times was named (time=)"}


def test_the_step_of_the_nile(shared):
    there = found(ft.read(shared / "ts-classic" / "nile-statsmodels.csv"), time="year", target="volume")
    assert "1899" in there["SER206"][0].message


def test_events_in_new_york_are_named(shared):
    there = found(ft.read(shared / "ts-nab" / "nyc_taxi.csv.gz"), time="timestamp")
    assert all(day in there["SER205"][0].message for day in ("2015-01-27", "2015-01-01", "2014-12-25"))


def test_the_hour_that_clocks_skipped(shared):
    there = found(ft.read(shared / "ts-nab" / "ec2_request_latency_system_failure.csv.gz"), time="timestamp")
    assert "2014-03-09" in there["SER208"][0].message


def rolling_z(values: np.ndarray, width: int) -> np.ndarray:
    """How many standard deviations each value is from the mean of the ``width`` values before it."""
    sums, squares = (np.concatenate([[0.0], np.cumsum((values - values.mean()) ** p)]) for p in (1, 2))
    end = np.arange(len(values))
    start = np.maximum(end - width, 0)
    count = np.maximum(end - start, 1)
    mean = (sums[end] - sums[start]) / count
    spread = np.sqrt(np.maximum((squares[end] - squares[start]) / count - mean**2, 1e-9 * values.var()))
    return np.where(end - start >= 10, np.abs(values - values.mean() - mean) / spread, 0.0)


def windows_hit(time: np.ndarray, score: np.ndarray, windows: list[tuple[float, float]]) -> int:
    """The labelled windows hit by the highest scores before as many false alarms as there are windows.

    Alarms are at least 2 % of the series apart.
    """
    hit, false, apart, score = set(), 0, max(1, len(time) // 50), score.copy()
    while false < len(windows) and score.max() > -1:
        at = int(score.argmax())
        score[max(0, at - apart) : at + apart + 1] = -1
        inside = [i for i, (low, high) in enumerate(windows) if low <= time[at] <= high]
        hit |= set(inside)
        false += not inside
    return len(hit)


def test_more_labelled_windows_than_a_rolling_z_score(shared):
    labels = json.loads((shared / "ts-nab" / "windows.json").read_text(encoding="utf-8"))
    widths, ours, theirs = (50, 100, 288, 1000), 0, np.zeros(4, dtype=int)
    for name, spans in labels.items():
        view = ft.read(shared / "ts-nab" / f"{name.split('/')[-1]}.gz", time="timestamp")
        time, values = view.numbers("timestamp"), view.numbers("value")
        windows = [tuple(np.array(span, dtype="datetime64[us]").astype(np.int64) / 1e6) for span in spans]
        ours += windows_hit(time, unusual(values, float(np.median(np.diff(time)))), windows)
        theirs += [windows_hit(time, rolling_z(values, width), windows) for width in widths]
    assert ours >= 15
    assert ours > theirs.max()
