"""How often intervals hold the truth, by simulation, and their ends against known ones."""

import numpy as np
import pytest

from ftkit.evaluate import evaluate
from ftkit.evaluate.bootstrap import log_interval, log_mean
from ftkit.evaluate.intervals import mean_of_proportions, wilson, wilson_f1


def classes(draw, rows):
    labels = (draw.random(rows) < 0.35).astype(int)
    p = 1 / (1 + np.exp(-draw.normal(size=rows) - 1.5 * (2 * labels - 1)))
    return labels, np.column_stack([1 - p, p])


def numbers(draw, rows):
    labels = draw.normal(size=rows)
    return labels, labels + 0.7 * draw.normal(size=rows)


@pytest.mark.parametrize(
    ("make", "names"),
    [
        (classes, ["accuracy", "balanced_accuracy", "f1_macro", "f1", "roc_auc", "log_loss"]),
        (numbers, ["r2", "mae", "mse"]),
    ],
)
def test_intervals_hold_the_truth_as_often_as_they_say(make, names, monkeypatch):
    monkeypatch.setattr("ftkit.evaluate.bootstrap.RESAMPLES", 400)
    draw = np.random.default_rng(5)
    truth = [row["value"] for row in evaluate(*make(draw, 1_000_000), metrics=names, split="test")]
    held = np.zeros(len(truth))
    for repeat in range(300):
        rows = evaluate(*make(draw, 200), metrics=names, split="test", seed=repeat)
        held += [row["low"] <= true <= row["high"] for row, true in zip(rows, truth, strict=True)]
    assert (held / 300 >= 0.90).all(), held / 300
    assert (held / 300 <= 0.985).all(), held / 300


def test_wilson_is_the_published_one():
    low, high, _ = wilson(81, 263, 0.95)  # Newcombe (1998), Statistics in Medicine 17, table I
    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)
    low, high, _ = wilson(0, 20, 0.95)
    assert (low, round(high, 4)) == (0, 0.1611)


def test_f1_of_a_class_is_within_its_interval():
    low, high, _ = wilson_f1(30, 50, 0.95)
    assert low < 2 * 30 / 80 < high


def test_one_proportion_is_its_own_mean():
    assert mean_of_proportions(np.array([7]), np.array([9]), 0.95)[:2] == pytest.approx(wilson(7, 9, 0.95)[:2])


def test_two_rows_are_enough_to_say_something():
    low, high, _ = log_interval(np.array([[1.0, 1.0], [2.0, 4.0]]), log_mean, 0.95, 0)
    assert 0 < low <= 1.5 <= high


def test_many_rows_agree_with_the_normal_interval():
    values = np.random.default_rng(0).gamma(2.0, size=10_000)
    low, high, _ = log_interval(np.stack([values, values**2], axis=1), log_mean, 0.95, 0)
    half = 1.96 * values.std() / 100
    assert (low, high) == pytest.approx((values.mean() - half, values.mean() + half), abs=0.1 * half)
