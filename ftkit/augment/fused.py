"""Places, colours and normalisation of a batch as one kernel, on a GPU with Triton, which CUDA builds of torch bring.

Step by step each pass reads and writes the whole batch in float32; here every pixel is read as it is stored, and
written once, where a model in channels-last wants it.
"""

from __future__ import annotations

import logging
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from ftkit.augment.transfer import send

try:
    import triton
    import triton.language as tl
except ImportError:  # a CPU build of torch comes without it
    triton = None

Size = tuple[int, int]
BLOCK = 1024
log = logging.getLogger(__name__)

if triton is not None:

    @triton.jit
    def mean(pixels, top, bottom, left, right, dx, dy, inside):
        """What lies between four stored pixels of a channel."""
        a, b = tl.load(pixels + top + left, inside, 0), tl.load(pixels + top + right, inside, 0)
        c, d = tl.load(pixels + bottom + left, inside, 0), tl.load(pixels + bottom + right, inside, 0)
        upper = a.to(tl.float32) + (b.to(tl.float32) - a.to(tl.float32)) * dx
        lower = c.to(tl.float32) + (d.to(tl.float32) - c.to(tl.float32)) * dx
        return upper + (lower - upper) * dy

    @triton.jit
    def paint_kernel(  # noqa: D103 - Triton takes what it finds in a kernel for code; see ``paint``
        pixels, out, maps, colours, bounds, side, high, wide, height, channels: tl.constexpr, many: tl.constexpr
    ):
        row = tl.program_id(1).to(tl.int64)
        at = tl.program_id(0) * many + tl.arange(0, many)
        inside = at < height * side
        x, y = (at % side).to(tl.float32), (at // side).to(tl.float32)
        maps += row * 6
        across = tl.load(maps) * x + tl.load(maps + 1) * y + tl.load(maps + 2)
        down = tl.load(maps + 3) * x + tl.load(maps + 4) * y + tl.load(maps + 5)
        across = tl.minimum(tl.maximum(across, 0.0), wide - 1.0)
        down = tl.minimum(tl.maximum(down, 0.0), high - 1.0)
        left, top = across.to(tl.int32), down.to(tl.int32)
        dx, dy = across - left.to(tl.float32), down - top.to(tl.float32)
        right, bottom = tl.minimum(left + 1, wide - 1) * channels, tl.minimum(top + 1, high - 1) * wide * channels
        left, top = left * channels, top * wide * channels
        pixels += row * high * wide * channels
        first = mean(pixels, top, bottom, left, right, dx, dy, inside)
        if channels == 3:
            second = mean(pixels + 1, top, bottom, left, right, dx, dy, inside)
            third = mean(pixels + 2, top, bottom, left, right, dx, dy, inside)
        colours += row * channels * (channels + 1)
        out += (row * height * side + at) * channels
        for channel in tl.static_range(channels):
            own = colours + channel * (channels + 1)
            value = tl.load(own) * first + tl.load(own + channels)
            if channels == 3:
                value += tl.load(own + 1) * second + tl.load(own + 2) * third
            least, most = tl.load(bounds + channel), tl.load(bounds + channels + channel)
            tl.store(out + channel, tl.minimum(tl.maximum(value, least), most), inside)


@lru_cache(maxsize=8)
def usable(device: torch.device) -> bool:
    """Whether the kernel runs on a device: a GPU, with Triton and the C compiler that it wants."""
    if triton is None or device.type != "cuda":
        return False
    try:
        zeros = torch.zeros(2, 2, device=device)
        picture = torch.zeros(1, 1, 1, 1, dtype=torch.uint8, device=device)
        paint(picture, None, zeros[None, :1], zeros[:, :1], zeros[None, None, :1, :1].clone())
    except Exception as error:
        log.info("augmentation goes pass by pass: %s", error)
        return False
    return True


def paint(pixels: Tensor, backward: np.ndarray | None, colour: Tensor, bounds: Tensor, out: Tensor) -> None:
    """Fill ``out`` with pictures at their new places, in their new colours.

    Parameters
    ----------
    pixels : uint8 tensor, (N, H0, W0, C)
    backward : float64 array, (N, 3, 3), or None
        Affine, from a pixel of the new picture to its source, from the centre in pixels of the new size; beside the
        stored picture its border goes on.
    colour : float32 tensor, (N, C, C + 1)
        A matrix on pixels of 0 to 255, and an offset.
    bounds : float32 tensor, (2, C)
        What values are held within.
    out : float32 tensor, (N, C, H, W) in channels-last
    """
    rows, high, wide, channels = pixels.shape
    height, width = out.shape[2:]
    maps = send(coefficients(backward, rows, (high, wide), (height, width)), pixels.device)
    grid = (-(-height * width // BLOCK), rows)
    paint_kernel[grid](pixels, out, maps, colour, bounds, width, high, wide, height, channels=channels, many=BLOCK)


def coefficients(backward: np.ndarray | None, rows: int, stored: Size, size: Size) -> np.ndarray:
    """Where pixel (x, y) of the new picture comes from: the first three times (x, y, 1) across, the others down.

    Examples
    --------
    >>> coefficients(None, 1, (4, 4), (4, 4)).tolist()
    [[1.0, 0.0, 0.0, 0.0, 1.0, 0.0]]
    """
    backward = np.broadcast_to(np.eye(3), (rows, 3, 3)) if backward is None else backward
    (high, wide), (height, width) = stored, size
    centre = np.array([0.5 - width / 2, 0.5 - height / 2, 1.0])
    zoom, middle = np.array([wide / width, high / height]), np.array([wide, high]) / 2 - 0.5
    parts = backward[:, :2].copy()
    parts[:, :, 2] = (backward[:, :2] * centre).sum(axis=2)
    parts *= zoom[:, None]
    parts[:, :, 2] += middle
    return parts.reshape(rows, 6).astype(np.float32)
