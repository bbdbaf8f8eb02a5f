"""Rows as a model reads them, through what was fitted before: the one road of training and prediction."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from ftkit.augment import compose, row_keys
from ftkit.data import DatasetView
from ftkit.errors import DataError, nearest
from ftkit.preprocess import ImageInput, TableEncoder
from ftkit.task import Task
from ftkit.training import ImageRows, TableRows
from ftkit.training.prediction import rows_a_batch

# Pixels and cells that are held at once while predicting.
AT_ONCE = 1 << 28


@dataclass(frozen=True)
class ImageInputs:
    """Images at the size, and with the mean and deviation, that the model was trained with.

    ``steps`` and ``seed`` are what rows are augmented with, where a prediction asks for it.
    """

    form: ImageInput
    steps: tuple[Any, ...] = ()
    seed: int = 0

    @property
    def rows_at_once(self) -> int:
        """Whole batches, so that predictions do not depend on how rows are parted."""
        return _whole_batches(int(np.prod(self.form.stored)) * self.form.channels, 1)

    def check(self, view: DatasetView, run: str) -> None:
        """Whether there are images.

        Raises
        ------
        DataError
            There are none.
        """
        if not any(column.kind == "image" for column in view.columns.values()):
            raise DataError(f"{view.name} holds no images, which run '{run}' reads; it has {_listed(view)}.")

    def notes(self, view: DatasetView) -> tuple[str, ...]:
        """Nothing: what cannot be read is named row by row."""
        return ()

    def rows(self, view: DatasetView, device: Any) -> tuple[ImageRows, dict[int, str]]:
        """The readable rows, and why the others are not."""
        pixels, unreadable = self.form.pixels(view)
        where = np.setdiff1d(np.arange(len(view)), np.fromiter(unreadable, np.int64, len(unreadable)))
        nothing = np.zeros(len(where), dtype=np.int64)
        keys = row_keys(view.ids[where]) if self.steps else nothing
        return image_rows(pixels, where, nothing, keys, self.form, self.steps, self.seed, device), unreadable


@dataclass(frozen=True)
class TableInputs:
    """A table through its encoder."""

    encoder: TableEncoder

    @property
    def rows_at_once(self) -> int:
        """Whole batches, so that predictions do not depend on how rows are parted."""
        return _whole_batches(len(self.encoder.names), 4)

    def check(self, view: DatasetView, run: str) -> None:
        """Whether the columns are there.

        Raises
        ------
        DataError
            Some are not; all of them are named.
        """
        lost = [step.column for step in self.encoder.steps if step.column not in view.columns]
        if lost:
            named = ", ".join(f"'{name}'" for name in lost[:12]) + (f" and {len(lost) - 12} more" if lost[12:] else "")
            raise DataError(
                f"{view.name} lacks {len(lost)} of the columns that run '{run}' reads: {named}; "
                f"{nearest(lost[0], view.columns, 'it has')}."
            )

    def notes(self, view: DatasetView) -> tuple[str, ...]:
        """Which columns hold categories that were not learned."""
        return self.encoder.unseen(view)

    def rows(self, view: DatasetView, device: Any) -> tuple[TableRows, dict[int, str]]:
        """The encoded rows; every row of a table can be read."""
        nothing = np.zeros(len(view), dtype=np.int64)
        return TableRows(self.encoder.transform(view, len(view)), nothing, nothing, device), {}


def read_inputs(state: dict[str, Any], steps: tuple[Any, ...] = (), seed: int = 0) -> ImageInputs | TableInputs:
    """The inputs that ``preprocess.json`` describes.

    Parameters
    ----------
    state : dict
        The parsed file.
    steps : tuple of augmentations, default ()
        What rows are augmented with.
    seed : int, default 0

    Returns
    -------
    ImageInputs or TableInputs
    """
    told = dict(state["input"])
    if told.pop("kind") == "image":
        return ImageInputs(ImageInput.from_state(told), steps, seed)
    return TableInputs(TableEncoder.from_state(told))


def image_rows(
    pixels: np.ndarray,
    where: np.ndarray,
    labels: np.ndarray,
    keys: np.ndarray,
    form: ImageInput,
    augment: Any,
    seed: int,
    device: Any,
) -> ImageRows:
    """Images in the loop's form: augmented while training, resized and normalised always."""
    normal = {"mean": form.mean, "std": form.std}
    size = (form.height, form.width)
    steps = partial(compose(augment, size=size, seed=seed), **normal)
    return ImageRows(pixels, where, labels, keys, steps, partial(compose([], size=size), **normal), device)


def named(values: np.ndarray, classes: Any, task: Task) -> dict[str, np.ndarray]:
    """Predictions by name: ``prediction``, and ``p_<class>`` for each class.

    Parameters
    ----------
    values : float array, (N, K) or (N,)
        Probabilities, or numbers.
    classes : sequence of str, length K
    task : Task

    Returns
    -------
    dict of str to array, (N,)
    """
    if task.predicts == "number":
        return {"prediction": values}
    names = np.array(classes, dtype=object)
    return {"prediction": names[values.argmax(1)]} | {f"p_{label}": values[:, k] for k, label in enumerate(classes)}


def _whole_batches(numbers: int, width: int) -> int:
    batch = rows_a_batch(numbers)
    return batch * max(1, AT_ONCE // (batch * max(1, numbers) * width))


def _listed(view: DatasetView) -> str:
    names = list(view.columns)
    return ", ".join(f"'{name}'" for name in names[:12]) + (f" and {len(names) - 12} more" if names[12:] else "")
