"""``estimate``: the memory, time and disk a run will take, told before it."""

from __future__ import annotations

import time
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from ftkit.models.frozen import layers_of, thaw
from ftkit.recipe import Recipe
from ftkit.runs.check import check_data
from ftkit.runs.job import build
from ftkit.runs.prepare import Prepared, prepare
from ftkit.runs.process import identity, memory
from ftkit.runs.resolve import resolve, resolve_loss
from ftkit.runs.splits import splits_of
from ftkit.shown import Shown
from ftkit.training.device import Place, choose_device, threads_set
from ftkit.training.memory import free_memory
from ftkit.training.plan import steps_per_epoch
from ftkit.training.probe import Probe, probe
from ftkit.training.settings import Settings

# A forward pass without a backward one takes about a third of both.
FORWARD = 1 / 3


@dataclass(frozen=True, repr=False)
class Estimate(Shown):
    """What a run will take.

    Attributes
    ----------
    device : str
        Where it would train, in words.
    parameters, learning : int
        Of the model; of those that learn.
    memory : dict of str to int
        Bytes by what they hold: ``weights``, ``gradients``, ``optimizer``, ``copies`` (an average, the best),
        ``activations`` of the widest micro-batch, ``temporary``: what a backward pass takes beside them, ``rows``, and
        ``process``: Python with its libraries. On a device of its own, only what is there.
    free : int or None
        Bytes that are free there now.
    steps : int
    seconds : dict of str to float
        By what they go into: ``reading``, ``training``, ``judging``.
    checkpoint : int
        Bytes of one.
    disk : int
        Bytes of the checkpoints that are kept, one more while it is written, and the model.
    folds : int
        Trainings, where the split is one of folds; steps, seconds and disk are of all of them.
    """

    device: str
    parameters: int
    learning: int
    memory: dict[str, int]
    free: int | None
    steps: int
    seconds: dict[str, float]
    checkpoint: int
    disk: int
    folds: int = 1

    @property
    def fits(self) -> bool | None:
        """Whether the memory suffices; None where it is not known what is free."""
        return None if self.free is None else sum(self.memory.values()) - self.memory.get("process", 0) <= self.free

    def __repr__(self) -> str:
        return (
            f"Estimate: {sum(self.memory.values()) / 2**20:,.0f} MiB of memory, {sum(self.seconds.values()):,.0f} s, "
            f"{self.disk / 2**20:,.1f} MiB of disk, {self.parameters:,} parameters"
        )

    def to_dict(self) -> dict[str, Any]:
        """The same as plain values, ready for JSON."""
        return asdict(self) | {"fits": self.fits}


def estimate(recipe: Recipe | dict[str, Any]) -> Estimate:
    """The memory, time and disk a recipe's run will take, measured on a few of its steps; nothing is left behind.

    Parameters
    ----------
    recipe : Recipe or dict

    Returns
    -------
    Estimate
        Its memory counts what the training holds at its fullest. Without early stopping, of course; and whatever else
        the machine does takes time from it.

    Raises
    ------
    RecipeError
        The recipe has faults.
    DataError
        The rows do not fit it.

    Examples
    --------
    >>> found = estimate({"data": "iris", "training": {"epochs": 20}})
    >>> found.parameters, found.fits
    (35343, True)
    """
    recipe = recipe if isinstance(recipe, Recipe) else Recipe(**recipe)
    began = time.perf_counter()
    folded = recipe.split.method != "holdout" and recipe.split.fold is None
    first = recipe.replace(split={"fold": 1}) if folded else recipe
    view, task = check_data(first)
    with ExitStack() as stack:
        stack.enter_context(threads_set(None if recipe.training.threads == "auto" else recipe.training.threads))
        place = choose_device(recipe.training.device, recipe.training.precision)
        prepared = stack.enter_context(closing(prepare(first, view, task, place, lambda event, **fields: None)))
        reading = time.perf_counter() - began
        model = build(first, task, prepared, place).model
        rows = prepared.rows["train"]
        settings = resolve(recipe, len(rows))
        if settings.unfreeze_every:
            thaw(model, len(layers_of(model)))  # when all of them learn
            settings = replace(settings, unfreeze_every=0)
        free = free_memory(place.device)
        found = probe(model, rows, resolve_loss(recipe, task, prepared.split.train), settings, place)
    trained = recipe.training
    weights = sum(value.nbytes for name, value in found.state.items() if name.startswith("model."))
    held = _memory(model, found, settings, weights, prepared, place)
    folds = len(splits_of(recipe, view)) if folded else 1
    checkpoint = sum(value.nbytes for value in found.state.values())
    checkpoint += weights if settings.early_stopping else 0
    epochs = settings.epochs
    return Estimate(
        place.why,
        sum(p.numel() for p in model.parameters()),
        sum(p.numel() for p in model.parameters() if p.requires_grad),
        held,
        free,
        folds * epochs * steps_per_epoch(len(rows), settings.batch_size),
        {
            "reading": folds * reading,
            "training": folds * epochs * found.epoch_seconds,
            "judging": folds * _judging(found, prepared, epochs, max(1, trained.tta)),
        },
        checkpoint,
        folds * ((trained.keep + 2) * checkpoint + weights),
        folds,
    )


def _memory(
    model: Any, found: Probe, settings: Settings, weights: int, prepared: Prepared, place: Place
) -> dict[str, int]:
    part = lambda name: sum(v.nbytes for k, v in found.state.items() if k.startswith(name))  # noqa: E731
    held = {
        "weights": weights,
        "gradients": sum(p.nbytes for p in model.parameters() if p.requires_grad),
        "optimizer": part("optimizer."),
        "copies": part("average.") + (weights if settings.early_stopping else 0),
        "activations": found.activations,
        "temporary": found.temporary,
    }
    if place.device.type != "cpu":
        return held
    held["rows"] = _rows(prepared)
    probed = weights + held["gradients"] + held["rows"] + found.half * (found.activations + found.temporary)
    return held | {"process": max(0, round((found.process or memory(identity()) or 0) - probed))}


def _rows(prepared: Prepared) -> int:
    """Bytes of the rows in memory: those that parts of a split share count once."""
    held = {}
    for rows in prepared.rows.values():
        for name in ("pixels", "features", "tokens"):
            array = getattr(rows, name, None)
            if isinstance(array, np.ndarray):
                held[id(array)] = array.nbytes
    return sum(held.values())


def _judging(found: Probe, prepared: Prepared, epochs: int, times: int) -> float:
    """Seconds of the evaluations after each epoch and of the judgement in the end."""
    part = prepared.split
    lengths = getattr(prepared.rows["train"], "lengths", None)
    numbers = 1 if lengths is None else float(lengths.mean())
    judged = epochs * len(part.validation) + times * (len(part.validation) + len(part.test))
    return FORWARD * found.number_seconds * numbers * judged
