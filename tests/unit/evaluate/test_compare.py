"""Paired comparisons: false alarms, coverage, power, and what they refuse."""

import numpy as np
import pytest

from ftkit.errors import DataError
from ftkit.evaluate import compare_answers, compare_recipes, evaluate, holm, metric
from ftkit.evaluate.difference import Difference, rounded


def two(draw, rows=300, better=0.0, alike=0.7):
    """Labels and two models that share most of what makes rows hard."""
    labels = draw.integers(0, 2, rows)
    hard = draw.normal(size=rows)
    out = []
    for shift in (0.0, better):
        x = (1.0 + shift) * (2 * labels - 1) + alike * hard + (1 - alike**2) ** 0.5 * draw.normal(size=rows)
        p = 1 / (1 + np.exp(-2 * x))
        out.append(np.column_stack([1 - p, p]))
    return labels, *out


METRICS = ["accuracy", "f1_macro", "roc_auc", "average_precision", "log_loss", "brier_score_loss"]


def test_equal_models_are_seldom_declared_different_and_intervals_hold_the_truth():
    draw, alarms, held = np.random.default_rng(0), np.zeros(len(METRICS)), np.zeros(len(METRICS))
    for _ in range(200):
        found = [compare_answers(*two(draw), name) for name in METRICS]
        alarms += [one.better is not None for one in found]
        held += [one.low <= 0 <= one.high for one in found]
    assert (alarms / 200 <= 0.08).all(), alarms / 200
    assert (held / 200 >= 0.92).all(), held / 200


def test_better_models_are_told_and_pairing_is_what_tells_them():
    labels, a, b = two(np.random.default_rng(1), rows=1000, better=0.15, alike=0.95)
    found = compare_answers(labels, a, b, "accuracy")
    assert found.better == "b"
    alone = [evaluate(labels, p, metrics=["accuracy"], split="t")[0] for p in (a, b)]
    assert alone[0]["high"] > alone[1]["low"], "unpaired intervals overlap"
    assert found.difference == pytest.approx(alone[1]["value"] - alone[0]["value"])


def test_losses_are_better_when_they_are_lower():
    labels, a, b = two(np.random.default_rng(1), rows=2000, better=0.4)
    found = compare_answers(labels, a, b, "log_loss")
    assert found.difference < 0
    assert found.better == "b"
    assert found.sentence("old", "new").startswith("new is better by 0.")
    assert compare_answers(labels, b, a, "log_loss").better == "a"


def test_the_rows_needed_do_show_it():
    draw = np.random.default_rng(3)
    labels, a, b = two(draw, rows=4000, better=0.08)
    needed = compare_answers(labels, a, b, "accuracy").needed
    true = (b.argmax(1) == labels).mean() - (a.argmax(1) == labels).mean()
    shown = 0
    for _ in range(100):
        at = draw.integers(0, 4000, needed)
        shown += compare_answers(labels[at], a[at], b[at], "accuracy").better == "b"
    assert true > 0
    assert 65 <= shown <= 92


def test_the_published_mcnemar():
    # Fagerland, Lydersen and Laake (2013), table 1: 1 and 7 discordant pairs of 21; mid-p 0.039.
    labels = np.zeros(21, dtype=int)
    a = np.eye(2)[np.r_[np.zeros(7), np.ones(1), np.zeros(13)].astype(int)]
    b = np.eye(2)[np.r_[np.ones(7), np.zeros(1), np.zeros(13)].astype(int)]
    assert compare_answers(labels, a, b, "accuracy").p == pytest.approx(0.0391, abs=1e-4)


def test_the_same_answers_do_not_differ():
    labels, a, _ = two(np.random.default_rng(4))
    for name in METRICS:
        found = compare_answers(labels, a, a, name)
        assert (found.difference, found.better, found.needed, found.p) == (0, None, None, 1.0)


def test_groups_widen_what_rows_repeated_would_narrow():
    labels, a, b = two(np.random.default_rng(5), rows=100, better=0.3)
    group = np.tile(np.arange(100), 5)
    many = [np.tile(part, 5) if part.ndim == 1 else np.tile(part, (5, 1)) for part in (labels, a, b)]
    once = compare_answers(labels, a, b, "roc_auc")
    naive, honest = compare_answers(*many, "roc_auc"), compare_answers(*many, "roc_auc", groups=group)
    assert honest.high - honest.low == pytest.approx(once.high - once.low, rel=0.03)
    assert naive.high - naive.low < 0.6 * (once.high - once.low)


def test_numbers_texts_and_own_metrics():
    draw = np.random.default_rng(6)
    y = draw.normal(size=200)
    found = compare_answers(y, y + draw.normal(size=200), y + 0.5 * draw.normal(size=200), "mse")
    assert found.better == "b"
    found = compare_answers(["a"] * 40, ["b"] * 30 + ["a"] * 10, ["a"] * 40, "exact_match")
    assert found.better == "b"

    @metric("median_error", predicts="number", greater_is_better=False, range=(0, None))
    def median_error(labels, predictions):
        return np.median(np.abs(labels - predictions))

    found = compare_answers(y, y + draw.normal(size=200), y + 0.5 * draw.normal(size=200), median_error)
    assert found.better == "b"
    assert found.sentence().startswith("B is better by 0.")


def test_what_is_undefined_says_so():
    found = compare_answers(np.zeros(9, int), np.tile([0.9, 0.1], (9, 1)), np.tile([0.8, 0.2], (9, 1)), "roc_auc")
    assert found.better is None
    assert "undefined" in found.sentence()
    with pytest.raises(DataError, match="value for each class"):
        compare_answers(*two(np.random.default_rng(0)), "f1")


def test_holm_is_the_textbooks():
    found = [Difference("accuracy", 0, 1, 1, 0, 2, p, "", 9, 9, True) for p in (0.01, 0.04, 0.03, 0.005)]
    assert [one.p for one in holm(found)] == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_recipes_of_one_kind_are_seldom_declared_different_though_their_models_are():
    draw, alarms = np.random.default_rng(7), np.zeros(2)
    for _ in range(150):
        labels, hard = draw.integers(0, 2, 2000), draw.normal(size=2000)

        def trained(labels=labels, hard=hard):
            x = (1 + 0.15 * draw.normal()) * (2 * labels - 1) + 0.9 * hard + 0.3 * draw.normal(size=2000)
            return np.eye(2)[(x > 0).astype(int)]

        a, b = ([trained() for _ in range(4)] for _ in range(2))
        alarms += [
            compare_recipes(labels, a, b, "accuracy").better is not None,
            compare_answers(labels, a[0], b[0], "accuracy").better is not None,
        ]
    assert alarms[0] / 150 <= 0.08
    assert alarms[1] / 150 > 0.3, "the models do differ, and are told apart"


def test_one_run_is_no_recipe():
    labels, a, b = two(np.random.default_rng(0))
    with pytest.raises(DataError, match="at least 2 runs"):
        compare_recipes(labels, [a], [b, b], "accuracy")


def test_a_rule_of_thumb_has_one_digit():
    assert [rounded(n) for n in (3_517, 12, 9, 10_001)] == [4_000, 20, 9, 20_000]
