"""Drift: false alarms, power, and the alarm rule over windows."""

import numpy as np
import pytest

from ftkit.errors import DataError
from ftkit.evaluate import calibration_drift, find_drift, mmd, over_windows, psi


def columns(draw, n, shift=0.0):
    return {
        "x": draw.normal(shift, 1, n),
        "y": np.where(draw.random(n) < 0.1, np.nan, draw.normal(size=n)),
        "colour": draw.choice(["red", "green", "蓝"], n),
    }


def test_psi_is_siddiqis_formula():
    reference, current = np.repeat(["a", "b"], [60, 40]), np.repeat(["a", "b"], [30, 70])
    assert psi(reference, current) == pytest.approx((0.6 - 0.3) * np.log(2) + (0.4 - 0.7) * np.log(0.4 / 0.7))
    assert psi(reference, reference) == 0
    assert psi(np.zeros(9), np.zeros(5)) == 0
    assert psi(np.array(["a", None], object), np.array(["a", "b"], object)) > 0.2


def test_nothing_that_stayed_is_said_to_have_moved():
    alarms = 0
    for seed in range(60):
        draw = np.random.default_rng(seed)
        alarms += any(d.moved for d in find_drift(columns(draw, 150), columns(draw, 150), permutations=99))
    assert alarms <= 6


def test_what_moved_is_named():
    draw = np.random.default_rng(0)
    found = find_drift(columns(draw, 400), columns(draw, 300, shift=0.8), permutations=199)
    assert [d.what for d in found if d.moved] == ["x", "inputs"]


def test_a_change_of_two_columns_together_is_seen_by_mmd_alone():
    draw = np.random.default_rng(1)
    x = draw.normal(size=(2, 600))
    joint = {"a": x[0], "b": 0.95 * x[0] + 0.3 * draw.normal(size=600)}
    apart = {"a": draw.normal(size=600), "b": draw.normal(size=600)}
    assert [d.what for d in find_drift(apart, joint, permutations=199) if d.moved] == ["inputs"]


def test_mmd_of_many_rows_is_taken_of_some():
    draw = np.random.default_rng(2)
    value, p = mmd(draw.normal(size=(5000, 2)), draw.normal(size=(3000, 2)), permutations=99)
    assert p > 0.01
    assert abs(value) < 0.01


def test_calibration_that_was_lost_is_seen_and_one_that_was_kept_is_not():
    draw = np.random.default_rng(3)
    p = draw.uniform(0.5, 1, 1200)
    both = np.column_stack([p, 1 - p])
    good = (draw.random(1200) > p).astype(int)
    bad = (draw.random(1200) > 0.5 + (p - 0.5) / 3).astype(int)
    assert not calibration_drift((good[:600], both[:600]), (good[600:], both[600:]), permutations=99).moved
    assert calibration_drift((good[:600], both[:600]), (bad[600:], both[600:]), permutations=99).moved


def test_alarms_without_cause_are_rare_and_those_with_cause_come():
    false = 0
    for seed in range(100):
        draw = np.random.default_rng(seed)
        right = draw.random(1000) < 0.9
        p = np.where(right[:, None], [0.9, 0.1], [0.1, 0.9])
        false += any(
            w.alarm for w in over_windows(np.zeros(1000, int), p, np.arange(1000.0), "accuracy", reference=0.9)
        )
    assert false <= 7
    draw = np.random.default_rng(0)
    right = draw.random(1000) < np.r_[np.full(700, 0.9), np.full(300, 0.6)]
    p = np.where(right[:, None], [0.9, 0.1], [0.1, 0.9])
    shuffled = draw.permutation(1000)
    found = over_windows(np.zeros(1000, int), p[shuffled], np.arange(1000.0)[shuffled], "accuracy", reference=0.9)
    assert [w.alarm for w in found] == [False] * 7 + [True] * 3


def test_a_window_of_one_class_is_undefined_and_no_alarm():
    p = np.tile([0.6, 0.4], (20, 1))
    found = over_windows(np.repeat([0, 1], 10), p, np.arange(20.0), "roc_auc", windows=2)
    assert [w.value for w in found] == [None, None]
    assert "undefined" in found[0].reason


def test_odd_input():
    for call, words in (
        (lambda: psi(np.zeros(0), np.zeros(3)), "has none"),
        (lambda: find_drift({"a": np.zeros(3)}, {"b": np.zeros(3)}), "on one side only"),
        (lambda: mmd(np.zeros((3, 2)), np.zeros((3, 4))), "cannot be compared"),
        (lambda: over_windows(np.zeros(3, int), np.tile([1.0, 0], (3, 1)), np.zeros(2), "accuracy"), "finite numbers"),
        (lambda: over_windows(np.zeros(3, int), np.tile([1.0, 0], (3, 1)), np.zeros(3), "accuracy"), "10 windows"),
    ):
        with pytest.raises(DataError, match=words):
            call()
