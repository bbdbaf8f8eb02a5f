"""Steps that choose among others for each picture: RandAugment and TrivialAugment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ftkit.augment import matrices as m
from ftkit.augment.draft import Draft, Hit
from ftkit.augment.fields import number, whole
from ftkit.augment.image_step import ImageStep, often

_Change = Callable[[Draft, np.ndarray, Hit], None]


def _recolour(change: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> _Change:
    return lambda draft, amount, hit: draft.recolour(lambda before: change(before, 1.0 + amount), hit)


def _shift(side: int) -> _Change:
    def move(draft: Draft, amount: np.ndarray, hit: Hit) -> None:
        shift = np.zeros((len(amount), 2))
        shift[:, side] = amount * draft.size[1 - side]
        draft.place(m.translation(shift), hit)

    return move


# What each change does with a signed amount; where it has no direction, with how much of it.
_CHANGES: dict[str, _Change] = {
    "identity": lambda draft, amount, hit: None,
    "shear across": lambda draft, amount, hit: draft.place(m.linear(len(amount), 1.0, amount, 0.0, 1.0), hit),
    "shear down": lambda draft, amount, hit: draft.place(m.linear(len(amount), 1.0, 0.0, amount, 1.0), hit),
    "translate across": _shift(0),
    "translate down": _shift(1),
    "rotate": lambda draft, amount, hit: draft.place(m.rotation(np.deg2rad(amount)), hit),
    "brightness": _recolour(m.brighten),
    "saturation": _recolour(m.saturate),
    "contrast": _recolour(m.contrast),
    "sharpness": lambda draft, amount, hit: draft.sharpen(1.0 + amount, hit),
    "posterize": lambda draft, amount, hit: draft.tone("posterize", 8.0 - np.round(np.abs(amount)), hit),
    "solarize": lambda draft, amount, hit: draft.tone("solarize", 255.0 * (1.0 - np.abs(amount)), hit),
    "autocontrast": lambda draft, amount, hit: draft.tone("autocontrast", np.ones(len(amount)), hit),
    "equalize": lambda draft, amount, hit: draft.tone("equalize", np.ones(len(amount)), hit),
}
_FACTORS = ("brightness", "saturation", "contrast", "sharpness")
# The amounts at full strength; shears as tangents, translations as shares of the side, rotations in degrees.
_RAND = dict.fromkeys(_CHANGES, 1.0) | dict.fromkeys(_FACTORS, 0.9)
_RAND |= {"shear across": 0.3, "shear down": 0.3, "translate across": 150 / 331, "translate down": 150 / 331}
_RAND |= {"rotate": 30.0, "posterize": 4.0}
_TRIVIAL = _RAND | dict.fromkeys((*_FACTORS, "shear across", "shear down"), 0.99)
_TRIVIAL |= {"translate across": 32 / 224, "translate down": 32 / 224, "rotate": 135.0, "posterize": 6.0}


def _choose(draft: Draft, which: np.ndarray, strength: np.ndarray, space: dict[str, float], hit: Hit) -> None:
    """Give each row one of the changes: ``which`` in [0, 1) says the change, ``strength`` is in -1..1."""
    chosen = np.floor(which * len(space)).astype(np.int64)
    for number_, (name, reach) in enumerate(space.items()):
        own = chosen == number_
        _CHANGES[name](draft, strength * reach, own if hit is None else own & hit)


@dataclass(frozen=True)
class RandAugment(ImageStep):
    """Do some of fourteen changes to each picture, all at one strength.

    Cubuk et al. (2020), "RandAugment: practical automated data augmentation with a reduced search space", section 3 and
    appendix: identity, shears, translations, rotation, brightness, saturation, contrast, sharpness, posterize,
    solarize, autocontrast, equalize. The changes of one picture are done in the order of the stages (tones, places,
    colours, lens), not in the order drawn.

    Parameters
    ----------
    count : int, 1 to 8, default 2
        Changes a picture gets.
    magnitude : float, 0 to 30, default 9
        Their strength.
    p : float, 0 to 1, default 1
        How often.

    Raises
    ------
    RecipeError
        One of them is not such a number.

    Examples
    --------
    >>> RandAugment(magnitude=5)
    RandAugment(count=2, magnitude=5.0, p=1.0)
    """

    count: int = whole(2, 1, 8)
    magnitude: float = number(9.0, 0, 30)
    p: float = often()
    keeps = "Photographs of things keep their name; digits and letters, and what is named by its colour, may not."

    @property
    def draws(self) -> int:
        """A change and a sign for each."""
        return 2 * self.count

    def draw(self, u: np.ndarray, draft: Draft, hit: Hit) -> None:
        """Put this step's part into the draft."""
        for at in range(0, self.draws, 2):
            sign = np.where(u[:, at + 1] < 0.5, -1.0, 1.0)
            _choose(draft, u[:, at], sign * self.magnitude / 30.0, _RAND, hit)


@dataclass(frozen=True)
class TrivialAugment(ImageStep):
    """Do one of fourteen changes to each picture, at any strength.

    Müller and Hutter (2021), "TrivialAugment: tuning-free yet state-of-the-art data augmentation", section 3, with the
    wide space; translations reach 32/224 of the side.

    Parameters
    ----------
    p : float, 0 to 1, default 1
        How often.

    Raises
    ------
    RecipeError
        ``p`` is not such a number.

    Examples
    --------
    >>> TrivialAugment()
    TrivialAugment(p=1.0)
    """

    p: float = often()
    draws = 3
    keeps = "Photographs of things keep their name; digits and letters, and what is named by its colour, may not."

    def draw(self, u: np.ndarray, draft: Draft, hit: Hit) -> None:
        """Put this step's part into the draft."""
        sign = np.where(u[:, 1] < 0.5, -1.0, 1.0)
        _choose(draft, u[:, 0], sign * np.floor(u[:, 2] * 31) / 30.0, _TRIVIAL, hit)


STEPS = (RandAugment, TrivialAugment)
