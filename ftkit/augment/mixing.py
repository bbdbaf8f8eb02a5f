"""The random steps that mix a row with another, and their labels with them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ftkit.augment.fields import Step, number
from ftkit.augment.image_step import often

_GRID = 4096


class MixingStep(Step):
    """A step that mixes each row with a partner.

    ``mix(u, size)`` gives the row's own share of the label, float64 (N,), and the box (top, left, bottom, right) in
    pixels that shows the partner, int64 (N, 4), or None where the whole pictures are blended by that share.
    """

    def mix(self, u: np.ndarray, size: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray | None]:
        """Shares and boxes of rows, from their uniform numbers, (N, draws)."""
        raise NotImplementedError


@dataclass(frozen=True)
class MixUp(MixingStep):
    """Blend two rows, and their labels in the same shares.

    Zhang et al. (2018), "mixup: beyond empirical risk minimization", equation 1. The partner is the row that comes next
    in the epoch's order.

    Parameters
    ----------
    alpha : float, 0.01 to 10, default 0.2
        The share is drawn from Beta(alpha, alpha): small ones leave most rows nearly as they are, 1 is uniform.
    p : float, 0 to 1, default 1
        How often.

    Raises
    ------
    RecipeError
        One of them is not such a number.

    Examples
    --------
    >>> MixUp()
    MixUp(alpha=0.2, p=1.0)
    """

    alpha: float = number(0.2, 0.01, 10)
    p: float = often()
    kinds = ("image", "tabular")
    draws = 1
    keeps = "Labels are mixed with the rows, so none has to survive."

    def mix(self, u: np.ndarray, size: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray | None]:
        """The share, and no box."""
        return beta_quantile(u[:, 0], self.alpha), None


@dataclass(frozen=True)
class CutMix(MixingStep):
    """Replace a box of the picture by the same box of another, and as much of the label.

    Yun et al. (2019), "CutMix: regularization strategy to train strong classifiers with localizable features", section
    3.1. The partner is the row that comes next in the epoch's order.

    Parameters
    ----------
    alpha : float, 0.01 to 10, default 1
        The share of the picture that stays is drawn from Beta(alpha, alpha).
    p : float, 0 to 1, default 0.5
        How often.

    Raises
    ------
    RecipeError
        One of them is not such a number.

    Examples
    --------
    >>> CutMix()
    CutMix(alpha=1.0, p=0.5)
    """

    alpha: float = number(1.0, 0.01, 10)
    p: float = often(0.5)
    kinds = ("image",)
    draws = 3
    keeps = "Labels are mixed by area: right where things fill the picture, wrong where the box holds background."

    def mix(self, u: np.ndarray, size: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray | None]:
        """The share by the pixels that stay, and the box."""
        sides = np.array(size[-2:])
        half = np.sqrt(1.0 - beta_quantile(u[:, 0], self.alpha))[:, None] * sides / 2
        middle = u[:, 1:3] * sides
        boxes = np.concatenate([middle - half, middle + half], axis=1).round().astype(np.int64)
        boxes = np.clip(boxes, 0, np.tile(sides, 2))
        area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
        return 1.0 - area / sides.prod(), boxes


STEPS = (MixUp, CutMix)


def beta_quantile(u: np.ndarray, alpha: float) -> np.ndarray:
    """Quantiles of Beta(alpha, alpha), by a table of its distribution function.

    Parameters
    ----------
    u : float64 array, any shape
        In 0..1.
    alpha : float, above 0

    Returns
    -------
    float64 array of the same shape
        Within 1e-4 of the exact quantile.

    Examples
    --------
    >>> beta_quantile(np.array([0.0, 0.25, 0.5, 1.0]), 1.0).round(3).tolist()
    [0.0, 0.25, 0.5, 1.0]
    """
    lower, shares = _lower_half(alpha)
    low = np.interp(np.minimum(u, 1.0 - u), lower, shares)
    return np.where(u <= 0.5, low, 1.0 - low)


@lru_cache(maxsize=16)
def _lower_half(alpha: float) -> tuple[np.ndarray, np.ndarray]:
    """The distribution function over [0, 0.5], and where it has these values.

    Below alpha = 1 the density has a pole at 0; with t = x ** alpha it is gone, and x ** (alpha - 1) dx becomes dt.
    """
    power = min(alpha, 1.0)
    t = np.linspace(0.0, 0.5**power, _GRID)
    x = t ** (1.0 / power)
    density = (1.0 - x) ** (alpha - 1.0) * x ** (alpha - power)
    mass = np.concatenate([[0.0], np.cumsum((density[1:] + density[:-1]) / 2)])
    return 0.5 * mass / mass[-1], x
