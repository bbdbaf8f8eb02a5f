"""The random steps for pictures.

A step turns the uniform numbers of a row into its part of three small things: the matrix that says where each pixel
comes from (``warp``, in pixels of the model's input, origin in the picture's centre), the matrix that says which
colour it gets (``colour``, pixels in 0..1) and the deviation of its noise. Nothing here touches a picture, or torch: a
recipe is checked without either.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ftkit.augment import matrices as m
from ftkit.augment.fields import Step, choice, number, ordered

Size = tuple[int, int]


def _around(u: np.ndarray, reach: float, centre: float = 0.0) -> np.ndarray:
    """Uniform numbers in [0, 1) spread over centre ± reach."""
    return centre + reach * (2.0 * u - 1.0)


class ImageStep(Step):
    """A step for pictures."""

    kinds = ("image",)


@dataclass(frozen=True)
class Rotate(ImageStep):
    """Turn the picture about its centre.

    Parameters
    ----------
    degrees : float, 0 to 180, default 15
        The angle is uniform between minus and plus this.

    Raises
    ------
    RecipeError
        ``degrees`` is not such a number.

    Examples
    --------
    >>> Rotate(30)
    Rotate(degrees=30.0)
    """

    degrees: float = number(15.0, 0, 180, "degrees")
    draws = 1
    keeps = "Things keep their name while the angle is small; from 90 degrees on 6 and 9, p and d change theirs."

    def warp(self, u: np.ndarray, size: Size) -> np.ndarray:
        """Where pixels come from, (N, 3, 3)."""
        return m.rotation(np.deg2rad(_around(u[:, 0], self.degrees)))


@dataclass(frozen=True)
class Scale(ImageStep):
    """Zoom about the centre, the same in both directions.

    Parameters
    ----------
    low, high : float, 0.1 to 10, default 0.9 and 1.1
        The factor is uniform between them; above 1 things look larger.

    Raises
    ------
    RecipeError
        They are not such numbers, or ``low`` is above ``high``.

    Examples
    --------
    >>> Scale(high=1.5)
    Scale(low=0.9, high=1.5)
    """

    low: float = number(0.9, 0.1, 10)
    high: float = number(1.1, 0.1, 10)
    draws = 1
    keeps = "Things keep their name; how large they are is lost, and what lies at the border can leave the picture."

    def warp(self, u: np.ndarray, size: Size) -> np.ndarray:
        """Where pixels come from, (N, 3, 3)."""
        factor = 1.0 / (self.low + (self.high - self.low) * u[:, 0])
        return m.linear(len(u), factor, 0.0, 0.0, factor)

    @staticmethod
    def contradiction(given: Mapping[str, Any]) -> str | None:
        """Low above high."""
        return ordered(given)


@dataclass(frozen=True)
class Flip(ImageStep):
    """Mirror the picture.

    Parameters
    ----------
    direction : {"horizontal", "vertical", "both"}, default "horizontal"
        Left and right change places, or top and bottom; "both" decides for each on its own.
    p : float, 0 to 1, default 0.5
        How often.

    Raises
    ------
    RecipeError
        ``direction`` is not one of these, or ``p`` is not such a number.

    Examples
    --------
    >>> Flip("vertical")
    Flip(direction='vertical', p=0.5)
    """

    direction: str = choice("horizontal", "horizontal", "vertical", "both")
    p: float = number(0.5, 0, 1)
    draws = 2
    keeps = "Mirrored things keep their name; digits, letters, traffic signs and left or right hands do not."

    def warp(self, u: np.ndarray, size: Size) -> np.ndarray:
        """Where pixels come from, (N, 3, 3)."""
        sign = np.where(u < self.p, -1.0, 1.0)
        across = sign[:, 0] if self.direction != "vertical" else 1.0
        down = sign[:, 1] if self.direction != "horizontal" else 1.0
        return m.linear(len(u), across, 0.0, 0.0, down)


@dataclass(frozen=True)
class Crop(ImageStep):
    """Move the picture by whole pixels, as padding it and cropping it at random does.

    Parameters
    ----------
    padding : float, 0 to 1, default 0.125
        The farthest it moves, as a share of the side, rounded to whole pixels, so that nothing is blurred.

    Raises
    ------
    RecipeError
        ``padding`` is not such a number.

    Examples
    --------
    >>> Crop()
    Crop(padding=0.125)
    """

    padding: float = number(0.125, 0, 1)
    draws = 2
    keeps = "Things keep their name unless what names them lies at the border and leaves the picture."

    def warp(self, u: np.ndarray, size: Size) -> np.ndarray:
        """Where pixels come from, (N, 3, 3)."""
        reach = np.round(self.padding * np.array([size[1], size[0]]))
        return m.translation(np.floor(u * (2 * reach + 1)) - reach)


@dataclass(frozen=True)
class Shear(ImageStep):
    """Slant the picture sideways.

    Parameters
    ----------
    degrees : float, 0 to 60, default 5
        The angle of the upright is uniform between minus and plus this.

    Raises
    ------
    RecipeError
        ``degrees`` is not such a number.

    Examples
    --------
    >>> Shear(10)
    Shear(degrees=10.0)
    """

    degrees: float = number(5.0, 0, 60, "degrees")
    draws = 1
    keeps = "Things keep their name: handwriting slants by itself."

    def warp(self, u: np.ndarray, size: Size) -> np.ndarray:
        """Where pixels come from, (N, 3, 3)."""
        return m.linear(len(u), 1.0, np.tan(np.deg2rad(_around(u[:, 0], self.degrees))), 0.0, 1.0)


@dataclass(frozen=True)
class Color(ImageStep):
    """Change brightness, contrast, saturation and hue, in this order.

    Parameters
    ----------
    brightness, contrast, saturation : float, 0 to 1, default 0.2
        Each factor is uniform in 1 minus to 1 plus this; contrast is about the picture's own mean grey.
    hue : float, 0 to 0.5, default 0
        The turn of the colour circle is uniform between minus and plus this (0.5 is the opposite colour).

    Raises
    ------
    RecipeError
        One of them is not such a number.

    Examples
    --------
    >>> Color(hue=0.02)
    Color(brightness=0.2, contrast=0.2, saturation=0.2, hue=0.02)
    """

    brightness: float = number(0.2, 0, 1)
    contrast: float = number(0.2, 0, 1)
    saturation: float = number(0.2, 0, 1)
    hue: float = number(0.0, 0, 0.5)
    draws = 4
    keeps = "Things keep their name unless it is their colour (ripeness, stains, lights); hue most of all."

    def colour(self, u: np.ndarray, before: np.ndarray) -> np.ndarray:
        """What colours become, (N, 3, 7)."""
        after = m.brighten(before, _around(u[:, 0], self.brightness, 1.0)) if self.brightness else before
        after = m.contrast(after, _around(u[:, 1], self.contrast, 1.0)) if self.contrast else after
        after = m.saturate(after, _around(u[:, 2], self.saturation, 1.0)) if self.saturation else after
        return m.turn_hue(after, _around(u[:, 3], self.hue)) if self.hue else after


@dataclass(frozen=True)
class Grayscale(ImageStep):
    """Take the colour away, at times.

    Parameters
    ----------
    p : float, 0 to 1, default 0.1
        How often.

    Raises
    ------
    RecipeError
        ``p`` is not such a number.

    Examples
    --------
    >>> Grayscale()
    Grayscale(p=0.1)
    """

    p: float = number(0.1, 0, 1)
    draws = 1
    keeps = "Things keep their name unless it is their colour."

    def colour(self, u: np.ndarray, before: np.ndarray) -> np.ndarray:
        """What colours become, (N, 3, 7)."""
        return m.saturate(before, np.where(u[:, 0] < self.p, 0.0, 1.0))


@dataclass(frozen=True)
class Noise(ImageStep):
    """Add Gaussian noise to every value on its own.

    Parameters
    ----------
    std : float, 0 to 1, default 0.02
        Its deviation, where the brightest a pixel can be is 1.

    Raises
    ------
    RecipeError
        ``std`` is not such a number.

    Examples
    --------
    >>> Noise(0.1)
    Noise(std=0.1)
    """

    std: float = number(0.02, 0, 1)
    keeps = "Things keep their name; fine texture is lost first."


STEPS = (Rotate, Scale, Flip, Crop, Shear, Color, Grayscale, Noise)
