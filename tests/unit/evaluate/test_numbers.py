import numpy as np
import pytest
from sklearn import metrics as sk

from ftkit.evaluate import evaluate

NAMES = ["r2", "mae", "mse", "rmse"]


@pytest.mark.parametrize("rows", [5, 300, 30_000])
@pytest.mark.parametrize("shift", [0.0, 1e6])
def test_values_are_scikit_learns(rows, shift):
    draw = np.random.default_rng(rows)
    labels = draw.normal(size=rows) + shift
    guess = labels + draw.normal(size=rows) * 0.3
    expected = [f(labels, guess) for f in (sk.r2_score, sk.mean_absolute_error, sk.mean_squared_error)]
    got = evaluate(labels, guess, metrics=NAMES, split="test")
    assert [row["value"] for row in got] == pytest.approx([*expected, expected[-1] ** 0.5])
    assert all(row["low"] < row["value"] < row["high"] for row in got)


def test_the_delta_and_the_bootstrap_meet():
    draw = np.random.default_rng(0)
    labels = draw.normal(size=20_001)
    guess = labels + draw.normal(size=20_001)
    for name in ("r2",):
        [drawn] = evaluate(labels[:-1], guess[:-1], metrics=[name], split="test")
        [direct] = evaluate(labels, guess, metrics=[name], split="test")
        assert (drawn["method"], direct["method"]) == ("bootstrap-t, log", "delta, log")
        for end in ("low", "high"):
            half = direct["high"] - direct["low"]
            assert abs(drawn[end] - direct[end]) < 0.05 * half


def test_r2_of_equal_labels_is_undefined():
    [row] = evaluate(np.full(9, 3.0), np.arange(9.0), metrics=["r2"], split="test")
    assert row["value"] is None
    assert row["reason"] == "r2 is undefined: all test labels are 3 (n = 9)."
    [row] = evaluate(np.array([1.0]), np.array([1.0]), metrics=["r2"], split="test")
    assert "there is one row (n = 1)" in row["reason"]


def test_exact_predictions_are_exact():
    y = np.arange(9.0)
    for row in evaluate(y, y, metrics=NAMES, split="test"):
        assert row["value"] == row["low"] == row["high"] == (1 if row["name"] == "r2" else 0)
        assert row["method"] == "all rows are equal"


def test_a_column_of_predictions_is_taken():
    y = np.arange(9.0)
    assert evaluate(y, y[:, None] ** 2, metrics=["mae"], split="t") == evaluate(y, y**2, metrics=["mae"], split="t")


def test_mase_divides_by_what_it_is_given_and_says_where_it_cannot():
    labels, found = np.array([1.0, 2.0, 3.0]), np.array([2.0, 2.0, 1.0])
    [row] = evaluate(labels, found, metrics=["mase"], split="test", scales=np.array([1.0, 1.0, 4.0]))
    assert row["value"] == pytest.approx((1 + 0 + 0.5) / 3)
    [row] = evaluate(labels, found, metrics=["mase"], split="test")
    assert row["value"] is None
    assert "seasonal naive" in row["reason"]
    [row] = evaluate(labels, found, metrics=["mase"], split="test", scales=np.array([1.0, 0.0, 4.0]))
    assert "no error in the past" in row["reason"]
    weighted = np.array([1.0, np.nan, 3.0])
    [row] = evaluate(weighted, found, metrics=["mase"], split="test", scales=np.array([1.0, 2.0, 4.0]))
    assert (row["value"], row["left_out"]) == (pytest.approx(0.75), 1)


def test_an_error_that_outweighs_the_rest_is_told():
    labels = np.arange(30.0)
    told = {m["name"]: m for m in evaluate(labels, labels + 0.1 * (-1) ** np.arange(30), metrics=NAMES, split="test")}
    assert not any("note" in m for m in told.values())
    far = labels + np.r_[np.full(29, 0.1), 5.0]
    told = {m["name"]: m for m in evaluate(labels, far, metrics=NAMES, split="test")}
    assert all("one of 30 rows makes 99% of it" in told[name]["note"] for name in ("mse", "rmse", "r2"))
    assert "makes 63%" in told["mae"]["note"]
