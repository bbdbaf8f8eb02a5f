"""The random steps that change what a picture looks like close up: lens, sensor, file, and what covers it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ftkit.augment.draft import Draft, Hit
from ftkit.augment.fields import choice, number, ordered, whole
from ftkit.augment.image_step import ImageStep, often, spread


@dataclass(frozen=True)
class Blur(ImageStep):
    """Blur the picture by a Gaussian.

    Parameters
    ----------
    low, high : float, 0 to 10, default 0.1 and 1.5
        Its deviation in pixels of the model's input is uniform between them.
    p : float, 0 to 1, default 0.5
        How often.

    Raises
    ------
    RecipeError
        They are not such numbers, or ``low`` is above ``high``.

    Examples
    --------
    >>> Blur(high=3)
    Blur(low=0.1, high=3.0, p=0.5)
    """

    low: float = number(0.1, 0, 10, "pixels")
    high: float = number(1.5, 0, 10, "pixels")
    p: float = often(0.5)
    draws = 1
    keeps = "Things keep their name unless fine texture names them."

    def draw(self, u: np.ndarray, draft: Draft, hit: Hit) -> None:
        """Put this step's part into the draft."""
        draft.blur(self.low + (self.high - self.low) * u[:, 0], hit)

    @staticmethod
    def contradiction(given: Mapping[str, Any]) -> str | None:
        """Low above high."""
        return ordered(given)


@dataclass(frozen=True)
class Sharpness(ImageStep):
    """Make edges stronger or weaker.

    Parameters
    ----------
    strength : float, 0 to 5, default 0.5
        The factor of every value's distance to its smoothed neighbourhood is uniform in 1 minus to 1 plus this.
    p : float, 0 to 1, default 0.5
        How often.

    Raises
    ------
    RecipeError
        One of them is not such a number.

    Examples
    --------
    >>> Sharpness()
    Sharpness(strength=0.5, p=0.5)
    """

    strength: float = number(0.5, 0, 5)
    p: float = often(0.5)
    draws = 1
    keeps = "Things keep their name."

    def draw(self, u: np.ndarray, draft: Draft, hit: Hit) -> None:
        """Put this step's part into the draft."""
        draft.sharpen(np.maximum(spread(u[:, 0], self.strength, 1.0), 0.0), hit)


@dataclass(frozen=True)
class Noise(ImageStep):
    """Add Gaussian noise to every value on its own.

    Parameters
    ----------
    std : float, 0 to 1, default 0.02
        Its deviation, where the brightest a pixel can be is 1.
    p : float, 0 to 1, default 1
        How often.

    Raises
    ------
    RecipeError
        One of them is not such a number.

    Examples
    --------
    >>> Noise(0.1)
    Noise(std=0.1, p=1.0)
    """

    std: float = number(0.02, 0, 1)
    p: float = often()
    keeps = "Things keep their name; fine texture is lost first."

    def draw(self, u: np.ndarray, draft: Draft, hit: Hit) -> None:
        """Put this step's part into the draft."""
        draft.noise("gaussian", self.std, hit)


@dataclass(frozen=True)
class SaltAndPepper(ImageStep):
    """Make some pixels white and as many black.

    Parameters
    ----------
    share : float, 0 to 1, default 0.02
        Of the pixels.
    p : float, 0 to 1, default 0.5
        How often.

    Raises
    ------
    RecipeError
        One of them is not such a number.

    Examples
    --------
    >>> SaltAndPepper(0.05)
    SaltAndPepper(share=0.05, p=0.5)
    """

    share: float = number(0.02, 0, 1)
    p: float = often(0.5)
    keeps = "Things keep their name; what is as small as a pixel is lost."

    def draw(self, u: np.ndarray, draft: Draft, hit: Hit) -> None:
        """Put this step's part into the draft."""
        draft.noise("salt and pepper", self.share, hit)


@dataclass(frozen=True)
class Speckle(ImageStep):
    """Multiply every value by its own Gaussian number around 1, as coherent light and radar do.

    Parameters
    ----------
    std : float, 0 to 1, default 0.1
        The deviation of the factor.
    p : float, 0 to 1, default 0.5
        How often.

    Raises
    ------
    RecipeError
        One of them is not such a number.

    Examples
    --------
    >>> Speckle()
    Speckle(std=0.1, p=0.5)
    """

    std: float = number(0.1, 0, 1)
    p: float = often(0.5)
    keeps = "Things keep their name; fine texture in bright places is lost first."

    def draw(self, u: np.ndarray, draft: Draft, hit: Hit) -> None:
        """Put this step's part into the draft."""
        draft.noise("speckle", self.std, hit)


@dataclass(frozen=True)
class Jpeg(ImageStep):
    """Save the picture as JPEG and read it again.

    On the device: colours in YCbCr with half the resolution in colour, the cosine transform of blocks of 8 x 8, its
    numbers rounded to multiples of the standard's tables (ITU-T T.81, annex K) at that quality. The rest of a JPEG
    file loses nothing, so this is what an encoder does to the picture.

    Parameters
    ----------
    low, high : int, 1 to 100, default 30 and 90
        The quality is uniform among these whole numbers.
    p : float, 0 to 1, default 0.5
        How often.

    Raises
    ------
    RecipeError
        They are not such numbers, or ``low`` is above ``high``.

    Examples
    --------
    >>> Jpeg(10, 30)
    Jpeg(low=10, high=30, p=0.5)
    """

    low: int = whole(30, 1, 100)
    high: int = whole(90, 1, 100)
    p: float = often(0.5)
    draws = 1
    keeps = "Things keep their name unless fine texture or faint colour names them."

    def draw(self, u: np.ndarray, draft: Draft, hit: Hit) -> None:
        """Put this step's part into the draft."""
        draft.compress(np.floor(self.low + (self.high + 1 - self.low) * u[:, 0]), hit)

    @staticmethod
    def contradiction(given: Mapping[str, Any]) -> str | None:
        """Low above high."""
        return ordered(given)


@dataclass(frozen=True)
class CutOut(ImageStep):
    """Cover a box of the picture.

    DeVries and Taylor (2017), "Improved regularization of convolutional neural networks with cutout": the box's centre
    lies anywhere in the picture, so a part of the box can lie outside.

    Parameters
    ----------
    size : float, 0 to 1, default 0.3
        Of the box, as a share of each side.
    fill : {"mean", "black", "white"}, default "mean"
        What covers it; "mean" is the mean colour the model is normalised with, which it sees as 0.
    p : float, 0 to 1, default 0.5
        How often.

    Raises
    ------
    RecipeError
        One of them is not among these.

    Examples
    --------
    >>> CutOut(0.5)
    CutOut(size=0.5, fill='mean', p=0.5)
    """

    size: float = number(0.3, 0, 1)
    fill: str = choice("mean", "mean", "black", "white")
    p: float = often(0.5)
    draws = 2
    keeps = "Things keep their name unless all that names them lies in the box."

    def draw(self, u: np.ndarray, draft: Draft, hit: Hit) -> None:
        """Put this step's part into the draft."""
        sides = np.array(draft.size)
        middle, half = u * sides, self.size * sides / 2
        boxes = np.concatenate([middle - half, middle + half], axis=1).round().astype(np.int64)
        draft.cover(boxes, self.fill, hit)


STEPS = (Blur, Sharpness, Noise, SaltAndPepper, Speckle, Jpeg, CutOut)
