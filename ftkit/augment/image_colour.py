"""The random steps that change the colours of a picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from ftkit.augment import matrices as m
from ftkit.augment.draft import Draft, Hit
from ftkit.augment.fields import number, ordered, whole
from ftkit.augment.image_step import ImageStep, often, spread


@dataclass(frozen=True)
class Color(ImageStep):
    """Change brightness, contrast, saturation and hue, in this order.

    Parameters
    ----------
    brightness, contrast, saturation : float, 0 to 1, default 0.2
        Each factor is uniform in 1 minus to 1 plus this; contrast is about the picture's own mean grey.
    hue : float, 0 to 0.5, default 0
        The turn of the colour circle is uniform between minus and plus this (0.5 is the opposite colour). It is a turn
        about the grey axis of YIQ: unlike a turn in HSV it keeps how bright a colour looks, and is one matrix.
    p : float, 0 to 1, default 1
        How often.

    Raises
    ------
    RecipeError
        One of them is not such a number.

    Examples
    --------
    >>> Color(hue=0.02)
    Color(brightness=0.2, contrast=0.2, saturation=0.2, hue=0.02, p=1.0)
    """

    brightness: float = number(0.2, 0, 1)
    contrast: float = number(0.2, 0, 1)
    saturation: float = number(0.2, 0, 1)
    hue: float = number(0.0, 0, 0.5)
    p: float = often()
    draws = 4
    keeps = "Things keep their name unless it is their colour (ripeness, stains, lights); hue most of all."

    def draw(self, u: np.ndarray, draft: Draft, hit: Hit) -> None:
        """Put this step's part into the draft."""
        draft.recolour(partial(self._change, u), hit)

    def _change(self, u: np.ndarray, before: np.ndarray) -> np.ndarray:
        after = m.brighten(before, spread(u[:, 0], self.brightness, 1.0)) if self.brightness else before
        after = m.contrast(after, spread(u[:, 1], self.contrast, 1.0)) if self.contrast else after
        after = m.saturate(after, spread(u[:, 2], self.saturation, 1.0)) if self.saturation else after
        return m.turn_hue(after, spread(u[:, 3], self.hue)) if self.hue else after


@dataclass(frozen=True)
class Grayscale(ImageStep):
    """Take the colour away.

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

    p: float = often(0.1)
    keeps = "Things keep their name unless it is their colour."

    def draw(self, u: np.ndarray, draft: Draft, hit: Hit) -> None:
        """Put this step's part into the draft."""
        draft.recolour(lambda before: m.saturate(before, np.zeros(len(u))), hit)


@dataclass(frozen=True)
class Posterize(ImageStep):
    """Keep only the first bits of every value.

    Parameters
    ----------
    low, high : int, 1 to 8, default 4 and 7
        The number of bits is uniform among these.
    p : float, 0 to 1, default 0.2
        How often.

    Raises
    ------
    RecipeError
        They are not such numbers, or ``low`` is above ``high``.

    Examples
    --------
    >>> Posterize(3)
    Posterize(low=3, high=7, p=0.2)
    """

    low: int = whole(4, 1, 8, "bits")
    high: int = whole(7, 1, 8, "bits")
    p: float = often(0.2)
    draws = 1
    keeps = "Things keep their name; soft shading is lost."

    def draw(self, u: np.ndarray, draft: Draft, hit: Hit) -> None:
        """Put this step's part into the draft."""
        draft.tone("posterize", np.floor(self.low + (self.high + 1 - self.low) * u[:, 0]), hit)

    @staticmethod
    def contradiction(given: Mapping[str, Any]) -> str | None:
        """Low above high."""
        return ordered(given)


@dataclass(frozen=True)
class Solarize(ImageStep):
    """Turn bright values into their opposite.

    Parameters
    ----------
    low, high : float, 0 to 1, default 0.5 and 1
        Values from a threshold on are turned; it is uniform between these.
    p : float, 0 to 1, default 0.2
        How often.

    Raises
    ------
    RecipeError
        They are not such numbers, or ``low`` is above ``high``.

    Examples
    --------
    >>> Solarize()
    Solarize(low=0.5, high=1.0, p=0.2)
    """

    low: float = number(0.5, 0, 1)
    high: float = number(1.0, 0, 1)
    p: float = often(0.2)
    draws = 1
    keeps = "Things keep their name unless it is their colour or brightness."

    def draw(self, u: np.ndarray, draft: Draft, hit: Hit) -> None:
        """Put this step's part into the draft."""
        draft.tone("solarize", 255 * (self.low + (self.high - self.low) * u[:, 0]), hit)

    @staticmethod
    def contradiction(given: Mapping[str, Any]) -> str | None:
        """Low above high."""
        return ordered(given)


@dataclass(frozen=True)
class AutoContrast(ImageStep):
    """Stretch each channel until its darkest value is 0 and its brightest 1.

    Parameters
    ----------
    p : float, 0 to 1, default 0.2
        How often.

    Raises
    ------
    RecipeError
        ``p`` is not such a number.

    Examples
    --------
    >>> AutoContrast()
    AutoContrast(p=0.2)
    """

    p: float = often(0.2)
    keeps = "Things keep their name unless it is how bright they are."

    def draw(self, u: np.ndarray, draft: Draft, hit: Hit) -> None:
        """Put this step's part into the draft."""
        draft.tone("autocontrast", np.ones(len(u)), hit)


@dataclass(frozen=True)
class Equalize(ImageStep):
    """Change each channel's values until all are about equally frequent.

    Parameters
    ----------
    p : float, 0 to 1, default 0.2
        How often.

    Raises
    ------
    RecipeError
        ``p`` is not such a number.

    Examples
    --------
    >>> Equalize()
    Equalize(p=0.2)
    """

    p: float = often(0.2)
    keeps = "Things keep their name unless it is their colour or brightness."

    def draw(self, u: np.ndarray, draft: Draft, hit: Hit) -> None:
        """Put this step's part into the draft."""
        draft.tone("equalize", np.ones(len(u)), hit)


STEPS = (Color, Grayscale, Posterize, Solarize, AutoContrast, Equalize)
