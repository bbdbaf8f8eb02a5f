"""A split that leaks is refused, and told when allowed."""

import numpy as np
import pyarrow as pa
import pytest

import ftkit as ft

DRAW = np.random.default_rng(0)
HALF = ["train"] * 60 + ["test"] * 40


def rows(**columns):
    base = {"x": DRAW.normal(size=100), "y": list("ab" * 50), "split": HALF}
    special = {name: name for name in ("group", "time") if name in columns}
    return ft.read(pa.table(base | columns), target="y", split="split", **special)


def refused(view, words, **options):
    split = ft.holdout(view, validation=0, **options)
    with pytest.raises(ft.DataError, match=words):
        ft.check_leaks(split)
    [said] = ft.check_leaks(split, allow=True)
    return said


def test_a_clean_split_is_silent():
    clean = rows(group=[f"g{i // 5}" for i in range(100)], time=list(range(100)))
    assert ft.check_leaks(ft.holdout(clean, validation=0)) == []


def test_a_group_on_both_sides():
    said = refused(rows(group=[f"g{i % 5}" for i in range(100)]), "5 groups, such as 'g0'")
    assert "(40 rows)" in said


def test_time_that_is_not_sorted():
    assert "5 train rows are as late" in refused(
        rows(time=[*range(55), *range(200, 205), *range(55, 95)]), "not sorted"
    )


def test_copies_across_the_split():
    x = DRAW.normal(size=100)
    x[60:63] = x[[0, 1, 2]]
    assert refused(rows(x=x), "3 of 40 rows held out are exact copies").endswith("'.")


def test_the_target_in_a_feature():
    assert "feature 'sign'" in refused(rows(sign=["yes" if y == "a" else "no" for y in "ab" * 50]), "in other words")
    price = DRAW.normal(size=100)
    view = ft.read(pa.table({"y": price, "cents": price * 100 + 3, "x": DRAW.normal(size=100)}), target="y")
    with pytest.raises(ft.DataError, match="feature 'cents' is the target 'y' in other words"):
        ft.check_leaks(ft.holdout(view))


def test_all_leaks_are_told_at_once():
    view = rows(group=[f"g{i % 5}" for i in range(100)], time=list(range(100))[::-1])
    with pytest.raises(ft.DataError, match=r"5 groups.*time is not sorted.*allow_leak"):
        ft.check_leaks(ft.holdout(view, validation=0))


def test_rows_of_few_values_are_alike_without_being_copies():
    few = ft.read(pa.table({"sex": list("mf" * 100), "class": list("123 " * 50), "y": list("ab" * 100)}), target="y")
    split = ft.holdout(few)
    assert split.counts() == {"train": 140, "validation": 20, "test": 40}
    assert not [said for said in ft.check_leaks(split, allow=True) if "copies" in said]
