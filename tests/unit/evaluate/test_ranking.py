import numpy as np
import pytest
from sklearn import metrics as sk

from ftkit.errors import DataError
from ftkit.evaluate import roc_curve
from ftkit.evaluate.ranking import area, placements


def ranked(rows, seed, ties):
    draw = np.random.default_rng(seed)
    positive = draw.random(rows) < 0.3
    scores = draw.normal(size=rows) + positive
    return positive, np.round(scores, 1) if ties else scores


@pytest.mark.parametrize("ties", [False, True])
def test_placements_are_the_pairs_counted_one_by_one(ties):
    positive, scores = ranked(60, 0, ties)
    wins = (scores[positive][:, None] > scores[~positive]) + 0.5 * (scores[positive][:, None] == scores[~positive])
    assert placements(positive, scores)[positive] == pytest.approx(wins.mean(axis=1))
    assert placements(positive, scores)[~positive] == pytest.approx(wins.mean(axis=0))


def test_the_variance_is_delongs():
    positive, scores = ranked(80, 1, ties=True)
    value, influence = area(positive, scores)
    v = placements(positive, scores)
    delong = v[positive].var(ddof=1) / positive.sum() + v[~positive].var(ddof=1) / (~positive).sum()
    assert value == pytest.approx(sk.roc_auc_score(positive, scores))
    assert (influence**2).sum() == pytest.approx(delong)


@pytest.mark.parametrize("ties", [False, True])
def test_a_short_curve_is_scikit_learns(ties):
    positive, scores = ranked(90, 2, ties)
    theirs = sk.roc_curve(positive, scores, drop_intermediate=False)
    assert np.array(roc_curve(positive, scores)) == pytest.approx(np.array(theirs[:2]))


def test_a_long_curve_is_thin_and_keeps_its_area():
    positive, scores = ranked(100_000, 3, ties=False)
    fpr, tpr = roc_curve(positive, scores)
    assert len(fpr) <= 200
    assert (fpr[0], tpr[0], fpr[-1], tpr[-1]) == (0, 0, 1, 1)
    assert (np.diff(fpr) >= 0).all()
    assert (np.diff(tpr) >= 0).all()
    assert np.trapezoid(tpr, fpr) == pytest.approx(sk.roc_auc_score(positive, scores), abs=2e-4)


@pytest.mark.parametrize(
    ("labels", "scores", "words"),
    [
        ([1, 1], [0.1, 0.2], "one class"),
        ([0, 2], [0.1, 0.2], "0 and 1"),
        ([0, 1], [0.1, np.nan], "1 of 2 scores are NaN"),
        ([0, 1, 1], [0.1, 0.2], "expected as many"),
    ],
)
def test_what_has_no_curve_is_said(labels, scores, words):
    with pytest.raises(DataError, match=words):
        roc_curve(np.array(labels), np.array(scores))


def test_missing_labels_are_left_out_of_the_curve():
    fpr, _ = roc_curve(np.array([0, -1, 1]), np.array([0.1, 0.5, 0.9]))
    assert len(fpr) == 3
