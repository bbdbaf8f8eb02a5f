import sys

import numpy as np
import pytest

from ftkit.errors import DataError, RecipeError
from ftkit.evaluate import evaluate, find_metric, metric
from ftkit.recipe import Recipe

LABELS = np.array([0, 1] * 20)
P = np.stack([1 - 0.3 * LABELS, 0.3 * LABELS], axis=1)


@metric("mine", range=(0, 1))
def mine(labels, probabilities):
    """The mean probability of the true class."""
    return probabilities[np.arange(len(labels)), labels].mean()


def test_a_function_is_a_metric_with_an_interval():
    [row] = evaluate(LABELS, P, metrics=[mine], split="test")
    assert row["value"] == pytest.approx(0.65)
    assert row["low"] < 0.65 < row["high"]
    assert row["method"] == "bootstrap of rows"
    [row] = evaluate(LABELS, P, metrics=[mine], split="test", groups=np.arange(40) // 4)
    assert row["method"] == "bootstrap of groups"


@pytest.mark.parametrize(
    ("function", "words"),
    [(lambda y, p: 1 / 0, "metric 'odd' failed: ZeroDivisionError"), (lambda y, p: 3.0, "outside its range 0 to 1")],
)
def test_one_that_fails_is_named(function, words):
    with pytest.raises(DataError, match=words):
        evaluate(LABELS, P, metrics=[metric("odd", range=(0, 1))(function)], split="test")


def test_nan_is_undefined():
    [row] = evaluate(LABELS, P, metrics=[metric("odd")(lambda y, p: float("nan"))], split="test")
    assert row["value"] is None
    assert "undefined" in row["reason"]
    assert "(n = 40)" in row["reason"]


def test_a_name_that_is_taken_or_none_is_refused():
    for name, words in (("accuracy", "is taken"), ("a b", "use letters")):
        with pytest.raises(DataError, match=words):
            metric(name)
    with pytest.raises(DataError, match="is empty"):
        metric("x", range=(1, 0))


def test_a_recipe_names_it_by_its_path(tmp_path, monkeypatch):
    (tmp_path / "our_own_metrics.py").write_text(
        "from ftkit import metric\n\n@metric('sure')\ndef sure(labels, p):\n    return float(p.max(axis=1).mean())\n"
        "def bare(labels, p):\n    return 0.0\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    assert find_metric("our_own_metrics:sure").name == "sure"
    assert Recipe(data="iris", task="tabular-classification", metrics=["our_own_metrics:sure"]).metrics
    with pytest.raises(RecipeError, match=r"metrics: .*it is a function\. Make it with @ftkit.metric"):
        Recipe(data="iris", task="tabular-classification", metrics=["our_own_metrics:bare"])
    with pytest.raises(RecipeError, match="does not judge tabular-regression"):
        Recipe(data="diabetes", task="tabular-regression", metrics=["our_own_metrics:sure"])
    sys.modules.pop("our_own_metrics")


@pytest.mark.parametrize("path", ["os:system", "no_such_module_1:x", "../x:y", "builtins:eval"])
def test_a_path_to_anything_else_is_refused(path):
    with pytest.raises(DataError, match="metric"):
        find_metric(path)
