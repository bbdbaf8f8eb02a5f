"""Where pixels come from: one resampling for all geometric steps and the resize."""

from __future__ import annotations

import numpy as np
from torch import Tensor
from torch.nn.functional import grid_sample, interpolate

Size = tuple[int, int]
_NEAREST_HORIZON = 1e-3


def axes(backward: np.ndarray, size: Size) -> tuple[np.ndarray, np.ndarray]:
    """The sampling grid of the maps as two thin parts, whose sum is the grid.

    An affine grid is ``column part + row part``, so H×W×2 numbers need one addition each instead of a matrix product:
    30 times cheaper than ``affine_grid``, and free of its dependence on the size of the batch.

    Parameters
    ----------
    backward : float64 array (N, 3, 3)
        From a pixel of the new picture to its source, in pixels from the centre.
    size : (H, W)
        Of the new picture.

    Returns
    -------
    float32 arrays (N, 3, 1, W) and (N, 3, H, 1)
        In grid_sample's coordinates, -1 to 1; the third number is what a projective map divides by.
    """
    height, width = size
    scale = np.array([2.0 / width, 2.0 / height, 1.0])[:, None]
    x, y = np.arange(width) + 0.5 - width / 2, np.arange(height) + 0.5 - height / 2
    columns = backward[:, :, 0, None] * scale * x
    rows = backward[:, :, 1, None] * scale * y + backward[:, :, 2, None] * scale
    return columns[:, :, None].astype(np.float32), rows[..., None].astype(np.float32)


def grid(columns: Tensor, rows: Tensor, straight: bool) -> Tensor:
    """The sampling grid (N, H, W, 2) of :func:`axes`; ``straight`` maps divide by 1."""
    if straight:
        return (columns[:, :2] + rows[:, :2]).permute(0, 2, 3, 1)
    whole = columns + rows
    return (whole[:, :2] / whole[:, 2:].clamp_(min=_NEAREST_HORIZON)).permute(0, 2, 3, 1)


def warp(
    pictures: Tensor, grid: Tensor, interpolation: str = "bilinear", padding: str = "border", fill: float | Tensor = 0.0
) -> Tensor:
    """Pictures (N, C, H0, W0) resampled at a grid, (N, C, H, W); ``fill`` lies outside where padding is "constant"."""
    if padding != "constant":
        return grid_sample(pictures, grid, mode=interpolation, padding_mode=padding, align_corners=False)
    # grid_sample pads with zeros, so that the fill is made zero for its time.
    return grid_sample(pictures - fill, grid, mode=interpolation, padding_mode="zeros", align_corners=False).add_(fill)


def resize(pictures: Tensor, size: Size) -> Tensor:
    """Pictures (N, C, H0, W0) brought to a size bilinearly, averaged over what a pixel covers where they shrink."""
    if tuple(pictures.shape[2:]) == tuple(size):
        return pictures
    return interpolate(pictures, size=tuple(size), mode="bilinear", antialias=True, align_corners=False)
