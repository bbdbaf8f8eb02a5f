"""A range test of the learning rate (Smith 2017, "Cyclical Learning Rates", section 3.3)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from torch import nn

from ftkit.models.frozen import train_mode
from ftkit.training.device import Place
from ftkit.training.gradient import batch_gradient, clip, gradient_norms
from ftkit.training.losses import Loss
from ftkit.training.optimizer import make_optimizer, set_rate, take_step
from ftkit.training.plan import plan
from ftkit.training.settings import Settings

SMOOTHING, DIVERGED = 0.9, 4.0


def rate_range(
    model: nn.Module,
    rows: Any,
    loss: Loss,
    settings: Settings,
    place: Place,
    *,
    lowest: float = 1e-6,
    highest: float = 1.0,
    steps: int = 100,
) -> tuple[np.ndarray, np.ndarray]:
    """The smoothed loss at each rate, while the rate rises step by step; the model is spoiled by it.

    Parameters
    ----------
    model : torch.nn.Module
        On ``place.device``.
    rows : ImageRows, TableRows or TokenRows
    loss : Loss
    settings : Settings
    place : Place
    lowest, highest : float, default 1e-6 and 1
    steps : int, default 100
        At most; it ends where the loss is four times its lowest or not finite.

    Returns
    -------
    (float array, float array)
        Rates and losses, as many as steps were taken.
    """
    optimizer, learning = make_optimizer(model, settings), [p for p in model.parameters() if p.requires_grad]
    rates, losses, mean, best = [], [], 0.0, math.inf
    for step, positions in zip(range(steps), _batches(rows, settings), strict=False):
        train_mode(model)
        rate = lowest * (highest / lowest) ** (step / max(1, steps - 1))
        value = batch_gradient(model, [rows.batch(positions, 0)], loss, place, None)
        gradients = [p.grad for p in learning if p.grad is not None]
        norm = gradient_norms(gradients).norm()
        if settings.clip_norm:
            clip(gradients, norm, settings.clip_norm)
        mean = SMOOTHING * mean + (1 - SMOOTHING) * float(value)
        smooth = mean / (1 - SMOOTHING ** (step + 1))
        best = min(best, smooth)
        if not math.isfinite(smooth + float(norm)) or smooth > DIVERGED * best:
            break
        rates.append(rate)
        losses.append(smooth)
        set_rate(optimizer, rate)
        take_step(optimizer, ~norm.isfinite())
    return np.array(rates), np.array(losses)


def suggest(rates: np.ndarray, losses: np.ndarray) -> float:
    """A tenth of the rate with the lowest loss: there the loss still falls, and a schedule has room above it.

    Examples
    --------
    >>> suggest(np.array([1e-4, 1e-3, 1e-2, 1e-1]), np.array([0.7, 0.5, 0.3, 0.9]))
    0.001
    """
    return float(rates[losses.argmin()] / 10)


def _batches(rows: Any, settings: Settings) -> Any:
    epoch = 0
    while True:
        yield from plan(rows.keys, settings.batch_size, epoch, settings.seed)
        epoch += 1
