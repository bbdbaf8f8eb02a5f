"""What more rows would bring."""

import numpy as np
import pytest

import ftkit as ft
from ftkit.errors import DataError
from ftkit.quality.checks import CHECKS
from ftkit.quality.evidence import Evidence
from ftkit.quality.learning_curve import learning_curve
from ftkit.quality.probe import cross_predict


def rows(n, d=60, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((n, d)).astype(np.float32)
    return x, (x @ rng.standard_normal(d) + 2 * rng.standard_normal(n) > 0).astype(int)


def test_a_quarter_of_the_rows_foretells_all():
    inside = 0
    for seed in range(5):
        x, labels = rows(2400, seed=seed)
        folds = np.arange(2400) % 5
        truth = (cross_predict(x, labels, folds, 2, 0).argmax(axis=1) == labels).mean()
        _, low, high = learning_curve(x[:600], labels[:600], 2).at(1920)
        inside += low <= truth <= high
    assert inside >= 4


def test_more_rows_bring_much_where_the_curve_rises_and_little_where_it_is_flat():
    x, labels = rows(400, d=100)
    rising = learning_curve(x, labels, 2).gain()
    flat = learning_curve(x[:, :1], (x[:, 0] > 0).astype(int), 2).gain()
    assert rising[1] > flat[0]
    assert flat[2] < 0.03


def test_numbers_have_a_curve():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((500, 5)).astype(np.float32)
    curve = learning_curve(x, x.sum(axis=1) + rng.standard_normal(500))
    assert curve.metric == "r2"
    assert 0.7 < curve.at(400)[0] < 0.9


def test_the_sentence_says_what_doubling_brings():
    (finding,) = CHECKS["SIZ201"].run(ft.read("digits"), CHECKS["SIZ201"], Evidence(ft.read("digits")))
    assert finding.message.startswith("Doubling the rows should bring +")
    assert "±" in finding.message


def test_enough_rows_are_no_warning():
    view = ft.read({"x": np.arange(600.0), "y": ["a" if i < 300 else "b" for i in range(600)]}, target="y")
    (finding,) = CHECKS["SIZ201"].run(view, CHECKS["SIZ201"], Evidence(view))
    assert finding.severity == "info"


def test_rows_without_a_target_have_no_curve():
    view = ft.read({"x": [1.0, 2.0, 3.0]})
    assert "target" in CHECKS["SIZ201"].applies(view)


def test_the_order_of_rows_hardly_matters():
    x, labels = rows(800)
    order = np.random.default_rng(1).permutation(800)
    here, there = learning_curve(x, labels, 2).gain()[0], learning_curve(x[order], labels[order], 2).gain()[0]
    assert abs(here - there) < 0.03


def test_too_few_rows_are_said_so():
    with pytest.raises(DataError, match="100"):
        learning_curve(*rows(50), 2)


@pytest.mark.parametrize(
    ("name", "target"), [("winequality-white.csv.gz", "column_12"), ("winequality-red.csv.gz", "column_12")]
)
def test_a_quarter_of_the_wines_foretells_all(shared, name, target):
    from ftkit.quality.probe import probe_vectors

    view = ft.read(shared / "tab-wine-quality" / name, target=target, task="tabular-classification")
    x, labels, classes = probe_vectors(Evidence(view)), view.labels, len(view.classes)
    rows = np.random.default_rng(0).permutation(len(labels))
    quarter = rows[: len(rows) // 4]
    _, low, high = learning_curve(x[quarter], labels[quarter], classes).at(int(0.8 * len(rows)))
    said = cross_predict(x, labels, np.arange(len(labels)) % 5, classes, 0)
    assert low <= (said.argmax(axis=1) == labels).mean() <= high
