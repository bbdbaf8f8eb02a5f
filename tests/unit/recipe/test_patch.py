"""A recipe's text with another value under a key."""

from __future__ import annotations

import pytest

from ftkit.errors import RecipeError
from ftkit.recipe.patch import put
from ftkit.recipe.strict_yaml import load_yaml

STEPS = [{"rotate": {"degrees": 5.0}}, {"noise": {"std": 0.1}}]
BEFORE = "# 我的配方\nversion: 1\ndata: {path: photos/}  # where they are\n"
AFTER = "# the model\nmodel: resnet\ntraining:\n  epochs: 3 # few\n"


@pytest.mark.parametrize(
    "old",
    [
        "augment: [flip, noise]\n",
        "augment:\n- rotate: {degrees: 15}\n# in between\n- noise\n",
        "augment:\n  - rotate:\n      degrees: 15\n  - flip\n\n",
        "augment: []\n",
        "augment:\n",
        "augment: [{rotate: {degrees: 15}},\n  {flip: {}}]\n",
        "",
    ],
)
def test_the_rest_stays_as_it_was_written(old):
    made = put(BEFORE + old + AFTER, "augment", STEPS)
    assert load_yaml(made) == {**load_yaml(BEFORE + AFTER), "augment": STEPS}
    assert made.startswith(BEFORE)
    assert AFTER in made


@pytest.mark.parametrize("text", ["", "augment: [flip]", '{"version": 1, "augment": ["flip"], "seed": 3}', "seed: 3"])
def test_any_form_is_read_back(text):
    assert load_yaml(put(text, "augment", STEPS)) == {**(load_yaml(text) or {}), "augment": STEPS}


@pytest.mark.parametrize(("text", "said"), [("- a\n- b\n", "keys and values"), ("a: [", "not valid YAML")])
def test_what_is_no_recipe_is_told(text, said):
    with pytest.raises(RecipeError, match=said):
        put(text, "augment", STEPS, "recipe.yaml")
