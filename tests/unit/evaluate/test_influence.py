"""The influence of each row, which serves weights, groups and comparisons, against leaving the row out."""

import numpy as np
import pytest

from ftkit.evaluate import METRICS, evaluate
from ftkit.evaluate.score import Score
from ftkit.evaluate.scoring import checked

DRAW = np.random.default_rng(0)
LABELS = DRAW.integers(0, 3, 60)
P = DRAW.gamma(1.0, size=(60, 3)) + np.eye(3)[LABELS]
P = np.round(P / P.sum(axis=1, keepdims=True), 2) + 1e-9
P /= P.sum(axis=1, keepdims=True)
NUMBERS = DRAW.normal(size=60) + 5
GUESS = NUMBERS + DRAW.normal(size=60)
WORDS = ["the", "cat", "sat", "on", "a", "mat", "and", "saw", "two", "dogs"]
TEXTS = [" ".join(DRAW.choice(WORDS, 8)) for _ in range(60)]
WRITTEN = [" ".join(w if DRAW.random() < 0.8 else "fish" for w in text.split()) for text in TEXTS]
GIVEN = {"class": (LABELS, P), "number": (NUMBERS, GUESS), "text": (TEXTS, WRITTEN)}


def estimates(spec, weights):
    of, _ = checked(*GIVEN[spec.predicts], [spec], weights=weights)
    return [found for found in spec.estimate(of) if not isinstance(found, Score)]


@pytest.mark.parametrize("name", METRICS)
@pytest.mark.parametrize("weigh", [False, True])
def test_it_is_the_slope_of_the_value_in_the_weight_of_a_row(name, weigh):
    spec, weights = METRICS[name], np.random.default_rng(1).random(60) + 0.5 if weigh else np.ones(60)
    step = 1e-5
    for k, one in enumerate(estimates(spec, weights)):
        influence = one.influence()
        assert influence.sum() == pytest.approx(0, abs=1e-8)
        for row in (0, 7, 31):
            moved = []
            for side in (1, -1):
                changed = weights.copy()
                changed[row] += side * step
                moved.append(estimates(spec, changed)[k].value)
            slope = (moved[0] - moved[1]) / (2 * step)
            assert influence[row] == pytest.approx(weights[row] * slope, rel=2e-3, abs=1e-7), row


def test_rows_repeated_in_a_group_are_no_more_than_one():
    names = [n for n, s in METRICS.items() if s.predicts == "class" and not s.per_class and not n.startswith("top_")]
    once = evaluate(LABELS, P, metrics=names, split="t", groups=np.arange(60))
    thrice = evaluate(
        np.tile(LABELS, 3), np.tile(P, (3, 1)), metrics=names, split="t", groups=np.tile(np.arange(60), 3)
    )
    naive = evaluate(np.tile(LABELS, 3), np.tile(P, (3, 1)), metrics=names, split="t")
    for a, b, c in zip(once, thrice, naive, strict=True):
        assert "group" in a["method"]
        assert b["high"] - b["low"] == pytest.approx(a["high"] - a["low"], rel=0.03), a["name"]
        if a["name"] != "ece":
            assert c["high"] - c["low"] < 0.75 * (b["high"] - b["low"]), a["name"]


def test_groups_cover_when_rows_do_not():
    draw, held = np.random.default_rng(2), np.zeros(2)
    for _ in range(300):
        group = np.repeat(np.arange(40), 10)
        right = draw.random(400) < draw.beta(4, 1, 40)[group]
        p = np.where(right[:, None], [0.9, 0.1], [0.1, 0.9])
        both = [evaluate(np.zeros(400, int), p, metrics=["accuracy"], split="t", groups=g)[0] for g in (group, None)]
        held += [row["low"] <= 0.8 <= row["high"] for row in both]
    assert 0.92 <= held[0] / 300 <= 0.98
    assert held[1] / 300 < 0.85


def test_a_perfect_share_of_groups_keeps_an_interval():
    groups = np.repeat(np.arange(5), 20)
    [row] = evaluate(np.zeros(100, int), np.tile([0.9, 0.1], (100, 1)), metrics=["accuracy"], split="t", groups=groups)
    assert row["high"] == 1
    assert row["low"] == pytest.approx(5 / (5 + 1.96**2), abs=1e-3)
