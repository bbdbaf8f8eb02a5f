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
    **{
        f"cifar-resnet-{n}": ("image", f"ResNet-{n} for CIFAR, {m} million parameters")
        for n, m in ((20, 0.27), (32, 0.46), (44, 0.66), (56, 0.85))
    },
    "densenet": ("image", "a DenseNet sized to the images"),
    "densenet-121": ("image", "DenseNet-121, 7 million parameters"),
    "densenet-161": ("image", "DenseNet-161, 26 million parameters"),
    "densenet-169": ("image", "DenseNet-169, 12 million parameters"),
    "densenet-201": ("image", "DenseNet-201, 18 million parameters"),
    "vit": ("image", "a vision transformer sized to the images"),
    "vit-tiny": ("image", "ViT-Tiny, 6 million parameters"),
    "vit-small": ("image", "ViT-Small, 22 million parameters"),
    "vit-base": ("image", "ViT-Base, 86 million parameters"),
    "convnext": ("image", "a ConvNeXt sized to the images"),
    "convnext-tiny": ("image", "ConvNeXt-Tiny, 28 million parameters"),
    "convnext-small": ("image", "ConvNeXt-Small, 49 million parameters"),
    "convnext-base": ("image", "ConvNeXt-Base, 88 million parameters"),
    "mlp": ("tabular", "a multilayer perceptron for tables, two hidden layers"),
    "ft-transformer": ("tabular", "attention over the columns of a table"),
    "linear": ("series", "one linear map from the past to what follows"),
    "dlinear": ("series", "DLinear: linear maps of trend and rest"),
    "nhits": ("series", "a small N-HiTS, 0.1 million parameters"),
    "patchtst": ("series", "transformers' PatchTST, sized to a table of series"),
    "patchtsmixer": ("series", "transformers' PatchTSMixer, sized to a table of series"),
}
DEFAULT = {"image": "resnet", "tabular": "mlp", "series": "dlinear"}
AUTO = "auto"


def family(name: str) -> str:
    """The architecture of a model's name: ``resnet`` of ``resnet-50``."""
    return name.split("-", maxsplit=1)[0]


def check_model(name: str, task: Task, weights: str | None = None, why: str = "") -> str:
    """The name of the model to build: ``auto`` becomes the default of the task's kind of row.

    Parameters
    ----------
    name : str
        A name of ``MODELS``, or ``auto``.
    task : Task
        What it is to do.
    weights : str, optional
        Pre-trained weights: with them ``auto`` stays, and the model is what the weights are.
    why : str, optional
        Why it is this task, for the message.

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
    if name == AUTO and task.kind in DEFAULT:
        return AUTO if weights else DEFAULT[task.kind]
    if name not in MODELS:
        raise DataError(f"model '{name}' is not known; {nearest(name, fitting)}.")
    if name not in fitting:
        kind, reason = MODELS[name][0], f" ({why})" if why else ""
        raise DataError(
            f"model '{name}' reads {kind} rows, but {task.name} has {task.kind} rows{reason}; "
            f"{nearest(name, fitting, 'use')}."
        )
    return name
