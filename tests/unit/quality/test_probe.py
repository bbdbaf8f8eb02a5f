"""Out-of-fold answers of a cheap model."""

import numpy as np
import pytest

import ftkit as ft
from ftkit.quality.calibration import calibrate
from ftkit.quality.check import SkipCheckError
from ftkit.quality.evidence import Evidence
from ftkit.quality.folds import deal
from ftkit.quality.linear import fit_softmax, softmax, with_constant
from ftkit.quality.probe import cross_predict, out_of_fold, out_of_fold_numbers


def test_probabilities_are_probabilities_and_mostly_right():
    view = ft.read("iris")
    said = out_of_fold(Evidence(view))
    assert said.shape == (150, 3)
    np.testing.assert_allclose(said.sum(axis=1), 1)
    assert (said.argmax(axis=1) == view.labels).mean() > 0.9


def test_a_row_is_not_known_to_the_probe_that_judges_it():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((300, 200)).astype(np.float32)
    labels = rng.integers(0, 2, 300)
    said = cross_predict(x, labels, deal(labels, None), 2, 0)
    assert abs((said.argmax(axis=1) == labels).mean() - 0.5) < 0.1


def test_equal_rows_and_groups_stay_in_one_fold():
    key = np.random.default_rng(0).integers(0, 60, 500)
    folds = deal(np.zeros(500, int), key)
    assert all(len(set(folds[key == k])) == 1 for k in range(60))


def test_classes_are_spread_over_folds():
    labels = np.repeat([0, 1], [90, 10])
    folds = deal(labels, None)
    assert [int((labels[folds == f] == 1).sum()) for f in range(5)] == [2] * 5


def test_folds_of_numbers_are_spread_too():
    numbers = np.arange(100.0)
    folds = deal(numbers, None)
    assert all(abs(numbers[folds == f].mean() - 49.5) < 8 for f in range(5))


def test_the_regression_is_the_one_sklearn_finds():
    from sklearn.linear_model import LogisticRegression

    rng = np.random.default_rng(0)
    x = rng.standard_normal((500, 5)).astype(np.float32)
    labels = (x[:, :3] + rng.standard_normal((500, 3))).argmax(axis=1)
    mine = softmax(with_constant(x) @ fit_softmax(with_constant(x), labels, 3, 1e-3, 200))
    theirs = LogisticRegression(C=1 / (1e-3 * 500), tol=1e-8, max_iter=1000).fit(x, labels).predict_proba(x)
    np.testing.assert_allclose(mine, theirs, atol=5e-3)


def test_numbers_are_predicted():
    view = ft.read("diabetes")
    said = out_of_fold_numbers(Evidence(view))
    assert np.corrcoef(said, view.labels)[0, 1] > 0.6


def test_the_seed_decides_everything():
    view = ft.read("wine")
    np.testing.assert_array_equal(out_of_fold(Evidence(view, seed=3)), out_of_fold(Evidence(view, seed=3)))


def test_calibration_sharpens_the_timid_and_tempers_the_bold():
    labels = np.tile([0, 1], 500)
    labels[:100] = 1 - labels[:100]
    bold = np.tile([[0.9999, 0.0001], [0.0001, 0.9999]], (500, 1))
    assert calibrate([bold], labels)[0].max() == pytest.approx(0.9, abs=0.02)


def test_a_useless_source_is_not_listened_to():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 2000)
    good = np.where(labels[:, None] == [0, 1], 0.8, 0.2)
    noise = rng.dirichlet([1, 1], 2000)
    np.testing.assert_allclose(calibrate([good, noise], labels), calibrate([good], labels), atol=0.01)


def test_too_few_labels_are_said_so():
    with pytest.raises(SkipCheckError, match="20 rows"):
        out_of_fold(Evidence(ft.read("iris").select(np.arange(45, 60))))


def test_one_class_is_said_so():
    with pytest.raises(SkipCheckError, match="label"):
        out_of_fold(Evidence(ft.read("iris")[:40]))
