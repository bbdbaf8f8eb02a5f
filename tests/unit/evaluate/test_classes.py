"""Values against scikit-learn, on random and on odd answers."""

import numpy as np
import pytest
from sklearn import metrics as sk

from ftkit.evaluate import evaluate


def answers(rows, classes, seed, ties=False, absent=()):
    draw = np.random.default_rng(seed)
    labels = draw.choice([c for c in range(classes) if c not in absent], rows)
    p = draw.gamma(1.0, size=(rows, classes)) + 1.5 * np.eye(classes)[labels]
    p = np.round(p, 0) + 0.25 if ties else p
    return labels, p / p.sum(axis=1, keepdims=True)


def values(labels, p, *names):
    return [row["value"] for row in evaluate(labels, p, metrics=names, split="test")]


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("classes", [2, 5])
@pytest.mark.parametrize("rows", [12, 400])
def test_values_are_scikit_learns(rows, classes, ties):
    labels, p = answers(rows, classes, seed=rows, ties=ties)
    guess, codes = p.argmax(axis=1), range(classes)
    area = sk.roc_auc_score(labels, p[:, 1] if classes == 2 else p, multi_class="ovr")
    expected = [
        sk.accuracy_score(labels, guess),
        sk.balanced_accuracy_score(labels, guess),
        sk.f1_score(labels, guess, average="macro"),
        area,
        sk.log_loss(labels, p, labels=list(codes)),
        *sk.f1_score(labels, guess, average=None, labels=codes),
        *sk.recall_score(labels, guess, average=None, labels=codes),
    ]
    names = ("accuracy", "balanced_accuracy", "f1_macro", "roc_auc", "log_loss", "f1", "recall")
    assert values(labels, p, *names) == pytest.approx(expected, abs=1e-12)


def test_precision_is_scikit_learns_and_undefined_where_nothing_is_predicted():
    labels, p = answers(60, 3, seed=1)
    p = np.column_stack([p[:, :2] + p[:, 2:] / 2, np.zeros(60)])
    rows = evaluate(labels, p, metrics=["precision"], split="test", classes=["a", "b", "c"])
    expected = sk.precision_score(labels, p.argmax(axis=1), average=None, zero_division=0)
    assert [row["value"] for row in rows[:2]] == pytest.approx(expected[:2])
    assert rows[2]["value"] is None
    assert rows[2]["reason"] == "precision is undefined: no row is predicted as class 'c' (n = 0)."


@pytest.mark.filterwarnings("ignore:y_pred contains classes")
def test_a_class_absent_from_the_test_rows_is_left_out_and_named():
    labels, p = answers(300, 4, seed=2, absent=[2])
    rows = {r["name"]: r for r in evaluate(labels, p, metrics=["balanced_accuracy", "roc_auc"], split="test")}
    areas = [sk.roc_auc_score(labels == c, p[:, c]) for c in (0, 1, 3)]
    assert rows["roc_auc"]["value"] == pytest.approx(np.mean(areas))
    assert rows["balanced_accuracy"]["value"] == pytest.approx(sk.balanced_accuracy_score(labels, p.argmax(axis=1)))
    assert all("'2'" in row["note"] for row in rows.values())


def test_one_class_has_no_area_and_says_so():
    labels, p = np.zeros(7, dtype=int), np.tile([0.7, 0.3], (7, 1))
    [row] = evaluate(labels, p, metrics=["roc_auc"], split="test", classes=["good", "bad"])
    assert (row["value"], row["low"], row["high"], row["method"]) == (None, None, None, None)
    assert row["reason"] == "roc_auc is undefined: the test rows have one class, 'good' (n = 7)."


def test_perfect_answers_keep_an_interval():
    labels = np.repeat([0, 1, 2], 10)
    p = np.eye(3)[labels]
    for row in evaluate(labels, p, metrics=["accuracy", "balanced_accuracy", "f1_macro", "f1", "roc_auc"], split="t"):
        assert row["value"] == row["high"] == 1
        assert 0.6 < row["low"] < 0.97, row["name"]


def test_answers_that_are_all_wrong_keep_an_interval():
    labels = np.repeat([0, 1], 10)
    for row in evaluate(labels, np.eye(2)[1 - labels], metrics=["accuracy", "f1_macro", "roc_auc"], split="t"):
        assert row["value"] == row["low"] == 0
        assert 0.03 < row["high"] < 0.4


def test_a_single_row_has_no_interval_of_its_loss():
    [row] = evaluate(np.array([0]), np.array([[0.5, 0.5]]), metrics=["log_loss"], split="test")
    assert row["value"] == pytest.approx(np.log(2))
    assert row["low"] is None
    assert "at least 2 rows" in row["reason"]


def test_float32_and_float16_probabilities_do_as_scikit_learn_does():
    labels, p = answers(50, 2, seed=5)
    p[0] = [1.0, 0.0]
    labels[0] = 1
    narrow = p.astype(np.float32)
    assert values(labels, narrow, "log_loss") == pytest.approx([sk.log_loss(labels, narrow)], rel=1e-5)
    assert np.isfinite(values(labels, p.astype(np.float16), "log_loss", "roc_auc")).all()
