"""AdamW (Loshchilov & Hutter 2019, "Decoupled Weight Decay Regularization"), decaying matrices only."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ftkit.training.settings import Settings


def make_optimizer(model: nn.Module, settings: Settings) -> torch.optim.AdamW:
    """Fused AdamW over the parameters that learn.

    Parameters
    ----------
    model : torch.nn.Module
        On its device already.
    settings : Settings
        Rate and weight decay.

    Returns
    -------
    torch.optim.AdamW
        Two groups: matrices and filters, which decay; norms and biases, which do not.
    """
    learning = [p for p in model.parameters() if p.requires_grad]
    groups = [
        {"params": [p for p in learning if p.ndim >= 2], "weight_decay": settings.weight_decay},
        {"params": [p for p in learning if p.ndim < 2], "weight_decay": 0.0},
    ]
    groups = [group for group in groups if group["params"]]
    return torch.optim.AdamW(groups, lr=settings.learning_rate, fused=True)


def take_step(optimizer: torch.optim.AdamW, model: nn.Module, rate: float, clip_norm: float) -> Tensor:
    """Clip, and step unless a gradient is not finite; the gradient's norm, still on the device.

    The guard costs no read by the host: fused AdamW skips its step where ``found_inf`` is 1.
    """
    learning = [p for p in model.parameters() if p.requires_grad]
    norm = nn.utils.clip_grad_norm_(learning, clip_norm if clip_norm > 0 else float("inf"))
    optimizer.grad_scale = None
    optimizer.found_inf = (~torch.isfinite(norm)).to(torch.float32)
    for group in optimizer.param_groups:
        group["lr"] = rate
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    return norm


def l1_penalty(model: nn.Module) -> Tensor:
    """The sum of absolute values of the matrices that learn."""
    return torch.stack([p.abs().sum() for p in model.parameters() if p.requires_grad and p.ndim >= 2]).sum()
