"""The edit that each image with a mark should get: none, the mark painted over, or its layer taken off."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ftkit.data import DatasetView
from ftkit.data.image_edit import runs_of, stretched, value_of_layer
from ftkit.data.layer import HIDDEN
from ftkit.quality.evidence import Evidence
from ftkit.quality.mark_found import FoundMark
from ftkit.quality.mark_layer import coefficients
from ftkit.quality.mark_removal import FEWEST, how_many, painted, removal_of
from ftkit.quality.mark_shape import widened

MARGIN = 16  # pixels
HALF = 0.5  # of the mark: an image that has less has not got it


@dataclass
class MarkEdits:
    """The edits of one mark.

    Attributes
    ----------
    values : dict of str to dict
        Values of a ``mask``, by the size of the image.
    which : list of str
        For each row the one it gets, empty where it is better left alone.
    left, painted, inverted : list of float
        For each row what is expected of leaving the mark, painting it over and taking it off; see ``Removal``.
    doubtful : int
        Rows that were taken for marked, and at a closer look show hardly any of it.
    """

    values: dict[str, dict[str, Any]] = field(default_factory=dict)
    which: list[str] = field(default_factory=list)
    left: list[float] = field(default_factory=list)
    painted: list[float] = field(default_factory=list)
    inverted: list[float] = field(default_factory=list)
    doubtful: int = 0


def mark_edits(
    view: DatasetView, evidence: Evidence, found: FoundMark, rows: np.ndarray, sure: np.ndarray, taken: np.ndarray
) -> MarkEdits:
    """What is to be done about a mark in each of the rows that have it.

    Images of one size are looked at together, in their own pixels: a layer is fitted to those with the mark, and tried
    on others without it.

    Parameters
    ----------
    view : DatasetView
    evidence : Evidence
    found : FoundMark
    rows : ndarray of int
        Positions of the rows with the mark.
    sure : ndarray of float
        How sure that is.
    taken : ndarray of int
        Positions of all rows with any mark.

    Returns
    -------
    MarkEdits
    """
    scan = evidence.look.scan
    sizes = [(int(scan.height[row]), int(scan.width[row])) for row in rows]
    frames = [found.frame.size(*size) for size in sizes]
    out = MarkEdits({}, [""] * len(rows), *([0.0] * len(rows) for _ in range(3)))
    for size in sorted(set(frames)):
        at = np.array([i for i, frame in enumerate(frames) if frame == size])
        group = _Group(view, evidence, found, size, rows[at], sure[at], taken)
        for i, own in zip(at.tolist(), group.values(), strict=True):
            height, width = sizes[i]
            out.left[i], out.painted[i], out.inverted[i] = group.errors
            name = "" if own is None else f"{height}x{width}"
            if own is not None and name not in out.values:
                out.values[name] = _whole(found, own, height, width)
            out.which[i] = name
        out.doubtful += group.doubtful
    return out


def mask_values(found: FoundMark, sizes: list[tuple[int, int]]) -> dict[str, dict[str, Any]]:
    """The mask of a mark, a pixel wider than it, by the size of the image.

    Parameters
    ----------
    found : FoundMark
    sizes : list of (int, int)
        Heights and widths.

    Returns
    -------
    dict of str to dict
    """
    wide = widened(found.mask)
    return {f"{h}x{w}": runs_of(found.frame.laid_out(wide, h, w)) for h, w in sorted(set(sizes))}


def _whole(found: FoundMark, layer: np.ndarray | str, height: int, width: int) -> dict[str, Any]:
    """The value of an edit of a whole image, of a layer of the frame or, without one, of the mask."""
    if isinstance(layer, str):
        return mask_values(found, [(height, width)])[f"{height}x{width}"]
    out = np.zeros((height, width, 4), np.uint8)
    out[found.frame.place(height, width)] = layer
    return value_of_layer(out)


class _Group:
    """The marked images whose part in the frame has one size."""

    def __init__(
        self,
        view: DatasetView,
        evidence: Evidence,
        found: FoundMark,
        size: tuple[int, int],
        rows: np.ndarray,
        sure: np.ndarray,
        taken: np.ndarray,
    ) -> None:
        self.view, self.scan, self.frame, self.size = view, evidence.look.scan, found.frame, size
        self.rows, self.sure = rows, sure.round(4) == 1
        self.errors, self.doubtful = (found.left, found.painted, float("inf")), 0
        self.layer: np.ndarray | None = None
        mask = stretched(widened(found.mask), *size)
        marked = rows[self.sure] if self.sure.sum() >= FEWEST else rows
        most = how_many(*size)
        if most and len(marked) >= FEWEST and mask.any() and not mask.all():
            bare = self._bare(taken)
            self.box = _around(mask)
            here = self._pixels(_some(marked, most)), self._pixels(_some(bare, most)), mask[self.box]
            removal = removal_of(*here)
            self.errors = removal.left, removal.painted, removal.inverted
            self.layer = np.zeros((*size, 4), np.uint8)
            self.layer[self.box] = removal.layer

    def values(self) -> Iterator[np.ndarray | str | None]:
        """For each row the layer to take off, "mask" where it is to be painted over, None where neither serves."""
        left, over, inverted = self.errors
        if inverted >= min(left, over):
            yield from ["mask" if over < left else None] * len(self.rows)
            return
        has = np.ones(len(self.rows), dtype=bool)
        has[~self.sure] = self._has(self.rows[~self.sure])
        self.doubtful = int((~has).sum())
        yield from (self.layer if mark else None for mark in has)

    def _has(self, rows: np.ndarray) -> np.ndarray:
        """Whether single images have the mark, by how much of the layer they show."""
        layer = self.layer[self.box]
        half = (layer[..., 3] > 0) & (layer[..., 3] < HIDDEN)
        if not len(rows) or not half.any():
            return np.ones(len(rows), dtype=bool)
        images = self._pixels(rows)
        return coefficients(images[:, half], painted(images, layer[..., 3] > 0)[:, half], layer[half]) >= HALF

    def _bare(self, taken: np.ndarray) -> np.ndarray:
        """Rows without any mark whose images have the size, in an order that their ids give."""
        readable = np.setdiff1d(np.flatnonzero(self.scan.width > 0), taken)
        heights, widths = self.scan.height[readable], self.scan.width[readable]
        if self.frame.name == "whole":
            alike = (heights == self.size[0]) & (widths == self.size[1])
        else:
            alike = np.minimum(heights, widths) == self.size[0]
        rows = readable[alike]
        return rows[np.argsort(np.asarray(self.view.ids)[rows])]

    def _pixels(self, rows: np.ndarray) -> np.ndarray:
        """The part around the mark of some images, in their own pixels, (n, H, W, 3)."""
        out = np.empty((len(rows), *(box.stop - box.start for box in self.box), 3), np.uint8)
        sizes = [(int(self.scan.height[row]), int(self.scan.width[row])) for row in rows]
        for size in set(sizes):
            at = [i for i, own in enumerate(sizes) if own == size]
            pixels, _ = self.view.pixels(size, 3, rows[at])
            out[at] = pixels[:, *self.frame.place(*size)][:, *self.box]
        return out


def _around(mask: np.ndarray) -> tuple[slice, slice]:
    """The part of an image that painting a mask over looks at."""
    down, along = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    ends = zip((down, along), mask.shape, strict=True)
    return tuple(slice(max(0, at[0] - MARGIN), min(edge, at[-1] + 1 + MARGIN)) for at, edge in ends)


def _some(rows: np.ndarray, most: int) -> np.ndarray:
    """At most so many of the rows, evenly spread."""
    return rows[np.linspace(0, len(rows) - 1, min(len(rows), most)).astype(np.int64)]
