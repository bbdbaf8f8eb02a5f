"""Tone curves: tables of 256 values for each channel of each picture, as Pillow's ``ImageOps`` makes them.

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
    levels = pixels if pixels.dtype == torch.uint8 else (pixels * 255).round().clamp_(0, 255)
    flat = levels.flatten(1, 2).transpose(1, 2).long()
    table = _CURVES[name](flat, strength[:, None, None])
    changed = torch.gather(table, 2, flat).transpose(1, 2).reshape(pixels.shape)
    return changed.to(torch.uint8) if pixels.dtype == torch.uint8 else changed.to(pixels.dtype) / 255


def _levels(flat: Tensor) -> Tensor:
    return torch.arange(256, device=flat.device).expand(*flat.shape[:2], 256)


def _posterize(flat: Tensor, bits: Tensor) -> Tensor:
    return _levels(flat) & (256 - (1 << (8 - bits)))


def _solarize(flat: Tensor, threshold: Tensor) -> Tensor:
    level = _levels(flat)
    return torch.where(level < threshold, level, 255 - level)


def _autocontrast(flat: Tensor, _: Tensor) -> Tensor:
    low, high = flat.amin(2, keepdim=True), flat.amax(2, keepdim=True)
    level = _levels(flat)
    stretched = ((level - low) * 255 // (high - low).clamp_(min=1)).clamp_(0, 255)
    return torch.where(high > low, stretched, level)


def _equalize(flat: Tensor, _: Tensor) -> Tensor:
    level = _levels(flat)
    counts = torch.zeros_like(level).scatter_add_(2, flat, torch.ones_like(flat))
    last = torch.gather(counts, 2, flat.amax(2, keepdim=True))
    step = (flat.shape[2] - last) // 255
    before = counts.cumsum(2) - counts
    spread = ((before + step // 2) // step.clamp(min=1)).clamp_(0, 255)
    return torch.where(step > 0, spread, level)


_CURVES = {
    "posterize": _posterize,
    "solarize": _solarize,
    "autocontrast": _autocontrast,
    "equalize": _equalize,
}
