import json

import numpy as np
import pytest

from ftkit.errors import DataError
from ftkit.evaluate import METRICS, evaluate

CLASS = [name for name, spec in METRICS.items() if spec.predicts == "class"]
NUMBER = [name for name, spec in METRICS.items() if spec.predicts == "number" and spec.kind is None]


def probabilities(rows=50, classes=3, seed=0):
    draw = np.random.default_rng(seed)
    p = draw.random((rows, classes))
    return draw.integers(0, classes, rows), p / p.sum(axis=1, keepdims=True)


def one(labels, predictions, name, **given):
    [row] = evaluate(labels, predictions, metrics=[name], split="test", **given)
    return row


def test_rows_are_plain_and_complete():
    labels, p = probabilities()
    rows = evaluate(labels, p, metrics=CLASS, split="validation", classes=["玫瑰", "b", "c"])
    assert json.loads(json.dumps(rows, allow_nan=False)) == rows
    assert {row["split"] for row in rows} == {"validation"}
    assert [row["label"] for row in rows if row["name"] == "recall"] == ["玫瑰", "b", "c"]
    known = [row for row in rows if row["value"] is not None]
    assert {row["name"] for row in rows} - {row["name"] for row in known} == {"top_3_accuracy", "top_5_accuracy"}
    assert all(row["low"] <= row["value"] <= row["high"] for row in known)


def test_every_interval_has_its_value_inside_and_its_method():
    draw = np.random.default_rng(0)
    labels = draw.normal(size=40)
    for row in evaluate(labels, labels + draw.normal(size=40), metrics=NUMBER, split="test"):
        assert row["low"] < row["value"] < row["high"]
        assert row["method"] == ("bootstrap-t, log" if row["name"] == "r2" else "chi-square, kurtosis")


def test_missing_labels_are_left_out_and_counted():
    labels, p = probabilities()
    row = one(np.append(labels, [-1, -1]), np.vstack([p, p[:2]]), "accuracy")
    assert row == one(labels, p, "accuracy") | {"left_out": 2}
    y = np.arange(5.0)
    assert one(np.append(y, np.nan), np.append(y**2, 0), "mae") == one(y, y**2, "mae") | {"left_out": 1}


def test_the_seed_decides_and_the_level_widens():
    labels, p = probabilities()
    assert one(labels, p, "f1_macro", seed=3) == one(labels, p, "f1_macro", seed=3)
    assert one(labels, p, "f1_macro", seed=3) != one(labels, p, "f1_macro", seed=4)
    assert one(labels, p, "accuracy", level=0.99)["low"] < one(labels, p, "accuracy")["low"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda y, p: (y[:-1], p), r"labels of shape \(49,\) for 50 predictions"),
        (lambda y, p: (y[:0], p[:0]), "no rows"),
        (lambda y, p: (y - 2 * (y == 1), p * np.nan), "50 of 50 predictions are NaN"),
        (lambda y, p: (np.full_like(y, -1), p), "none of the 50 rows has a label"),
        (lambda y, p: (y + 3 * (np.arange(50) == 7), p), r"1 of 50 labels are outside 0..2; first at position 7"),
        (lambda y, p: (y.astype(float), p), "labels are float64"),
        (lambda y, p: (y, p * 0.9), r"50 of 50 probabilities do not sum to 1; first at position 0 \(0.9\), 1"),
        (lambda y, p: (y, p - [[0.9, -0.9, 0]]), "outside 0..1"),
        (lambda y, p: (y, p[:, :0]), "rows × classes|one number"),
    ],
)
def test_what_cannot_be_evaluated_is_refused_with_count_and_position(change, words):
    with pytest.raises(DataError, match=words):
        evaluate(*change(*probabilities()), metrics=["accuracy"], split="test")


def test_numbers_are_guarded_too():
    y = np.arange(4.0)
    for labels, predictions, words in (
        (y, np.array([0, np.nan, np.inf, 1]), r"2 of 4 predictions are NaN or infinite; first at position 1, 2"),
        (np.array([0, np.inf, 1, 2]), y, "1 of 4 labels are infinite"),
        (y, np.ones((4, 2, 2)), "one number a row"),
        (np.array(list("abcd")), y, "expected numbers"),
    ):
        with pytest.raises(DataError, match=words):
            evaluate(labels, predictions, metrics=["mse"], split="test")


def test_metrics_that_are_unknown_or_do_not_fit_are_refused():
    labels, p = probabilities()
    for metrics, words in (
        (["acuracy"], "nearest is 'accuracy'"),
        (["accuracy", "r2"], "metrics r2 do not fit"),
        (["mse"], "choose among accuracy"),
    ):
        with pytest.raises(DataError, match=words):
            evaluate(labels, p, metrics=metrics, split="test")
    with pytest.raises(DataError, match="2 class names for 3 columns"):
        one(labels, p, "accuracy", classes=["a", "b"])
    with pytest.raises(DataError, match="level is 95"):
        one(labels, p, "accuracy", level=95)


def test_no_metrics_is_no_rows():
    assert evaluate(*probabilities(), metrics=[], split="test") == []


def test_names_are_those_of_the_entries():
    assert all(name == spec.name and spec.summary.endswith(".") for name, spec in METRICS.items())
