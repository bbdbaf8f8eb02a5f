"""Pre-trained image classifiers: a folder, a hub id or a file becomes a model with a head for other classes."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from torch import nn
from transformers.utils.logging import disable_progress_bar, enable_progress_bar, is_progress_bar_enabled

from ftkit.errors import DataError, MissingDependency
from ftkit.models.cifar_resnet import PROCESSOR
from ftkit.models.published import family_of, is_file, load_published, read_tensors

# What the last layers are called, in one model or another.
HEADS = ("classifier", "head", "score", "fc", "linear")


def load_image_model(weights: str, labels: dict[str, Any], family: str | None = None) -> tuple[nn.Module, list[str]]:
    """A pre-trained image classifier with a head for these classes, and what was said while loading.

    Parameters
    ----------
    weights : str
        A local folder in ``save_pretrained`` form; a hub id, also of a DenseNet in timm's form; or a file of
        tensors as they were published: a DenseNet's by torchvision and timm, a ResNet's for CIFAR.
    labels : dict
        ``num_labels``, ``id2label`` and ``label2id``.
    family : str, optional
        The architecture that is asked for, such as ``resnet``; any without it.

    Returns
    -------
    (torch.nn.Module, list of str)
        The model; sentences, such as that the head was replaced.

    Raises
    ------
    DataError
        Nothing can be loaded from there, or it is of another architecture.
    MissingDependency
        The weights need timm, which is not installed.
    """
    if is_file(weights):
        tensors = read_tensors(weights)
        _check_family(weights, family_of(tensors), family)
        return load_published(tensors, weights, labels)
    config = read_json(weights, "config.json")
    if "model_type" not in config and str(config.get("architecture", "")).startswith("densenet"):
        _check_family(weights, "densenet", family)
        return load_published(read_tensors(_cached(weights, "model.safetensors")), weights, labels)
    if "model_type" not in config and "architecture" in config:
        _needs_timm(weights)
    _check_family(weights, str(config.get("model_type", "")).removeprefix("ftkit-").removesuffix("-resnet"), family)
    return _load(weights, labels)


def _load(weights: str, labels: dict[str, Any]) -> tuple[nn.Module, list[str]]:
    from transformers import AutoConfig, AutoModelForImageClassification

    with quiet():
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
    return model, _say_what_differs(weights, old.id2label, labels["id2label"], info)


@contextmanager
def quiet() -> Iterator[None]:
    """Without transformers' bars, and its table of what did not match: that is said in one sentence."""
    logger, bars = logging.getLogger("transformers"), is_progress_bar_enabled()
    level = logger.level
    logger.setLevel(logging.ERROR)
    disable_progress_bar()
    try:
        yield
    finally:
        logger.setLevel(level)
        if bars:
            enable_progress_bar()


def _check_family(weights: str, found: str, asked: str | None) -> None:
    if asked and found and found != asked:
        raise DataError(
            f"model.name asks for a {asked}, but weights '{weights}' are of a {found}. "
            "Set model.name to auto to take what the weights are, or give other weights."
        )


def _needs_timm(weights: str) -> None:
    try:
        import timm  # noqa: F401
    except ImportError as error:
        raise MissingDependency(f"timm, which the weights '{weights}' are made for,", "timm") from error


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


def _cached(weights: str, name: str) -> str | None:
    """The path of a file of a folder or hub id; None where it is not there."""
    from transformers.utils import cached_file

    try:
        return cached_file(weights, name, _raise_exceptions_for_missing_entries=False)
    except (OSError, ValueError):
        return None


def read_json(weights: str, name: str) -> dict[str, Any]:
    """A parsed JSON file of a folder or hub id; empty where it is not there."""
    path = _cached(weights, name)
    return json.loads(Path(path).read_text(encoding="utf-8")) if path else {}


def read_processor(weights: str) -> dict[str, Any]:
    """The parsed ``preprocessor_config.json`` beside weights; the same from timm's config, or as is known of a file.

    Parameters
    ----------
    weights : str
        A folder, hub id or file.

    Returns
    -------
    dict
        Empty where the weights do not say what they read.
    """
    if is_file(weights):
        return PROCESSOR if family_of(read_tensors(weights)) == "cifar" else {}
    told = read_json(weights, "preprocessor_config.json")
    if told:
        return told
    timm = read_json(weights, "config.json").get("pretrained_cfg") or {}
    if not {"input_size", "mean", "std"} <= timm.keys():
        return {}
    _, height, width = timm["input_size"]
    return {"size": {"height": height, "width": width}, "image_mean": timm["mean"], "image_std": timm["std"]}
