"""Low-rank adapters (Hu et al. 2022, LoRA, section 4.1; Liu et al. 2024, DoRA, section 4) through peft."""

from __future__ import annotations

from collections.abc import Sequence

from torch import nn

from ftkit.errors import DataError, MissingDependency, nearest
from ftkit.models.frozen import head_of


def add_lora(
    model: nn.Module,
    *,
    r: int = 8,
    alpha: float = 16.0,
    dropout: float = 0.0,
    dora: bool = False,
    target_modules: Sequence[str] | None = None,
) -> str:
    """Freeze the backbone and put adapters that learn beside its layers; the sentence that says so.

    Parameters
    ----------
    model : torch.nn.Module
        Changed in place; its head goes on learning.
    r : int, default 8
        Rank of the adapters.
    alpha : float, default 16.0
        What an adapter adds is scaled by alpha / r.
    dropout : float in [0, 1), default 0.0
        Share of an adapter's inputs switched off while training.
    dora : bool, default False
        Learn the length of each weight column apart from its direction.
    target_modules : sequence of str, optional
        Names of layers, whole or their end (``query``); all linear layers without it, or all convolutions where there
        are none (Dettmers et al. 2023, QLoRA, section 4: adapters on all linear layers).

    Returns
    -------
    str

    Raises
    ------
    MissingDependency
        peft is not installed.
    DataError
        No layer of the backbone has one of these names.

    Examples
    --------
    >>> from ftkit.models import build_model
    >>> add_lora(build_model("vit", outputs=2, image=(32, 32, 3)).model, r=4)
    'LoRA of rank 4 beside 36 layers: 43,266 of 853,122 parameters learn.'
    """
    try:
        from peft import LoraConfig, inject_adapter_in_model
    except ImportError as error:
        raise MissingDependency("peft", "chat") from error
    targets = _targets(model, target_modules)
    config = LoraConfig(r=r, lora_alpha=alpha, lora_dropout=dropout, use_dora=dora, target_modules=targets, bias="none")
    inject_adapter_in_model(config, model)
    for parameter in head_of(model).parameters():
        parameter.requires_grad_(True)
    learning = sum(p.numel() for p in model.parameters() if p.requires_grad)
    total = sum(p.numel() for p in model.parameters())
    kind = "DoRA" if dora else "LoRA"
    return f"{kind} of rank {r} beside {len(targets)} layers: {learning:,} of {total:,} parameters learn."


def _targets(model: nn.Module, asked: Sequence[str] | None) -> list[str]:
    """The whole names of the layers that get an adapter."""
    head = set(map(id, head_of(model).modules()))
    layers = {name: layer for name, layer in model.named_modules() if name and id(layer) not in head}
    linear = [name for name, layer in layers.items() if isinstance(layer, nn.Linear)]
    filters = [name for name, layer in layers.items() if isinstance(layer, nn.Conv2d) and layer.groups == 1]
    if asked is None:
        return linear or filters
    known = linear + filters
    for end in asked:
        if not any(_is(name, end) for name in known):
            ends = list(dict.fromkeys(name.rsplit(".", maxsplit=1)[-1] for name in known))
            raise DataError(f"model.lora.target_modules: there is no layer '{end}'; {nearest(end, ends)}.")
    return [name for name in known if any(_is(name, end) for end in asked)]


def _is(name: str, end: str) -> bool:
    return name == end or name.endswith("." + end)


def merge_lora(model: nn.Module) -> None:
    """Add what the adapters have learned to the weights they stand beside, and take them away.

    The model is then what it was before ``add_lora``, with other weights: plain transformers loads what is saved.
    """
    from peft.tuners.tuners_utils import BaseTunerLayer

    for name, layer in list(model.named_modules()):
        if isinstance(layer, BaseTunerLayer):
            layer.merge()
            parent, _, own = name.rpartition(".")
            setattr(model.get_submodule(parent), own, layer.get_base_layer())
