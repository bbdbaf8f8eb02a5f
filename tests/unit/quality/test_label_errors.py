"""Labels that are probably wrong."""

import json

import numpy as np
import pytest

import ftkit as ft
from ftkit.errors import DataError
from ftkit.quality.channel import clean_probabilities, estimate_channel
from ftkit.quality.checks import CHECKS
from ftkit.quality.confident import find_label_errors, neighbour_votes
from ftkit.quality.evidence import Evidence
from ftkit.quality.neighbours import Neighbours
from ftkit.quality.pruning import prune
from ftkit.quality.vectors import Vectors


def blobs(rows=600, flips=0.0, seed=0, classes=("猫", "dog", "bird")):
    """A table of clouds, one a class, and which labels were turned."""
    rng = np.random.default_rng(seed)
    true = rng.integers(0, len(classes), rows)
    x = rng.standard_normal((rows, 4)) + 4 * np.eye(len(classes), 4)[true]
    turned = rng.random(rows) < flips
    given = np.where(turned, (true + 1) % len(classes), true)
    columns = {f"x{i}": x[:, i] for i in range(4)} | {"id": [f"r{i}" for i in range(rows)]}
    view = ft.read(columns | {"kind": [classes[k] for k in given]}, target="kind", id="id")
    return view, set(view.ids[turned].tolist()), true


def run(code, view, evidence=None):
    return CHECKS[code].run(view, CHECKS[code], evidence or Evidence(view))


def test_turned_labels_are_found_with_a_suggestion():
    view, turned, true = blobs(flips=0.1)
    (finding,) = run("LAB201", view)
    found = set(finding.rows)
    assert len(found & turned) > 0.8 * len(turned)
    assert len(found & turned) > 0.8 * len(found)
    place = {row: i for i, row in enumerate(view.ids.tolist())}
    right = [("猫", "dog", "bird")[true[place[row]]] for row in finding.rows]
    said = finding.suggest["values"]
    assert np.mean([a == b for a, b in zip(said, right, strict=True)]) > 0.8
    assert finding.suggest["op"] == "relabel"
    assert "expected" in finding.message
    assert finding.scores == sorted(finding.scores, reverse=True)


def test_clean_labels_are_left_alone():
    assert run("LAB201", blobs()[0]) == []


@pytest.mark.parametrize("name", ["iris", "wine", "breast-cancer", "digits"])
def test_clean_real_sets_are_left_alone(name):
    found = run("LAB201", ft.read(name))
    assert sum(len(finding.rows) for finding in found) <= 3


def test_the_order_of_rows_does_not_matter():
    view, _, _ = blobs(flips=0.1)
    order = np.random.default_rng(1).permutation(len(view))
    here, there = run("LAB201", view)[0].rows, run("LAB201", view.select(order))[0].rows
    assert len(set(here) ^ set(there)) <= 0.1 * len(here)


@pytest.mark.parametrize("code", ["LAB201", "LAB202"])
def test_numbers_have_no_label_errors(code):
    assert "number" in CHECKS[code].applies(ft.read("diabetes"))


def test_classes_are_not_far_numbers():
    assert "class" in CHECKS["LAB203"].applies(ft.read("iris"))


def test_expected_precision_is_about_right():
    view, turned, _ = blobs(3000, flips=0.2, seed=2)
    found = Evidence(view).label_errors
    right = np.isin(view.ids, list(turned))[found.flagged].mean()
    assert abs(right - found.expected_precision) < 0.1
    assert abs(found.noise - 0.2) < 0.05


def test_rows_without_a_label_are_not_judged():
    said = np.tile([[0.9, 0.1], [0.1, 0.9]], (50, 1))
    labels = np.tile([0, 1], 50)
    labels[[0, 5]] = [-1, 0]
    found = find_label_errors(labels, said)
    assert found.score[0] == 0
    assert found.suggested[0] == -1
    assert found.score.argmax() == 5


def test_two_passes_leave_out_what_the_first_doubts(monkeypatch):
    import ftkit.quality.label_errors as module

    view, turned, _ = blobs(flips=0.3, seed=3)
    evidence = Evidence(view)
    seen = []
    fit = module.out_of_fold
    monkeypatch.setattr(module, "out_of_fold", lambda e, *, without: seen.append(without) or fit(e, without=without))
    first = module.label_errors_of(evidence, passes=1)
    second = module.label_errors_of(evidence, passes=2)
    np.testing.assert_array_equal(seen[0], first.flagged)
    assert (second.flagged == np.isin(view.ids, list(turned))).mean() > 0.97


def test_given_probabilities_take_the_place_of_the_probe():
    view, turned, true = blobs(flips=0.1)
    said = np.full((len(view), 3), 0.02)
    said[np.arange(len(view)), [view.classes.index(("猫", "dog", "bird")[k]) for k in true]] = 0.96
    found = ft.inspect(view, probabilities=said)
    (finding,) = [finding for finding in found.findings if finding.code == "LAB201"]
    assert set(finding.rows) <= turned
    assert len(finding.rows) > 0.8 * len(turned)
    assert "the given probabilities" in finding.message
    np.testing.assert_array_equal(found.evidence.probabilities, said)


@pytest.mark.parametrize(
    ("said", "what"),
    [
        (np.full((600, 2), 0.5), r"\(600, 3\) is needed"),
        (np.full((600, 3), 0.5), "600 rows .* sum of 1.5"),
        (np.tile([1.5, -0.5, 0.0], (600, 1)), "negative"),
        (np.full((600, 3), np.nan), "missing"),
    ],
)
def test_probabilities_that_are_none_are_said_so(said, what):
    with pytest.raises(DataError, match=what):
        ft.inspect(blobs()[0], probabilities=said)


def test_numbers_have_no_probabilities():
    with pytest.raises(DataError, match="the target is a number"):
        ft.inspect("diabetes", probabilities=np.ones((442, 1)))


def test_votes_of_neighbours_help():
    rng = np.random.default_rng(0)
    true = rng.integers(0, 4, 2000)
    labels = np.where(rng.random(2000) < 0.15, (true + 1) % 4, true)
    said = rng.dirichlet([1] * 4, 2000) + 0.6 * np.eye(4)[true]
    said /= said.sum(axis=1, keepdims=True)
    votes = np.stack([rng.multinomial(10, 0.1 + 0.6 * np.eye(4)[k]) for k in true]).astype(float)
    with_votes = find_label_errors(labels, said, votes=votes).flagged == (labels != true)
    assert with_votes.mean() > (find_label_errors(labels, said).flagged == (labels != true)).mean()


def test_a_vote_counts_labels_of_others():
    votes = neighbour_votes(np.array([[1, 2], [2, 0], [0, 1]]), np.array([0, 1, -1]), 2)
    near, far = 1, pytest.approx(0.5**0.5)
    assert votes.tolist() == [[0, near], [far, 0], [near, far]]


def test_the_channel_is_found():
    rng = np.random.default_rng(0)
    true = rng.integers(0, 3, 20_000)
    channel = np.array([[0.8, 0.2, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    labels = np.array([rng.choice(3, p=channel[k]) for k in true])
    estimate, believed = estimate_channel(labels, 0.97 * channel[true] + 0.01)
    np.testing.assert_allclose(estimate, channel, atol=0.03)
    assert believed > 0.9


def test_inverting_a_channel_undoes_it():
    channel = np.array([[0.7, 0.3], [0.1, 0.9]])
    truth = np.array([[0.2, 0.8], [0.9, 0.1]])
    np.testing.assert_allclose(clean_probabilities(truth @ channel, channel, 2000), truth, atol=1e-3)


def test_confident_learning_by_hand():
    said = np.array([[0.9, 0.1], [0.8, 0.2], [0.7, 0.3], [0.2, 0.8], [0.1, 0.9], [0.05, 0.95]])
    labels = np.array([0, 0, 0, 1, 1, 0])
    for rule in ("prune_by_noise_rate", "prune_by_class", "both", "confident_learning", "low_self_confidence"):
        assert np.flatnonzero(prune(labels, said, rule)).tolist() == [5], rule


def test_both_methods_answer_in_the_same_form():
    said = np.random.default_rng(0).dirichlet([1] * 3, 200)
    found = find_label_errors(said.argmax(axis=1), said, "confident_learning")
    assert not found.flagged.any()
    assert found.joint.sum() == pytest.approx(1)


@pytest.mark.parametrize(
    ("labels", "said", "what"),
    [
        ([0, 1], [[0.5, 0.5]], "shape"),
        ([0, 2], [[0.5, 0.5]] * 2, "0 to K - 1"),
        ([0, 1], [[1.5, -0.5]] * 2, "0 to 1"),
        ([0, 1], [[np.nan, 0.5]] * 2, "0 to 1"),
        ([0.5, 1], [[0.5, 0.5]] * 2, "whole numbers"),
        ([-1, -1], [[0.5, 0.5]] * 2, "0 of 2 rows"),
    ],
)
def test_what_cannot_be_judged_is_said(labels, said, what):
    with pytest.raises(DataError, match=what):
        find_label_errors(np.array(labels), np.array(said))


def test_a_misspelt_method_names_the_nearest():
    with pytest.raises(DataError, match="posterior"):
        find_label_errors(np.array([0, 1]), np.full((2, 2), 0.5), "posterier")


def photos(labels):
    texts = [f"第{i}个句子 number {i}" for i in range(len(labels))]
    return ft.read({"text": texts, "label": labels}, task="text-classification", target="label", text="text")


def with_neighbours(view, near, similarity):
    evidence = Evidence(view)
    evidence.__dict__["vectors"] = Vectors(np.zeros((len(view), 2), np.float32), "planted")
    evidence.__dict__["neighbours"] = Neighbours(np.array(near), np.array(similarity, np.float32))
    return evidence


def test_alike_rows_with_other_labels_are_found():
    view = photos(["a", "b", "a", "b"])
    evidence = with_neighbours(view, [[1], [0], [3], [2]], [[0.995], [0.995], [0.5], [0.5]])
    (finding,) = run("LAB202", view, evidence)
    assert sorted(finding.rows) == sorted(view.ids[:2].tolist())


def test_alike_rows_with_equal_labels_are_fine():
    view = photos(["a", "a", "b", "b"])
    assert run("LAB202", view, with_neighbours(view, [[1], [0], [3], [2]], [[0.999]] * 4)) == []


def numbers(slips=0, rows=500):
    rng = np.random.default_rng(0)
    x = rng.standard_normal((rows, 3))
    y = x @ [3.0, -2.0, 1.0] + 20 + 0.3 * rng.standard_normal(rows)
    y[:slips] *= 10
    columns = {"a": x[:, 0], "b": x[:, 1], "c": x[:, 2], "price": y, "id": [f"r{i}" for i in range(rows)]}
    return ft.read(columns, target="price", id="id", task="tabular-regression")


def test_slipped_decimal_points_are_found():
    (finding,) = run("LAB203", numbers(slips=3))
    assert set(finding.rows) == {"r0", "r1", "r2"}
    assert min(finding.scores) > 0.9


def test_plain_numbers_are_left_alone():
    assert run("LAB203", numbers()) == []
    assert run("LAB203", ft.read("diabetes")) == []


def test_human_errors_rank_as_high_as_published(shared):
    """IMDB reviews with labels checked by people: half of the surest 150 are errors."""
    import polars as pl

    table = pl.read_parquet(shared / "text-imdb-label-errors" / "imdb_test_5000.parquet")
    found = find_label_errors(table["label"].to_numpy(), table[["p_neg", "p_pos"]].to_numpy())
    wrong = table["verified_error"].fill_null(False).to_numpy()
    assert wrong[np.argsort(-found.score)[:150]].mean() > 0.55


def test_human_errors_of_cifar_rank_above_self_confidence(shared):
    """54 labels that people reject, among 10,000: average precision 0.29; self-confidence has 0.24."""
    import polars as pl
    from sklearn.metrics import average_precision_score

    folder = shared / "images-cifar10"
    labels = pl.read_parquet(folder / "test.parquet", columns=["label"])["label"].to_numpy()
    said = np.load(folder / "cleanlab_cifar10_test_pyx.npy", allow_pickle=False)
    wrong = np.zeros(len(labels), dtype=bool)
    for row in json.loads((folder / "cleanlab_cifar10_mturk.json").read_text(encoding="utf-8")):
        wrong[int(row["id"])] = row["mturk"]["given"] < 3
    assert average_precision_score(wrong, find_label_errors(labels, said).score) > 0.28
