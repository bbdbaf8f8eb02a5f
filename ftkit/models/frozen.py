"""Which layers learn: the head alone, all above a layer, or one more from the top with the epochs."""

from __future__ import annotations

import re

from torch import nn

from ftkit.errors import DataError, nearest
from ftkit.models.weights import HEADS

NUMBERED = re.compile(r"^(.*?\d+)(?:\.|$)")


def head_of(model: nn.Module) -> nn.Module:
    """The last layers: what is replaced for new classes and trained when the backbone is frozen."""
    for name in HEADS:
        head = getattr(model, name, None)
        if isinstance(head, nn.Module):
            return head
    raise DataError(f"the head of {type(model).__name__} is not known: it has none of {', '.join(HEADS)}.")


def layers_of(model: nn.Module) -> dict[str, list[nn.Parameter]]:
    """The layers of the backbone from the image, table or past up, each with its parameters.

    A layer is what the first number in a parameter's name counts: ``resnet.encoder.stages.0``,
    ``features.denseblock1``, ``bert.encoder.layer.3``. What has no number belongs to the layer before it, or, where
    there is none, is one by the name of its module.

    Parameters
    ----------
    model : torch.nn.Module

    Returns
    -------
    dict of str to list of torch.nn.Parameter
        By the name of the layer.

    Examples
    --------
    >>> from ftkit.models import build_model
    >>> model = build_model("resnet", outputs=2, image=(32, 32, 3)).model
    >>> [name.removeprefix("resnet.") for name in layers_of(model)]
    ['embedder', 'encoder.stages.0', 'encoder.stages.1', 'encoder.stages.2']
    """
    head, layers = head_parameters(model), {}
    last: str | None = None
    for name, parameter in model.named_parameters():
        if id(parameter) not in head:
            last = _numbered(name) or last or _module(name)
            layers.setdefault(last, []).append(parameter)
    return layers


def head_parameters(model: nn.Module) -> set[int]:
    """The ids of the head's parameters; none where the model has no head of its own, as a causal one may."""
    try:
        return {id(p) for p in head_of(model).parameters()}
    except DataError:
        return set()


def _numbered(name: str) -> str | None:
    """``resnet.encoder.stages.0.layers.1.weight`` is in ``resnet.encoder.stages.0``."""
    found = NUMBERED.match(name)
    return found[1] if found else None


def _module(name: str) -> str:
    parts = name.split(".")
    return ".".join(parts[:2]) if len(parts) > 2 else parts[0]


def freeze(model: nn.Module, until: str) -> str:
    """Stop layers from learning; the sentence that says so.

    Batch norms of frozen layers keep their statistics too: see ``train_mode``.

    Parameters
    ----------
    model : torch.nn.Module
    until : str
        ``backbone``: all but the head. The name of a layer, whole or its end (``stages.1``): that layer and all below.

    Returns
    -------
    str

    Raises
    ------
    DataError
        There is no such layer, or more than one.

    Examples
    --------
    >>> from ftkit.models import build_model
    >>> freeze(build_model("resnet", outputs=2, image=(32, 32, 3)).model, "stages.0")
    'Frozen up to resnet.encoder.stages.0: 23,328 parameters stay as they are.'
    """
    head_of(model)  # a model without one has nothing left to train
    layers = layers_of(model)
    last = list(layers)[-1] if until == "backbone" else _find(until, list(layers))
    below = list(layers)[: list(layers).index(last) + 1]
    frozen = [p for name in below for p in layers[name]]
    for parameter in frozen:
        parameter.requires_grad_(False)
    what = "The backbone is frozen" if until == "backbone" else f"Frozen up to {last}"
    return f"{what}: {sum(p.numel() for p in frozen):,} parameters stay as they are."


def _find(asked: str, layers: list[str]) -> str:
    found = [name for name in layers if name == asked or name.endswith("." + asked)]
    if len(found) == 1:
        return found[0]
    if found:
        raise DataError(
            f"model.freeze: '{asked}' is the end of {len(found)} layers: {', '.join(found)}. Name one whole."
        )
    ends = [".".join(name.split(".")[-2:]) for name in layers]
    raise DataError(f"model.freeze: there is no layer '{asked}'; {nearest(asked, ['backbone', *ends])}.")


def thaw(model: nn.Module, count: int) -> None:
    """Let the top layers learn, and no other of the backbone (Howard & Ruder 2018, ULMFiT, section 3.3).

    Parameters
    ----------
    model : torch.nn.Module
    count : int
        How many layers from the top; all, where it has fewer.
    """
    layers = list(layers_of(model).values())
    for height, parameters in enumerate(reversed(layers)):
        for parameter in parameters:
            parameter.requires_grad_(height < count)


def train_mode(model: nn.Module) -> None:
    """Put a model in training mode, but leave frozen layers as they predict."""
    model.train()
    for module in model.modules():
        own = list(module.parameters(recurse=False))
        if own and not any(p.requires_grad for p in own):
            module.eval()
