"""Models of tables: fresh ones by name, and ones that go on from weights of the same columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from safetensors import SafetensorError
from torch import nn
from transformers import AutoConfig, AutoModel

from ftkit.errors import DataError
from ftkit.models.attention import TabularAttention, TabularAttentionConfig
from ftkit.models.mlp import TabularMLP, TabularMLPConfig
from ftkit.models.weights import quiet

TYPES = {TabularMLPConfig.model_type: "mlp", TabularAttentionConfig.model_type: "ft-transformer"}


def new_table_model(name: str, widths: Sequence[int], labels: dict[str, Any], dropout: float) -> nn.Module:
    """A model with fresh weights, drawn from torch's default generator.

    Parameters
    ----------
    name : {"mlp", "ft-transformer"}
    widths : sequence of int
        How many encoded columns each column of the table has.
    labels : dict
        ``num_labels``, ``id2label`` and ``label2id``.
    dropout : float in [0, 1)

    Returns
    -------
    torch.nn.Module
    """
    if name == "mlp":
        return TabularMLP(TabularMLPConfig(input_size=sum(widths), dropout=dropout, **labels))
    return TabularAttention(TabularAttentionConfig(widths=tuple(widths), dropout=dropout, **labels))


def load_table_model(
    weights: str, widths: Sequence[int], labels: dict[str, Any], dropout: float, name: str | None = None
) -> tuple[nn.Module, list[str]]:
    """A model that goes on from weights, and what was said while loading.

    Parameters
    ----------
    weights : str
        A folder that a run of a table saved.
    widths : sequence of int
        How many encoded columns each column of the table has.
    labels : dict
        ``num_labels``, ``id2label`` and ``label2id``.
    dropout : float in [0, 1)
    name : str, optional
        The model that is asked for; any without it.

    Returns
    -------
    (torch.nn.Module, list of str)

    Raises
    ------
    DataError
        Nothing can be loaded from there, or it is another model, or of other columns.
    """
    try:
        with quiet():
            old = AutoConfig.from_pretrained(weights)
            found = TYPES.get(old.model_type)
            if found is None or (name and name != found):
                asked = f"a {name}" if name else "a model of tables"
                raise DataError(f"asked is {asked}, but weights '{weights}' are of a {found or old.model_type}.")
            model = AutoModel.from_pretrained(
                weights, use_safetensors=True, ignore_mismatched_sizes=True, **labels, dropout=dropout
            )
    except (OSError, ValueError, SafetensorError) as error:
        raise DataError(f"weights '{weights}' cannot be loaded: {str(error).splitlines()[0]}") from error
    if old.input_size != sum(widths):
        raise DataError(
            f"weights '{weights}' read {old.input_size} encoded columns, but these rows have {sum(widths)}. "
            "Train from scratch, or use a table with the same columns."
        )
    same = list(old.id2label.values()) == list(labels["id2label"].values())
    said = f"{weights} named its answers otherwise: {', '.join(map(str, list(old.id2label.values())[:5]))}."
    return model, [] if same else [said]
