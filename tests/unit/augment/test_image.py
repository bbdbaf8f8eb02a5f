"""Steps against Pillow's own pictures."""

import numpy as np
import pytest
import torch
from PIL import Image, ImageEnhance

from ftkit.augment import Grayscale, matrices, sampling
from ftkit.augment.image import Color


def smooth(side=32):
    """A picture without sharp edges, so that rounding is all that differs."""
    x = np.linspace(0, 1, side)
    picture = np.stack([np.outer(x, x), np.outer(1 - x, x), np.outer(np.sin(3 * x), 1 - x)], axis=-1)
    return (40 + 150 * picture).astype(np.uint8)


def recolour(picture, colour):
    values = picture.reshape(-1, 3) / 255
    both = np.concatenate([values, np.tile(values.mean(0), (len(values), 1)), np.ones((len(values), 1))], axis=1)
    return (both @ colour[0].T).clip(0, 1).reshape(picture.shape) * 255


@pytest.mark.parametrize(
    ("ours", "enhancer"),
    [
        (matrices.brighten, ImageEnhance.Brightness),
        (matrices.contrast, ImageEnhance.Contrast),
        (matrices.saturate, ImageEnhance.Color),
    ],
)
@pytest.mark.parametrize("factor", [0.6, 1.3])
def test_colours_are_pillows(ours, enhancer, factor):
    theirs = np.asarray(enhancer(Image.fromarray(smooth())).enhance(factor), dtype=float)
    assert abs(recolour(smooth(), ours(matrices.same_colours(1), np.array([factor]))) - theirs).max() < 2


def test_contrast_uses_the_mean_of_the_picture_as_it_is_by_then():
    dark = matrices.brighten(matrices.same_colours(1), np.array([0.5]))
    image = ImageEnhance.Contrast(ImageEnhance.Brightness(Image.fromarray(smooth())).enhance(0.5)).enhance(1.4)
    assert (
        abs(recolour(smooth(), matrices.contrast(dark, np.array([1.4]))) - np.asarray(image, dtype=float)).max() < 2.5
    )


def test_hue_turns_red_to_green_to_blue_and_leaves_grey():
    turn = matrices.turn_hue(matrices.same_colours(1), np.array([1 / 3]))[0, :, :3]
    assert np.allclose(turn @ np.ones(3), 1, atol=1e-9)
    assert np.allclose(np.linalg.matrix_power(turn, 3), np.eye(3), atol=1e-9)
    assert (turn @ [1, 0, 0]).argmax() == 1 or (turn @ [1, 0, 0]).argmax() == 2


def test_grayscale_is_pillows():
    grey = Grayscale(p=1).colour(np.zeros((1, 1)), matrices.same_colours(1))
    theirs = np.asarray(Image.fromarray(smooth()).convert("L").convert("RGB"), dtype=float)
    assert abs(recolour(smooth(), grey) - theirs).max() < 1.5


def test_rotation_is_pillows():
    picture, angle = smooth(33), 25
    columns, rows = map(torch.from_numpy, sampling.axes(matrices.rotation(np.deg2rad([angle])), (33, 33)))
    ours = sampling.warp(torch.from_numpy(picture).permute(2, 0, 1)[None].float(), columns, rows, "zeros")[0].permute(
        1, 2, 0
    )
    theirs = np.asarray(Image.fromarray(picture).rotate(angle, Image.Resampling.BILINEAR), dtype=float)
    assert abs(ours.numpy() - theirs)[8:-8, 8:-8].max() < 2


def test_a_factor_of_one_draws_nothing_away():
    half = np.full((1, 4), 0.5)
    assert np.allclose(Color(hue=0.5).colour(half, matrices.same_colours(1)), matrices.same_colours(1))
