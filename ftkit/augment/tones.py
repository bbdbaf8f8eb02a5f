"""Tone curves, as Pillow's ``ImageOps`` draws them.

Integers only, so that no order of operations can show.
"""

from __future__ import annotations

import torch
from torch import Tensor


def change_tones(pixels: Tensor, name: str, strength: Tensor) -> Tensor:
    """Pictures with a tone curve.

    Parameters
    ----------
    pixels : tensor (N, H, W, C)
        uint8; or floating point in 0..1, which is rounded to 8 bits.
    name : {"posterize", "solarize", "autocontrast", "equalize"}
    strength : int64 tensor (N,)
        Bits for posterize, threshold for solarize; not looked at by the others.

    Returns
    -------
    tensor of the same shape and type
    """
    if pixels.dtype != torch.uint8:
        levels = (pixels * 255).round().clamp_(0, 255).to(torch.uint8)
        return _CURVES[name](levels, strength).to(pixels.dtype) / 255
    return _CURVES[name](pixels, strength)


def _posterize(levels: Tensor, bits: Tensor) -> Tensor:
    return levels & (256 - (1 << (8 - bits))).to(torch.uint8)[:, None, None, None]


def _solarize(levels: Tensor, threshold: Tensor) -> Tensor:
    return torch.where(levels < threshold.to(torch.uint8)[:, None, None, None], levels, 255 - levels)


def _autocontrast(levels: Tensor, _: Tensor) -> Tensor:
    flat = _by_channel(levels)
    low, high = flat.amin(2, keepdim=True).long(), flat.amax(2, keepdim=True).long()
    level = torch.arange(256, device=levels.device)
    stretched = ((level - low) * 255 // (high - low).clamp_(min=1)).clamp_(0, 255)
    return _look_up(torch.where(high > low, stretched, level), flat, levels)


def _equalize(levels: Tensor, _: Tensor) -> Tensor:
    flat = _by_channel(levels)
    places = flat.long()
    counts = places.new_zeros(*flat.shape[:2], 256).scatter_add_(2, places, torch.ones_like(places))
    last = torch.gather(counts, 2, places.amax(2, keepdim=True))
    step = (flat.shape[2] - last) // 255
    spread = ((counts.cumsum(2) - counts + step // 2) // step.clamp(min=1)).clamp_(0, 255)
    return _look_up(torch.where(step > 0, spread, torch.arange(256, device=levels.device)), flat, levels)


def _by_channel(levels: Tensor) -> Tensor:
    """(N, C, H × W)."""
    return levels.flatten(1, 2).transpose(1, 2)


def _look_up(tables: Tensor, flat: Tensor, like: Tensor) -> Tensor:
    """Every value in the table (N, C, 256) of its channel."""
    return torch.gather(tables.to(torch.uint8), 2, flat.long()).transpose(1, 2).reshape(like.shape)


_CURVES = {
    "posterize": _posterize,
    "solarize": _solarize,
    "autocontrast": _autocontrast,
    "equalize": _equalize,
}
