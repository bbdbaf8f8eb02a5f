"""Sets of rows that are the same or nearly the same."""

from __future__ import annotations

import numpy as np

import ftkit as ft
from ftkit.quality.evidence import Evidence
from ftkit.quality.groups import duplicate_groups

TEXT = "the quick brown fox jumps over the lazy dog beside the river bank"
OTHERS = ["".join(word) for word in np.random.default_rng(1).choice(list("abcdefghij "), (30, 60))]


def test_near_copies_come_before_exact_ones_and_no_row_is_a_copy_twice():
    texts = [f"{TEXT} {i}" for i in range(3)] + ["the same words", *OTHERS, "the same words"]
    groups = duplicate_groups(Evidence(ft.read({"text": texts})))
    assert [{group.kept, *group.copies} for group in groups] == [{0, 1, 2}, {3, 34}]
    assert all(0.6 <= score < 1 for score in groups[0].scores)
    assert groups[1].scores == [1.0]


def test_equal_features_with_other_labels_are_no_copies():
    view = ft.read({"a": [1.5, 1.5, 2.5, 2.5], "label": ["x", "y", "x", "x"]}, target="label")
    assert [(group.kept, group.copies) for group in duplicate_groups(Evidence(view))] == [(2, [3])]


def test_nothing_alike_is_no_group():
    assert duplicate_groups(Evidence(ft.read({"text": OTHERS}))) == []
