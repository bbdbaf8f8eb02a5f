"""Rolling origin on series whose best forecast is known, on the published figures of M4, and with planted look-aheads."""

import csv
import gzip

import numpy as np
import pytest

import ftkit as ft
from ftkit.errors import DataError
from ftkit.evaluate import backtest, check_look_ahead, drifting, naive, seasonal_mean


def wave(length=240, noise=0.2, seed=0):
    draw = np.random.default_rng(seed)
    return 10 + 0.02 * np.arange(length) + np.sin(np.arange(length) * np.pi / 6) + noise * draw.normal(size=length)


def test_mase_is_hyndmans():
    series = wave()
    found = backtest(series, {"naive": naive}, horizon=12, season=12, origins=1)
    scale = np.abs(series[12:228] - series[:216]).mean()
    told = {(m["label"], m["name"]): m["value"] for m in found.metrics}
    assert told[("naive", "mase")] == pytest.approx(np.abs(series[228:] - series[227]).mean() / scale)
    assert told[("seasonal naive", "mase")] == pytest.approx(np.abs(series[228:] - series[216:228]).mean() / scale)
    assert np.mean([row["value"] for row in found.horizons["naive"]]) == pytest.approx(told[("naive", "mase")])


def test_the_better_forecaster_is_told():
    found = backtest(
        [wave(seed=k) for k in range(12)], {"mean": seasonal_mean(12), "naive": naive}, horizon=12, season=12
    )
    assert [one["better"] for one in found.against] == ["mean", "seasonal naive"]
    assert "mean is better than seasonal naive" in found.sentences()[0]
    assert "MASE by steps ahead" in ft.show(found).html()


def test_a_forecaster_sees_nothing_from_its_origin_on():
    seen = []

    def spying(history, horizon):
        seen.append(len(history))
        history[:] = 0  # what it does to its copy stays with it
        return np.full(horizon, 1.0 + len(history) + seen[-1] * np.random.default_rng(len(seen)).random())

    series = wave()
    before = series.copy()
    backtest(series, {"spy": spying}, horizon=12, season=12, origins=3)
    assert seen[:3] == [204, 216, 228]
    assert (series == before).all()


def test_planted_look_aheads_are_caught():
    series = wave()

    def cheating(history, horizon):
        return series[len(history) : len(history) + horizon]

    with pytest.raises(DataError, match="'cheat' gives the same forecasts for another history"):
        backtest(series, {"cheat": cheating}, horizon=12, season=12)
    for prepare in (
        lambda y: (y - y.mean()) / y.std(),
        lambda y: np.convolve(y, np.ones(5) / 5, mode="same"),
        lambda y: np.append(y[1:], 0.0),
    ):
        with pytest.raises(DataError, match="looks ahead"):
            check_look_ahead(prepare, series)
    check_look_ahead(lambda y: np.append(0.0, y[:-1]), series)


@pytest.mark.parametrize(
    ("series", "options", "words"),
    [
        (np.append(wave(), np.nan), {}, "1 missing values"),
        (wave(20), {}, "20 values; 5 origins need at least 73"),
        (wave(), {"horizon": 0}, "horizon is 0"),
        (wave(), {"forecaster": lambda h, n: h[:3]}, "gave"),
    ],
)
def test_faults(series, options, words):
    forecaster = options.pop("forecaster", naive)
    with pytest.raises(DataError, match=words):
        backtest(series, {"x": forecaster}, **{"horizon": 12, "season": 12, **options})


def test_a_series_without_seasonal_error_has_no_mase_and_says_so():
    found = backtest(np.tile([1.0, 2.0], 30), {"naive": naive}, horizon=2, season=2)
    assert found.metrics[0]["value"] is None
    assert "mase is undefined" in found.metrics[0]["reason"]


def test_airline_passengers(shared):
    with (shared / "ts-classic" / "airline-passengers.csv").open() as file:
        series = np.array([float(row["Passengers"]) for row in csv.DictReader(file)])
    found = backtest(series, {"drift": drifting, "seasonal mean": seasonal_mean(12)}, horizon=12, season=12, origins=6)
    told = {m["label"]: m["value"] for m in found.metrics if m["name"] == "mase"}
    assert told["seasonal naive"] < told["drift"]


def test_m4_hourly_is_as_published(shared):
    def read(name):
        with gzip.open(shared / "ts-m4-hourly" / name, "rt") as file:
            rows = list(csv.reader(file))[1:]
        return [np.array([float(v) for v in row[1:] if v]) for row in rows]

    both = [np.append(a, b) for a, b in zip(read("Hourly-train.csv.gz"), read("Hourly-test.csv.gz"), strict=True)]
    found = backtest(both, {"naive": naive}, horizon=48, season=24, origins=1)
    told = {(m["label"], m["name"]): m["value"] for m in found.metrics}
    assert told[("seasonal naive", "mase")] == pytest.approx(1.193, abs=5e-4)
    assert 100 * told[("seasonal naive", "smape")] == pytest.approx(13.912, abs=5e-4)
    assert told[("naive", "mase")] == pytest.approx(11.608, abs=5e-4)
