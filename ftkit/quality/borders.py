"""Checks for what surrounds an image: uniform bands, and an orientation kept beside the pixels."""

from __future__ import annotations

import numpy as np

from ftkit.data import DatasetView
from ftkit.quality.check import Check, has_images
from ftkit.quality.evidence import Evidence
from ftkit.quality.finding import Finding
from ftkit.quality.odd import found

BAND = 0.04  # of the height or width, at both sides
USUAL = 0.2


def letterboxed(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """Images with uniform bands at two opposite sides: letterbox, pillar box, frame.

    How: rows from the rim on whose grey values stay within 10 levels of each other, ended by a straight edge (behind it
    60% of the pixels differ), at least 4% of the height or width at both of two opposite sides. A thing before a plain
    background ends in no straight edge; where more than a fifth of the rows are of that kind, nothing is found.

    Do: crop; a model sees more of the picture, and cannot learn the bands instead.
    """
    look = evidence.look
    bands = np.nan_to_num(look.bands)
    across, along = _opposite(bands)
    which = across | along
    on_plain = np.logical_or(*_opposite(np.nan_to_num(look.plain))) & ~which
    if on_plain.sum() > USUAL * len(view):
        return []
    kept = bands * np.stack([across, along, across, along], axis=1)
    boxes = {int(row): _box(kept[row], look.scan.width[row], look.scan.height[row]) for row in np.flatnonzero(which)}
    lost = 1 - (1 - kept[:, 0] - kept[:, 2]) * (1 - kept[:, 1] - kept[:, 3])
    message = "{n:,} of {all:,} images [has|have] uniform bands at two sides or all four."
    return found(view, check, "warning", message, which, 0.5 + lost, {"op": "crop", "values": boxes})


def turned(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """Images whose pixels are stored turned, with the way up beside them in EXIF.

    How: EXIF's orientation (tag 274) is not 1. They are turned upright whenever ftkit reads them.

    Do: nothing for training here. Tools that do not read EXIF see them lying, and boxes drawn there do not fit.
    """
    which = evidence.look.orientation > 1
    message = "{n:,} of {all:,} images [is|are] stored turned (EXIF orientation); [it is|they are] read upright."
    return found(view, check, "info", message, which, which.astype(float))


def _opposite(bands: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Whether there are bands at both top and bottom, and at both left and right."""
    return np.minimum(bands[:, 0], bands[:, 2]) >= BAND, np.minimum(bands[:, 1], bands[:, 3]) >= BAND


def _box(bands: np.ndarray, width: int, height: int) -> dict[str, list[int]]:
    """What is left within the bands, in pixels: left, top, right, bottom."""
    blur = max(0, round(min(width, height) / 256) - 1)  # the edge of a band is soft in a shrunk image
    top, right, bottom, left = (
        int(np.ceil(np.round(band * side, 3))) + (blur if band else 0)
        for band, side in zip(bands, (height, width, height, width), strict=True)
    )
    return {"box": [left, top, int(width) - right, int(height) - bottom]}


CHECKS = (
    Check("IMG208", "borders and letterbox", "decodes", has_images, letterboxed),
    Check("IMG209", "orientation kept in EXIF", "decodes", has_images, turned),
)
