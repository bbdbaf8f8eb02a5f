"""The gradient of a step: forward and backward in micro-batches, penalties, norms, clipping."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ftkit.training.device import Place
from ftkit.training.losses import Loss
from ftkit.training.processes import whole

OUT_OF_MEMORY = ("can't allocate memory", "not enough memory")  # what the CPU's allocator says


def batch_gradient(
    model: nn.Module, batches: list[tuple[Any, Tensor]], loss: Loss, place: Place, scale: Tensor | None
) -> Tensor:
    """Add the gradient of a batch's mean loss to the parameters; the loss.

    Parameters
    ----------
    model : torch.nn.Module
    batches : list of (inputs, labels)
        The micro-batches, on the device.
    loss : Loss
        Each micro-batch adds its sum over the weight of the whole batch, so that a short one counts as what it is.
    place : Place
        Of several processes, each adds the part of its own rows; after the last micro-batch the gradients are the sum.
    scale : Tensor, optional
        What the loss is multiplied with before its gradient is taken (fp16).

    Returns
    -------
    Tensor
        On the device.
    """
    together = place.processes
    weight = together.total(sum(loss.weight(labels) for _, labels in batches), place.device)
    values = []
    for number, (inputs, labels) in enumerate(batches, 1):
        with together.before_last(model) if number < len(batches) else nullcontext():
            with place.autocast():
                outputs = forward(model, inputs)
            value = loss.total(outputs.float(), labels) / weight
            scaled = value if scale is None else value * scale
            # Over processes, torch makes the mean of gradients.
            (scaled if together.count == 1 else scaled * together.count).backward()
        values.append(value.detach())
    return together.total(values[0] if len(values) == 1 else torch.stack(values).sum(), place.device)


def forward(model: nn.Module, inputs: Tensor | dict[str, Any]) -> Tensor:
    """The logits of a batch: of one tensor, or of tensors by the names the model gives its inputs."""
    return (model(**inputs) if isinstance(inputs, dict) else model(inputs)).logits


def divide(positions: np.ndarray, micro: int, least: int) -> list[np.ndarray]:
    """The micro-batches of a batch: like in size, none over ``micro`` rows unless one would have less than ``least``.

    Examples
    --------
    >>> [len(part) for part in divide(np.arange(10), 4, least=1)]
    [4, 3, 3]
    >>> [len(part) for part in divide(np.arange(5), 2, least=2)]
    [3, 2]
    """
    if not micro or micro >= len(positions):
        return [positions]
    parts = min(-(-len(positions) // micro), max(1, len(positions) // least))
    return np.array_split(positions, parts)


def out_of_memory(error: RuntimeError) -> bool:
    """Whether a device's memory, or the machine's, did not suffice."""
    return isinstance(error, torch.OutOfMemoryError) or any(words in str(error) for words in OUT_OF_MEMORY)


def add_penalties(weights: list[nn.Parameter], l1: float, l2: float) -> None:
    """Add the gradients of l1 × the sum of absolute values and of l2 × the sum of squares (Tibshirani 1996)."""
    held = [p for p in weights if p.grad is not None]
    with torch.no_grad():
        if l1:
            torch._foreach_add_([p.grad for p in held], torch._foreach_sign(held), alpha=l1)
        if l2:
            torch._foreach_add_([p.grad for p in held], held, alpha=2 * l2)


def gradient_norms(gradients: list[Tensor]) -> Tensor:
    """The length of each parameter's gradient, (P,); the length of that vector is the whole gradient's."""
    return whole(torch.stack([norm.float() for norm in torch._foreach_norm(gradients)]))


def clip(gradients: list[Tensor], norm: Tensor, longest: float) -> None:
    """Shorten a gradient to ``longest``; as ``clip_grad_norm_`` does, without its second pass over the norms."""
    factor = (longest / (norm + 1e-6)).clamp(max=1.0)
    if factor.device.type == "cpu" and factor == 1:  # elsewhere the host would have to wait to know
        return
    torch._foreach_mul_(gradients, factor)
