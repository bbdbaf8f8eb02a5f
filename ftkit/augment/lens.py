"""Blur and sharpness."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from ftkit.augment.transfer import send

_REACH = 3.5  # deviations after which a Gaussian ends


def blur(pictures: Tensor, sigma: np.ndarray) -> Tensor:
    """Pictures blurred by a Gaussian each, the border repeated.

    As two products with a band matrix: these need no memory for neighbours, run at the speed of the device's matrix
    product, and treat every picture alike whatever the batch.

    Parameters
    ----------
    pictures : float32 tensor (N, C, H, W)
    sigma : float64 array (N,)
        Deviations in pixels, above 0.

    Returns
    -------
    float32 tensor (N, C, H, W)
    """
    rows, channels, height, width = pictures.shape
    down, across = (_bands(sigma, side, pictures.device) for side in (height, width))
    flat = torch.bmm(pictures.reshape(rows, channels * height, width), across.transpose(1, 2))
    return torch.matmul(down[:, None], flat.view(pictures.shape))


def _bands(sigma: np.ndarray, side: int, device: torch.device) -> Tensor:
    """The matrices (N, side, side) that blur a line; what would fall outside counts for the pixel at the end."""
    reach = np.arange(side)
    weights = np.exp(-0.5 * (reach / sigma[:, None]) ** 2) * (reach <= np.maximum(1, np.ceil(_REACH * sigma))[:, None])
    weights /= 2 * weights.sum(axis=1, keepdims=True) - weights[:, :1]
    beyond = weights[:, ::-1].cumsum(axis=1)[:, ::-1]  # all that lies so far away or farther, on one side
    weights, beyond = (send(a.astype(np.float32), device) for a in (weights, np.ascontiguousarray(beyond)))
    place = torch.arange(side, device=device)
    bands = weights[:, (place[:, None] - place).abs()]
    bands[:, :, 0], bands[:, :, -1] = beyond, beyond.flip(1)
    return bands


def sharpen(pictures: Tensor, factor: Tensor) -> Tensor:
    """Every value's distance to its smoothed neighbourhood, times the row's factor; as Pillow's ``Sharpness``.

    Parameters
    ----------
    pictures : float32 tensor (N, C, H, W)
    factor : float32 tensor (N,)

    Returns
    -------
    float32 tensor (N, C, H, W)
        The outermost pixels are as they were.
    """
    out = pictures.clone()
    if min(pictures.shape[2:]) < 3:
        return out
    lines = pictures[:, :, :-2] + pictures[:, :, 1:-1] + pictures[:, :, 2:]
    around = lines[..., :-2] + lines[..., 1:-1] + lines[..., 2:]
    inner = pictures[:, :, 1:-1, 1:-1]
    smooth = (around + 4.0 * inner) / 13.0
    out[:, :, 1:-1, 1:-1] = smooth + (inner - smooth) * factor[:, None, None, None]
    return out
