"""Looking at every image once: how sharp, how bright, how much there is in it, and a small grey copy of some."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any
from zlib import crc32

import numpy as np
from PIL import Image

from ftkit.data.image import Decoded
from ftkit.data.image_facts import measures
from ftkit.data.scan import ImageScan, Scans, facts_of, images

if TYPE_CHECKING:
    from ftkit.data.view import DatasetView

BLOCK = 256
SIDE = 256  # what is measured is measured on images whose short side is at most this
PLATE = 128
KEPT = 4096  # plates at most, chosen by a hash of the row ids


@dataclass(frozen=True)
class ImageLook:
    """What looking at every image once has shown. Unreadable images have nan and 0.

    Attributes
    ----------
    scan : ImageScan
        Sizes, modes, and which cannot be read.
    mean, contrast : ndarray of float, shape (N,)
        Mean and standard deviation of the grey values, 0 to 255.
    low, high : ndarray of float, shape (N,)
        The 1st and 99th of a hundred of the grey values.
    entropy : ndarray of float, shape (N,)
        Of the grey values, in bits, 0 to 8.
    commonest : ndarray of float, shape (N,)
        The share of the commonest grey value and its two neighbours, 0 to 1.
    edges : ndarray of float, shape (N,)
        The standard deviation of the Laplacian.
    colour : ndarray of float, shape (N,)
        The mean difference between the largest and the smallest of R, G and B; 0 for grey images.
    plain : ndarray of float, shape (N, 4)
        How far in from top, right, bottom and left the image has one grey value, as a share of the height or width.
    bands : ndarray of float, shape (N, 4)
        The same where that ends in a straight edge, else 0.
    orientation : ndarray of int, shape (N,)
        EXIF's; 1 is upright.
    private : dict of int to tuple of str
        Row position to the private metadata in its file, by name.
    plates : dict of int to ndarray of uint8
        Row position to the image in grey, its short side 128 or what it has: of at most 4,096 rows.
    """

    scan: ImageScan
    mean: np.ndarray
    contrast: np.ndarray
    low: np.ndarray
    high: np.ndarray
    entropy: np.ndarray
    commonest: np.ndarray
    edges: np.ndarray
    colour: np.ndarray
    plain: np.ndarray
    bands: np.ndarray
    orientation: np.ndarray
    private: dict[int, tuple[str, ...]] = field(default_factory=dict)
    plates: dict[int, np.ndarray] = field(default_factory=dict)


MEASURED = tuple(f.name for f in fields(ImageLook) if f.name not in ("scan", "orientation", "private", "plates"))


def look(view: DatasetView) -> ImageLook:
    """What decoding every image once shows, in threads; ``view.scan()`` is then known too.

    Parameters
    ----------
    view : DatasetView
        Rows with images.

    Returns
    -------
    ImageLook

    Raises
    ------
    DataError
        The rows are no images.
    """
    reading, rows, n = view._reading, view.source_rows, len(view)
    values = {name: np.full((n, 4) if name in ("plain", "bands") else n, np.nan, dtype=np.float32) for name in MEASURED}
    seen = ImageLook(None, **values, orientation=np.ones(n, dtype=np.int8))
    kept = _kept(view.ids)
    for start in range(0, n, BLOCK):
        block = rows[start : start + BLOCK]
        results = images(reading, block, _glance, (SIDE, SIDE))
        if isinstance(reading.scans, Scans):
            reading.scans.learn(block, [r if isinstance(r, str) else r.facts for r in results])
        _take(seen, start, [(i, r) for i, r in enumerate(results) if not isinstance(r, str)], kept)
    object.__setattr__(seen, "scan", reading.scans.of(rows))
    return seen


def plates_of(view: DatasetView, rows: np.ndarray) -> dict[int, np.ndarray]:
    """The plates of some rows, decoded again: row position to the image in grey, short side 128 or what it has."""
    found = images(view._reading, view.source_rows[rows], lambda d: _plate(_small(d)), (SIDE, SIDE), True)
    return {int(row): plate for row, plate in zip(rows, found, strict=True) if not isinstance(plate, str)}


def resized(plate: np.ndarray, side: int) -> np.ndarray:
    """A plate whose short side is ``side``."""
    return _to_side(Image.fromarray(plate), side)


@dataclass(frozen=True)
class _Glance:
    """One image: what the scan keeps, the image in grey, how colourful it is, what its file says."""

    facts: tuple[int, int, str, str | None]
    grey: np.ndarray
    colour: float
    orientation: int
    private: tuple[str, ...]


def _glance(decoded: Decoded) -> _Glance:
    return _Glance(facts_of(decoded), _small(decoded), _colour(decoded.picture), decoded.orientation, decoded.private)


def _small(decoded: Decoded) -> np.ndarray:
    """In grey, the short side at most SIDE."""
    return _to_side(decoded.picture.convert("L"), SIDE)


def _to_side(picture: Image.Image, side: int) -> np.ndarray:
    short = min(picture.size)
    if short > side:
        size = tuple(max(side, round(edge * side / short)) for edge in picture.size)
        picture = picture.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
    return np.asarray(picture)


def _plate(grey: np.ndarray) -> np.ndarray:
    return resized(grey, PLATE)


def _colour(picture: Image.Image) -> float:
    if picture.mode == "L":
        return 0.0
    values = np.asarray(picture.resize((16, 16), Image.Resampling.BILINEAR, reducing_gap=1.0))
    return float((values.max(axis=2).astype(np.int16) - values.min(axis=2)).mean())


def _kept(ids: np.ndarray) -> set[int]:
    """The positions whose plates are kept, whatever the order of the rows."""
    if len(ids) <= KEPT:
        return set(range(len(ids)))
    keys = np.array([crc32(str(name).encode("utf-8", "replace")) for name in ids])
    return set(np.argsort(keys, kind="stable")[:KEPT].tolist())


def _take(seen: ImageLook, start: int, glances: list[tuple[int, Any]], kept: set[int]) -> None:
    """Put what a block has shown where it belongs; images of one shape are measured together."""
    shapes: dict[tuple[int, ...], list[tuple[int, _Glance]]] = {}
    for i, glance in glances:
        row = start + i
        seen.colour[row], seen.orientation[row] = glance.colour, glance.orientation
        if glance.private:
            seen.private[row] = glance.private
        if row in kept:
            seen.plates[row] = _plate(glance.grey)
        shapes.setdefault(glance.grey.shape, []).append((row, glance))
    for group in shapes.values():
        rows = [row for row, _ in group]
        for name, values in measures(np.stack([glance.grey for _, glance in group])).items():
            getattr(seen, name)[rows] = values
