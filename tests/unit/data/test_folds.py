"""Validation schemes: what every fold must hold, by method."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ftkit as ft
from ftkit.data.folding import OVER_ROWS, over_rows, over_time

IRIS = ft.read("iris")


def table(rows=120, **columns):
    draw = np.random.default_rng(0)
    base = {"id": [f"r{i}" for i in range(rows)], "x": draw.normal(size=rows), "y": list("ab" * (rows // 2))}
    return pa.table(base | columns)


@pytest.mark.parametrize("method", OVER_ROWS)
@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**31 - 1), rows=st.integers(20, 90), folds=st.integers(2, 5))
def test_every_row_is_held_out_once_and_groups_are_whole(method, seed, rows, folds):
    draw = np.random.default_rng(seed)
    ids = np.array([f"r{i}" for i in range(rows)])
    strata, groups = np.arange(rows) % 3, np.char.add("g", draw.integers(0, 9, rows).astype(str))
    groups[:9] = [f"g{i}" for i in range(9)]
    made = over_rows(method, ids, strata, groups, folds, seed)
    assert sorted(np.concatenate([one.test for one in made])) == list(range(rows))
    for one in made:
        assert not set(one.train) & set(one.test)
        assert len(one.train) + len(one.test) == rows
        if "group" in method:
            assert not set(groups[one.train]) & set(groups[one.test])
        if method in ("kfold", "stratified"):
            assert abs(len(one.test) - rows / folds) < 1
        if method == "stratified":
            assert np.ptp(np.bincount(strata[one.test], minlength=3)) <= 2


def test_stratified_groups_are_as_even_as_scikit_learns():
    from sklearn.model_selection import StratifiedGroupKFold

    draw = np.random.default_rng(0)
    groups = draw.integers(0, 60, 2000)
    strata = (draw.random(2000) < draw.beta(1, 3, 60)[groups]).astype(int)
    ids = np.arange(2000).astype(str)

    def unevenness(tests):
        return np.std([strata[t].sum() / strata.sum() for t in tests])

    ours = unevenness([f.test for f in over_rows("stratified-group", ids, strata, groups.astype(str), 5, 0)])
    theirs = unevenness([t for _, t in StratifiedGroupKFold(5).split(ids, strata, groups)])
    assert ours <= 1.5 * theirs


@settings(max_examples=60, deadline=None)
@given(
    method=st.sampled_from(["expanding", "rolling"]),
    times=st.lists(st.integers(0, 40), min_size=24, max_size=80),
    gap=st.integers(0, 2),
    purge=st.integers(0, 2),
    embargo=st.integers(0, 3),
)
def test_train_is_never_as_late_as_test(method, times, gap, purge, embargo):
    times = np.array(times, float)
    try:
        made = over_time(method, times, 3, gap=gap, purge=purge, embargo=embargo)
    except ft.DataError:
        return
    seen = np.concatenate([one.test for one in made])
    assert len(set(seen)) == len(seen)
    for one in made:
        assert times[one.train].max() < times[one.test].min()
        between = (times > times[one.train].max()) & (times < times[one.test].min())
        first = np.sort(times).searchsorted(times[one.test].min())
        assert first - gap - purge >= len(one.train) or between.sum() >= 0
        assert len(one.train) <= first - gap - purge


def test_gap_embargo_and_window_by_hand():
    times = np.arange(12.0)
    one, two = over_time("rolling", times, 2, test_rows=3, train_rows=2, gap=1)
    assert (one.train.tolist(), one.test.tolist()) == ([3, 4], [6, 7, 8])
    assert (two.train.tolist(), two.test.tolist()) == ([6, 7], [9, 10, 11])
    _, two = over_time("expanding", times, 2, test_rows=3, embargo=2)
    assert two.train.tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 8]
    *_, three = over_time("expanding", times, 3, test_rows=3, embargo=2)
    assert three.train.tolist() == [0, 1, 2, 3, 4, 5, 8], "rows 6 and 7 come right after the first block held out"
    one, _ = over_time("purged", times, 2, purge=1, embargo=2)
    assert (one.train.tolist(), one.test.tolist()) == ([9, 10, 11], [0, 1, 2, 3, 4, 5])
    _, two = over_time("purged", times, 2, purge=1)
    assert two.train.tolist() == [0, 1, 2, 3, 4]


def test_order_of_rows_does_not_matter():
    turned = IRIS[np.random.default_rng(0).permutation(150)]
    for one, other in zip(ft.folds(IRIS), ft.folds(turned), strict=True):
        assert set(one.test.ids) == set(other.test.ids)


def test_repeats_are_other_folds():
    made = ft.folds(IRIS, "stratified", folds=3, repeats=2)
    assert len(made) == 6
    assert set(made[0].test.ids) != set(made[3].test.ids)
    assert "repeat 2 of 2" in made[3].rule


def test_a_validation_part_keeps_groups_whole():
    rows = ft.read(table(group=[f"p{i % 12}" for i in range(120)]), target="y", group="group", id="id")
    for split in ft.folds(rows, "group", folds=3, validation=0.2):
        sides = [set(part.group) for part in (split.train, split.validation, split.test)]
        assert len(split.validation)
        assert sum(map(len, sides)) == len(set.union(*sides)) == 12
        assert ft.check_leaks(split) == []


def test_copies_stay_together():
    twice = pa.concat_tables([table().drop(["id"])] * 2)
    rows = ft.read(twice, target="y")
    for split in [ft.holdout(rows), *ft.folds(rows, "kfold"), *ft.folds(rows, "stratified")]:
        assert ft.check_leaks(split) == []
    assert ft.holdout(rows).counts() == {"train": 168, "validation": 24, "test": 48}


def test_rows_with_a_time_hold_out_the_latest():
    rows = ft.read(table(day=list(np.random.default_rng(1).permutation(120))), target="y", time="day", id="id")
    split = ft.holdout(rows)
    order = [part.numbers("day") for part in (split.train, split.validation, split.test)]
    assert order[0].max() < order[1].min()
    assert order[1].max() < order[2].min()
    assert split.counts() == {"train": 84, "validation": 12, "test": 24}
    for split in ft.folds(rows, "expanding", folds=3, validation=0.2):
        assert ft.check_leaks(split) == []


@pytest.mark.parametrize(
    ("method", "options", "words"),
    [
        ("kfolds", {}, "nearest is 'kfold'"),
        ("group", {}, "needs groups"),
        ("expanding", {}, "needs to know the time"),
        ("stratified", {"folds": 60}, "a class has 49 rows, too few for 60 folds"),
        ("kfold", {"folds": 1}, "at least 2"),
        ("kfold", {"folds": 151}, "too few for 151 folds"),
    ],
)
def test_faults(method, options, words):
    with pytest.raises(ft.DataError, match=words):
        ft.folds(IRIS, method, **options)


def test_nested_folds_never_meet():
    for split, inner in ft.nested_folds(IRIS, {"folds": 3}, {"folds": 2}):
        for one in inner:
            assert not set(one.test.ids) & set(split.test.ids)
            assert not set(one.train.ids) & set(split.test.ids)
