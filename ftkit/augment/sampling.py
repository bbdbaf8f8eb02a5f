"""Where pixels come from: one resampling for all geometric steps and the resize."""

from __future__ import annotations

import numpy as np
import torch
from torch.nn.functional import grid_sample, interpolate

Size = tuple[int, int]


def axes(backward: np.ndarray, size: Size) -> tuple[np.ndarray, np.ndarray]:
    """The sampling grid of affine maps as two thin parts, whose sum is the grid.

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
    float32 arrays (N, 2, 1, W) and (N, 2, H, 1)
        In grid_sample's coordinates, -1 to 1.
    """
    height, width = size
    scale = np.array([2.0 / width, 2.0 / height])[:, None]
    x, y = np.arange(width) + 0.5 - width / 2, np.arange(height) + 0.5 - height / 2
    columns = backward[:, :2, 0, None] * scale * x
    rows = backward[:, :2, 1, None] * scale * y + backward[:, :2, 2, None] * scale
    return columns[:, :, None].astype(np.float32), rows[..., None].astype(np.float32)


def warp(pictures: torch.Tensor, columns: torch.Tensor, rows: torch.Tensor, padding: str) -> torch.Tensor:
    """Pictures (N, C, H0, W0) resampled bilinearly at ``columns + rows``, (N, C, H, W)."""
    grid = (columns + rows).permute(0, 2, 3, 1)
    return grid_sample(pictures, grid, mode="bilinear", padding_mode=padding, align_corners=False)


def resize(pictures: torch.Tensor, size: Size) -> torch.Tensor:
    """Pictures (N, C, H0, W0) brought to a size bilinearly, averaged over what a pixel covers where they shrink."""
    if tuple(pictures.shape[2:]) == tuple(size):
        return pictures
    return interpolate(pictures, size=tuple(size), mode="bilinear", antialias=True, align_corners=False)
