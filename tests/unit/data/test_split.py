from __future__ import annotations

import numpy as np
import pytest

import ftkit as ft
from ftkit.data.split import largest_remainder

IRIS = ft.read("iris")


def parts(split) -> dict[str, set[str]]:
    return {name: set(getattr(split, name).ids.tolist()) for name in ("train", "validation", "test")}


def test_classes_have_their_share():
    split = ft.holdout(IRIS)
    assert split.counts() == {"train": 105, "validation": 15, "test": 30}
    assert np.bincount(split.test.labels).tolist() == [10, 10, 10]
    assert "each of 3 classes its share" in split.rule


def test_membership_does_not_depend_on_the_order():
    turned = IRIS[np.random.default_rng(0).permutation(150)]
    assert parts(ft.holdout(IRIS)) == parts(ft.holdout(turned))


def test_another_seed_takes_other_rows():
    assert parts(ft.holdout(IRIS, seed=1))["test"] != parts(ft.holdout(IRIS))["test"]


def test_parts_never_meet_and_are_all():
    found = list(parts(ft.holdout(IRIS, test=0.3, validation=0.3)).values())
    assert sum(map(len, found)) == len(set.union(*found)) == 150


def test_zero_gives_an_empty_view():
    assert ft.holdout(IRIS, validation=0).counts()["validation"] == 0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"test": 1}, "at least 0 and less than 1"),
        ({"validation": -0.1}, "at least 0"),
        ({"test": "0.2"}, "at least 0"),
        ({"test": float("nan")}, "at least 0"),
        ({"test": 0.6, "validation": 0.4}, "leave nothing for train"),
        ({"test": 0.001}, "less than one row"),
        ({"group": "sepal"}, "no column 'sepal' for group=; the columns are"),
        ({"group": np.zeros(3)}, "3 values for 150 rows"),
        ({"group": np.zeros(150)}, "1 groups are too few"),
    ],
)
def test_faults(options, said):
    with pytest.raises(ft.DataError, match=said):
        ft.holdout(IRIS, **options)


def test_groups_are_kept_whole():
    groups = np.array([f"plant {i % 23}" for i in range(150)])
    split = ft.holdout(IRIS, group=groups)
    of = dict(zip(IRIS.ids.tolist(), groups.tolist(), strict=True))
    held = [{of[row] for row in rows} for rows in parts(split).values()]
    assert not held[0] & held[1]
    assert not held[0] & held[2]
    assert not held[1] & held[2]
    assert 20 <= len(split.test) <= 40
    assert "groups kept whole" in split.rule


def test_two_groups_make_train_and_test():
    split = ft.holdout(IRIS, group=np.repeat(["a", "b"], 75), validation=0)
    assert split.counts() == {"train": 75, "validation": 0, "test": 75}


def test_a_given_test_set_is_kept():
    view = ft.read({"x": list(range(100)), "y": [0, 1] * 50}, test={"x": [200, 201], "y": [0, 1]})
    split = ft.holdout(view, test=0.5)
    assert split.counts() == {"train": 90, "validation": 10, "test": 2}
    assert "came with 2 test rows, which were kept" in split.rule


def test_a_given_validation_set_is_kept_and_test_is_taken():
    rows = {"x": list(range(100)), "split": ["val"] * 10 + ["train"] * 90, "y": [0, 1] * 50}
    assert ft.holdout(ft.read(rows)).counts() == {"train": 72, "validation": 10, "test": 18}


def test_rows_without_a_label_are_left_out():
    split = ft.holdout(ft.read({"x": list(range(40)), "y": ["a", "b", None, "a"] * 10}))
    assert sum(split.counts().values()) == 30
    assert "10 rows without a label were left out" in split.rule


def test_a_class_of_one_row_stays_in_train():
    view = ft.read({"x": list(range(41)), "y": ["a", "b"] * 20 + ["c"]})
    split = ft.holdout(view, test=0.4, validation=0.4)
    assert (split.train.labels == 2).sum() == 1
    assert "1 classes have one row only" in split.rule


def test_every_class_keeps_a_row_in_train():
    view = ft.read({"x": list(range(46)), "y": ["a"] * 40 + ["b", "b"] + ["c"] * 4})
    assert set(ft.holdout(view, test=0.45, validation=0.45).train.labels) == {0, 1, 2}


def test_numbers_are_split_without_strata():
    assert ft.holdout(ft.read("diabetes")).counts() == {"train": 310, "validation": 44, "test": 88}


def test_one_row_twice_is_refused():
    twice = IRIS[np.r_[np.arange(150), np.arange(150)]]
    split = ft.holdout(IRIS)
    with pytest.raises(ft.DataError, match="are in train and in test"):
        type(split)(split.train, split.validation, twice[:30], "")


def test_largest_remainder():
    assert largest_remainder(np.array([5, 3, 2]), 5).tolist() == [3, 1, 1]
    assert largest_remainder(np.array([1, 1, 1]), 2).tolist() == [1, 1, 0]
