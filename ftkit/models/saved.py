"""A trained model from the folder a run saved it in."""

from __future__ import annotations

from pathlib import Path

from safetensors import SafetensorError
from torch import nn
from transformers import AutoModel, AutoModelForImageClassification

from ftkit.errors import DataError
from ftkit.models import attention, cifar_resnet, densenet, mlp  # noqa: F401 - lets the auto classes find them
from ftkit.models.series import load_saved_forecaster
from ftkit.models.weights import quiet

LOADERS = {
    "image": AutoModelForImageClassification.from_pretrained,
    "tabular": AutoModel.from_pretrained,
    "series": load_saved_forecaster,
}


def load_saved(folder: Path, kind: str) -> nn.Module:
    """The model of a run, as it was judged.

    Parameters
    ----------
    folder : Path
        What ``save_pretrained`` wrote.
    kind : {"image", "tabular", "series"}
        The kind of row it reads.

    Returns
    -------
    torch.nn.Module
        Called with one tensor, it answers with an object that has ``.logits``.

    Raises
    ------
    DataError
        A file is missing or damaged.
    """
    with quiet():
        try:
            return LOADERS[kind](str(folder), local_files_only=True, use_safetensors=True).eval()
        except (OSError, ValueError, SafetensorError) as error:
            raise DataError(f"the model in {folder} cannot be loaded: {str(error).splitlines()[0]}") from error
