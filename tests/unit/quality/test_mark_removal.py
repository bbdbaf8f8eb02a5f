from __future__ import annotations

import numpy as np
import pytest

from ftkit.data.layer import HIDDEN, blended, cleared
from ftkit.quality.mark_field import smoothed
from ftkit.quality.mark_layer import coefficients, fitted
from ftkit.quality.mark_removal import how_many, removal_of

SIDE = 48


def photos(n, seed=0):
    """Coloured pictures of soft shapes."""
    noise = np.random.default_rng(seed).standard_normal((n * 3, SIDE, SIDE)).astype(np.float32)
    light = 128 + 45 * (smoothed(noise, 6) * 12 + smoothed(noise, 2) * 3)
    return np.clip(light, 0, 255).astype(np.uint8).reshape(n, 3, SIDE, SIDE).transpose(0, 2, 3, 1)


def layer(opacity):
    """A sign of two colours, and its mask."""
    out = np.zeros((SIDE, SIDE, 4), np.uint8)
    out[20:24, 10:38], out[24:27, 10:38] = (250, 250, 240, opacity), (20, 40, 200, opacity)
    return out, out[..., 3] > 0


@pytest.mark.parametrize("opacity", [30, 80, 160])
def test_the_layer_is_found(opacity):
    mark, mask = layer(opacity)
    bare = photos(100)
    removal = removal_of(np.stack([blended(image, mark) for image in bare[:40]]), bare[40:], mask)
    assert (removal.layer[~mask] == 0).all()
    assert np.abs(removal.layer[mask][:, 3].astype(int) - opacity).mean() < 16
    assert np.abs(removal.layer[mask][:, :3].astype(int) - mark[mask][:, :3]).mean() < 25


@pytest.mark.parametrize("opacity", [30, 80, 160, 230])
@pytest.mark.parametrize("others", [60, 0])
def test_what_is_told_is_what_comes(opacity, others):
    """Whether images without the mark are there to try on, or only marked ones."""
    mark, mask = layer(opacity)
    bare = photos(40 + others)
    marked = np.stack([blended(image, mark) for image in bare[:40]])
    removal = removal_of(marked, bare[40:], mask)
    truth = bare[:40, mask].astype(float)
    inverted = np.abs(np.stack([cleared(image, removal.layer) for image in marked])[:, mask] - truth).mean()
    assert inverted < 0.7 * np.abs(marked[:, mask] - truth).mean()
    assert inverted < removal.painted
    assert 0.4 * inverted - 0.3 < removal.inverted < 2 * inverted + 0.3
    assert removal.inverted < min(removal.left, removal.painted)


def test_what_an_opaque_mark_hides_is_painted_over():
    mark, mask = layer(HIDDEN)
    bare = photos(100)
    removal = removal_of(np.stack([blended(image, mark) for image in bare[:40]]), bare[40:], mask)
    assert (removal.layer[mask][:, 3] == HIDDEN).mean() > 0.95
    assert removal.inverted == pytest.approx(removal.painted, rel=0.1)


def test_grain_that_came_after_the_mark_is_reckoned_with():
    mark, mask = layer(200)
    bare = photos(100)
    marked = np.stack([blended(image, mark) for image in bare[:40]]).astype(float)
    marked += np.random.default_rng(1).normal(0, 6, marked.shape)
    grain = removal_of(np.clip(np.rint(marked), 0, 255).astype(np.uint8), bare[40:], mask)
    none = removal_of(np.stack([blended(image, mark) for image in bare[:40]]), bare[40:], mask)
    assert grain.inverted > 1.5 * none.inverted


def test_an_image_without_the_mark_shows_none_of_it():
    mark, mask = layer(100)
    bare = photos(60)
    marked = np.stack([blended(image, mark) for image in bare[:30]])
    colours, _ = fitted(marked[:, mask], bare[:30, mask])
    assert coefficients(marked[:, mask], bare[:30, mask], colours) == pytest.approx(1, abs=0.1)
    assert coefficients(bare[30:, mask], bare[30:, mask], colours) == pytest.approx(0, abs=0.1)


def test_few_large_images_are_looked_at_and_none_that_are_larger_still():
    assert how_many(128, 128) == 128
    assert 8 <= how_many(1200, 1600) < 20
    assert how_many(3000, 4000) == 0
