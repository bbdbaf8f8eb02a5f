"""Rows of each kind as vectors, plain and changed by augmentations, and the steps worth trying on them."""

from __future__ import annotations

from typing import Any

import numpy as np

from ftkit.augment import image, image_colour, image_texture, row_keys
from ftkit.augment.changed import changed_images
from ftkit.data import DatasetView
from ftkit.errors import DataError
from ftkit.quality.image_vectors import describe_images, learn_patches
from ftkit.quality.near_images import SIDE

Families = list[list[Any]]
# The epoch that is drawn from; any would do.
EPOCH = 0


class ChangedImages:
    """Images at 32×32 pixels, described by their small patches and the layout of colours."""

    source = "small patches and the layout of colours, no pre-trained model"

    def __init__(self, view: DatasetView, seed: int) -> None:
        self.pixels, unreadable = view.pixels((SIDE, SIDE))
        if unreadable:
            raise DataError(
                f"{view.name}: {len(unreadable)} of the images cannot be read; drop them first "
                f"(ftkit.inspect finds them), then ask again."
            )
        self.keys, self.seed = row_keys(view.ids), seed
        self.patches = learn_patches(self.pixels, seed)

    def describe(self) -> np.ndarray:
        """The plain images as vectors."""
        return describe_images(self.pixels, self.seed, self.patches)

    def change(self, steps: tuple[Any, ...]) -> tuple[np.ndarray, float]:
        """The images after the steps as vectors, and the share of them that changed."""
        after = changed_images(self.pixels, steps, self.keys, seed=self.seed, epoch=EPOCH)
        altered = (np.abs(after.astype(np.int16) - self.pixels) > 1).any(axis=(1, 2, 3))
        return describe_images(after, self.seed, self.patches), float(altered.mean())

    @staticmethod
    def candidates() -> Families:
        """What is tried unless steps are given."""
        return [
            [image.Flip()],
            [image.Flip("vertical")],
            [image.Rotate(degrees) for degrees in (5, 10, 15, 30, 90, 180)],
            [image.Crop(padding) for padding in (0.04, 0.08, 0.125)],
            [image.Scale(1 - reach, 1 + reach) for reach in (0.1, 0.2, 0.3)],
            [image.Shear(degrees) for degrees in (5, 10, 20)],
            [image_colour.Color(reach, reach, reach) for reach in (0.1, 0.2, 0.4)],
            [image_colour.Grayscale(0.2)],
            [image_texture.Noise(std) for std in (0.02, 0.05, 0.1)],
            [image_texture.Blur()],
            [image_texture.CutOut()],
        ]


ROWS = {"image": ChangedImages}
