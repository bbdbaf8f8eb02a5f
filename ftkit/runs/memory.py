"""What a run keeps for those that learn on from it: some rows, what its weights were for, and how it did."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from ftkit.augment import row_keys
from ftkit.errors import DataError
from ftkit.recipe import Recipe
from ftkit.runs.files import read_json
from ftkit.task import Task

NAME = "memory.safetensors"
KINDS = ("image", "tabular")


@dataclass(frozen=True)
class Rows:
    """Rows as a model reads them, with their labels.

    Attributes
    ----------
    inputs : uint8 array (M, H, W, C) or float32 array (M, F)
    labels : int64 array (M,)
        Codes of all classes so far.
    ids : tuple of str, length M
    """

    inputs: np.ndarray
    labels: np.ndarray
    ids: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.labels)

    def at(self, positions: np.ndarray) -> Rows:
        """Some of the rows."""
        return Rows(self.inputs[positions], self.labels[positions], tuple(self.ids[i] for i in positions))

    def drawn(self, most: int) -> Rows:
        """A fair draw of at most so many.

        The smallest of evenly spread tags: as fair as a reservoir (Vitter 1985, "Random sampling with a reservoir"),
        the same in any order of the rows, and a draw of what was drawn and of new rows is a draw of all.
        """
        tags = row_keys(self.ids).view(np.uint64)
        return self.at(np.sort(np.argsort(tags, kind="stable")[:most]))

    def with_more(self, other: Rows) -> Rows:
        """These rows and others after them."""
        return Rows(
            np.concatenate([self.inputs, other.inputs]),
            np.concatenate([self.labels, other.labels]),
            self.ids + other.ids,
        )


@dataclass(frozen=True)
class Memory:
    """What is kept beside a model's weights.

    Attributes
    ----------
    classes : tuple of str
        All classes so far.
    increments : tuple of tuple of str
        The new classes of each increment.
    kept : Rows or None
        Train rows to be seen again.
    held : Rows or None
        Test rows of every increment, to judge forgetting by.
    of : int64 array
        The increment each held row came with.
    right : int8 array (increments, held rows)
        Whether each held row was answered rightly after each increment; -1 before there was such a row.
    importance : dict of str to array
        How much each weight matters for what was learned so far.
    """

    classes: tuple[str, ...]
    increments: tuple[tuple[str, ...], ...] = ()
    kept: Rows | None = None
    held: Rows | None = None
    of: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    right: np.ndarray = field(default_factory=lambda: np.zeros((0, 0), np.int8))
    importance: dict[str, np.ndarray] = field(default_factory=dict)

    def write(self, folder: Path) -> None:
        """Write ``memory.safetensors``."""
        told: dict[str, Any] = {"classes": self.classes, "increments": self.increments}
        arrays = {"of": self.of, "right": self.right} | {f"importance.{n}": v for n, v in self.importance.items()}
        for name in ("kept", "held"):
            rows = getattr(self, name)
            if rows is not None:
                told[name] = rows.ids
                arrays |= {f"{name}.inputs": rows.inputs, f"{name}.labels": rows.labels}
        solid = {name: np.ascontiguousarray(value) for name, value in arrays.items()}
        save_file(solid, folder / NAME, metadata={"ftkit": json.dumps(told, ensure_ascii=False)})

    def after(self, new: Rows, answers_right: np.ndarray, fresh: tuple[str, ...]) -> Memory:
        """The memory after one increment more: its test rows, and whether each held row is answered rightly now."""
        held = new if self.held is None else self.held.with_more(new)
        before = np.full((len(self.right), len(new)), -1, dtype=np.int8)
        right = np.concatenate([np.concatenate([self.right, before], axis=1), answers_right[None].astype(np.int8)])
        of = np.concatenate([self.of, np.full(len(new), len(self.increments), dtype=np.int64)])
        return replace(self, held=held, of=of, right=right, increments=(*self.increments, fresh))


def read_memory(folder: str | Path) -> Memory | None:
    """The memory beside some weights; None where there is none.

    Raises
    ------
    DataError
        It is damaged.
    """
    path = Path(folder) / NAME
    if not path.exists():
        return None
    try:
        with safe_open(path, framework="numpy") as file:
            told = json.loads(file.metadata()["ftkit"])
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - it is no dict
    except (OSError, SafetensorError, KeyError, TypeError, ValueError) as error:
        raise DataError(f"{path} is damaged: {str(error).splitlines()[0]}. Train the run it is from again.") from error
    rows = {
        name: Rows(arrays[f"{name}.inputs"], arrays[f"{name}.labels"], tuple(told[name]))
        for name in ("kept", "held")
        if name in told
    }
    head = "importance."
    importance = {name.removeprefix(head): value for name, value in arrays.items() if name.startswith(head)}
    increments = tuple(tuple(names) for names in told["increments"])
    return Memory(
        tuple(told["classes"]), increments, of=arrays["of"], right=arrays["right"], importance=importance, **rows
    )


def known_classes(recipe: Recipe) -> tuple[str, ...]:
    """The classes that the weights of a run that remembers know already, in their order; none where it is the first."""
    if recipe.training.remember is None or not recipe.model.weights:
        return ()
    return tuple(read_json(Path(recipe.model.weights) / "preprocess.json", {}).get("classes", ()))


def check_remember(recipe: Recipe, task: Task) -> None:
    """Whether what is asked can be remembered.

    Raises
    ------
    DataError
        The task has no classes, or the weights lack what the method needs.
    """
    asked, weights = recipe.training.remember, recipe.model.weights
    if asked is None:
        return
    if task.predicts != "class" or task.kind not in KINDS:
        raise DataError(f"training.remember: is for classes of images and tables, not for {task.name}. Leave it out.")
    if not weights:
        return
    if not known_classes(recipe):
        raise DataError(
            f"training.remember: weights '{weights}' do not say what they know. Give the model folder of a run of "
            "ftkit, or leave remember out."
        )
    memory = read_memory(weights)
    lacks = {"replay": memory is None or memory.kept is None, "ewc": memory is None or not memory.importance}
    if lacks.get(asked.method):
        raise DataError(
            f"training.remember: there is no {NAME} in '{weights}' that method '{asked.method}' could use. Train the "
            f"run it is from with training.remember: {{method: {asked.method}}}, or use lwf, which needs none."
        )
