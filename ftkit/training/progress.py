"""Where a training is, in numbers: what a checkpoint holds beside tensors of weights."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

import torch
from torch import Tensor

from ftkit.training.settings import Settings


@dataclass
class Progress:
    """A place in the plan, what people changed on the way, and what was judged.

    Attributes
    ----------
    step : int
        Steps taken.
    epoch : int
        The epoch it is in, from 0.
    number : int
        Batches of that epoch that were taken.
    epochs, batch_size, micro_batch_size : int
        As in ``Settings``, or as they were changed.
    next_batch_size : int
        From the next epoch on.
    rate_scale : float
        What somebody's change of the learning rate multiplies the schedule with.
    plateau_scale : float
        What ``plateau`` multiplies it with.
    best : float
        The best score so far; lower is better.
    best_step : int
        The step of that score; -1 before the first.
    waited : int
        Scores since the best one.
    stale : int
        Scores since the best one, or since ``plateau`` lowered the rate.
    lost : int
        Steps in a row that were not taken.
    """

    epochs: int
    batch_size: int
    micro_batch_size: int
    next_batch_size: int
    step: int = 0
    epoch: int = 0
    number: int = 0
    rate_scale: float = 1.0
    plateau_scale: float = 1.0
    best: float = math.inf
    best_step: int = -1
    waited: int = 0
    stale: int = 0
    lost: int = 0

    @classmethod
    def start(cls, settings: Settings) -> Progress:
        """Before the first step."""
        return cls(settings.epochs, settings.batch_size, settings.micro_batch_size, settings.batch_size)

    @property
    def scale(self) -> float:
        """What the schedule's rate is multiplied with."""
        return self.rate_scale * self.plateau_scale

    def observe(self, score: float | None, settings: Settings) -> bool:
        """Take note of a score (lower is better); whether it is the best so far."""
        if score is None:
            return False
        if score < self.best:
            self.best, self.best_step, self.waited, self.stale = score, self.step, 0, 0
            return True
        self.waited, self.stale = self.waited + 1, self.stale + 1
        if settings.schedule == "plateau" and self.stale >= settings.plateau_patience:
            self.plateau_scale, self.stale = self.plateau_scale * settings.plateau_factor, 0
        return False

    def settled(self, settings: Settings) -> bool:
        """Whether nothing better came for so long that the training ends."""
        return bool(settings.early_stopping) and self.waited >= settings.early_stopping


def to_tensors(numbers: object, prefix: str) -> dict[str, Tensor]:
    """The numbers of a dataclass as tensors by name."""
    return {
        f"{prefix}.{field.name}": torch.tensor(getattr(numbers, field.name), dtype=torch.float64)
        for field in fields(numbers)
        if isinstance(getattr(numbers, field.name), int | float)
    }


def from_tensors(numbers: object, prefix: str, state: dict[str, Tensor]) -> None:
    """Put numbers that were saved back into a dataclass."""
    for field in fields(numbers):
        kind = type(getattr(numbers, field.name))
        if kind in (int, float):
            setattr(numbers, field.name, kind(state[f"{prefix}.{field.name}"].item()))
