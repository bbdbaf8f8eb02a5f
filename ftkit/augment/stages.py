"""What a chunk of a batch passes through: placing, colours, noise, normalisation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch

from ftkit.augment import matrices, sampling
from ftkit.augment.noise import add_noise_

# Values that pass through all stages together on a CPU: 1 MiB of float32 stays in its cache.
_CHUNK = 1 << 18

Vector = float | Sequence[float]


class Target(Protocol):
    """What the stages need to know of an augmenter."""

    size: tuple[int, int]
    padding: str


@dataclass(frozen=True)
class Drawn:
    """What was drawn for a batch, before any picture is touched.

    Attributes
    ----------
    backward : float64 array (N, 3, 3) or None
        From a pixel of the new picture to its source, in pixels of the new size from the centre.
    colour : float64 array (N, 3, 7) or None
        On (r, g, b, their means over the picture, 1), values in 0..1.
    noise : int64 array (N,) or None
        The state each row's noise is made from.
    std : float
        The deviation of the noise.
    """

    backward: np.ndarray | None
    colour: np.ndarray | None
    noise: np.ndarray | None
    std: float


class Stages:
    """The drawn numbers on the device, and the stages a chunk of rows passes through."""

    def __init__(self, drawn: Drawn, to: Target, pixels: torch.Tensor, mean: Vector, std: Vector) -> None:
        self.drawn, self.to, device, channels = drawn, to, pixels.device, pixels.shape[3]
        self.unit = 255.0 if pixels.dtype == torch.uint8 else 1.0
        self.mean = np.broadcast_to(np.asarray(mean, dtype=np.float64), (channels,))
        self.std = np.broadcast_to(np.asarray(std, dtype=np.float64), (channels,))
        self.bounded = drawn.colour is not None or drawn.noise is not None
        if drawn.backward is not None:
            self.columns, self.rows = (torch.from_numpy(a).to(device) for a in sampling.axes(drawn.backward, to.size))
        if drawn.colour is not None:
            self.matrix, self.bias = _colour_parts(drawn.colour, pixels, self.unit)
        if drawn.noise is not None:
            self.states = torch.from_numpy(drawn.noise).to(device)
        unit = 1.0 if drawn.colour is not None else self.unit
        self.first, self.last = _affine(unit, 0.0, 1.0, device), _affine(1.0, self.mean, self.std, device)
        self.both = _affine(unit, self.mean, self.std, device)

    def write(self, at: slice, pixels: torch.Tensor, out: torch.Tensor) -> None:
        """One chunk: place, colour, noise, normalise."""
        placed = self.place(at, pixels.permute(0, 3, 1, 2).to(torch.float32))
        if self.drawn.colour is not None:
            torch.baddbmm(self.bias[at], self.matrix[at], placed.flatten(2), out=out.flatten(2))
        elif self.bounded:
            torch.mul(placed, self.first[0], out=out)
        if self.drawn.noise is not None:
            add_noise_(out, self.states[at], self.drawn.std)
        if self.bounded:
            out.clamp_(0.0, 1.0).mul_(self.last[0]).add_(self.last[1])
        else:
            torch.mul(placed, self.both[0], out=out).add_(self.both[1])

    def place(self, at: slice, pictures: torch.Tensor) -> torch.Tensor:
        """The chunk at the model's size, geometric steps done."""
        height, width = self.to.size
        if self.drawn.backward is None or pictures.shape[2] > height or pictures.shape[3] > width:
            pictures = sampling.resize(pictures, self.to.size)
        if self.drawn.backward is None:
            return pictures
        return sampling.warp(pictures, self.columns[at], self.rows[at], self.to.padding)


def _affine(unit: float, mean: Any, std: Any, device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
    """``(x / unit - mean) / std`` as a factor and an offset that fit (N, C, H, W)."""
    factor = np.reshape(1.0 / (unit * np.asarray(std)), (-1, 1, 1)).astype(np.float32)
    offset = np.reshape(-np.asarray(mean) / std, (-1, 1, 1)).astype(np.float32)
    return torch.from_numpy(factor).to(device), torch.from_numpy(offset).to(device)


def _colour_parts(colour: np.ndarray, pixels: torch.Tensor, unit: float) -> tuple[torch.Tensor, torch.Tensor]:
    """The matrix (N, C, C) on pixels as they come, and the offset (N, C, 1) with the picture's mean put in."""
    on_pixels, on_mean, offset = colour[:, :, :3], colour[:, :, 3:6], colour[:, :, 6:]
    if pixels.shape[3] == 1:
        # A grey pixel is r = g = b; every step keeps grey grey, so one row of the matrix says it all.
        on_pixels, on_mean = (part[:, :1].sum(axis=2, keepdims=True) for part in (on_pixels, on_mean))
        offset = offset[:, :1]
    matrix = torch.from_numpy((on_pixels / unit).astype(np.float32)).to(pixels.device)
    if on_mean.any():
        offset = offset + matrices.multiply(on_mean, _means(pixels)[:, :, None])
    return matrix, torch.from_numpy(offset.astype(np.float32)).to(pixels.device)


def _means(pixels: torch.Tensor) -> np.ndarray:
    """Each row's mean of each channel in 0..1, (N, C).

    Of every k-th pixel of large pictures; summed in integers, so that no order of summing can show.
    """
    step = max(1, min(pixels.shape[1:3]) // 64)
    some = pixels[:, ::step, ::step]
    top = 255 if pixels.dtype == torch.uint8 else 1 << 20
    whole = some if pixels.dtype == torch.uint8 else (some.float() * top).round().long()
    total = whole.sum(dim=(1, 2), dtype=torch.int64).cpu().numpy()
    return total / (top * some.shape[1] * some.shape[2])


def chunks(pixels: torch.Tensor, out: torch.Tensor) -> list[slice]:
    """Slices of rows: all at once on an accelerator, as many as fit the cache on a CPU."""
    rows = len(pixels)
    if pixels.device.type != "cpu":
        return [slice(0, rows)]
    largest = max(pixels.shape[1:].numel(), out.shape[1:].numel())
    step = max(1, _CHUNK * torch.get_num_threads() // max(1, largest))
    return [slice(i, min(i + step, rows)) for i in range(0, rows, step)]
