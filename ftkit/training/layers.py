"""The layers of a model in order, for rates that differ by depth."""

from __future__ import annotations

import re

from torch import nn

from ftkit.errors import DataError
from ftkit.models.frozen import head_of

NUMBERED = re.compile(r"^(.*?\d+)(?:\.|$)")


def layer_names(model: nn.Module) -> dict[str, int]:
    """The depth of each parameter: 0 for what comes before the first numbered layer, the highest for the head.

    A layer is what the outermost number in a parameter's name counts: ``encoder.layer.3`` of a BERT,
    ``encoder.stages.1`` of a ResNet, ``features.denseblock2`` of a DenseNet. What has no number belongs to the layer
    before it.

    Parameters
    ----------
    model : torch.nn.Module

    Returns
    -------
    dict of str to int
        By parameter name.

    Examples
    --------
    >>> layer_names(nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 1)))
    {'0.weight': 1, '0.bias': 1, '2.weight': 2, '2.bias': 2}
    """
    head = _head_parameters(model)
    depths, depth, before = {}, 0, None
    for name, parameter in model.named_parameters():
        found = NUMBERED.match(name)
        layer = found[1] if found else None
        if id(parameter) not in head and layer is not None and layer != before:
            depth, before = depth + 1, layer
        depths[name] = depth
    if head:
        depths |= {name: depth + 1 for name, p in model.named_parameters() if id(p) in head}
    return depths


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
    if layer_decay == head_rate == 1:
        return dict.fromkeys((name for name, _ in model.named_parameters()), 1.0)
    depths = layer_names(model)
    top, head = max(depths.values()), _head_parameters(model)
    return {
        name: head_rate if id(p) in head else layer_decay ** (top - depths[name])
        for name, p in model.named_parameters()
    }


def _head_parameters(model: nn.Module) -> set[int]:
    try:
        return {id(p) for p in head_of(model).parameters()}
    except DataError:  # a model without a head of its own, such as a causal one whose head is its embedding
        return set()
