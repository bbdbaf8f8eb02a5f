"""What is drawn for the rows of a batch, before any picture is touched.

The stages are those in which a picture comes to be: tones of what is stored, the place of every pixel, its colour, the
lens (sharpness, blur), the sensor (noise), the file (JPEG), and at last what covers it. A list of steps is sorted into
these stages; within a stage it keeps its order, and neighbours become one operation wherever they can.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from ftkit.augment import matrices

Size = tuple[int, int]
Hit = np.ndarray | None


@dataclass
class Draft:
    """The drawn numbers of N rows, stage by stage; what no step asks for stays None or empty.

    Every method takes ``hit``, bool (N,): the rows the step comes up for; None is all of them. Whether a stage is there
    at all follows from the steps alone, never from what was drawn: a row must not notice its neighbours.

    Attributes
    ----------
    rows : int
    size : (H, W)
        The model's input.
    backward : float64 array (N, 3, 3) or None
        From a pixel of the new picture to its source, in pixels of the new size from the centre.
    straight : bool
        Parallels stay parallel: the last row of every ``backward`` is (0, 0, 1).
    colour : float64 array (N, 3, 7) or None
        On (r, g, b, their means over the picture, 1), values in 0..1.
    tones : list of (name, float64 array (N,))
        Tone curves and their strength; NaN leaves a row alone.
    sharpness : list of float64 arrays (N,)
        Factors of the distance to a smoothed picture; 1 leaves a row alone.
    sigma : float64 array (N,) or None
        The deviation of the blur in pixels of the new size.
    noises : list of (name, float64 array (N,))
        Kinds of noise and their amount; 0 leaves a row alone.
    quality : float64 array (N,) or None
        Of a JPEG file; 0 leaves a row alone.
    covers : list of (int64 array (N, 4), fill)
        Boxes (top, left, bottom, right) in pixels of the new size, and what is put there; an empty box is none.
    interpolation, padding, fill
        How pixels are taken from between and from beside the stored ones; see ``Resample``.
    """

    rows: int
    size: Size
    backward: np.ndarray | None = None
    straight: bool = True
    colour: np.ndarray | None = None
    tones: list[tuple[str, np.ndarray]] = field(default_factory=list)
    sharpness: list[np.ndarray] = field(default_factory=list)
    sigma: np.ndarray | None = None
    noises: list[tuple[str, np.ndarray]] = field(default_factory=list)
    quality: np.ndarray | None = None
    covers: list[tuple[np.ndarray, str]] = field(default_factory=list)
    interpolation: str = "bilinear"
    padding: str = "border"
    fill: float | tuple[float, ...] = 0.0

    def place(self, backward: np.ndarray, hit: Hit = None, *, straight: bool = True) -> None:
        """Move pixels: each of the new picture comes from ``backward`` of its place."""
        matrix = backward if hit is None else np.where(hit[:, None, None], backward, np.eye(3))
        self.backward = matrix if self.backward is None else matrices.multiply(self.backward, matrix)
        self.straight &= straight

    def recolour(self, change: Callable[[np.ndarray], np.ndarray], hit: Hit = None) -> None:
        """Change colours: ``change`` turns the map so far, (N, 3, 7), into the new one."""
        before = matrices.same_colours(self.rows) if self.colour is None else self.colour
        after = change(before)
        self.colour = after if hit is None else np.where(hit[:, None, None], after, before)

    def tone(self, name: str, strength: np.ndarray, hit: Hit = None) -> None:
        """Put a tone curve before everything else."""
        self.tones.append((name, strength if hit is None else np.where(hit, strength, np.nan)))

    def sharpen(self, factor: np.ndarray, hit: Hit = None) -> None:
        """Multiply the distance of every value to the smoothed picture."""
        self.sharpness.append(factor if hit is None else np.where(hit, factor, 1.0))

    def blur(self, sigma: np.ndarray, hit: Hit = None) -> None:
        """Blur by a Gaussian; of two, the variances add up."""
        own = sigma if hit is None else np.where(hit, sigma, 0.0)
        self.sigma = own if self.sigma is None else np.sqrt(self.sigma**2 + own**2)

    def noise(self, name: str, amount: float | np.ndarray, hit: Hit = None) -> None:
        """Add noise of a kind."""
        whole = np.broadcast_to(amount, (self.rows,)).astype(np.float64)
        self.noises.append((name, whole if hit is None else np.where(hit, whole, 0.0)))

    def compress(self, quality: np.ndarray, hit: Hit = None) -> None:
        """Save as JPEG and read again; of two qualities the last counts."""
        own = quality if hit is None else np.where(hit, quality, 0.0)
        self.quality = own if self.quality is None else np.where(own > 0, own, self.quality)

    def cover(self, boxes: np.ndarray, fill: str, hit: Hit = None) -> None:
        """Put something over a box."""
        self.covers.append((boxes if hit is None else np.where(hit[:, None], boxes, 0), fill))
