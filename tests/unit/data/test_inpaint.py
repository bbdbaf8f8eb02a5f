from __future__ import annotations

import numpy as np
import pytest

from ftkit.data.inpaint import inpaint
from ftkit.errors import DataError


def ramp(height=40, width=60):
    down, along = np.mgrid[:height, :width]
    return np.stack([2 * down + along, 200 - along, 100 + 0 * along], axis=2).astype(np.uint8)


def mask_of(shape, *boxes):
    mask = np.zeros(shape, dtype=bool)
    for top, bottom, left, right in boxes:
        mask[top:bottom, left:right] = True
    return mask


@pytest.mark.parametrize("box", [(10, 13, 5, 50), (15, 30, 20, 40), (0, 4, 0, 60), (36, 40, 50, 60), (20, 21, 0, 60)])
def test_smooth_pictures_come_back(box):
    image, mask = ramp(), mask_of((40, 60), box)
    spoilt = np.where(mask[..., None], 255, image).astype(np.uint8)
    error = np.abs(inpaint(spoilt, mask).astype(int) - image)[mask]
    assert error.mean() < (2 if box[0] > 4 and box[1] < 36 else 6)
    assert error.max() < 20


def test_pixels_outside_the_mask_stay():
    image, mask = (
        np.random.default_rng(0).integers(0, 255, (30, 20, 3), dtype=np.uint8),
        mask_of((30, 20), (3, 9, 2, 8)),
    )
    before = image.copy()
    out = inpaint(image, mask)
    assert (out[~mask] == before[~mask]).all()
    assert (image == before).all()


@pytest.mark.parametrize("shape", [(9, 7), (9, 7, 1), (9, 7, 3), (9, 7, 4), (1, 7, 3), (2, 2)])
def test_any_number_of_channels(shape):
    image = np.full(shape, 77, dtype=np.uint8)
    mask = np.zeros(shape[:2], dtype=bool)
    mask[0, 1] = True
    image[0, 1] = 0
    assert (inpaint(image, mask) == 77).all()


@pytest.mark.parametrize("value", [True, False])
def test_all_or_nothing_masked_changes_nothing(value):
    image = ramp()
    out = inpaint(image, np.full((40, 60), value))
    assert (out == image).all()
    assert out is not image


def test_what_does_not_fit_is_refused():
    with pytest.raises(DataError, match=r"does not fit an image of \(40, 60\)"):
        inpaint(ramp(), np.zeros((60, 40), bool))
    with pytest.raises(DataError, match="uint8"):
        inpaint(ramp().astype(float), np.zeros((40, 60), bool))
