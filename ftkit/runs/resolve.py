"""What a recipe leaves open, decided by the rows: every ``auto`` of its training section made a number."""

from __future__ import annotations

from dataclasses import fields

import numpy as np

from ftkit.data import DatasetView
from ftkit.errors import DataError, nearest
from ftkit.recipe import Recipe
from ftkit.task import Task
from ftkit.training import Settings, balanced, make_loss
from ftkit.training.losses import Loss


def resolve(recipe: Recipe, rows: int) -> Settings:
    """The loop's settings.

    Parameters
    ----------
    recipe : Recipe
    rows : int
        Train rows.

    Returns
    -------
    Settings
        ``batch_size`` auto: the power of two below rows / 120, from 16 to 256. ``learning_rate`` auto: 3e-4 where
        pre-trained weights are changed, 2e-3 from scratch, for a head alone or for adapters. ``warmup`` auto: 0.3 for
        ``one_cycle``, 0.05 otherwise.
    """
    wanted = recipe.training
    given = {field.name: getattr(wanted, field.name) for field in fields(Settings) if field.name != "seed"}
    if wanted.batch_size == "auto":
        given["batch_size"] = next(size for size in (256, 128, 64, 32, 16) if size <= max(16, rows / 120))
    if wanted.learning_rate == "auto":
        changed = recipe.model.weights and not (recipe.model.freeze or recipe.model.lora)
        given["learning_rate"] = 3e-4 if changed else 2e-3
    if wanted.warmup == "auto":
        given["warmup"] = 0.3 if wanted.schedule == "one_cycle" else 0.05
    if wanted.micro_batch_size == "auto":
        given["micro_batch_size"] = 0
    return Settings(seed=recipe.seed, **given)


def resolve_dropout(recipe: Recipe, task: Task) -> float:
    """``auto`` is 0.2 for tables, where a network learns by heart otherwise (docs/LOG.md), and 0 for images."""
    wanted = recipe.training.dropout
    return wanted if wanted != "auto" else (0.2 if task.kind == "tabular" else 0.0)


def resolve_loss(recipe: Recipe, task: Task, train: DatasetView) -> Loss:
    """The loss a recipe asks for.

    Parameters
    ----------
    recipe : Recipe
    task : Task
    train : DatasetView
        The train rows: ``balanced`` counts their classes.

    Returns
    -------
    Loss

    Raises
    ------
    DataError
        A weight is given for a class that is not there; the nearest is named.
    """
    names = ("label_smoothing", "focal_gamma", "huber_delta", "quantile")
    options = {name: getattr(recipe.training, name) for name in names}
    name = recipe.training.loss
    name = "mae" if name == "auto" and task.kind == "series" else name
    return make_loss(name, task.predicts, class_weights=_class_weights(recipe, train), **options)


def _class_weights(recipe: Recipe, train: DatasetView) -> np.ndarray | None:
    wanted = recipe.training.class_weights
    if wanted is None:
        return None
    if wanted == "balanced":
        return balanced(np.bincount(train.labels, minlength=len(train.classes)))
    for name in wanted:
        if name not in train.classes:
            raise DataError(f"training.class_weights: '{name}' is no class; {nearest(name, train.classes)}.")
    return np.array([wanted.get(name, 1.0) for name in train.classes])
