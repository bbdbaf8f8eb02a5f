"""A run that learns on from another without forgetting: what it sees again, is held to, is judged by, and keeps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from ftkit.augment import row_keys
from ftkit.evaluate import evaluate
from ftkit.models.saved import load_saved
from ftkit.recipe import Recipe
from ftkit.runs.memory import Memory, Rows, known_classes, read_memory
from ftkit.task import Task
from ftkit.training import predict
from ftkit.training.device import Place
from ftkit.training.losses import Loss
from ftkit.training.remember import (
    JoinedRows,
    TaughtRows,
    anchored,
    features_of,
    grown,
    herd,
    importance_of,
    taught,
)

# From the weight on at which old answers hold, and new ones are still learned (docs/LOG.md).
WEIGHTS = {"ewc": 1000.0, "lwf": 1.0}


@dataclass
class Remembering:
    """What a run does so that the rows before are not forgotten.

    Attributes
    ----------
    recipe : Recipe
    task : Task
    place : Place
    classes : tuple of str
        All of them, the known ones first.
    fresh : tuple of str
        The new ones.
    train, test : Rows
        The rows of this run: all train rows, and the test rows that are kept to judge forgetting by.
    make : callable
        ``make(rows, keys)`` gives them in the loop's form.
    before : Memory
        What the run before kept; an empty one in the first.
    teacher : torch.nn.Module or None
        The model before, on the device.
    """

    recipe: Recipe
    task: Task
    place: Place
    classes: tuple[str, ...]
    fresh: tuple[str, ...]
    train: Rows
    test: Rows
    make: Callable[[Rows, np.ndarray], Any]
    before: Memory
    teacher: Any = None
    _after: Memory | None = field(default=None, init=False)

    @property
    def method(self) -> str:
        """Replay, ewc, lwf or none."""
        return self.recipe.training.remember.method

    def rows(self, rows: Any) -> Any:
        """The train rows, and with them what is seen again: so often that it makes up half of an epoch."""
        old = self.before.kept
        if self.method == "replay" and old is not None and len(old):
            times = max(1, round(len(rows) / len(old)))
            keys = row_keys(f"{row} again {time}" for time in range(times) for row in old.ids)
            return JoinedRows(rows, self.make(old.at(np.tile(np.arange(len(old)), times)), keys))
        if self.method == "lwf" and self.teacher is not None:
            return TaughtRows(rows, self.teacher, self.place)
        return rows

    def loss(self, loss: Loss, model: Any) -> Loss:
        """The loss with what holds the model to what it knew."""
        asked = self.recipe.training.remember.weight
        weight = WEIGHTS.get(self.method, 0.0) if asked == "auto" else asked
        if self.teacher is None:
            return loss
        if self.method == "ewc":
            return anchored(loss, model, self._importance(model), weight)
        if self.method == "lwf":
            known = len(self.classes) - len(self.fresh)
            return taught(loss, known, weight, self.recipe.training.remember.temperature)
        return loss

    def notes(self) -> list[str]:
        """What is to be said before it begins."""
        if self.teacher is None:
            return []
        before = len(self.before.increments)
        kept = len(self.before.kept) if self.before.kept is not None else 0
        how = {
            "replay": f"{kept:,} rows of what came before are seen again",
            "ewc": "weights are pulled back to what they were, each as it mattered",
            "lwf": f"answers for {len(self.classes) - len(self.fresh):,} classes are held to those of the model before",
            "none": "nothing is done against forgetting",
        }
        return [f"Increment {before + 1}: {how[self.method]}."]

    def judge(self, model: Any) -> list[dict[str, Any]]:
        """Accuracy on the rows of every increment, of all of them, and how much was forgotten."""
        found = predict(model, self._loop_rows(self.test), self.place, "class")
        held = self.before.held
        if held is not None and len(held):
            found = np.concatenate([predict(model, self._loop_rows(held), self.place, "class"), found])
        labels = self.test.labels if held is None else np.concatenate([held.labels, self.test.labels])
        self._after = self.before.after(self.test, found.argmax(1) == labels, self.fresh)
        after = self._after
        named = {f"increment {k + 1}": after.of == k for k in range(len(after.increments))}
        named["all increments"] = np.ones(len(labels), dtype=bool)
        rows = [
            row
            for split, at in named.items()
            if at.any()
            for row in evaluate(labels[at], found[at], metrics=["accuracy"], split=split, classes=self.classes)
        ]
        return rows + forgetting(after)

    def keep(self, model: Any, folder: Path) -> None:
        """Write the memory beside the model's weights."""
        # What another method kept does not know the rows of this run.
        after = replace(self._after, classes=self.classes, kept=None, importance={})
        if self.method == "replay":
            after = replace(after, kept=self._choose(model))
        if self.method == "ewc":
            plain = self._loop_rows(self.train)
            mine = importance_of(model, plain, self.place, seed=self.recipe.seed)
            summed = self._importance(model) if self.before.importance else {}
            after = replace(
                after, importance={n: (v + summed[n] if n in summed else v).numpy() for n, v in mine.items()}
            )
        after.write(folder)

    def _importance(self, model: Any) -> dict[str, Any]:
        """That of before; what has grown since mattered for nothing."""
        shapes = {name: p.shape for name, p in model.named_parameters()}
        return {n: grown(v, shapes[n]) for n, v in self.before.importance.items() if n in shapes}

    def _loop_rows(self, rows: Rows) -> Any:
        return self.make(rows, row_keys(rows.ids))

    def _choose(self, model: Any) -> Rows:
        """The rows to be seen again: a fair draw of all so far, or those whose mean is nearest to their class's."""
        asked, old = self.recipe.training.remember, self.before.kept
        every = self.train if old is None else old.with_more(self.train)
        if asked.choose == "reservoir":
            return every.drawn(asked.rows)
        each = max(1, asked.rows // len(np.unique(every.labels)))
        features = features_of(model, self._loop_rows(every))
        chosen = []
        for label in np.unique(every.labels):
            at = np.flatnonzero(every.labels == label)
            seen = len(at) and at[-1] >= len(every) - len(self.train)
            chosen.append(at[herd(features[at], each)] if seen else at[:each])
        return every.at(np.concatenate(chosen))


def remembering(recipe: Recipe, task: Task, place: Place, **rows: Any) -> Remembering | None:
    """What a recipe asks to be remembered; None where it asks for nothing.

    Parameters
    ----------
    recipe : Recipe
    task : Task
    place : Place
    **rows
        ``classes``, ``train``, ``test`` and ``make`` of :class:`Remembering`.

    Returns
    -------
    Remembering or None
    """
    if recipe.training.remember is None:
        return None
    rows["test"] = rows["test"].drawn(recipe.training.remember.held)
    known = known_classes(recipe)
    fresh = tuple(rows["classes"][len(known) :])
    if not known:
        return Remembering(recipe, task, place, fresh=fresh, before=Memory(()), **rows)
    weights = Path(recipe.model.weights)
    before = read_memory(weights) or Memory(known, (known,), right=np.zeros((1, 0), np.int8))
    teacher = load_saved(weights, task.kind).to(place.device)
    for parameter in teacher.parameters():
        parameter.requires_grad_(False)
    return Remembering(recipe, task, place, fresh=fresh, before=before, teacher=teacher, **rows)


def forgetting(memory: Memory) -> list[dict[str, Any]]:
    """How far accuracy on each increment before is below the best it was, on average.

    Parameters
    ----------
    memory : Memory
        After an increment.

    Returns
    -------
    list of dict
        A row of metrics.json; none after the first increment. The interval is that of the paired differences, row by
        row; that the best was chosen is left out of it.

    References
    ----------
    Chaudhry et al. (2018), "Riemannian Walk for Incremental Learning", section 3.
    """
    from scipy.stats import norm

    means, variances, rows = [], [], 0
    for increment in range(len(memory.increments) - 1):
        right = memory.right[:, memory.of == increment].astype(np.float64)
        right = right[(right >= 0).all(axis=1)] if right.size else right[:0]
        if len(right) < 2 or right.shape[1] < 2:
            continue
        apart = right[right[:-1].mean(axis=1).argmax()] - right[-1]
        means.append(apart.mean())
        variances.append(apart.var(ddof=1) / len(apart))
        rows += len(apart)
    if not means:
        return []
    value, reach = float(np.mean(means)), float(norm.ppf(0.975) * np.sum(variances) ** 0.5 / len(means))
    told = {"name": "forgetting", "split": "increments before", "value": value}
    return [told | {"low": value - reach, "high": value + reach, "method": "paired differences, normal", "n": rows}]
