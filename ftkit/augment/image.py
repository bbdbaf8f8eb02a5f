"""The random steps that move the pixels of a picture, and how they are resampled.

A step turns the uniform numbers of each row into its part of a :class:`~ftkit.augment.draft.Draft`. Nothing in this
file, or in the other files of steps, touches a picture or torch: a recipe is checked without either.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ftkit.augment import matrices as m
from ftkit.augment.draft import Draft, Hit
from ftkit.augment.fields import choice, colour, number, ordered
from ftkit.augment.image_step import ImageStep, often, spread


@dataclass(frozen=True)
class Rotate(ImageStep):
    """Turn the picture about its centre.

    Parameters
    ----------
    degrees : float, 0 to 180, default 15
        The angle is uniform between minus and plus this.
    p : float, 0 to 1, default 1
        How often.

    Raises
    ------
    RecipeError
        One of them is not such a number.

    Examples
    --------
    >>> Rotate(30)
    Rotate(degrees=30.0, p=1.0)
    """

    degrees: float = number(15.0, 0, 180, "degrees")
    p: float = often()
    draws = 1
    keeps = "Things keep their name while the angle is small; from 90 degrees on 6 and 9, p and d change theirs."

    def draw(self, u: np.ndarray, draft: Draft, hit: Hit) -> None:
        """Put this step's part into the draft."""
        draft.place(m.rotation(np.deg2rad(spread(u[:, 0], self.degrees))), hit)


@dataclass(frozen=True)
class Scale(ImageStep):
    """Zoom about the centre, the same in both directions.

    Parameters
    ----------
    low, high : float, 0.1 to 10, default 0.9 and 1.1
        The factor is uniform between them; above 1 things look larger.
    p : float, 0 to 1, default 1
        How often.

    Raises
    ------
    RecipeError
        They are not such numbers, or ``low`` is above ``high``.

    Examples
    --------
    >>> Scale(high=1.5)
    Scale(low=0.9, high=1.5, p=1.0)
    """

    low: float = number(0.9, 0.1, 10)
    high: float = number(1.1, 0.1, 10)
    p: float = often()
    draws = 1
    keeps = "Things keep their name; how large they are is lost, and what lies at the border can leave the picture."

    def draw(self, u: np.ndarray, draft: Draft, hit: Hit) -> None:
        """Put this step's part into the draft."""
        factor = 1.0 / (self.low + (self.high - self.low) * u[:, 0])
        draft.place(m.linear(len(u), factor, 0.0, 0.0, factor), hit)

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
    p: float = often(0.5)
    draws = 2
    keeps = "Mirrored things keep their name; digits, letters, traffic signs and left or right hands do not."

    def draw(self, u: np.ndarray, draft: Draft, hit: Hit) -> None:
        """Put this step's part into the draft."""
        # With "both" there are two decisions, so they are made here and not by ``hit``.
        sign = np.where(u < self.p, -1.0, 1.0)
        across = sign[:, 0] if self.direction != "vertical" else 1.0
        down = sign[:, 1] if self.direction != "horizontal" else 1.0
        draft.place(m.linear(len(u), across, 0.0, 0.0, down))


@dataclass(frozen=True)
class Crop(ImageStep):
    """Move the picture by whole pixels, as padding it and cropping it at random does.

    Parameters
    ----------
    padding : float, 0 to 1, default 0.125
        The farthest it moves, as a share of the side, rounded to whole pixels, so that nothing is blurred.
    p : float, 0 to 1, default 1
        How often.

    Raises
    ------
    RecipeError
        One of them is not such a number.

    Examples
    --------
    >>> Crop()
    Crop(padding=0.125, p=1.0)
    """

    padding: float = number(0.125, 0, 1)
    p: float = often()
    draws = 2
    keeps = "Things keep their name unless what names them lies at the border and leaves the picture."

    def draw(self, u: np.ndarray, draft: Draft, hit: Hit) -> None:
        """Put this step's part into the draft."""
        reach = np.round(self.padding * np.array([draft.size[1], draft.size[0]]))
        draft.place(m.translation(np.floor(u * (2 * reach + 1)) - reach), hit)


@dataclass(frozen=True)
class ResizedCrop(ImageStep):
    """Cut out a part of the picture and enlarge it to the whole.

    Szegedy et al. (2015), "Going deeper with convolutions", section 6. A part longer than the picture is cut to it.

    Parameters
    ----------
    low, high : float, 0.01 to 1, default 0.5 and 1
        The part's share of the area is uniform between them. The paper's 0.08 is for a million pictures.
    ratio : float, 1 to 4, default 4/3
        How much longer than high the part may be, or higher than long; uniform in the logarithm.
    p : float, 0 to 1, default 1
        How often.

    Raises
    ------
    RecipeError
        They are not such numbers, or ``low`` is above ``high``.

    Examples
    --------
    >>> ResizedCrop(0.3)
    ResizedCrop(low=0.3, high=1.0, ratio=1.3333333333333333, p=1.0)
    """

    low: float = number(0.5, 0.01, 1)
    high: float = number(1.0, 0.01, 1)
    ratio: float = number(4 / 3, 1, 4)
    p: float = often()
    draws = 4
    keeps = "Things keep their name while most of what names them is in the part; small parts show something else."

    def draw(self, u: np.ndarray, draft: Draft, hit: Hit) -> None:
        """Put this step's part into the draft."""
        area = self.low + (self.high - self.low) * u[:, 0]
        aspect = np.exp(spread(u[:, 1], np.log(self.ratio)))
        width, height = np.minimum(np.sqrt(area * aspect), 1.0), np.minimum(np.sqrt(area / aspect), 1.0)
        rest = np.stack([(1 - width) * draft.size[1], (1 - height) * draft.size[0]], axis=1)
        part = m.linear(len(u), width, 0.0, 0.0, height)
        part[:, :2, 2] = rest * (u[:, 2:4] - 0.5)
        draft.place(part, hit)

    @staticmethod
    def contradiction(given: Mapping[str, Any]) -> str | None:
        """Low above high."""
        return ordered(given)


@dataclass(frozen=True)
class Translate(ImageStep):
    """Move the picture by any distance; pixels are blended where it is not whole.

    Parameters
    ----------
    horizontal, vertical : float, 0 to 1, default 0.1
        The farthest it moves, as a share of the side.
    p : float, 0 to 1, default 1
        How often.

    Raises
    ------
    RecipeError
        One of them is not such a number.

    Examples
    --------
    >>> Translate(vertical=0)
    Translate(horizontal=0.1, vertical=0.0, p=1.0)
    """

    horizontal: float = number(0.1, 0, 1)
    vertical: float = number(0.1, 0, 1)
    p: float = often()
    draws = 2
    keeps = "Things keep their name unless what names them lies at the border and leaves the picture."

    def draw(self, u: np.ndarray, draft: Draft, hit: Hit) -> None:
        """Put this step's part into the draft."""
        reach = np.array([self.horizontal * draft.size[1], self.vertical * draft.size[0]])
        draft.place(m.translation(reach * (2.0 * u - 1.0)), hit)


@dataclass(frozen=True)
class Shear(ImageStep):
    """Slant the picture sideways.

    Parameters
    ----------
    degrees : float, 0 to 60, default 5
        The angle of the upright is uniform between minus and plus this.
    p : float, 0 to 1, default 1
        How often.

    Raises
    ------
    RecipeError
        One of them is not such a number.

    Examples
    --------
    >>> Shear(10)
    Shear(degrees=10.0, p=1.0)
    """

    degrees: float = number(5.0, 0, 60, "degrees")
    p: float = often()
    draws = 1
    keeps = "Things keep their name: handwriting slants by itself."

    def draw(self, u: np.ndarray, draft: Draft, hit: Hit) -> None:
        """Put this step's part into the draft."""
        draft.place(m.linear(len(u), 1.0, np.tan(np.deg2rad(spread(u[:, 0], self.degrees))), 0.0, 1.0), hit)


@dataclass(frozen=True)
class Perspective(ImageStep):
    """See the picture from aside: its corners move inwards.

    Parameters
    ----------
    distortion : float, 0 to 0.6, default 0.3
        How far each corner moves at most in each direction, as a share of half the side.
    p : float, 0 to 1, default 0.5
        How often.

    Raises
    ------
    RecipeError
        One of them is not such a number.

    Examples
    --------
    >>> Perspective()
    Perspective(distortion=0.3, p=0.5)
    """

    distortion: float = number(0.3, 0, 0.6)
    p: float = often(0.5)
    draws = 8
    keeps = "Things keep their name while the distortion is small; flat things bear more of it than round ones."

    def draw(self, u: np.ndarray, draft: Draft, hit: Hit) -> None:
        """Put this step's part into the draft."""
        height, width = draft.size
        whole = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * np.array([width, height]) / 2
        corners = whole * (1.0 - self.distortion * u.reshape(len(u), 4, 2))
        draft.place(m.inverse(m.from_corners(corners, draft.size)), hit, straight=False)


@dataclass(frozen=True)
class Resample(ImageStep):
    """How pixels are taken from between and from beside the stored ones, for all steps of the list.

    Parameters
    ----------
    interpolation : {"bilinear", "nearest", "bicubic"}, default "bilinear"
        "nearest" makes no value that the picture does not have: for masks, drawings, pixel art. "bicubic" keeps edges
        sharper, at about five times the cost.
    padding : {"border", "reflection", "constant"}, default "border"
        What lies outside. "border" repeats the last pixel: it draws no edge and no colour that the picture does not
        have. "reflection" suits textures and photographs. "constant" leaves wedges that only training rows have.
    fill : float or three floats, 0 to 1, default 0
        The colour that "constant" pads with; 0 is black.

    Raises
    ------
    RecipeError
        One of them is not among these.

    Examples
    --------
    >>> Resample("bicubic", "constant", [1, 1, 1])
    Resample(interpolation='bicubic', padding='constant', fill=(1.0, 1.0, 1.0))
    """

    interpolation: str = choice("bilinear", "bilinear", "nearest", "bicubic")
    padding: str = choice("border", "border", "reflection", "constant")
    fill: float | tuple[float, ...] = colour(0.0)
    keeps = "It draws nothing by itself."

    def draw(self, u: np.ndarray, draft: Draft, hit: Hit) -> None:
        """Put this step's part into the draft."""
        draft.interpolation, draft.padding, draft.fill = self.interpolation, self.padding, self.fill


STEPS = (Rotate, Scale, Flip, Crop, ResizedCrop, Translate, Shear, Perspective, Resample)
