"""What happened since the last step event, and which steps could not be taken."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from ftkit.training.event import NotFinite, Step


@dataclass
class Tally:
    """Sums over the steps since the last step event.

    Losses and norms stay on the device until ``settle`` reads them, all at once: between two step events the host
    does not wait.
    """

    loss: float = 0.0
    steps: int = 0
    skipped: int = 0
    rows: int = 0
    norm: float = 0.0
    since: list[float] = field(default_factory=lambda: [0.0])  # a list, so that no checkpoint holds it
    _pending: list[tuple[int, np.ndarray, Tensor]] = field(default_factory=list)

    def add(self, step: int, positions: np.ndarray, told: Tensor) -> None:
        """A step with its rows, and what ``Steps.take`` told of it."""
        self._pending.append((step, positions, told))

    def begin(self) -> None:
        """Start the clock at the first step: pauses and evaluations before it are not its time."""
        if not self._pending and not self.since[0]:
            self.since[0] = time.perf_counter()

    def settle(self, names: list[str]) -> list[NotFinite]:
        """Read what is on the device; the steps that were not taken, with the parameter whose gradient is to blame."""
        if not self._pending:
            return []
        numbers = torch.stack([told[:2] for _, _, told in self._pending]).tolist()
        faults = []
        for (step, positions, told), (loss, norm) in zip(self._pending, numbers, strict=True):
            self.steps, self.rows, self.norm = self.steps + 1, self.rows + len(positions), norm
            if math.isfinite(loss + norm):
                self.loss += loss
            else:
                self.skipped += 1
                faults.append(NotFinite(step, positions.tolist(), _largest(told[2:], names), loss, norm))
        self._pending.clear()
        return faults

    def tell(self, step: int, epoch: float, rate: float) -> Step:
        """The event of these steps."""
        taken = self.steps - self.skipped
        mean = self.loss / taken if taken else float("nan")
        speed = self.rows / max(time.perf_counter() - self.since[0], 1e-9)
        return Step(step, round(epoch, 4), mean, rate, round(speed, 1), self.norm, self.skipped)


def _largest(norms: Tensor, names: list[str]) -> str:
    """The parameter with the largest gradient; the last that is not finite counts as larger than any number.

    Going backward the gradient goes bad at the last layer it reaches first, so that is where to look.
    """
    sizes = norms.cpu()
    bad = (~torch.isfinite(sizes)).nonzero()
    return names[int(bad[-1])] if len(bad) else names[int(sizes.argmax())]
