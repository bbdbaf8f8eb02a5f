"""What saving as JPEG does to a picture, on the device.

ITU-T T.81 (baseline) with JFIF's colours, as libjpeg does it by default: YCbCr in 8 bits, colour at half the
resolution, cosine transform of blocks of 8 × 8, coefficients rounded to multiples of the tables of annex K scaled to a
quality. What an encoder does after that loses nothing, so it is left out.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, interpolate, pad

from ftkit.augment.transfer import send

_LUMA = """16 11 10 16 24 40 51 61 12 12 14 19 26 58 60 55 14 13 16 24 40 57 69 56 14 17 22 29 51 87 80 62
           18 22 37 56 68 109 103 77 24 35 55 64 81 104 113 92 49 64 78 87 103 121 120 101 72 92 95 98 112 100 103 99"""
_CHROMA = (
    """17 18 24 47 99 99 99 99 18 21 26 66 99 99 99 99 24 26 56 99 99 99 99 99 47 66 99 99 99 99 99 99""" + " 99" * 32
)
_TABLES = tuple(np.array(t.split(), dtype=np.int64) for t in (_LUMA, _CHROMA))


def compress(pictures: Tensor, quality: np.ndarray) -> Tensor:
    """Pictures as a JPEG file would give them back.

    Parameters
    ----------
    pictures : float32 tensor (N, C, H, W)
        In 0..1, C is 1 or 3.
    quality : float64 array (N,)
        1 to 100, as in Pillow.

    Returns
    -------
    float32 tensor (N, C, H, W)
    """
    height, width = pictures.shape[2:]
    step = 8 if pictures.shape[1] == 1 else 16
    whole = pad(pictures * 255, (0, -width % step, 0, -height % step), mode="replicate").round()
    luma, chroma = (_table(table, quality, pictures.device) for table in _TABLES)
    if pictures.shape[1] == 1:
        out = _round_trip(whole, luma)
    else:
        y, colour = _to_ycc(whole)
        colour = interpolate(_round_trip(avg_pool2d(colour, 2), chroma), scale_factor=2, mode="bilinear")
        out = _to_rgb(_round_trip(y, luma), colour)
    return out[:, :, :height, :width].round().clamp_(0, 255) / 255


def _table(table: np.ndarray, quality: np.ndarray, device: torch.device) -> Tensor:
    """The quantisation table of each row, (N, 1, 64), by libjpeg's rule."""
    scale = np.where(quality < 50, 5000 // np.maximum(quality, 1), 200 - 2 * quality)
    steps = np.clip((table * scale[:, None] + 50) // 100, 1, 255)
    return send(steps.astype(np.float32), device)[:, None]


@lru_cache(maxsize=4)
def _cosines(device: torch.device) -> Tensor:
    """The orthonormal cosine transform of a block as one matrix, (64, 64)."""
    k, x = np.mgrid[:8, :8]
    line = np.sqrt(np.where(k == 0, 1, 2) / 8) * np.cos((2 * x + 1) * k * np.pi / 16)
    return send(np.kron(line, line).astype(np.float32), device)


def _round_trip(planes: Tensor, table: Tensor) -> Tensor:
    """Planes (N, C, H, W) in 0..255 with their coefficients rounded to multiples of the table."""
    rows, channels, height, width = planes.shape
    blocks = planes.view(rows, channels, height // 8, 8, width // 8, 8).transpose(3, 4).reshape(rows, -1, 64) - 128
    cosines = _cosines(planes.device).expand(rows, 64, 64)
    levels = (torch.bmm(blocks, cosines.transpose(1, 2)) / table).round_().mul_(table)
    back = torch.bmm(levels, cosines) + 128
    back = back.view(rows, channels, height // 8, width // 8, 8, 8).transpose(3, 4).reshape(planes.shape)
    return back.round_().clamp_(0, 255)


def _to_ycc(rgb: Tensor) -> tuple[Tensor, Tensor]:
    r, g, b = rgb.unbind(1)
    y = 0.299 * r + 0.587 * g + 0.114 * b
    colour = torch.stack([(b - y) / 1.772 + 128, (r - y) / 1.402 + 128], dim=1)
    return y.round()[:, None], colour.round_().clamp_(0, 255)


def _to_rgb(y: Tensor, colour: Tensor) -> Tensor:
    blue, red = (colour - 128).unbind(1)
    y = y[:, 0]
    return torch.stack([y + 1.402 * red, y - 0.344136 * blue - 0.714136 * red, y + 1.772 * blue], dim=1)
