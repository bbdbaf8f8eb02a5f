"""Rows of each kind as vectors, plain and changed by augmentations, and the steps worth trying on them."""

from __future__ import annotations

from typing import Any

import numpy as np

from ftkit.augment import (
    Layout,
    change_table,
    change_texts,
    image,
    image_colour,
    image_texture,
    row_keys,
    tabular,
    text_characters,
    text_words,
)
from ftkit.augment.changed import changed_images
from ftkit.data import DatasetView
from ftkit.errors import DataError
from ftkit.quality.image_vectors import describe_images, learn_patches
from ftkit.quality.near_images import SIDE
from ftkit.quality.probe import table_encoder
from ftkit.quality.row_texts import row_texts
from ftkit.quality.text_vectors import TextSpace

Families = list[list[Any]]


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

    def change(self, steps: tuple[Any, ...], epoch: int = 0) -> tuple[np.ndarray, float]:
        """The images after the steps as vectors, and the share of them that changed."""
        after = changed_images(self.pixels, steps, self.keys, seed=self.seed, epoch=epoch)
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


class ChangedTexts:
    """Texts, described by their runs of characters."""

    source = "runs of characters (tf-idf, latent semantic analysis), no pre-trained model"

    def __init__(self, view: DatasetView, seed: int) -> None:
        self.texts, self.ids, self.seed = list(row_texts(view)), view.ids, seed
        self.space = TextSpace(self.texts, seed)

    def describe(self) -> np.ndarray:
        """The plain texts as vectors."""
        return self.space.describe(self.texts)

    def change(self, steps: tuple[Any, ...], epoch: int = 0) -> tuple[np.ndarray, float]:
        """The texts after the steps as vectors, and the share of them that changed."""
        after = change_texts(self.texts, steps, self.ids, seed=self.seed, epoch=epoch)
        return self.space.describe(after), float(np.mean([a != b for a, b in zip(after, self.texts, strict=True)]))

    @staticmethod
    def candidates() -> Families:
        """What is tried unless steps are given."""
        families = [[kind(rate) for rate in (0.1, 0.2, 0.4)] for kind in text_words.STEPS]
        return families + [[kind(rate) for rate in (0.03, 0.1, 0.2)] for kind in text_characters.STEPS]


class ChangedTable:
    """Table rows, encoded as a probe reads them."""

    source = "the encoded columns"

    def __init__(self, view: DatasetView, seed: int) -> None:
        encoder = table_encoder(view)
        self.rows = encoder.transform(view, len(view))
        features = [i for i, step in enumerate(encoder.steps) for _ in step.names]
        self.names, self.keys, self.seed = encoder.names, row_keys(view.ids), seed
        self.layout = Layout.of(features, self.rows)

    def describe(self) -> np.ndarray:
        """The plain rows as vectors."""
        return self.rows

    def change(self, steps: tuple[Any, ...], epoch: int = 0) -> tuple[np.ndarray, float]:
        """The rows after the steps, and the share of them that changed."""
        after = change_table(self.rows, steps, self.keys, self.layout, seed=self.seed, epoch=epoch)
        return after, float((after != self.rows).any(axis=1).mean())

    @staticmethod
    def candidates() -> Families:
        """What is tried unless steps are given."""
        return [
            [tabular.Jitter(std) for std in (0.02, 0.05, 0.1, 0.2)],
            [tabular.FeatureDropout(rate) for rate in (0.05, 0.1, 0.2)],
        ]


ROWS = {"image": ChangedImages, "text": ChangedTexts, "tabular": ChangedTable}
