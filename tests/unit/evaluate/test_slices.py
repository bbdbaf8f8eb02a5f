"""Slices: planted ones are found, none is invented, and what is undefined says so."""

import numpy as np
import pytest

from ftkit.errors import DataError
from ftkit.evaluate import choose_threshold, cost_of, evaluate_slices, find_slices


def rows(draw, n=2000):
    return {
        "colour": draw.choice(["red", "green", "蓝"], n),
        "size": draw.normal(size=n),
        "shape": draw.choice(["round", "square"], n),
        "age": np.where(draw.random(n) < 0.1, np.nan, draw.integers(1, 90, n)),
    }


def test_a_planted_slice_is_found_and_told_once():
    draw = np.random.default_rng(0)
    features = rows(draw)
    errors = draw.random(2000) < np.where(features["colour"] == "蓝", 0.3, 0.1)
    found, tried = find_slices(errors.astype(float), features)
    assert [one.name for one in found] == ["colour = 蓝"]
    assert tried > 30
    assert found[0].low < 0.3 < found[0].high
    assert found[0].rest == pytest.approx(0.1, abs=0.02)


def test_a_planted_pair_is_found_as_a_pair():
    draw = np.random.default_rng(1)
    features = rows(draw, 4000)
    bad = (features["colour"] == "red") & (features["shape"] == "round")
    errors = draw.random(4000) < np.where(bad, 0.35, 0.1)
    found, _ = find_slices(errors.astype(float), features)
    assert found[0].name == "colour = red and shape = round"
    assert len(found) == 1


def test_none_is_invented():
    alarms = 0
    for seed in range(60):
        draw = np.random.default_rng(seed)
        found, _ = find_slices((draw.random(1000) < 0.2).astype(float), rows(draw, 1000))
        alarms += bool(found)
    assert alarms <= 6


def test_losses_and_missing_values_are_slices_too():
    draw = np.random.default_rng(2)
    features = rows(draw)
    found, _ = find_slices(draw.gamma(2.0, size=2000) * np.where(np.isnan(features["age"]), 2.0, 1.0), features)
    assert [one.name for one in found] == ["age missing"]


def test_odd_input():
    assert find_slices(np.zeros(100), {"x": np.arange(100.0)})[0] == []
    assert find_slices(np.ones(5), {"x": np.arange(5.0)}) == ([], 0)
    for errors, features, words in (
        (np.array([0.0, -1]), {}, "at least 0"),
        (np.zeros(3), {"x": np.zeros(2)}, "2 values for 3 rows"),
    ):
        with pytest.raises(DataError, match=words):
            find_slices(errors, features)


def test_metrics_of_slices_are_undefined_rather_than_nothing():
    labels = np.array([0, 0, 1, 1])
    p = np.array([[0.9, 0.1], [0.6, 0.4], [0.3, 0.7], [0.2, 0.8]])
    slices = {"all": labels >= 0, "one class": labels == 0, "none": labels == 7}
    told = evaluate_slices(labels, p, slices, metrics=["roc_auc", "accuracy"])
    values = {(row["split"], row["name"]): row["value"] for row in told}
    assert values[("all", "roc_auc")] == 1
    assert values[("one class", "roc_auc")] is None
    assert values[("none", "accuracy")] is None
    assert [row["reason"] for row in told if row["split"] == "none"][
        1
    ] == "accuracy is undefined: there are no rows (n = 0)."


def test_the_cheapest_threshold_is_the_cheapest():
    draw = np.random.default_rng(0)
    labels = (draw.random(500) < 0.2).astype(int)
    scores = np.round(draw.normal(size=500) + labels, 1)
    found = choose_threshold(labels, scores, miss=5, false_alarm=1)
    costs = [cost_of(labels, scores, t, miss=5, false_alarm=1)[0] for t in np.append(np.unique(scores), np.inf)]
    assert found.cost == pytest.approx(min(costs))
    assert cost_of(labels, scores, found.threshold, miss=5, false_alarm=1)[0] == pytest.approx(found.cost)


def test_calibrated_probabilities_get_the_textbook_threshold():
    draw = np.random.default_rng(1)
    p = draw.random(200_000)
    labels = (draw.random(200_000) < p).astype(int)
    assert choose_threshold(labels, p, miss=4, false_alarm=1).threshold == pytest.approx(0.2, abs=0.02)


def test_never_saying_yes_may_be_cheapest():
    found = choose_threshold(np.array([0, 1, 0]), np.array([0.9, 0.1, 0.8]), miss=0.1, false_alarm=5)
    assert (found.threshold, found.precision, found.recall) == (np.inf, None, 0)
    with pytest.raises(DataError, match="costs are"):
        choose_threshold(np.array([0, 1]), np.array([0.1, 0.2]), miss=0, false_alarm=0)
