"""Flat parameters: described, read from text, made into a recipe."""

import pytest

from ftkit.errors import RecipeError
from ftkit.recipe.parameters import PARAMETERS, describe_parameter, parse_value, recipe_from


@pytest.mark.parametrize("name", PARAMETERS)
def test_every_parameter_has_type_and_help(name):
    parameter = describe_parameter(name, None)
    assert parameter.type
    assert len(parameter.help) > 10


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("epochs", "3", 3), ("epochs", "3.0", 3.0), ("learning_rate", "1e-4", 1e-4), ("learning_rate", "auto", "auto"),
        ("target", "007", "007"), ("target", "no", "no"), ("data", "{x}/照片", "{x}/照片"), ("stratify", "yes", True),
        ("stratify", "0", False), ("stratify", "maybe", "maybe"), ("header", "False", False), ("weights", "None", None),
        ("augment", "noise", ["noise"]), ("augment", "[{rotate: {degrees: 5}}]", [{"rotate": {"degrees": 5}}]),
        ("metrics", "[accuracy]", ["accuracy"]), ("seed", "7", 7), ("image_size", "64", 64), ("freeze", "backbone", "backbone"),
    ],
)  # fmt: skip
def test_text_becomes_what_is_asked(name, text, value):
    parsed = parse_value(name, text)
    assert parsed == value
    assert type(parsed) is type(value)


def test_characters_no_file_can_hold_are_refused():
    with pytest.raises(RecipeError, match=r"target: character 2 is '\\x00'"):
        parse_value("target", "a\0b")


def test_faults_have_flat_names():
    with pytest.raises(RecipeError) as caught:
        recipe_from(
            {
                "data": "digits",
                "epochs": "abc",
                "test_share": 2,
                "model": "resnet-19",
                "task": "image-classification",
                "nonsense": 1,
            }
        )
    text = str(caught.value)
    assert "epochs: 'abc'; asked is a whole number" in text
    assert "test_share: 2; asked is less than 1" in text
    assert "model: model 'resnet-19' is not known; nearest is 'resnet-18'" in text
    assert "nonsense: is not a parameter" in text


def test_none_is_the_default():
    assert recipe_from({"data": "digits", "epochs": None}).training.epochs == 10
