"""What a model is asked to do, by the hub's public task tags."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ftkit.errors import DataError, nearest

Kind = Literal["image", "text", "tabular", "series", "chat"]


@dataclass(frozen=True)
class Task:
    """One kind of question put to one kind of row.

    Attributes
    ----------
    name : str
        The hub's task tag, such as ``image-classification``.
    kind : {"image", "text", "tabular", "series", "chat"}
        The kind of row: also the name of the file that knows it in every room.
    predicts : {"class", "number", "text"}
        What the model answers with.
    metrics : tuple of str
        The metrics reported unless others are asked for, the most telling first.
    trainable : bool
        Whether this version of ftkit can train for it.
    """

    name: str
    kind: Kind
    predicts: Literal["class", "number", "text"]
    metrics: tuple[str, ...] = ()
    trainable: bool = False


CLASSES = ("accuracy", "f1_macro", "roc_auc")
NUMBERS = ("r2", "mae", "mse")
FORECASTS = ("mase", "mae", "smape")

TASKS: dict[str, Task] = {
    task.name: task
    for task in (
        Task("image-classification", "image", "class", CLASSES, trainable=True),
        Task("tabular-classification", "tabular", "class", CLASSES, trainable=True),
        Task("tabular-regression", "tabular", "number", NUMBERS, trainable=True),
        Task("text-classification", "text", "class", CLASSES),
        Task("question-answering", "text", "text"),
        Task("translation", "text", "text"),
        Task("text-generation", "chat", "text"),
        Task("time-series-forecasting", "series", "number", FORECASTS, trainable=True),
    )
}


def get_task(name: str) -> Task:
    """The task of that name.

    Parameters
    ----------
    name : str
        A task tag of the hub.

    Raises
    ------
    DataError
        There is no such task; the nearest is named.

    Examples
    --------
    >>> get_task("tabular-regression").predicts
    'number'
    """
    if name in TASKS:
        return TASKS[name]
    raise DataError(f"task '{name}' is not known; {nearest(name, TASKS)}.")
