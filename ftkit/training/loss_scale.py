"""The factor that keeps small fp16 gradients from vanishing (Micikevicius et al. 2018, section 3.2)."""

from __future__ import annotations

import torch
from torch import Tensor

FIRST, GROWTH_STEPS = 2.0**16, 2000


class LossScale:
    """A factor that halves where a gradient overflows and doubles after 2,000 steps without one.

    It stays on the device: nothing waits for it.

    Parameters
    ----------
    device : torch.device
    """

    def __init__(self, device: torch.device) -> None:
        self.factor = torch.full((), FIRST, device=device)
        self.good = torch.zeros((), device=device)

    @torch.no_grad()
    def update(self, bad: Tensor) -> None:
        """Take note of a step that could be taken, or not."""
        self.good = torch.where(bad, 0, self.good + 1)
        grown = torch.where(self.good >= GROWTH_STEPS, self.factor * 2, self.factor)
        self.factor = torch.where(bad, self.factor / 2, grown)
        self.good = torch.where(self.good >= GROWTH_STEPS, 0, self.good)

    def items(self) -> list[tuple[str, Tensor]]:
        """What a checkpoint holds of it."""
        return [("factor", self.factor), ("good", self.good)]

    def load(self, state: dict[str, Tensor]) -> None:
        """Go on from what a checkpoint held."""
        self.factor, self.good = (state[name].to(self.factor.device) for name in ("factor", "good"))
