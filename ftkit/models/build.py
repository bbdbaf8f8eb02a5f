"""From a name to a model that is ready to train."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn

from ftkit.errors import DataError
from ftkit.models.cifar_resnet import new_cifar_resnet
from ftkit.models.densenet import new_densenet
from ftkit.models.frozen import freeze as freeze_layers
from ftkit.models.frozen import head_of
from ftkit.models.growth import grow
from ftkit.models.lora import add_lora
from ftkit.models.mlp import parameters_used
from ftkit.models.names import AUTO, family
from ftkit.models.patches import new_convnext, new_vit
from ftkit.models.resnet import new_resnet
from ftkit.models.series import load_forecaster, new_forecaster
from ftkit.models.tabular import load_table_model, new_table_model
from ftkit.models.weights import load_image_model

FRESH = {
    "resnet": new_resnet,
    "cifar": new_cifar_resnet,
    "densenet": new_densenet,
    "vit": new_vit,
    "convnext": new_convnext,
}


@dataclass
class Built:
    """A model and what was said while it was made.

    Attributes
    ----------
    model : torch.nn.Module
        Called with one tensor, it answers with an object that has ``.logits``.
    notes : list of str
        Sentences for the run's record.
    """

    model: nn.Module
    notes: list[str] = field(default_factory=list)


def build_model(
    name: str,
    *,
    outputs: int,
    classes: Sequence[str] = (),
    image: tuple[int, int, int] | None = None,
    features: int | Sequence[int] | None = None,
    context: int | None = None,
    weights: str | None = None,
    freeze: str | None = None,
    lora: Mapping[str, Any] | None = None,
    dropout: float = 0.0,
    seed: int = 0,
    before: nn.Module | None = None,
    known: Sequence[str] = (),
) -> Built:
    """A model for these rows.

    Parameters
    ----------
    name : str
        A name of ``MODELS``; with weights also ``auto``: what the weights are.
    outputs : int
        Numbers it answers with: the number of classes, of steps ahead, or 1.
    classes : sequence of str
        Names of the classes, kept in the model's config.
    image : (int, int, int), optional
        Height, width and channels the model sees, for image models.
    features : int or sequence of int, optional
        For table models, how many encoded columns each column of the table has; an int is so many numbers.
    context : int, optional
        Steps of the past that a forecaster reads.
    weights : str, optional
        A local folder in ``save_pretrained`` form, or a hub id; fresh weights without it.
    freeze : str, optional
        ``backbone`` trains the head only; a layer's name keeps that layer and all below it, see ``frozen.freeze``.
    lora : mapping, optional
        Arguments of ``lora.add_lora``: adapters learn beside frozen weights.
    dropout : float in [0, 1), default 0.0
        Before the head of an image model; after every hidden layer of a table model; where a forecaster has its own.
    seed : int, default 0
        Fresh weights are a function of it.
    before : torch.nn.Module, optional
        The model of ``weights``, whose head is to grow rather than to be replaced.
    known : sequence of str, default ()
        The classes it knows: the first of ``classes``.

    Returns
    -------
    Built

    Raises
    ------
    DataError
        The weights cannot be loaded, do not fit, or ``freeze`` or ``lora`` is asked of a model without weights.
    MissingDependency
        ``lora`` needs peft, which is not installed.

    Examples
    --------
    >>> built = build_model("mlp", outputs=3, features=4)
    >>> built.model(torch.zeros(2, 4)).logits.shape
    torch.Size([2, 3])
    """
    torch.default_generator.manual_seed(seed)
    for key, asked in (("freeze", freeze), ("lora", lora)):
        if asked is not None and not weights:
            raise DataError(
                f"model.{key}: keeps pre-trained weights as they are, but no weights are given. "
                f"Set model.weights, or drop {key}."
            )
    labels = {
        "num_labels": outputs,
        "id2label": dict(enumerate(classes)) or {i: f"LABEL_{i}" for i in range(outputs)},
        "label2id": {label: i for i, label in enumerate(classes)} or {f"LABEL_{i}": i for i in range(outputs)},
    }
    if context is not None:
        built = _build_forecaster(name, context, outputs, weights, dropout)
    elif features is not None:
        built = _build_table_model(name, features, labels, weights, dropout)
    else:
        built = _build_image_model(name, image or (0, 0, 0), labels, weights, dropout)
    if before is not None:
        built.notes = [note for note in built.notes if not note.startswith("The head of")]
        built.notes.append(grow(built.model, before, known, classes[len(known) :]))
    if freeze:
        built.notes.append(freeze_layers(built.model, freeze))
    if lora is not None:
        built.notes.append(add_lora(built.model, **lora))
    called = type(built.model).__name__ if name == AUTO else name
    built.notes.insert(0, f"{called}: {parameters_used(built.model):,} parameters to train.")
    return built


def _build_image_model(
    name: str, image: tuple[int, int, int], labels: dict, weights: str | None, dropout: float
) -> Built:
    height, width, channels = image
    if weights is None:
        built = Built(FRESH[family(name)](name, height, width, channels, labels))
    else:
        built = Built(*load_image_model(weights, labels, None if name == AUTO else family(name)))
        expected = getattr(built.model.config, "num_channels", channels)
        if expected != channels:
            raise DataError(
                f"weights '{weights}' read {expected} channels, but the images are read with {channels}. "
                f"Set preprocess.channels to {expected}."
            )
    if dropout:
        _drop_before_head(built.model, dropout)
    return built


def _build_table_model(
    name: str, features: int | Sequence[int], labels: dict, weights: str | None, dropout: float
) -> Built:
    widths = [1] * features if isinstance(features, int) else list(features)
    if weights is None:
        return Built(new_table_model(name, widths, labels, dropout))
    return Built(*load_table_model(weights, widths, labels, dropout, None if name == AUTO else name))


def _build_forecaster(name: str, context: int, horizon: int, weights: str | None, dropout: float) -> Built:
    if weights is None:
        return Built(new_forecaster(name, context, horizon, dropout))
    return Built(*load_forecaster(weights, context, horizon, dropout, None if name == AUTO else name))


def _drop_before_head(model: nn.Module, share: float) -> None:
    """Dropout in front of the head, as a hook: the names of the weights stay those plain transformers knows."""

    def drop(head: nn.Module, inputs: tuple) -> tuple:
        return (nn.functional.dropout(inputs[0], share, training=head.training), *inputs[1:])

    head_of(model).register_forward_pre_hook(drop)
