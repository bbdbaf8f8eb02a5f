"""Steps against Pillow's own pictures."""

import numpy as np
import pytest
from beside_pillow import PAIRS, ours, theirs

from ftkit.augment import matrices

WITH_PILLOW = [pair for pair in PAIRS if pair.pillow]


def photograph(side=64, channels=3):
    """Something with soft and sharp places, colours, and a black frame, so that the edge of the picture is no matter."""
    y, x = np.mgrid[:side, :side] / side
    random = np.random.default_rng(0)
    waves = [np.sin(9 * x * (k + 1) + 5 * y) * np.cos(7 * y - k) for k in range(channels)]
    picture = 128 + 70 * np.stack(waves, axis=-1) + random.normal(0, 6, (side, side, 1))
    picture[side // 3 : side // 2, side // 3 : side // 2] = np.array([200, 60, 40])[:channels]
    picture[:4] = picture[-4:] = picture[:, :4] = picture[:, -4:] = 0
    return picture.clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize("pair", WITH_PILLOW, ids=lambda pair: pair.name)
@pytest.mark.parametrize("side", [64, 51])
def test_the_picture_is_pillows(pair, side):
    picture = photograph(side)
    apart = abs(ours(pair, picture).astype(float) - theirs(pair, picture))
    assert apart.mean() <= pair.mean
    assert np.quantile(apart, 0.99) <= pair.most
    if pair.name != "flip, both":
        assert abs(theirs(pair, picture).astype(float) - picture).mean() > 1, "the test shows nothing"


@pytest.mark.parametrize(
    "pair", [p for p in WITH_PILLOW if p.name not in ("hue", "saturation", "grayscale")], ids=lambda p: p.name
)
def test_a_grey_picture_is_pillows_too(pair):
    picture = photograph(channels=1)
    apart = abs(ours(pair, picture).astype(float) - theirs(pair, picture))
    assert apart.mean() <= pair.mean + 0.3
    assert np.quantile(apart, 0.99) <= pair.most + 1


def test_hue_turns_red_to_green_to_blue_and_leaves_grey():
    turn = matrices.turn_hue(matrices.same_colours(1), np.array([1 / 3]))[0, :, :3]
    assert np.allclose(turn @ np.ones(3), 1, atol=1e-9)
    assert np.allclose(np.linalg.matrix_power(turn, 3), np.eye(3), atol=1e-9)
    assert [(turn @ colour).argmax() for colour in np.eye(3)] == [1, 2, 0]


def test_an_inverse_undoes_its_matrix():
    corners = np.random.default_rng(0).uniform(-8, 8, (5, 4, 2)) + np.array(
        [[-20, -20], [20, -20], [20, 20], [-20, 20]]
    )
    there = matrices.from_corners(corners, (40, 40))
    both = matrices.multiply(matrices.inverse(there), there)
    assert np.allclose(both, np.eye(3), atol=1e-9)
    found = there @ np.array([20, 20, 1.0])
    assert np.allclose(found[:, :2] / found[:, 2:], corners[:, 2])
