"""Augmentation shown before it is used, and which augmentations keep the label."""

import numpy as np
import pytest

import ftkit as ft
from ftkit.augment import (
    Flip,
    Homophones,
    Jitter,
    MagnitudeWarp,
    RandomDeletion,
    Rotate,
    Scale,
    TurnNoise,
    WindowSlice,
    stronger,
)
from ftkit.displays import AugmentDisplay, Gallery, Histogram, LineChart, Table
from ftkit.displays.changed import mark
from ftkit.errors import DataError, RecipeError
from ftkit.quality.moved import Measured

TEXTS = {
    "text": ["the food was really good here", "服务员态度很差等了很久", "a place with a view"] * 4,
    "y": ["a", "b", "c"] * 4,
}


def blocks(shown, kind):
    return [block for block in shown.blocks if isinstance(block, kind)]


def test_images_before_and_after():
    shown = ft.show_augment(ft.read("digits"), [Flip(), Rotate(20)], rows=2, seeds=3)
    assert isinstance(shown, AugmentDisplay)
    grid, sweep = blocks(shown, Gallery)
    assert grid.captions == ["before", "seed 0", "seed 1", "seed 2"] * 2
    assert len(set(grid.pictures)) > 4
    assert set(sweep.groups) == {"rotate"}  # a flip is not weaker or stronger
    assert shown.frame()["step"].to_list() == ["flip", "rotate"]
    [line] = blocks(shown, LineChart)[0].series
    assert line.y == sorted(line.y)
    assert blocks(shown, Histogram)
    assert "<script" not in shown.html()
    assert shown.from_spec(shown.spec()).blocks == shown.blocks


def test_texts_are_marked():
    assert mark("I like it", "I it really") == "I [-like-] it {+really+}"
    shown = ft.show_augment(ft.read(TEXTS, target="y", text="text"), [RandomDeletion(0.4), Homophones(0.4)], rows=2)
    said = blocks(shown, Table)[1].columns["text"]
    assert any("[-" in text for text in said)
    assert "names" in shown.text()


def test_tables_and_series_and_chats():
    assert "sepal length (cm)" in ft.show_augment(ft.read("iris"), [Jitter()], rows=2).text()
    days = np.arange("2024-01-01", "2024-05-01", dtype="datetime64[D]").astype(str).tolist()
    series = ft.read(
        {"day": days, "sold": np.sin(np.arange(len(days)) / 5).tolist()},
        target="sold", time="day", task="time-series-forecasting",
    )  # fmt: skip
    charts = blocks(ft.show_augment(series, [MagnitudeWarp()]), LineChart)
    assert [line.name for line in charts[0].series] == ["before", "seed 0", "seed 1", "seed 2"]
    chat = [[{"role": "user", "content": "please sort `xs` for me"}, {"role": "assistant", "content": "`xs.sort()`"}]]
    shown = ft.show_augment(ft.read({"messages": chat * 3, "id": ["a", "b", "c"]}, id="id"), [TurnNoise(0.4)])
    assert "`xs`" in shown.text()


def test_what_cannot_be_shown_is_told():
    with pytest.raises(DataError, match="no steps"):
        ft.show_augment(ft.read("iris"), [])
    with pytest.raises(RecipeError, match="changes image rows"):
        ft.show_augment(ft.read("iris"), [Flip()])


def test_a_recipe_brings_its_rows_and_steps():
    recipe = ft.Recipe(data="iris", augment=[{"jitter": {"std": 0.2}}], task="tabular-classification")
    assert ft.show_augment(recipe, rows=2).frame()["step"].to_list() == ["jitter"]


def test_strength_moves_away_from_doing_nothing():
    assert stronger(Scale(0.8, 1.2), 2.0).low == pytest.approx(0.6)
    assert stronger(WindowSlice(0.9), 2.0).share == pytest.approx(0.8)
    assert stronger(Rotate(100), 2.0).degrees == 180
    assert stronger(Flip(), 0.5) == Flip()


def test_rows_that_are_not_changed_do_not_move():
    measured = Measured(ft.read("iris"))
    assert measured.moved([Jitter(0.0)]).distances.max() < 1e-3
    assert measured.moved([Jitter(2.0)]).outside > 0.5


def test_a_suggestion_shows_itself():
    found = ft.augment.suggest(ft.read("iris"), [Jitter(0.05), Jitter(3.0)])
    assert found.trial(Jitter(3.0)).verdict in ("alters", "harms")
    shown = ft.show(found)
    assert shown.frame()["step"].to_list() == ["jitter", "jitter 3"]
    assert "text/html" in found._repr_mimebundle_()
