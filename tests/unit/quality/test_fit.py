"""How well rows fit their task."""

import numpy as np
import pytest

import ftkit as ft
from ftkit.errors import DataError
from ftkit.quality.checks import CHECKS
from ftkit.quality.evidence import Evidence
from ftkit.quality.fit import leep, log_me, rank_models


def run(view):
    return CHECKS["FIT201"].run(view, CHECKS["FIT201"], Evidence(view))


def shuffled():
    rng = np.random.default_rng(0)
    return ft.read({"x": rng.standard_normal(400), "y": rng.choice(["a", "b"], 400).tolist()}, target="y")


def test_labels_shuffled_apart_are_found():
    (finding,) = run(shuffled())
    assert finding.severity == "warning"
    assert "no better" in finding.message


@pytest.mark.parametrize("name", ["iris", "diabetes"])
def test_rows_that_fit_are_no_warning(name):
    (finding,) = run(ft.read(name))
    assert finding.severity == "info"


def test_the_order_of_rows_does_not_matter():
    view = shuffled()
    order = np.random.default_rng(1).permutation(len(view))
    assert run(view.select(order))[0].severity == run(view)[0].severity


def test_rows_without_a_target_fit_nothing():
    assert "target" in CHECKS["FIT201"].applies(ft.read({"x": [1.0, 2.0, 3.0]}))


def test_log_me_is_the_evidence_of_a_linear_model():
    """Against the evidence of Bayesian ridge regression, maximised by scikit-learn."""
    from sklearn.linear_model import BayesianRidge

    rng = np.random.default_rng(0)
    x = rng.standard_normal((300, 6))
    y = x[:, 0] - 2 * x[:, 1] + 0.5 * rng.standard_normal(300)
    y = (y - y.mean()) / y.std()
    ridge = BayesianRidge(fit_intercept=False, compute_score=True, alpha_1=0, alpha_2=0, lambda_1=0, lambda_2=0).fit(
        x, y
    )
    assert log_me(x, y) == pytest.approx(ridge.scores_[-1] / 300, abs=1e-3)


def test_vectors_that_know_the_classes_rank_first():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, 300)
    good = rng.standard_normal((300, 8)) + 2 * np.eye(3, 8)[labels]
    assert log_me(good, labels, 3) > log_me(rng.standard_normal((300, 8)), labels, 3)


def test_leep_by_hand():
    source = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 1.0]])
    assert leep(source, np.array([0, 1, 1, 1]), 2) == pytest.approx((2 * np.log(0.5)) / 4)


def test_candidates_are_ranked():
    (ranked,) = rank_models(ft.read("wine"), [None])
    assert ranked.low < ranked.score < ranked.high
    assert ranked.leep < 0


def test_too_few_rows_are_said_so():
    with pytest.raises(DataError, match="20"):
        rank_models(ft.read("iris").select(np.arange(45, 55)), [None])
