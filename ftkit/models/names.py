"""The models there are, by name: light, so that a recipe can be checked without loading torch."""

from __future__ import annotations

from ftkit.errors import DataError, nearest
from ftkit.task import Task

# Name: (kind of row it reads, one sentence).
MODELS: dict[str, tuple[str, str]] = {
    "resnet": ("image", "a ResNet sized to the images, from 8×8 up"),
    "resnet-18": ("image", "ResNet-18, 11 million parameters"),
    "resnet-34": ("image", "ResNet-34, 21 million parameters"),
    "resnet-50": ("image", "ResNet-50, 24 million parameters"),
    "resnet-101": ("image", "ResNet-101, 43 million parameters"),
    "mlp": ("tabular", "a multilayer perceptron for tables, two hidden layers"),
}
DEFAULT = {"image": "resnet", "tabular": "mlp"}


def check_model(name: str, task: Task) -> str:
    """The name of the model to build: ``auto`` becomes the default of the task's kind of row.

    Parameters
    ----------
    name : str
        A name of ``MODELS``, or ``auto``.
    task : Task
        What it is to do.

    Returns
    -------
    str

    Raises
    ------
    DataError
        There is no such model, or it does not read this kind of row.

    Examples
    --------
    >>> from ftkit.task import get_task
    >>> check_model("auto", get_task("tabular-regression"))
    'mlp'
    """
    fitting = [model for model, (kind, _) in MODELS.items() if kind == task.kind]
    if name == "auto" and task.kind in DEFAULT:
        return DEFAULT[task.kind]
    if name not in MODELS:
        raise DataError(f"model '{name}' is not known; {nearest(name, fitting)}.")
    if name not in fitting:
        kind = MODELS[name][0]
        raise DataError(
            f"model '{name}' reads {kind} rows, but {task.name} has {task.kind} rows; {nearest(name, fitting, 'use')}."
        )
    return name
