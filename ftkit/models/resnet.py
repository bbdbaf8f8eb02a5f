"""ResNet (He et al. 2016, "Deep Residual Learning", table 1) in transformers' form, down to 8×8 pixels."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from torch import nn
from transformers import AutoConfig, AutoModelForImageClassification, ResNetConfig, ResNetForImageClassification

from ftkit.errors import DataError

SIZES: dict[str, dict[str, Any]] = {
    "resnet-18": {"layer_type": "basic", "depths": [2, 2, 2, 2], "hidden_sizes": [64, 128, 256, 512]},
    "resnet-34": {"layer_type": "basic", "depths": [3, 4, 6, 3], "hidden_sizes": [64, 128, 256, 512]},
    "resnet-50": {"layer_type": "bottleneck", "depths": [3, 4, 6, 3], "hidden_sizes": [256, 512, 1024, 2048]},
    "resnet-101": {"layer_type": "bottleneck", "depths": [3, 4, 23, 3], "hidden_sizes": [256, 512, 1024, 2048]},
}
# What the last layers are called, in one model or another.
HEADS = ("classifier", "head", "score", "fc")
SMALL = {"layer_type": "basic", "embedding_size": 32, "depths": [1, 1, 1], "hidden_sizes": [32, 64, 128]}


def resnet_sizes(name: str, height: int, width: int) -> dict[str, Any]:
    """Depths and widths of a ResNet.

    Parameters
    ----------
    name : {"resnet", "resnet-18", "resnet-34", "resnet-50", "resnet-101"}
        ``resnet`` is sized to the images: three narrow stages up to 64 pixels (a fourth would look at less than 2×2
        places), ResNet-18 above.
    height, width : int
        Pixels the model sees.

    Returns
    -------
    dict
        Arguments of transformers' ``ResNetConfig``.

    Examples
    --------
    >>> resnet_sizes("resnet", 32, 32)["hidden_sizes"]
    [32, 64, 128]
    """
    if name == "resnet":
        return dict(SMALL) if min(height, width) <= 64 else dict(SIZES["resnet-18"])
    return dict(SIZES[name])


def new_resnet(name: str, height: int, width: int, channels: int, labels: dict[str, Any]) -> nn.Module:
    """A ResNet with fresh weights, drawn from torch's default generator."""
    config = ResNetConfig(num_channels=channels, **resnet_sizes(name, height, width), **labels)
    return ResNetForImageClassification(config)


def load_image_model(weights: str, labels: dict[str, Any]) -> tuple[nn.Module, list[str]]:
    """A pre-trained image classifier with a head for these classes, and what was said while loading.

    Parameters
    ----------
    weights : str
        A local folder in ``save_pretrained`` form, or a hub id.
    labels : dict
        ``num_labels``, ``id2label`` and ``label2id``.

    Returns
    -------
    (torch.nn.Module, list of str)
        The model; sentences, such as that the head was replaced.

    Raises
    ------
    DataError
        Nothing can be loaded from there.
    """
    # transformers logs a table of what did not match; the same is said in one sentence below.
    logger = logging.getLogger("transformers")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        old = AutoConfig.from_pretrained(weights)
        model, info = AutoModelForImageClassification.from_pretrained(
            weights, ignore_mismatched_sizes=True, output_loading_info=True, use_safetensors=True, **labels
        )
    except (OSError, ValueError, SafetensorError) as error:
        raise DataError(
            f"weights '{weights}' cannot be loaded: {str(error).splitlines()[0]} "
            "Give a folder that holds config.json and model.safetensors, or a hub id that can be reached."
        ) from error
    finally:
        logger.setLevel(level)
    return model, _say_what_differs(weights, old.id2label, labels["id2label"], info)


def _say_what_differs(weights: str, old: dict, new: dict, info: dict) -> list[str]:
    """One sentence each for the head, for what the weights lack, and for what they have too much."""
    fresh = sorted({str(entry[0]) for entry in info["mismatched_keys"]} | set(map(str, info["missing_keys"])))
    head = [name for name in fresh if name.split(".")[0] in HEADS]
    rest = [name for name in fresh if name not in head]
    said = []
    if head:
        said.append(
            f"The head of {weights} ({len(old)} classes) was replaced for {len(new)} classes: {', '.join(head)}."
        )
    elif list(old.values()) != list(new.values()):
        said.append(
            f"The head of {weights} was kept, but it named its classes {_some(old)}; here they are {_some(new)}."
        )
    if rest:
        said.append(f"Weights that {weights} does not have, or not of this shape, begin fresh: {_some(rest)}.")
    if info["unexpected_keys"]:
        said.append(f"Weights of {weights} that this model has no place for: {_some(sorted(info['unexpected_keys']))}.")
    return said


def _some(names: dict | list) -> str:
    listed = list(names.values()) if isinstance(names, dict) else names
    shown = ", ".join(f"'{name}'" for name in listed[:3])
    return f"{shown} and {len(listed) - 3} more" if len(listed) > 3 else shown


def read_processor(weights: str) -> dict[str, Any]:
    """The parsed ``preprocessor_config.json`` beside some weights; empty where there is none."""
    from transformers.utils import cached_file

    try:
        path = cached_file(weights, "preprocessor_config.json", _raise_exceptions_for_missing_entries=False)
    except (OSError, ValueError):
        return {}
    return json.loads(Path(path).read_text(encoding="utf-8")) if path else {}
