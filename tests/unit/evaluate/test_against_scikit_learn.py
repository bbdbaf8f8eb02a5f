"""Every metric of classes and numbers against scikit-learn's, with weights, ties and missing classes."""

import numpy as np
import pytest
from sklearn import metrics as sk

from ftkit.evaluate import evaluate

AVERAGES = ("macro", "micro", "weighted")


def answers(rows, classes, seed, ties=False):
    draw = np.random.default_rng(seed)
    labels = draw.integers(0, classes, rows)
    labels[:classes] = np.arange(classes)
    p = draw.gamma(1.0, size=(rows, classes)) + 1.5 * np.eye(classes)[labels]
    p = np.round(p, 0) + 0.25 if ties else p
    return labels, p / p.sum(axis=1, keepdims=True), draw.integers(0, 4, rows) * 0.7


def theirs(labels, p, weights):
    classes = p.shape[1]
    guess, given, one_hot = p.argmax(axis=1), {"sample_weight": weights}, np.eye(classes, dtype=int)[labels]
    out = {
        "accuracy": sk.accuracy_score(labels, guess, **given),
        "balanced_accuracy": sk.balanced_accuracy_score(labels, guess, **given),
        "matthews_corrcoef": sk.matthews_corrcoef(labels, guess, **given),
        "log_loss": sk.log_loss(labels, p, labels=range(classes), **given),
        "top_2_accuracy": None
        if classes == 2
        else sk.top_k_accuracy_score(labels, p, k=2, labels=range(classes), **given),
        "brier_score_loss": sk.brier_score_loss(
            labels, p[:, 1] if classes == 2 else p, labels=list(range(classes)), **given
        ),
        "roc_auc_micro": sk.roc_auc_score(one_hot, p, average="micro", **given),
        "average_precision_micro": sk.average_precision_score(one_hot, p, average="micro", **given),
    }
    for name, score in (("f1", sk.f1_score), ("precision", sk.precision_score), ("recall", sk.recall_score)):
        out |= {f"{name}_{a}": score(labels, guess, average=a, zero_division=0, **given) for a in AVERAGES}
    for name, score in (("roc_auc", sk.roc_auc_score), ("average_precision", sk.average_precision_score)):
        whole = (labels, p[:, 1]) if classes == 2 else (one_hot, p)
        out[name] = score(*whole, average="macro", **given)
        out[f"{name}_weighted"] = score(one_hot, p, average="weighted", **given)
    return out


@pytest.mark.parametrize("weigh", [False, True])
@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("classes", [2, 5])
@pytest.mark.parametrize("rows", [12, 400])
def test_classes(rows, classes, ties, weigh):
    labels, p, weights = answers(rows, classes, seed=rows, ties=ties)
    weights = weights if weigh else None
    expected = theirs(labels, p, weights)
    rows = evaluate(labels, p, metrics=expected, split="test", weights=weights)
    got = {row["name"]: row["value"] for row in rows}
    assert got == pytest.approx(expected, abs=1e-12)
    assert all(row["low"] <= row["value"] <= row["high"] for row in rows if row["value"] is not None)


@pytest.mark.parametrize("weigh", [False, True])
def test_one_value_a_class(weigh):
    labels, p, weights = answers(300, 4, seed=1)
    weights = weights if weigh else None
    for name, score in (("roc_auc", sk.roc_auc_score), ("average_precision", sk.average_precision_score)):
        rows = evaluate(labels, p, metrics=[f"{name}_by_class"], split="test", weights=weights, classes=list("abcd"))
        expected = [score(labels == k, p[:, k], sample_weight=weights) for k in range(4)]
        assert [row["value"] for row in rows] == pytest.approx(expected)
        assert [row["label"] for row in rows] == list("abcd")
    for name, score in (("f1", sk.f1_score), ("precision", sk.precision_score), ("recall", sk.recall_score)):
        rows = evaluate(labels, p, metrics=[name], split="test", weights=weights)
        expected = score(labels, p.argmax(axis=1), average=None, sample_weight=weights)
        assert [row["value"] for row in rows] == pytest.approx(expected)


@pytest.mark.parametrize("weigh", [False, True])
def test_numbers(weigh):
    draw = np.random.default_rng(0)
    labels = draw.normal(size=200) + 3
    guess, weights = labels + draw.normal(size=200), draw.random(200) if weigh else None
    given = {"sample_weight": weights}
    expected = {
        "r2": sk.r2_score(labels, guess, **given),
        "mae": sk.mean_absolute_error(labels, guess, **given),
        "mse": sk.mean_squared_error(labels, guess, **given),
        "rmse": sk.root_mean_squared_error(labels, guess, **given),
        "mape": sk.mean_absolute_percentage_error(labels, guess, **given),
        **{f"pinball_{q}": sk.mean_pinball_loss(labels, guess, alpha=q / 100, **given) for q in (10, 50, 90)},
    }
    rows = evaluate(labels, guess, metrics=expected, split="test", weights=weights)
    assert {row["name"]: row["value"] for row in rows} == pytest.approx(expected)
    assert all(row["low"] < row["value"] < row["high"] for row in rows)


def test_a_million_rows():
    labels, p, _ = answers(1_000_000, 3, seed=3)
    names = ["accuracy", "f1_macro", "roc_auc", "average_precision", "log_loss", "matthews_corrcoef"]
    one_hot, guess = np.eye(3, dtype=int)[labels], p.argmax(axis=1)
    expected = [
        sk.accuracy_score(labels, guess),
        sk.f1_score(labels, guess, average="macro"),
        sk.roc_auc_score(one_hot, p),
        sk.average_precision_score(one_hot, p),
        sk.log_loss(labels, p),
        sk.matthews_corrcoef(labels, guess),
    ]
    assert [r["value"] for r in evaluate(labels, p, metrics=names, split="t")] == pytest.approx(expected, abs=1e-10)


def test_rows_of_weight_0_are_not_there():
    labels, p, _ = answers(60, 3, seed=4)
    weights = np.r_[np.ones(50), np.zeros(10)]
    names = ["accuracy", "f1_macro", "roc_auc", "average_precision", "ece"]
    halves = [
        evaluate(labels, p, metrics=names, split="t", weights=weights),
        evaluate(labels[:50], p[:50], metrics=names, split="t"),
    ]
    assert [r["value"] for r in halves[0]] == pytest.approx([r["value"] for r in halves[1]])
    assert {r["n"] for r in halves[0]} == {50}


def test_whole_weights_are_rows_repeated():
    labels, p, _ = answers(80, 3, seed=5)
    times = np.random.default_rng(0).integers(1, 4, 80)
    names = [*list(theirs(labels, p, None)), "ece"]
    once = evaluate(labels, p, metrics=names, split="t", weights=times)
    again = evaluate(np.repeat(labels, times), np.repeat(p, times, axis=0), metrics=names, split="t")
    assert [r["value"] for r in once] == pytest.approx([r["value"] for r in again])


@pytest.mark.parametrize("name", ["roc_auc", "roc_auc_weighted", "average_precision", "matthews_corrcoef", "mape"])
def test_what_is_undefined_says_so_with_its_rows(name):
    labels, p = np.zeros(7, dtype=int), np.tile([0.7, 0.3], (7, 1))
    given = (labels.astype(float), p[:, 0]) if name == "mape" else (labels, p)
    [row] = evaluate(*given, metrics=[name], split="test")
    assert (row["value"], row["low"], row["high"]) == (None, None, None)
    assert row["reason"].startswith(f"{name} is undefined")
    assert row["reason"].endswith("(n = 7).")


def test_a_class_that_is_never_predicted_counts_as_0_and_is_named():
    labels = np.array([0, 0, 1, 1, 2])
    p = np.eye(3)[[0, 0, 1, 1, 1]]
    [row] = evaluate(labels, p, metrics=["precision_macro"], split="test", classes=["a", "b", "锈"])
    assert row["value"] == pytest.approx(sk.precision_score(labels, p.argmax(1), average="macro", zero_division=0))
    assert row["note"] == "counted as 0, because no row is predicted as it: '锈'."
