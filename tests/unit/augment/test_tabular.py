"""Steps for tables: numbers and categories, new rows of rare classes."""

import numpy as np
import pytest

from ftkit.augment import FeatureDropout, Jitter, Layout, Smote, change_table, row_keys

KEYS = row_keys(f"{i}" for i in range(2_000))
LAYOUT = Layout((True, True, False, False, False), (0, 1, 2, 2, 2))


@pytest.fixture
def rows():
    rng = np.random.default_rng(0)
    return np.concatenate([rng.normal(size=(2_000, 2)), np.eye(3)[rng.integers(0, 3, 2_000)]], axis=1).astype("float32")


@pytest.mark.parametrize("step", [Jitter(0.1), FeatureDropout(0.3)], ids=str)
def test_a_row_is_the_same_whatever_is_beside_it(rows, step):
    whole = change_table(rows, [step], KEYS, LAYOUT, epoch=1)
    order = np.random.default_rng(1).permutation(len(rows))
    assert (change_table(rows[order], [step], KEYS[order], LAYOUT, epoch=1) == whole[order]).all()
    assert (change_table(rows[:1], [step], KEYS[:1], LAYOUT, epoch=1) == whole[:1]).all()
    assert (change_table(rows, [step], KEYS, LAYOUT, epoch=2) != whole).any()


def test_noise_is_in_units_of_deviations_and_spares_categories(rows):
    apart = change_table(rows, [Jitter(0.1)], KEYS, LAYOUT) - rows
    assert apart[:, :2].std() == pytest.approx(0.1, rel=0.05)
    assert not apart[:, 2:].any()


def test_a_feature_is_dropped_whole(rows):
    after = change_table(rows, [FeatureDropout(0.25)], KEYS, LAYOUT)
    gone = after[:, 2:].sum(axis=1) == 0
    assert gone.mean() == pytest.approx(0.25, abs=0.03)
    assert (after[~gone, 2:] == rows[~gone, 2:]).all()
    assert (after[:, 0] == 0).mean() == pytest.approx(0.25, abs=0.03)


def test_a_layout_is_read_from_the_matrix(rows):
    assert Layout.of([0, 1, 2, 2, 2], rows) == LAYOUT


def test_smote_fills_rare_classes_between_their_rows(rows):
    labels = (np.arange(2_000) < 1_900).astype(np.int64)
    rows[labels == 0, :2] += 5
    new, classes = Smote(0.5, 3).new_rows(rows, labels, LAYOUT)
    assert (len(new), set(classes)) == (950 - 100, {0})
    rare = rows[labels == 0]
    assert (new[:, :2].min(axis=0) >= rare[:, :2].min(axis=0)).all()
    assert (new[:, :2].max(axis=0) <= rare[:, :2].max(axis=0)).all()
    assert (new[:, 2:].sum(axis=1) == 1).all()
    assert set(np.unique(new[:, 2:])) == {0.0, 1.0}
    again, _ = Smote(0.5, 3).new_rows(rows, labels, LAYOUT)
    assert (again == new).all()
    assert not len(Smote(0.01).new_rows(rows, labels, LAYOUT)[0])


def test_smote_leaves_a_class_of_one_row_alone():
    new, classes = Smote().new_rows(np.eye(4, dtype=np.float32), np.array([0, 0, 0, 1]), Layout.numbers(4))
    assert (len(new), len(classes)) == (0, 0)
