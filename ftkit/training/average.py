"""The moving average of the weights (Polyak & Juditsky 1992), which is judged and kept in their place."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from ftkit.training.processes import parted
from ftkit.training.statistics import norm_statistics


class Average:
    """An exponential moving average of the parameters that learn and of the batch norms' statistics.

    Parameters
    ----------
    model : torch.nn.Module
        On its device.
    decay : float in (0, 1)
        Share of the average that stays each step; less in the first steps, (1 + step) / (10 + step), so that the
        first weights do not weigh on it for long.
    """

    def __init__(self, model: nn.Module, decay: float) -> None:
        self.decay = decay
        named = {name: p for name, p in model.named_parameters() if p.requires_grad}
        named |= {name: b for name, b in norm_statistics(model).items() if b.is_floating_point()}
        self.names = list(named)
        self._own = [tensor.detach() for tensor in named.values()]
        self.values = [tensor.clone() for tensor in self._own]

    @torch.no_grad()
    def update(self, step: int) -> None:
        """Move towards the weights after so many steps."""
        decay = min(self.decay, (1 + step) / (10 + step))
        torch._foreach_lerp_(self.values, self._own, 1 - decay)

    def state(self) -> dict[str, Tensor]:
        """The averages by name."""
        return dict(zip(self.names, self.values, strict=True))

    @torch.no_grad()
    def load(self, state: dict[str, Tensor]) -> None:
        """Go on from averages that were saved."""
        for name, value in self.state().items():
            value.copy_(parted(state[name], value))

    @torch.no_grad()
    def put(self) -> None:
        """Leave the averages in the model."""
        torch._foreach_copy_(self._own, self.values)

    @contextmanager
    def shown(self) -> Iterator[None]:
        """The model holds the averages for a while."""
        kept = [tensor.clone() for tensor in self._own]
        self.put()
        try:
            yield
        finally:
            with torch.no_grad():
                torch._foreach_copy_(self._own, kept)
