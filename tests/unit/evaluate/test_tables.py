import numpy as np
import pytest
from sklearn import metrics as sk

from ftkit.errors import DataError
from ftkit.evaluate import confusion
from ftkit.evaluate.averages import f1s, macro
from ftkit.evaluate.tables import margins, resampled

DRAW = np.random.default_rng(0)
LABELS, GUESS = DRAW.integers(0, 5, 300), DRAW.integers(0, 5, 300)


def test_the_table_is_scikit_learns():
    assert (confusion(LABELS, GUESS, 5) == sk.confusion_matrix(LABELS, GUESS, labels=range(5))).all()
    assert confusion(LABELS, GUESS, 7).shape == (7, 7)


def test_missing_labels_are_not_counted():
    assert confusion(np.array([-1, 0]), np.array([1, 0]), 2).tolist() == [[1, 0], [0, 0]]
    assert confusion(np.array([], dtype=int), np.array([], dtype=int), 2).sum() == 0


@pytest.mark.parametrize(("labels", "guess"), [([0, 5], [0, 0]), ([0, 0], [0, -1]), ([-2, 0], [0, 0]), ([0], [0, 0])])
def test_codes_outside_the_classes_are_refused(labels, guess):
    with pytest.raises(DataError):
        confusion(np.array(labels), np.array(guess), 5)


def test_resampled_tables_are_the_bootstrap_of_the_rows():
    table, draw = confusion(LABELS, GUESS, 5), np.random.default_rng(1)
    fast = macro(f1s, resampled(table, 4_000, seed=0))
    slow = [macro(f1s, margins(confusion(LABELS[at], GUESS[at], 5))) for at in draw.integers(0, 300, (4_000, 300))]
    assert fast.mean() == pytest.approx(np.mean(slow), abs=0.002)
    assert fast.std() == pytest.approx(np.std(slow), rel=0.06)


def test_resampled_margins_add_up():
    of = resampled(confusion(LABELS, GUESS, 5), 50, seed=0)
    assert (of.true.sum(axis=1) == 300).all()
    assert (of.predicted.sum(axis=1) == 300).all()
    assert (of.right <= np.minimum(of.true, of.predicted)).all()


def test_many_classes_are_drawn_in_parts():
    draw = np.random.default_rng(2)
    of = resampled(confusion(draw.integers(0, 300, 6_000), draw.integers(0, 300, 6_000), 300), 900, seed=0)
    assert (of.true.sum(axis=1) == 6_000).all()
