"""The learning rate that is suggested trains; the curve is shown."""

import pytest

import ftkit as ft
from ftkit.errors import DataError


@pytest.fixture(scope="module")
def found():
    return ft.find_learning_rate({"data": "breast-cancer"})


def test_rates_rise_to_the_lowest_loss_and_past_it(found):
    assert list(found.rates) == sorted(found.rates)
    assert found.rates[0] == pytest.approx(1e-6)
    assert found.suggested * 10 == pytest.approx(found.rates[found.losses.index(min(found.losses))])
    assert 1e-4 < found.suggested < 0.1


def test_it_beats_a_rate_far_from_it(found, tmp_path):
    losses = []
    for rate in (found.suggested, 1e-6):
        recipe = {"data": "breast-cancer", "training": {"epochs": 2, "learning_rate": rate}}
        run = ft.train(recipe, runs=tmp_path, process=False)
        losses.append([event["loss"] for event in run.events() if event["event"] == "evaluation"][-1])
    assert losses[0] < losses[1] / 1.5


def test_it_shows_itself(found):
    display = ft.show(found)
    assert f"{found.suggested:.1e}" in str(display)
    assert "Loss at each rate" in display.html()


def test_nothing_is_left_behind(found, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ft.find_learning_rate({"data": "iris"}, steps=10)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("span", [{"lowest": 1.0, "highest": 0.1}, {"lowest": 0.0}, {"steps": 3}])
def test_a_span_that_does_not_rise_is_said(span):
    with pytest.raises(DataError, match="asked is 0 < lowest < highest"):
        ft.find_learning_rate({"data": "iris"}, **span)
