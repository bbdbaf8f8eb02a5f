"""YAML as people mean it."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftkit.recipe.strict_yaml import dump_yaml, load_yaml


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-4", 1e-4), ("3.0e-4", 3e-4), ("1E5", 1e5), ("-.5", -0.5), ("12", 12), ("-3", -3), ("no", "no"), ("on", "on"),
        ("true", True), ("False", False), ("007", "007"), ("0", 0), ("12:30:00", "12:30:00"), ("2024-01-01", "2024-01-01"),
        ("null", None), ("~", None), ("1_000", 1000), ("1.", 1.0), ("'5'", "5"), ("猫", "猫"), ("0x10", "0x10"),
    ],
)  # fmt: skip
def test_words_and_numbers(text, value):
    loaded = load_yaml(text)
    assert loaded == value
    assert type(loaded) is type(value)


def test_infinity_and_nan_are_numbers():
    assert load_yaml(".inf") == math.inf
    assert math.isnan(load_yaml(".nan"))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc猫 :#", min_size=1, max_size=5), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@given(VALUES)
def test_what_is_dumped_is_loaded(value):
    assert load_yaml(dump_yaml(value)) == value


@pytest.mark.parametrize(
    "word", ["no", "1e-4", "007", "true", "null", "12", "1_0", "- a", "a: b", "2024-01-01", ".5", "5."]
)
def test_text_that_looks_like_something_else_stays_text(word):
    assert load_yaml(dump_yaml({"target": word})) == {"target": word}
