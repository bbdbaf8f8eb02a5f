"""Optimisers by name, over groups of parameters that differ in decay and rate."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import torch
from torch import Tensor, nn
from torch.distributed.tensor import DTensor

from ftkit.errors import MissingDependency
from ftkit.models.frozen import head_parameters, layers_of
from ftkit.training.settings import Settings

OPTIMIZERS = ("adamw", "adam", "sgd", "adafactor", "adamw8bit")


def make_optimizer(model: nn.Module, settings: Settings) -> torch.optim.Optimizer:
    """An optimiser over the parameters that learn.

    Parameters
    ----------
    model : torch.nn.Module
        On its device already.
    settings : Settings
        Optimiser, rate, its scales by layer, weight decay.

    Returns
    -------
    torch.optim.Optimizer
        Its groups hold ``scale``, what their rate is a multiple of the schedule's, and ``weight_decay``, 0 for norms
        and biases.

    Raises
    ------
    MissingDependency
        ``adamw8bit`` without bitsandbytes.

    References
    ----------
    AdamW: Loshchilov & Hutter 2019, "Decoupled Weight Decay Regularization". Adam: Kingma & Ba 2015. SGD with
    momentum: Sutskever et al. 2013. Adafactor: Shazeer & Stern 2018. 8-bit: Dettmers et al. 2022.
    """
    groups: dict[tuple[float, float], list[nn.Parameter]] = {}
    scales = rate_scales(model, settings.layer_decay, settings.head_rate)
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            decay = settings.weight_decay if parameter.ndim >= 2 else 0.0
            groups.setdefault((scales[name], decay), []).append(parameter)
    listed = [{"params": ps, "weight_decay": decay, "scale": scale} for (scale, decay), ps in groups.items()]
    parted = any(isinstance(p, DTensor) for ps in groups.values() for p in ps)  # torch has no fused SGD for those
    return _maker(settings, parted)(listed, lr=settings.learning_rate)


def rate_scales(model: nn.Module, layer_decay: float = 1.0, head_rate: float = 1.0) -> dict[str, float]:
    """What each parameter's rate is a multiple of the schedule's.

    Parameters
    ----------
    model : torch.nn.Module
    layer_decay : float in (0, 1], default 1.0
        Each layer learns so much slower than the one above it (Howard & Ruder 2018, "ULMFiT", section 3.2, and Clark
        et al. 2020, "ELECTRA", appendix B).
    head_rate : float over 0, default 1.0
        Of the head.

    Returns
    -------
    dict of str to float
        By parameter name.
    """
    layers, head = list(layers_of(model).values()), head_parameters(model)
    top = len(layers) if head else len(layers) - 1
    scales = {id(p): layer_decay ** (top - depth) for depth, layer in enumerate(layers) for p in layer}
    return {name: scales.get(id(p), head_rate) for name, p in model.named_parameters()}


def _maker(settings: Settings, parted: bool) -> Callable[..., torch.optim.Optimizer]:
    name = settings.optimizer
    if name == "adamw8bit":
        return _bitsandbytes().optim.AdamW8bit
    if name == "sgd":
        nesterov = settings.nesterov and settings.momentum > 0
        return lambda groups, lr: torch.optim.SGD(
            groups, lr=lr, momentum=settings.momentum, nesterov=nesterov, fused=not parted
        )
    if name == "adafactor":
        return torch.optim.Adafactor
    kind = torch.optim.Adam if name == "adam" else torch.optim.AdamW
    if parted:
        return lambda groups, lr: kind(groups, lr=lr, fused=True)
    return lambda groups, lr: _recordable(kind(groups, lr=lr, fused=True))


def _recordable(optimizer: torch.optim.Optimizer) -> torch.optim.Optimizer:
    """The optimiser with its rates on the GPU, where a recorded step reads them; elsewhere as it is."""
    for group in optimizer.param_groups:
        device = group["params"][0].device
        if device.type == "cuda":
            group["capturable"], group["lr"] = True, torch.tensor(group["lr"], device=device)
    return optimizer


def _bitsandbytes() -> Any:
    if find_spec("bitsandbytes") is None:
        raise MissingDependency("bitsandbytes", "quantized")
    import bitsandbytes

    return bitsandbytes


def set_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    """Give the groups their rates: the schedule's, times their scale."""
    for group in optimizer.param_groups:
        if isinstance(group["lr"], Tensor):
            group["lr"].fill_(rate * group["scale"])
        else:
            group["lr"] = rate * group["scale"]


def take_step(optimizer: torch.optim.Optimizer, bad: Tensor) -> None:
    """Step with the gradients there are, unless they are bad.

    On a device, fused optimisers leave weights and moments as they are where ``found_inf`` is 1, without a read by the
    host; for the others the host waits for it. On the CPU there is nothing to wait for.

    Parameters
    ----------
    optimizer : torch.optim.Optimizer
        Made by ``make_optimizer``.
    bad : bool tensor, ()
        Whether a gradient is not finite.
    """
    told = getattr(optimizer, "_step_supports_amp_scaling", False) and bad.device.type != "cpu"
    if told and not isinstance(optimizer.param_groups[0]["params"][0], DTensor):
        optimizer.grad_scale = None
        optimizer.found_inf = bad.to(torch.float32)
        optimizer.step()
    elif not bad:
        optimizer.step()
    for group in optimizer.param_groups:
        for parameter in group["params"]:
            parameter.grad = None  # what zero_grad does, without its hooks
