"""What a chunk of a batch passes through, from stored pixels to the model's input."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ftkit.augment import fused, sampling
from ftkit.augment.counter import GAMMA, mix
from ftkit.augment.draft import Draft
from ftkit.augment.jpeg import compress
from ftkit.augment.lens import blur, sharpen
from ftkit.augment.noise import add_noise_
from ftkit.augment.tones import change_tones
from ftkit.augment.transfer import send

# Values that pass through all stages together: 1 MiB of float32 stays in a CPU's cache; an accelerator wants many at
# once, but a batch of any size must fit.
_CHUNK_CPU, _CHUNK_DEVICE = 1 << 18, 1 << 26

Vector = float | Sequence[float]


class Stages:
    """The drawn numbers on the device, and the stages a chunk of rows passes through."""

    def __init__(self, draft: Draft, states: np.ndarray | None, pixels: Tensor, mean: Vector, std: Vector) -> None:
        self.draft, device, channels = draft, pixels.device, pixels.shape[3]
        self.unit = 255.0 if pixels.dtype == torch.uint8 else 1.0
        self.mean = np.broadcast_to(np.asarray(mean, dtype=np.float64), (channels,))
        self.std = np.broadcast_to(np.asarray(std, dtype=np.float64), (channels,))
        self.close_up = bool(draft.sharpness or draft.sigma is not None or draft.quality is not None)
        self.bounded = self.close_up or bool(draft.colour is not None or draft.noises or draft.covers)
        self.bounded |= draft.interpolation == "bicubic"
        # What looks at values in 0..1 comes before the normalisation; all else is done in one pass with it.
        self.in_levels = bool(self.close_up or draft.noises)
        self.fused = _fusible(draft, pixels) and not self.in_levels
        if draft.backward is not None and not self.fused:
            self.columns, self.rows = _to(sampling.axes(draft.backward, draft.size), device)
            self.fill = send(torch.tensor(draft.fill, dtype=torch.float32), device).reshape(-1, 1, 1) * self.unit
            if channels == 1:
                self.fill = self.fill.mean(0, keepdim=True)
        if draft.noises:
            # Streams of their own, far from those of the steps.
            self.states = _to([mix(states ^ ((i + 1) * GAMMA)) for i in range(len(draft.noises))], device)
            self.amounts = _to([amount.astype(np.float32) for _, amount in draft.noises], device)
        unit = 1.0 if draft.colour is not None else self.unit
        self.first, self.last = _affine(unit, 0.0, 1.0, device), _affine(1.0, self.mean, self.std, device)
        self.both = _affine(unit, self.mean, self.std, device)
        ends = (0.0, 1.0) if self.bounded else (-np.inf, np.inf)
        self.bounds = [send(_column((end - self.mean) / self.std), device) for end in ends]

    @property
    def layout(self) -> torch.memory_format:
        """How what is written lies in memory."""
        return torch.channels_last if self.fused else torch.contiguous_format

    def write(self, at: slice, pixels: Tensor, out: Tensor) -> None:
        """One chunk: tones, places, colours, lens, noise, file, covers, normalisation."""
        draft = self.draft
        if self.fused:
            fused.paint(pixels, None if draft.backward is None else draft.backward[at], *self.paints(at, pixels), out)
            self.cover(at, out)
            return
        pixels = self.tone(at, pixels)
        placed = self.place(at, pixels.permute(0, 3, 1, 2).to(torch.float32))
        factor, offset = self.first if self.in_levels else self.both
        if draft.colour is not None:
            torch.baddbmm(*self.colours(at, pixels), placed.flatten(2), out=out.flatten(2))
        else:
            torch.mul(placed, factor, out=out)
            if not self.in_levels:
                out.add_(offset)
        if self.in_levels:
            if self.close_up:
                self.look_closer(at, out.clamp_(0.0, 1.0))
            else:
                self.add_noise(at, out)
            out.clamp_(0.0, 1.0).mul_(self.last[0]).add_(self.last[1])
        elif self.bounded:
            torch.clamp(out, *self.bounds, out=out)
        self.cover(at, out)

    def colours(self, at: slice, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """The offset (N, C, 1) and the matrix (N, C, C) of a chunk's colours; with the normalisation, if it is next."""
        matrix, bias = _colour_parts(self.draft.colour[at], pixels, self.unit)
        if self.in_levels:
            return bias, matrix
        factor, offset = (part[..., 0] for part in self.both)
        return bias * factor + offset, matrix * factor

    def paints(self, at: slice, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """The same as one tensor (N, C, C + 1), and the bounds (2, C), for the one kernel that does it all."""
        if self.draft.colour is not None:
            bias, matrix = self.colours(at, pixels)
        else:
            factor, bias = (part[..., 0].expand(len(pixels), -1, -1) for part in self.both)
            matrix = torch.diag_embed(factor[..., 0])
        ends = torch.stack(self.bounds).flatten(1)
        return torch.cat([matrix, bias], dim=2), ends

    def tone(self, at: slice, pixels: Tensor) -> Tensor:
        """The chunk under its tone curves; what was given is not touched."""
        for name, strength in self.draft.tones:
            some, where = _chosen(~np.isnan(strength[at]), pixels.device)
            if len(some):
                curve = send(strength[at][some].astype(np.int64), pixels.device)
                pixels = pixels.index_copy(0, where, change_tones(pixels[where], name, curve))
        return pixels

    def place(self, at: slice, pictures: Tensor) -> Tensor:
        """The chunk at the model's size, geometric steps done."""
        draft, (height, width) = self.draft, self.draft.size
        if draft.backward is None or pictures.shape[2] > height or pictures.shape[3] > width:
            pictures = sampling.resize(pictures, draft.size)
        if draft.backward is None:
            return pictures
        grid = sampling.grid(self.columns[at], self.rows[at], draft.straight)
        return sampling.warp(pictures, grid, draft.interpolation, draft.padding, self.fill)

    def look_closer(self, at: slice, out: Tensor) -> None:
        """Lens, sensor and file, for the rows they come up for."""
        draft = self.draft
        for factor in draft.sharpness:
            some, where = _chosen(factor[at] != 1.0, out.device)
            if len(some):
                wanted = send(factor[at][some].astype(np.float32), out.device)
                out.index_copy_(0, where, sharpen(out[where], wanted).clamp_(0.0, 1.0))
        self._change(blur, draft.sigma, at, out)
        self.add_noise(at, out)
        if draft.noises:
            out.clamp_(0.0, 1.0)
        self._change(compress, draft.quality, at, out)

    def _change(self, change: Any, strength: np.ndarray | None, at: slice, out: Tensor) -> None:
        """Change the rows whose strength is above 0."""
        if strength is None:
            return
        some, where = _chosen(strength[at] > 0, out.device)
        if len(some):
            out.index_copy_(0, where, change(out[where], strength[at][some]))

    def add_noise(self, at: slice, out: Tensor) -> None:
        """Every kind of noise in turn."""
        for i, (name, _) in enumerate(self.draft.noises):
            add_noise_(out, name, self.amounts[i][at], self.states[i][at])

    def cover(self, at: slice, out: Tensor) -> None:
        """Put boxes over normalised pictures."""
        down, across = (torch.arange(side, device=out.device) for side in out.shape[2:])
        for boxes, fill in self.draft.covers:
            top, left, bottom, right = send(boxes[at], out.device).T[..., None]
            inside = ((down >= top) & (down < bottom))[:, None, :, None] & ((across >= left) & (across < right))[
                :, None, None
            ]
            value = self.mean if fill == "mean" else {"black": 0.0, "white": 1.0}[fill]
            colour = np.broadcast_to((value - self.mean) / self.std, (out.shape[1],)).astype(np.float32)
            for channel, number in enumerate(colour.tolist()):
                out[:, channel].masked_fill_(inside[:, 0], number)


def _fusible(draft: Draft, pixels: Tensor) -> bool:
    """Whether all but covers is one kernel: plain resampling on a GPU, of pictures that do not shrink."""
    if not (fused.usable(pixels.device) and pixels.dtype == torch.uint8 and pixels.is_contiguous()):
        return False
    (height, width), stored = draft.size, tuple(pixels.shape[1:3])
    placed = draft.backward is not None and draft.straight and stored[0] <= height and stored[1] <= width
    plain = (draft.interpolation, draft.padding) == ("bilinear", "border") and not draft.tones
    return plain and (placed or (draft.backward is None and stored == (height, width)))


def _to(arrays: Any, device: torch.device) -> list[Tensor]:
    return [send(a, device) for a in arrays]


def _chosen(hit: np.ndarray, device: torch.device) -> tuple[np.ndarray, Tensor]:
    """Positions of the rows of a chunk something is done to, on the host and on the device."""
    some = np.flatnonzero(hit)
    return some, send(some, device)


def _affine(unit: float, mean: Any, std: Any, device: torch.device) -> tuple[Tensor, Tensor]:
    """``(x / unit - mean) / std`` as a factor and an offset that fit (N, C, H, W)."""
    factor, offset = 1.0 / (unit * np.asarray(std)), -np.asarray(mean) / std
    return send(_column(factor), device), send(_column(offset), device)


def _column(values: Any) -> np.ndarray:
    """One number a channel, in a shape that fits (N, C, H, W)."""
    return np.reshape(values, (-1, 1, 1)).astype(np.float32)


def _colour_parts(colour: np.ndarray, pixels: Tensor, unit: float) -> tuple[Tensor, Tensor]:
    """The matrix (N, C, C) on pixels as they come, and the offset (N, C, 1) with the picture's mean put in."""
    on_pixels, on_mean, offset = colour[:, :, :3], colour[:, :, 3:6], colour[:, :, 6:]
    if pixels.shape[3] == 1:
        # A grey pixel is r = g = b; every step keeps grey grey, so one row of the matrix says it all.
        on_pixels, on_mean = (part[:, :1].sum(axis=2, keepdims=True) for part in (on_pixels, on_mean))
        offset = offset[:, :1]
    matrix = send((on_pixels / unit).astype(np.float32), pixels.device)
    bias = send(offset, pixels.device)
    if on_mean.any():  # one product after the other, so that no order of summing can show
        means = _means(pixels)
        for channel, part in enumerate(send(on_mean, pixels.device).unbind(2)):
            bias = bias + (part * means[:, channel, None])[:, :, None]
    return matrix, bias.to(torch.float32)


def _means(pixels: Tensor) -> Tensor:
    """Each row's mean of each channel in 0..1, float64 (N, C).

    Of every k-th pixel of large pictures; summed in integers, so that no order of summing can show.
    """
    step = max(1, min(pixels.shape[1:3]) // 64)
    some = pixels[:, ::step, ::step]
    top = 255 if pixels.dtype == torch.uint8 else 1 << 20
    whole = some if pixels.dtype == torch.uint8 else (some.float() * top).round().long()
    total = whole.sum(dim=(1, 2), dtype=torch.int64).double()
    return total / (top * some.shape[1] * some.shape[2])


def chunks(pixels: Tensor, out: Tensor) -> list[slice]:
    """Slices of rows: as many as fit the cache on a CPU, and as many as fit the memory beside a model elsewhere."""
    rows, largest = len(pixels), max(1, pixels.shape[1:].numel(), out.shape[1:].numel())
    room = _CHUNK_CPU * torch.get_num_threads() if pixels.device.type == "cpu" else _CHUNK_DEVICE
    step = max(1, room // largest)
    return [slice(i, min(i + step, rows)) for i in range(0, rows, step)]
