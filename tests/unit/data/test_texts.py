from __future__ import annotations

from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest

from ftkit.data import Texts

LONG = "好的，请告诉我您的问题。" * 3
TEXTS = [
    "",
    None,
    "a",
    "a",
    "猫",
    "猫",
    LONG,
    LONG,
    LONG + "。",
    "。" + LONG,
    LONG[:-2] + "?。",
    LONG[:10] + "x" + LONG[11:],
]


def groups(numbers):
    """For each place the first place with the same number."""
    return [numbers.tolist().index(number) for number in numbers]


@pytest.mark.parametrize("sizes", [[12], [1, 0, 4, 7]])
def test_keys_are_equal_for_equal_texts_only(sizes):
    starts = np.cumsum([0, *sizes])
    chunks = [pa.array(TEXTS[a:b], pa.large_string()) for a, b in pairwise(starts)]
    texts = Texts(pa.chunked_array(chunks))
    assert groups(texts.keys()) == groups(texts.hashes()) == [0, 0, 2, 2, 4, 4, 6, 6, 8, 9, 10, 11]
    some = texts.take(np.array([7, 2, 6, 11, 0]))
    assert groups(some.keys()) == [0, 1, 0, 3, 4]
    assert len(Texts([]).keys()) == 0


def test_texts_that_differ_where_no_octet_is_looked_at_have_their_own_keys():
    texts = [f"{'x' * 20}{i:04d}{'y' * 60}" for i in range(500)]
    assert len(np.unique(Texts(texts + texts).keys())) == 500


def test_keys_of_a_slice():
    cells = pa.array(["zzzzzzzzzzzz", LONG, "b", LONG, "b"], pa.large_string()).slice(1)
    assert groups(Texts(cells).keys()) == [0, 1, 0, 1]


def test_some_texts_of_several_chunks_are_all_walked():
    texts = Texts(pa.chunked_array([pa.array(["a", "b"]), pa.array(["c"]), pa.array(["d", "e"])]))
    assert list(texts.take(np.array([4, 0, 2]))) == ["e", "a", "c"]
    assert list(texts) == list("abcde")
