"""Pictures of repeated marks: what the marked images have in common, the mask, and rows before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ftkit.data.image import fit, from_array, png
from ftkit.data.image_edit import layer_for, mask_of
from ftkit.data.layer import cleared
from ftkit.displays.blocks import Block, Gallery
from ftkit.displays.text import elide, plural

if TYPE_CHECKING:
    from ftkit.data import DatasetView
    from ftkit.quality import Finding, Inspection

CODE = "IMG201"
SIDE = 192  # pixels, the short side of a picture
AVERAGED, SHOWN = 64, 4
RED = np.array([220, 30, 30])


def mark_blocks(inspection: Inspection) -> list[Block]:
    """For each repeated mark a gallery: the mean of its images, the mask, rows with the mask and after the edit.

    Parameters
    ----------
    inspection : Inspection

    Returns
    -------
    list of Block
        None where no mark was found.
    """
    found = [finding for finding in inspection.findings if finding.code == CODE and finding.rows and finding.suggest]
    if not found:
        return []
    places = {str(row): i for i, row in enumerate(np.asarray(inspection.view.ids))}
    return [_gallery(inspection.view, finding, places) for finding in found]


def _gallery(view: DatasetView, finding: Finding, places: dict[str, int]) -> Gallery:
    rows = [(places[row], value) for row, value in zip(finding.rows, finding.each("value"), strict=True) if value]
    size = _size(rows[0][1])
    mask = mask_of(rows[0][1], *size)
    alike = [place for place, value in rows if value["size"] == rows[0][1]["size"]][:AVERAGED]
    pixels, _ = view.pixels(size, 3, alike)
    pictures = [np.rint(pixels.mean(axis=0)).astype(np.uint8), (mask * np.uint8(255))]
    captions = [f"the mean of {plural(len(alike), 'marked image')}", "the mask"]
    for place, value in rows[:SHOWN]:
        # A layer is taken off in the image's own pixels.
        own = tuple(value["size"]) if "layer" in value else _size(value)
        (image,), _ = view.pixels(own, 3, [place])
        after = cleared(image, layer_for(value, *own))
        before, after = (_drawn(picture, _size(value)) for picture in (image, after))
        pictures += [_outlined(before, mask_of(value, *_size(value))), after]
        captions += [f"{elide(str(view.ids[place]), 24)}, where", "taken off" if "layer" in value else "painted over"]
    return Gallery([png(picture) for picture in pictures], captions, f"{CODE}: {finding.message}")


def _size(value: dict[str, Any]) -> tuple[int, int]:
    """The height and width a picture is drawn in: the mask's shape, its short side SIDE."""
    height, width = value["size"]
    factor = SIDE / min(height, width)
    return round(height * factor), round(width * factor)


def _drawn(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    return image if image.shape[:2] == size else fit(from_array(image), size, 3)


def _outlined(image: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """The image with the rim of the mask in red."""
    inner = mask.copy()
    for axis in (0, 1):
        inner &= np.roll(mask, 1, axis=axis) & np.roll(mask, -1, axis=axis)
    out = image.copy()
    out[mask & ~inner] = RED
    return out
