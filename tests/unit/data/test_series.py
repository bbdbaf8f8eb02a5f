from __future__ import annotations

import pytest

import ftkit as ft


def test_a_time_and_one_column_of_numbers_make_a_series(written):
    view = ft.read(written("day,value\n2024-01-01,1\n2024-01-02,2\n"), time="day")
    assert (view.task, view.target, view.columns["day"].role) == ("time-series-forecasting", "value", "time")
    assert "because time= is 'day'" in view.task_reason


def test_several_series_by_a_group(written):
    view = ft.read(
        written("day,shop,value\n2024-01-01,a,1\n2024-01-01,b,5\n2024-01-02,a,2\n"), time="day", group="shop"
    )
    assert (view.target, view.group.tolist()) == ("value", ["a", "b", "a"])


def test_of_several_columns_the_target_is_asked_for(written):
    path = written("day,x,z\n2024-01-01,1,2\n2024-01-02,2,3\n")
    assert ft.read(path, time="day").task is None
    assert ft.read(path, time="day", target="z").task == "time-series-forecasting"


def test_classes_with_a_time_stay_classes(written):
    view = ft.read(written("day,x,label\n2024-01-01,1,a\n2024-01-02,2,b\n"), time="day")
    assert view.task == "tabular-classification"


def test_a_forecast_needs_a_time(written):
    with pytest.raises(ft.DataError, match=r"needs a column of times\. Pass time="):
        ft.read(written("x,y\n1,2\n"), task="time-series-forecasting", target="y")


def test_real_series(shared):
    view = ft.read(shared / "ts-etth1" / "ETTh1.csv.gz", time="date", target="OT")
    assert (len(view), view.task, len(view.features)) == (17420, "time-series-forecasting", 6)
