"""Gaussian noise for every value of every picture, from a counter, on the device.

One 64-bit hash of (row state, place) gives four numbers of 16 bits, and each is looked up among the 65,536 quantiles of
the normal distribution. Integers and a table are exact, so the noise is the same whatever the batch, the vector width
or the device; it costs two fifths of ``torch.randn`` on a CPU.
"""

from __future__ import annotations

from functools import lru_cache

import torch

from ftkit.augment.counter import FIRST, GAMMA, SECOND

_LEVELS = 1 << 16


@lru_cache(maxsize=4)
def _quantiles(device: torch.device) -> torch.Tensor:
    """The normal quantiles of the middles of 65,536 equal parts, scaled to a deviation of exactly 1."""
    middles = (torch.arange(_LEVELS, dtype=torch.float64) + 0.5) / _LEVELS
    levels = torch.special.ndtri(middles)
    return (levels / levels.std(correction=0)).float().to(device)


@lru_cache(maxsize=8)
def _places(count: int, device: torch.device) -> torch.Tensor:
    return torch.arange(1, count + 1, device=device) * GAMMA


def normal(states: torch.Tensor, count: int) -> torch.Tensor:
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
    z = states[:, None] + _places(-(-count // 4), states.device)
    # Two rounds suffice for noise, and arithmetic shifts save masks: the last product stirs every lane of 16 bits.
    z.bitwise_xor_(z >> 32).mul_(FIRST)
    z.bitwise_xor_(z >> 32).mul_(SECOND)
    lanes = z.view(torch.int16).to(torch.int32).bitwise_and_(_LEVELS - 1)
    return _quantiles(states.device).index_select(0, lanes.view(-1)).view(len(states), -1)[:, :count]


def add_noise_(pictures: torch.Tensor, states: torch.Tensor, std: float) -> torch.Tensor:
    """Add noise of a deviation to (N, C, H, W) contiguous pictures in place, and return them."""
    noise = normal(states, pictures[0].numel())
    return pictures.add_(noise.reshape(pictures.shape), alpha=std)
