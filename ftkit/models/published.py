"""Published weights as their authors name them: a DenseNet's of torchvision and timm, a ResNet's for CIFAR."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from ftkit.errors import DataError
from ftkit.models.cifar_resnet import CifarResNetConfig, CifarResNetForImageClassification, cifar_resnet_sizes
from ftkit.models.densenet import DenseNetConfig, DenseNetForImageClassification

PICKLED = (".pth", ".pt", ".th")
SUFFIXES = (".safetensors", *PICKLED)
# Files of before 2017 have a dot more.
OLD_NAME = re.compile(r"(denselayer\d+\.(?:norm|conv))\.([12])\.")


def is_file(weights: str) -> bool:
    """Whether weights are a single file of tensors."""
    return Path(weights).suffix in SUFFIXES


def read_tensors(path: str) -> dict[str, Tensor]:
    """The tensors of a file by the names this project uses.

    Parameters
    ----------
    path : str
        A ``.safetensors`` file, or a ``.pth`` file of tensors alone; what else is pickled in one is refused.

    Returns
    -------
    dict of str to Tensor

    Raises
    ------
    DataError
        It cannot be read, or holds more than tensors.
    """
    file = Path(path).expanduser()
    try:
        pickled = file.suffix in PICKLED
        found = torch.load(file, map_location="cpu", weights_only=True) if pickled else load_file(file)
    except (OSError, SafetensorError) as error:
        raise DataError(f"weights '{path}' cannot be read: {getattr(error, 'strerror', None) or error}.") from error
    except Exception as error:  # torch tells what it refuses by many classes
        raise DataError(
            f"weights '{path}' hold more than tensors, or are damaged; give a .safetensors file."
        ) from error
    found = found.get("state_dict", found) if isinstance(found, dict) else {}
    if not found or not all(isinstance(value, Tensor) for value in found.values()):
        raise DataError(f"weights '{path}' are not names and tensors; give a .safetensors file.")
    return {OLD_NAME.sub(r"\1\2.", name.removeprefix("module.")): value for name, value in found.items()}


def family_of(tensors: dict[str, Tensor]) -> str:
    """The family of the model whose tensors these are, as ``names.family`` has it."""
    return "densenet" if cifar_resnet_sizes(tensors) is None else "cifar"


def load_published(tensors: dict[str, Tensor], where: str, labels: dict[str, Any]) -> tuple[Any, list[str]]:
    """The model of these tensors, with a head for these classes, and what was said while loading.

    Parameters
    ----------
    tensors : dict of str to Tensor
        As ``read_tensors`` gives them: every name and shape has to fit.
    where : str
        Where they come from, for messages.
    labels : dict
        ``num_labels``, ``id2label`` and ``label2id``.

    Returns
    -------
    (DenseNetForImageClassification or CifarResNetForImageClassification, list of str)

    Raises
    ------
    DataError
        They are neither's.
    """
    small = cifar_resnet_sizes(tensors)
    if small is not None:
        called, head, model = (
            "a CIFAR ResNet",
            "linear",
            CifarResNetForImageClassification(CifarResNetConfig(**small, **labels)),
        )
    else:
        called, head = "a DenseNet", "classifier"
        model = DenseNetForImageClassification(DenseNetConfig(**densenet_sizes(tensors, where), **labels))
    count = len(tensors[f"{head}.weight"])
    fits = count == labels["num_labels"]
    own = tensors if fits else {k: v for k, v in tensors.items() if not k.startswith(f"{head}.")}
    missing, unexpected = model.load_state_dict(own, strict=False)
    strange = sorted({name for name in missing if not name.startswith(f"{head}.")} | set(unexpected))
    strange = [name for name in strange if not name.endswith("num_batches_tracked")]
    if strange or (fits and any(name.startswith(f"{head}.") for name in missing)):
        raise DataError(f"weights '{where}' are {called}'s but for {', '.join(strange[:3]) or 'the head'}.")
    if fits:
        return model, [f"The head of {where} was kept."]
    return model, [f"The head of {where} ({count} classes) was replaced for {labels['num_labels']} classes: {head}."]


def densenet_sizes(tensors: dict[str, Tensor], where: str = "these weights") -> dict[str, Any]:
    """What a ``DenseNetConfig`` has to say for tensors of these names and shapes.

    Parameters
    ----------
    tensors : dict of str to Tensor
    where : str, default "these weights"
        For the message.

    Returns
    -------
    dict

    Raises
    ------
    DataError
        They are not a DenseNet's.
    """
    layers = [re.match(r"features\.denseblock(\d+)\.denselayer(\d+)\.conv2\.weight", name) for name in tensors]
    places = [(int(found[1]), int(found[2])) for found in layers if found]
    first = tensors.get("features.conv0.weight")
    if not places or first is None or "classifier.weight" not in tensors:
        some = ", ".join(sorted(tensors)[:3])
        raise DataError(
            f"weights '{where}' are not a DenseNet's (they hold {some}, …). A single file is read for a DenseNet "
            "or a ResNet for CIFAR; give other models as a folder that save_pretrained wrote, or a hub id."
        )
    return {
        "num_channels": first.shape[1],
        "stem_size": first.shape[0],
        "stem_stride": 4 if first.shape[2] == 7 else 2,
        "growth_rate": tensors["features.denseblock1.denselayer1.conv2.weight"].shape[0],
        "blocks": [max(layer for b, layer in places if b == block) for block in sorted({b for b, _ in places})],
    }
