"""In which form a run reads its images: as the recipe asks, as its weights did, or as the images are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from ftkit.data import DatasetView
from ftkit.models.weights import read_processor
from ftkit.preprocess import ImageInput
from ftkit.preprocess.image import input_size
from ftkit.recipe import Recipe
from ftkit.runs.files import read_json
from ftkit.runs.readers import ImageReader
from ftkit.training.data_workers import DataWorkers, Fetched
from ftkit.training.device import cores
from ftkit.training.memory import fits, host_memory

LOOKED_AT = 256
MOST_WORKERS = 8
BLOCK = 64  # rows that are read together to see whether they can be


def form_of(recipe: Recipe, view: DatasetView) -> tuple[ImageInput, ImageInput | None]:
    """The form of the images, mean and deviation still to be fitted, and the form the weights were made with, if any.

    Parameters
    ----------
    recipe : Recipe
    view : DatasetView

    Returns
    -------
    (ImageInput, ImageInput or None)
    """
    some = view.select(np.linspace(0, len(view) - 1, min(len(view), LOOKED_AT)).astype(np.int64)).scan()
    given = ImageInput.from_processor(read_processor(recipe.model.weights)) if recipe.model.weights else None
    channels = _channels(recipe, some, given)
    size = _size(recipe, some, given)
    how = _resize(recipe, given)
    stored = _stored_size(some, size, how)
    return _form_before(recipe) or ImageInput(*size, channels, stored=stored, **how), given


def _form_before(recipe: Recipe) -> ImageInput | None:
    """The form of the images before, which those that are remembered have already."""
    if recipe.training.remember is None or not recipe.model.weights:
        return None
    told = dict(read_json(Path(recipe.model.weights) / "preprocess.json", {}).get("input", {}))
    return ImageInput.from_state(told) if told.pop("kind", "") == "image" else None


def _channels(recipe: Recipe, some: Any, given: ImageInput | None) -> int:
    if recipe.preprocess.channels != "auto":
        return recipe.preprocess.channels
    if given:
        return given.channels
    return 1 if all(mode in ("1", "L", "I", "F", "I;16", "I;16B") for mode in some.mode if mode) else 3


def _size(recipe: Recipe, some: Any, given: ImageInput | None) -> tuple[int, int]:
    if recipe.preprocess.image_size != "auto":
        return recipe.preprocess.image_size, recipe.preprocess.image_size
    if given:
        return given.height, given.width
    readable = some.height > 0
    if not readable.any():
        return 32, 32
    return input_size(some.height[readable], some.width[readable])


def _resize(recipe: Recipe, given: ImageInput | None) -> dict[str, Any]:
    """How images come to one size: as asked, else as the weights' own images did."""
    asked = recipe.preprocess.resize
    how = given.how() if given else {"resize": "stretch", "share": 1.0, "resample": "bilinear"}
    return how if asked in ("auto", how["resize"]) else how | {"resize": asked, "share": 1.0}


def _stored_size(some: Any, size: tuple[int, int], how: dict[str, Any]) -> tuple[int, int]:
    """Images of one small size are kept as they are, and enlarged on the device; others at the model's size."""
    heights, widths = np.unique(some.height), np.unique(some.width)
    # The device enlarges whole pictures, bilinearly.
    if how["share"] < 1 or how["resample"] != "bilinear":
        return size
    if how["resize"] != "stretch" and heights[0] * size[1] != widths[0] * size[0]:
        return size
    if len(heights) == len(widths) == 1 and 0 < heights[0] <= size[0] and 0 < widths[0] <= size[1]:
        return int(heights[0]), int(widths[0])
    return size


def data_workers(asked: int | str, needed: int, free: int | None, cores: int) -> int:
    """How many processes read images while the training goes on; 0 where all of them are held in memory.

    Parameters
    ----------
    asked : int or "auto"
        ``training.data_workers``.
    needed : int
        Bytes of all pixels.
    free : int or None
        Bytes of memory that are free.
    cores : int
        That this process may use.

    Returns
    -------
    int

    Examples
    --------
    >>> data_workers("auto", 2 << 30, free=16 << 30, cores=8), data_workers("auto", 9 << 30, free=16 << 30, cores=8)
    (0, 7)
    """
    if asked != "auto":
        return int(asked)
    return 0 if fits(needed, free) else max(1, min(MOST_WORKERS, cores - 1))


def read_images(
    recipe: Recipe, view: DatasetView, form: ImageInput, tell: Callable[..., None]
) -> tuple[np.ndarray | Fetched, dict[int, str]]:
    """All images in memory, or through workers that read them when they are asked for; and why some cannot be read.

    Parameters
    ----------
    recipe : Recipe
    view : DatasetView
    form : ImageInput
    tell : callable

    Returns
    -------
    (uint8 array or Fetched, (N, H, W, C), dict of int to str)
    """
    shape = (len(view), *form.stored, form.channels)
    needed = int(np.prod(shape, dtype=np.int64))
    count = data_workers(recipe.training.data_workers, needed, host_memory(), cores())
    if not count:
        return form.pixels(view)
    why = (
        f"{needed / 2**30:,.1f} GiB of pixels are not held in memory"
        if recipe.training.data_workers == "auto"
        else "as asked"
    )
    tell("note", message=f"Images are read by {count} data worker{'s'[: count > 1]} while the training goes on: {why}.")
    fetched = Fetched(DataWorkers(ImageReader(view, form), count, tell, view.ids), shape)
    blocks = [np.arange(start, min(start + BLOCK, len(view))) for start in range(0, len(view), BLOCK)]
    unreadable = {}
    fetched.ahead(blocks)
    for block in blocks:
        unreadable |= {
            at: row for at, row in zip(block.tolist(), fetched.rows(block), strict=True) if isinstance(row, str)
        }
    return fetched, unreadable
