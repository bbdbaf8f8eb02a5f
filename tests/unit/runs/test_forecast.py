"""Runs of series: windows that know nothing of what is to come, judged from rolling origins, forecast from the end."""

import json

import numpy as np
import pandas as pd
import pytest

import ftkit as ft
from ftkit.data.series import season_of, series_of, times_after
from ftkit.errors import DataError, RecipeError
from ftkit.evaluate import backtest, seasonal_naive
from ftkit.runs.series import cut_of
from ftkit.runs.windows import windows_of
from ftkit.training.device import choose_device

QUICK = {"training": {"epochs": 30}, "preprocess": {"context": 24, "horizon": 12}}


@pytest.fixture(scope="module")
def shops():
    """Three daily series with a week in them, of different heights; one cell is missing."""
    rng = np.random.default_rng(0)
    days = pd.date_range("2024-01-01", periods=120).strftime("%Y-%m-%d")
    parts = [
        pd.DataFrame({"日": days, "店": name, "销量": height * (5 + np.sin(np.arange(120) * 2 * np.pi / 7)) + rng.normal(0, 0.1, 120)})
        for name, height in (("甲", 1), ("乙", 10), ("丙", 1000))
    ]  # fmt: skip
    table = pd.concat(parts).sample(frac=1, random_state=0).reset_index(drop=True)
    table.loc[5, "销量"] = None
    return table


def read_shops(table):
    return ft.read(table, time="日", group="店", target="销量")


@pytest.fixture(scope="module")
def run(tmp_path_factory, shops):
    recipe = {
        "data": read_shops(shops),
        "model": "linear",
        "training": {"epochs": 40, "checkpoint_every": 1000},
        "preprocess": {"horizon": 7},
    }
    return ft.train(recipe, runs=tmp_path_factory.mktemp("runs"), process=False)


def test_the_split_is_by_time_and_every_series_is_on_both_sides(shops):
    split = ft.holdout(read_shops(shops))
    last, first = (max if part is split.train else min for part in (split.train, split.test))
    assert last(split.train.strings("日")) < first(split.test.strings("日"))
    assert set(split.train.group) == set(split.test.group) == {"甲", "乙", "丙"}
    assert ft.check_leaks(split) == []


def test_series_whose_times_count_steps_are_cut_each_at_its_own_end():
    table = pd.DataFrame({"t": [*range(100), *range(40)], "s": ["long"] * 100 + ["short"] * 40, "y": np.arange(140.0)})
    view = ft.read(table, time="t", group="s", target="y")
    split = ft.holdout(view, test=0.2, validation=0)
    assert [len(one) for one in series_of(split.test)] == [20, 8]
    assert "of each of 2 series the last" in split.rule
    assert ft.check_leaks(split) == []


def test_a_split_that_shows_the_future_is_refused(shops):
    table = shops.assign(split=np.where(shops["日"] < "2024-02-01", "test", "train"))
    recipe = ft.Recipe(data=ft.read(table, time="日", group="店", target="销量", split="split"), **QUICK)
    with pytest.raises(DataError, match="time is not sorted"):
        ft.train(recipe, process=False)
    with pytest.raises(DataError, match="mixes what is past with what is to come"):
        ft.train({"data": read_shops(shops), "split": {"method": "kfold", "fold": 1}}, process=False)


def test_no_window_knows_what_is_to_come():
    """A planted look-ahead would show: values after an origin are changed, and nothing before it may move."""
    table = pd.DataFrame({"t": np.arange(80), "y": np.random.default_rng(0).normal(size=80)})
    seen = []
    for changed in (False, True):
        if changed:
            table.loc[70:, "y"] = 1e6
        view = ft.read(table, time="t", target="y")
        recipe = ft.Recipe(data=view, preprocess={"context": 10, "horizon": 5, "season": 2})
        split = ft.holdout(view, test=0.25, validation=0)
        cut = cut_of(recipe, view, split)
        made, _ = windows_of(view, split, cut, choose_device("cpu"), recipe)
        rows = made["test"].rows
        early = np.flatnonzero(rows.origins <= 70)
        train = [part.numpy() for part in made["train"].rows.batch(np.arange(len(made["train"].rows)), None)]
        seen.append([cut, made["test"].naive[early], rows.batch(early, None)[0].numpy(), made["test"].scales, *train])
    assert seen[0][0] == seen[1][0]
    for before, after in zip(seen[0][1:], seen[1][1:], strict=True):
        assert np.array_equal(before, after)
    assert len(early) == 3


def test_windows_are_measured_by_their_past_alone_and_come_back(shops):
    view = read_shops(shops)
    recipe = ft.Recipe(data=view, preprocess={"context": 14, "horizon": 7})
    split = ft.holdout(view)
    for scale in ("zscore", "last", "none"):
        recipe = recipe.replace(preprocess={"window_scale": scale})
        rows = windows_of(view, split, cut_of(recipe, view, split), choose_device("cpu"), recipe)[0]["train"].rows
        past, ahead = rows.batch(np.arange(len(rows)), None)
        if scale == "zscore":
            assert np.allclose(past.mean(1), 0, atol=1e-5)
        back = rows.unscaled(ahead.double().numpy())
        assert np.allclose(back, rows.windows(np.arange(len(rows)))[:, 14:], rtol=1e-4, atol=1e-3)


def test_it_beats_the_seasonal_naive_and_says_so(run):
    told = {(m["name"], m.get("label")): m for m in run.metrics if m["split"] == "test"}
    assert told["mase", None]["value"] < told["mase", "seasonal naive"]["value"] < 1.5
    assert told["mase", None]["low"] < told["mase", None]["value"] < told["mase", None]["high"]
    assert [label for name, label in told if name == "mae"] == [
        None,
        "seasonal naive",
        *(f"step {k}" for k in range(1, 8)),
    ]
    words = str(ft.show_forecast(run))
    assert "of 3 series" in words
    assert "The run is better" in words
    assert any("the last known one stands for them" in e.get("message", "") for e in run.events())


def test_predictions_are_of_every_test_row_once_with_what_the_naive_says(run, shops):
    columns = run.predictions()
    test = columns["split"] == "test"
    assert len(set(columns["row_id"][test])) == test.sum()
    known = shops["销量"].notna().to_numpy() & (shops["日"] >= columns["time"][test].min()).to_numpy()
    assert set(columns["row_id"][test]) == set(read_shops(shops).ids[known])
    # MASE by hand, from the file.
    values = np.abs(columns["label"] - columns["prediction"])[test] / columns["scale"][test]
    told = next(m["value"] for m in run.metrics if (m["name"], m["split"], m.get("label")) == ("mase", "test", None))
    assert np.isclose(values.mean(), told)


def test_the_next_horizon_of_every_series(run, shops):
    told = ft.predict(run, shops)
    frame = told.frame()
    assert frame.shape[0] == 21
    assert frame["time"].to_list()[:2] == ["2024-04-30", "2024-05-01"]
    heights = frame.to_pandas().groupby("series")["prediction"].mean() / 5
    assert heights.round().to_dict() == {"甲": 1, "乙": 10, "丙": 1000}
    assert "row_id" in json.dumps(told.to_dict())
    with pytest.raises(DataError, match="no column '日'"):
        ft.predict(run, shops.drop(columns="日"))


@pytest.mark.parametrize("model", ["dlinear", "nhits", "patchtst", "patchtsmixer"])
def test_every_model_trains_goes_on_and_is_compared(tmp_path, model):
    recipe = {"data": "airline", "model": model, "preprocess": {"context": 24, "horizon": 12}, "training": {"epochs": 2, "dropout": 0.1}}  # fmt: skip
    first = ft.train(recipe, runs=tmp_path, process=False)
    again = ft.train(recipe | {"model": {"weights": str(first.folder / "model")}}, runs=tmp_path, process=False)
    assert again.state == "done"
    assert ft.compare(first, again).pairs[0][2].metric == "mase"
    assert ft.predict(again, "airline").columns["time"][0] == "1961-01-01"


def test_weights_of_transformers_own_get_a_head_for_this_horizon(tmp_path):
    from transformers import PatchTSTConfig, PatchTSTForPrediction

    config = PatchTSTConfig(context_length=24, prediction_length=6, patch_length=4, d_model=16, num_hidden_layers=1)
    PatchTSTForPrediction(config).save_pretrained(tmp_path / "weights")
    recipe = {"data": "airline", "model": {"weights": str(tmp_path / "weights")}, "preprocess": {"horizon": 3}, "training": {"epochs": 1}}  # fmt: skip
    run = ft.train(recipe, runs=tmp_path, process=False)
    assert any("(6 steps ahead) was replaced for 3 steps ahead" in e.get("message", "") for e in run.events())
    assert PatchTSTForPrediction.from_pretrained(run.folder / "model").config.prediction_length == 3


def test_answers_of_series_are_not_timed_by_rows(run):
    with pytest.raises(DataError, match="answers are timed by rows"):
        ft.measure_latency(run)


def test_folds_over_time(tmp_path):
    found = ft.cross_validate(
        {"data": "airline", "split": {"method": "expanding", "folds": 2, "test_rows": 24}, **QUICK, "training": {"epochs": 1}},
        runs=tmp_path,
    )  # fmt: skip
    assert [m["n"] for m in found.metrics if (m["name"], m["split"]) == ("mase", "pooled")] == [48]


def test_a_run_and_the_backtest_agree_on_the_seasonal_naive(tmp_path):
    """24 months from two origins: the same windows, the same scale, the same figure."""
    run = ft.train({"data": "airline", "split": {"test": 24 / 144}, **QUICK, "training": {"epochs": 1}}, runs=tmp_path, process=False)  # fmt: skip
    mine = next(
        m["value"] for m in run.metrics if (m["name"], m["split"], m.get("label")) == ("mase", "test", "seasonal naive")
    )
    values = ft.read("airline").labels
    theirs = backtest(values, {"again": seasonal_naive(12)}, horizon=12, season=12, origins=2)
    assert np.isclose(mine, theirs.metrics[0]["value"])


def test_what_cannot_be_forecast_is_said(tmp_path, shops):
    with pytest.raises(DataError, match="a context of 200 and a horizon of 12 need 212"):
        ft.train({"data": "airline", "preprocess": {"context": 200, "horizon": 12}}, runs=tmp_path, process=False)
    with pytest.raises(DataError, match=r"several rows at one time.*data\.group"):
        ft.train(ft.Recipe(data=ft.read(shops, time="日", target="销量")), runs=tmp_path, process=False)
    with pytest.raises(RecipeError, match=r"'dlinear' reads series rows.*because target '店' has 3 values.*use 'mlp'"):
        ft.Recipe(data=ft.read(shops, time="日", target="店"), model="dlinear")
    with pytest.raises(RecipeError, match="a forecast is not averaged"):
        ft.Recipe(data="airline", task="time-series-forecasting", augment=["jitter"], training={"tta": 2})
    with pytest.raises(RecipeError, match="'mase' does not judge tabular-regression"):
        ft.Recipe(data="diabetes", task="tabular-regression", metrics=["mase"])
    assert not any(tmp_path.iterdir())


def test_seasons_and_times_go_by_the_calendar():
    months = ft.read("airline")
    [series] = series_of(months)
    assert season_of([series], dates=True) == 12
    stamps = times_after(series, 2, dates=True).astype("datetime64[s]").astype(str).tolist()
    assert stamps == ["1961-01-01T00:00:00", "1961-02-01T00:00:00"]
    assert times_after(series_of(ft.read({"t": [1, 2, 3], "y": [1.0, 2.5, 3.5]}, time="t", target="y"))[0], 2, False).tolist() == [4, 5]  # fmt: skip
