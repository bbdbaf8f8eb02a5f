"""The batch norms' statistics, which a step that is not taken must not change either."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _NormBase


def norm_statistics(model: nn.Module) -> dict[str, Tensor]:
    """The running means, variances and counts of the batch norms, by name."""
    return {
        f"{name}.{key}": buffer
        for name, module in model.named_modules()
        if isinstance(module, _NormBase)
        for key, buffer in module.named_buffers(recurse=False)
    }


class Statistics:
    """A copy of a model's statistics from before a step.

    Parameters
    ----------
    model : torch.nn.Module
    """

    def __init__(self, model: nn.Module) -> None:
        self._own = list(norm_statistics(model).values())
        self._kept = [buffer.clone() for buffer in self._own]

    @property
    def any(self) -> bool:
        """Whether the model has batch norms, which cannot learn from a single row."""
        return bool(self._own)

    @torch.no_grad()
    def keep(self) -> None:
        """Copy them, before a step."""
        if self._own:
            torch._foreach_copy_(self._kept, self._own)

    @torch.no_grad()
    def restore(self, bad: Tensor | bool = True) -> None:
        """Put them back if the step was bad; on the CPU it is read whether it was, elsewhere nothing waits."""
        if isinstance(bad, bool) or bad.device.type == "cpu":
            if bad and self._own:
                torch._foreach_copy_(self._own, self._kept)
            return
        for kind in {buffer.dtype for buffer in self._own}:
            own = [buffer for buffer in self._own if buffer.dtype == kind]
            kept = [copy for copy in self._kept if copy.dtype == kind]
            # One long vector: a choice a buffer would be two launches for each of a hundred.
            chosen = torch.where(bad, *(torch.cat([each.flatten() for each in parts]) for parts in (kept, own)))
            lengths = [buffer.numel() for buffer in own]
            torch._foreach_copy_(own, [c.view_as(b) for c, b in zip(chosen.split(lengths), own, strict=True)])
