"""Where marks of images of different shapes fall on each other: in the corners, or in the centre."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from ftkit.data import resized

ANCHORS = ("top left", "top right", "bottom left", "bottom right", "centre")
SMALLEST = 16
ALIKE = 0.9  # of the images with one shape: then they are laid on each other whole


@dataclass(frozen=True)
class Frame:
    """Images laid on each other.

    Attributes
    ----------
    name : str
        ``whole``, a corner or ``centre``.
    side : int
        The short side all images are scaled to.
    rows : ndarray of int, shape (n,)
        The rows they are of.
    grey : ndarray of uint8, shape (n, H, W)
    """

    name: str
    side: int
    rows: np.ndarray
    grey: np.ndarray

    def others(self, plates: Mapping[int, np.ndarray]) -> Frame:
        """More images laid on these; those that do not fit are left out."""
        scaled = {row: resized(plate, self.side) for row, plate in plates.items()}
        return _frame(self.name, self.side, self.grey.shape[1:], scaled)

    def empty(self) -> Frame:
        """The frame without its images."""
        return Frame(self.name, self.side, self.rows[:0], self.grey[:0])

    def size(self, height: int, width: int) -> tuple[int, int]:
        """The height and width of the part of an image that lies in the frame, in its own pixels."""
        return (height, width) if self.name == "whole" else (min(height, width),) * 2

    def place(self, height: int, width: int) -> tuple[slice, slice]:
        """Where that part lies in an image."""
        if self.name == "whole":
            return slice(0, height), slice(0, width)
        return window(self.name, (height, width), min(height, width))

    def laid_out(self, mask: np.ndarray, height: int, width: int) -> np.ndarray:
        """A mask of the frame on the whole of an image of some size, scaled to the side."""
        if self.name == "whole":
            return mask
        short = min(height, width)
        shape = tuple(max(self.side, round(edge * self.side / short)) for edge in (height, width))
        out = np.zeros(shape, dtype=bool)
        out[window(self.name, shape, self.side)] = mask
        return out


def frames_of(plates: Mapping[int, np.ndarray]) -> Iterator[Frame]:
    """The ways to lay images on each other.

    Parameters
    ----------
    plates : mapping of int to ndarray of uint8
        Row to the image in grey.

    Yields
    ------
    Frame
        One of the whole images where nearly all have one shape, else five squares; none where images are too small.
    """
    if not plates:
        return
    side = int(np.quantile([min(plate.shape) for plate in plates.values()], 0.05, method="lower"))
    if side < SMALLEST:
        return
    plates = {row: resized(plate, side) for row, plate in plates.items()}
    shape, count = Counter(plate.shape for plate in plates.values()).most_common(1)[0]
    if count >= ALIKE * len(plates):
        yield _frame("whole", side, shape, plates)
        return
    for name in ANCHORS:
        yield _frame(name, side, (side, side), plates)


def _frame(name: str, side: int, shape: tuple[int, int], plates: Mapping[int, np.ndarray]) -> Frame:
    rows, grey = [], []
    for row, plate in plates.items():
        cut = plate if name == "whole" else plate[window(name, plate.shape, side)]
        if cut.shape == shape:
            rows.append(row)
            grey.append(cut)
    return Frame(name, side, np.array(rows, dtype=np.int64), np.array(grey, dtype=np.uint8).reshape(-1, *shape))


def window(name: str, shape: tuple[int, int], side: int) -> tuple[slice, slice]:
    """Where a frame's square lies in a plate."""
    spare = (shape[0] - side, shape[1] - side)
    if name == "centre":
        top, left = spare[0] // 2, spare[1] // 2
    else:
        top, left = (spare[0] if "bottom" in name else 0), (spare[1] if "right" in name else 0)
    return slice(top, top + side), slice(left, left + side)
