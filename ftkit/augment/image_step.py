"""What the steps for pictures share."""

from __future__ import annotations

from typing import Any

import numpy as np

from ftkit.augment.draft import Draft, Hit
from ftkit.augment.fields import Step, number


class ImageStep(Step):
    """A step for pictures.

    ``draw(u, draft, hit)`` puts its part into the draft: ``u`` are ``draws`` uniform numbers of each of N rows, float64
    (N, draws); ``hit`` the rows it comes up for, bool (N,), or None for all.
    """

    kinds = ("image",)

    def draw(self, u: np.ndarray, draft: Draft, hit: Hit) -> None:
        """Put this step's part into the draft."""
        raise NotImplementedError


def spread(u: np.ndarray, reach: float, centre: float = 0.0) -> np.ndarray:
    """Uniform numbers in [0, 1) spread over centre ± reach."""
    return centre + reach * (2.0 * u - 1.0)


def often(default: float = 1.0) -> Any:
    """The field that says how often a step comes up."""
    return number(default, 0, 1)
