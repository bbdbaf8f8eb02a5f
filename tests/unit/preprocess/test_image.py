"""What an image model reads."""

import numpy as np
import pytest

from ftkit.preprocess import ImageInput
from ftkit.preprocess.image import input_size


def sizes(*pairs):
    return input_size(np.array([h for h, _ in pairs]), np.array([w for _, w in pairs]))


@pytest.mark.parametrize(
    ("stored", "seen"),
    [((8, 8), (32, 32)), ((16, 16), (32, 32)), ((28, 28), (56, 56)), ((32, 32), (64, 64)), ((64, 64), (64, 64)),
     ((224, 224), (224, 224)), ((3000, 4000), (168, 224)), ((600, 400), (224, 152)), ((10, 300), (32, 960))],
)  # fmt: skip
def test_the_size_a_model_sees(stored, seen):
    assert sizes(stored) == seen


def test_the_size_is_that_of_the_median_image():
    assert sizes((64, 64), (64, 64), (2000, 3000)) == (64, 64)


def test_mean_and_deviation_are_those_of_the_pixels():
    pixels = np.random.default_rng(0).integers(0, 256, (50, 8, 8, 3), dtype=np.uint8)
    form = ImageInput.fit(pixels, (32, 32))
    np.testing.assert_allclose(form.mean, (pixels / 255).mean((0, 1, 2)), atol=1e-5)
    np.testing.assert_allclose(form.std, (pixels / 255).std((0, 1, 2)), atol=1e-5)


def test_one_colour_does_not_divide_by_zero():
    assert ImageInput.fit(np.zeros((4, 8, 8, 1), np.uint8), (32, 32)).std[0] > 0


def test_a_processor_config_gives_the_same_input_back():
    form = ImageInput(48, 64, 3, (0.1, 0.2, 0.3), (0.4, 0.5, 0.6))
    assert ImageInput.from_processor(form.to_processor()) == form
    assert ImageInput(**form.state()) == form


@pytest.mark.parametrize(
    ("config", "side"),
    [({}, None), ({"size": 224, "image_mean": [0] * 3, "image_std": [1] * 3}, 224),
     ({"size": {"shortest_edge": 160}, "image_mean": [0] * 3, "image_std": [1] * 3}, 160),
     ({"size": 224, "image_mean": [0], "image_std": [1]}, 224), ({"size": 224, "image_mean": [0] * 4, "image_std": [1] * 4}, None)],
)  # fmt: skip
def test_processors_of_others_are_read(config, side):
    form = ImageInput.from_processor(config)
    assert (form and form.height) == side
