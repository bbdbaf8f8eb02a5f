"""Rows as a list of steps leaves them, to be looked at or asked about: arrays in, arrays of the same kind out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import torch

from ftkit.augment.augmenter import compose


def changed_images(
    pixels: np.ndarray, steps: Iterable[Any], keys: np.ndarray, *, seed: int = 0, epoch: int = 0
) -> np.ndarray:
    """Images after the steps, at the size they have.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (N, H, W, C)
        C is 1 or 3.
    steps : iterable of steps
    keys : ndarray of int64, shape (N,)
        See :func:`ftkit.augment.row_keys`.
    seed, epoch : int, default 0

    Returns
    -------
    ndarray of uint8, shape (N, H, W, C)

    Raises
    ------
    RecipeError
        A step has a fault.
    DataError
        ``pixels`` or ``keys`` do not fit.

    Examples
    --------
    >>> from ftkit.augment import Flip
    >>> changed_images(np.arange(2, dtype=np.uint8).reshape(1, 1, 2, 1), [Flip(p=1)], np.array([7])).ravel().tolist()
    [1, 0]
    """
    augment = compose(steps, size=pixels.shape[1:3], seed=seed)
    out = augment(torch.from_numpy(np.ascontiguousarray(pixels)), keys, epoch)
    return out.mul_(255).round_().to(torch.uint8).permute(0, 2, 3, 1).numpy()
