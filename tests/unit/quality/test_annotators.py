"""Several people's labels of the same rows."""

import re

import numpy as np
import pytest

import ftkit as ft
from ftkit.errors import DataError
from ftkit.quality.annotators import annotator_columns, consensus, majority
from ftkit.quality.checks import CHECKS
from ftkit.quality.evidence import Evidence


def crowd(rows=600, skill=(0.9, 0.8, 0.55), classes=3, seed=0):
    """True classes, and what annotators of some skill say."""
    rng = np.random.default_rng(seed)
    true = rng.integers(0, classes, rows)
    right = rng.random((rows, len(skill))) < skill
    other = (true[:, None] + rng.integers(1, classes, right.shape)) % classes
    return true, np.where(right, true[:, None], other)


def test_the_consensus_is_better_than_the_best_and_than_the_majority():
    true, said = crowd(2000, (0.85, 0.8, 0.8, 0.4))
    found = consensus(said)
    best = (said == true[:, None]).mean(axis=0).max()
    assert (found.labels == true).mean() > max(best, (majority(said) == true).mean())


def test_the_skill_of_each_is_found():
    true, said = crowd(2000)
    found = consensus(said)
    np.testing.assert_allclose(found.annotators, (said == true[:, None]).mean(axis=0), atol=0.05)
    np.testing.assert_allclose(found.quality.mean(), (found.labels == true).mean(), atol=0.03)


def test_a_model_helps_and_a_useless_one_does_no_harm():
    true, said = crowd(2000, (0.7, 0.65))
    alone = (consensus(said).labels == true).mean()
    model = np.full((2000, 3), 0.1) + 0.7 * np.eye(3)[true]
    noise = np.random.default_rng(1).dirichlet([1] * 3, 2000)
    assert (consensus(said, model).labels == true).mean() > alone + 0.05
    assert (consensus(said, noise).labels == true).mean() > alone - 0.02


def test_missing_annotations_are_no_votes():
    found = consensus(np.array([[0, -1, -1], [-1, -1, -1], [1, 1, -1], [0, 0, 0]]))
    assert found.labels.tolist() == [0, -1, 1, 0]
    assert np.isnan(found.agreement[1])
    assert np.isnan(consensus(np.array([[0, -1], [1, -1]])).annotators[1])


def test_the_noise_of_other_labels_is_estimated():
    true, said = crowd(3000, (0.9, 0.9, 0.85))
    labels = np.where(np.random.default_rng(5).random(3000) < 0.4, (true + 1) % 3, true)
    assert abs(consensus(said).noise(labels) - 0.4) < 0.05


def test_the_order_of_annotators_does_not_matter():
    _, said = crowd()
    np.testing.assert_array_equal(consensus(said).labels, consensus(said[:, ::-1]).labels)


@pytest.mark.parametrize("said", [np.zeros((3, 2)), np.zeros(3, int), np.full((3, 2), -1)])
def test_what_is_no_annotation_is_said(said):
    with pytest.raises(DataError, match="annotations"):
        consensus(said)


def table(true, said, names=("label_1", "label_2", "label_3"), target=None):
    classes = np.array(["猫", "dog", "bird"])
    columns = {"x": np.arange(len(true)) * 1.0, "id": [f"r{i}" for i in range(len(true))]}
    columns |= {name: classes[said[:, i]].tolist() for i, name in enumerate(names)}
    columns["kind"] = classes[true if target is None else target].tolist()
    return ft.read(columns, target="kind", id="id", task="tabular-classification")


def run(view):
    return CHECKS["ANN201"].run(view, CHECKS["ANN201"], Evidence(view))


def test_rows_labelled_against_the_consensus_are_found():
    true, said = crowd(skill=(0.97, 0.97, 0.97))
    wrong = true.copy()
    wrong[:20] = (wrong[:20] + 1) % 3
    (finding,) = run(table(true, said, target=wrong))
    assert {f"r{i}" for i in range(20)} <= set(finding.rows)
    assert len(finding.rows) < 30
    assert abs(said_wrong(finding) - (wrong != true).mean()) < 0.02
    assert finding.suggest["op"] == "relabel"
    assert len(finding.suggest["values"]) == len(finding.rows)


def said_wrong(finding):
    return int(re.search(r"About (\d+)% of '\w+' are wrong", finding.message)[1]) / 100


def test_of_texts_the_noise_is_told_from_rows_and_labels():
    true, said = crowd(600, (0.9, 0.9, 0.9))
    wrong = np.where(np.random.default_rng(2).random(600) < 0.3, (true + 1) % 3, true)
    said[wrong != true] = wrong[wrong != true][:, None]  # all err alike: no annotator tells
    words = np.array(["the film was long and dull", "外卖很快就送到了", "buses leave at ten from here"])
    rows = {"text": [f"{words[k]} {i}" for i, k in enumerate(true)], "kind": [f"class {k}" for k in wrong]}
    rows |= {f"label_{i}": [f"class {k}" for k in said[:, i]] for i in range(3)}
    (finding,) = run(ft.read(rows, target="kind", text="text"))
    share = (wrong != true).mean()
    assert consensus(said).noise(wrong) < share - 0.15
    assert abs(said_wrong(finding) - share) < 0.12


def test_agreement_is_no_warning():
    true, _ = crowd()
    (finding,) = run(table(true, np.stack([true] * 3, axis=1)))
    assert finding.severity == "info"
    assert finding.rows == []


def test_the_order_of_rows_does_not_matter():
    true, said = crowd()
    view = table(true, said)
    order = np.random.default_rng(0).permutation(len(view))
    assert set(run(view)[0].rows) == set(run(view.select(order))[0].rows)


def test_one_annotator_is_none():
    assert "label_1" in CHECKS["ANN201"].applies(ft.read("iris"))


@pytest.mark.parametrize(
    "names", [("annotator1", "annotator2"), ("标注_1", "标注_2"), ("random_label1", "random_label2")]
)
def test_columns_of_annotators_are_known_by_name(names):
    true, said = crowd(50, (0.9, 0.9))
    assert annotator_columns(table(true, said, names)) == list(names)


def test_three_people_on_cifar(shared):
    """The consensus of CIFAR-10N's three columns, and how often each is wrong."""
    import polars as pl

    table = pl.read_parquet(shared / "images-cifar10" / "cifar10n_train_labels.parquet")[:10_000]
    said = table[["random_label1", "random_label2", "random_label3"]].to_numpy().astype(np.int64)
    true = table["clean_label"].to_numpy().astype(np.int64)
    found = consensus(said)
    assert (found.labels == true).mean() > (said == true[:, None]).mean(axis=0).max() + 0.05
    assert (found.labels == true).mean() > (majority(said) == true).mean()
    assert all(abs(found.noise(labels) - (labels != true).mean()) < 0.03 for labels in said.T)
