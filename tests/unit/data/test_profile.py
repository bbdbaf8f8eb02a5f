"""What one column is like."""

from __future__ import annotations

import numpy as np
import pytest

import ftkit as ft
from ftkit.data.profile import BARS, BLOCKS, NAMES, profile
from ftkit.errors import DataError


def test_numbers_are_counted_by_value_and_gaps_by_stretch():
    numbers = np.where(np.arange(1000) < 250, np.nan, np.arange(1000) / 2)
    found = profile(ft.read({"n": numbers}), "n")
    assert (found.shape, sum(found.bars), len(found.bars)) == ("values", 750, BARS)
    assert (found.missing, found.distinct) == (250, 750)
    assert found.blocks == [1.0] * (BLOCKS // 4) + [0.0] * (BLOCKS * 3 // 4)
    assert (found.low, found.high) == ("125", "499.5")


def test_few_values_are_named_the_most_frequent_first():
    found = profile(ft.read({"town": ["北京"] * 50 + ["Ulm"] * 30 + [None] * 20}), "town")
    assert (found.shape, found.names, found.bars) == ("names", ["北京", "Ulm"], [50, 30])
    assert (found.missing, found.distinct) == (20, 2)


def test_many_names_are_those_that_come_most_or_lengths():
    found = profile(ft.read({"word": [f"w{i % 40}" for i in range(400)] + ["same"] * 900}), "word")
    assert (found.shape, len(found.names), found.names[0]) == ("names", NAMES, "same")
    texts = profile(ft.read({"text": ["a" * i + str(i) for i in range(1, 200)]}), "text")
    assert (texts.shape, texts.low, texts.high, sum(texts.bars)) == ("characters", "2", "202", 199)


@pytest.mark.parametrize("values", [[None, None], [np.nan, np.nan], [np.inf, np.inf], ["", ""], [True, False]])
def test_odd_columns_have_a_profile_too(values):
    found = profile(ft.read({"x": values, "y": [1, 2]}), "x")
    assert len(found.blocks) == 2


def test_an_unknown_column_is_told():
    with pytest.raises(DataError, match="no column"):
        profile(ft.read("iris"), "height")
