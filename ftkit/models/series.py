"""Forecasters by name: our own, and transformers' patch models; fresh, or going on from weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel
from transformers.modeling_outputs import SequenceClassifierOutput

from ftkit.errors import DataError
from ftkit.models.linear_forecaster import LinearForecaster, LinearForecasterConfig
from ftkit.models.nhits import NHiTS, NHiTSConfig
from ftkit.models.weights import quiet

TREND = 25  # steps of DLinear's moving average, as in the paper's own runs
OWN = (LinearForecasterConfig.model_type, NHiTSConfig.model_type)
PATCHED = ("patchtst", "patchtsmixer")


class PatchForecaster(nn.Module):
    """transformers' ``PatchTSTForPrediction`` or ``PatchTSMixerForPrediction``, called as our own are.

    Parameters
    ----------
    inner : PreTrainedModel
        Of one channel; it is what ``save_pretrained`` saves, so that plain transformers loads it.
    """

    def __init__(self, inner: Any) -> None:
        super().__init__()
        self.inner = inner

    @property
    def config(self) -> Any:
        """The inner model's."""
        return self.inner.config

    @property
    def head(self) -> nn.Module:
        """The last layers."""
        return self.inner.head

    def forward(self, past: Tensor) -> SequenceClassifierOutput:
        """``.logits`` (N, horizon) of ``past`` (N, context)."""
        return SequenceClassifierOutput(logits=self.inner(past_values=past[:, :, None]).prediction_outputs[:, :, 0])

    def save_pretrained(self, folder: Path) -> None:
        """Save the inner model."""
        self.inner.save_pretrained(folder)


def new_forecaster(name: str, context: int, horizon: int, dropout: float) -> nn.Module:
    """A forecaster with fresh weights, drawn from torch's default generator.

    Parameters
    ----------
    name : {"linear", "dlinear", "nhits", "patchtst", "patchtsmixer"}
    context, horizon : int
        Steps of the past, and steps ahead.
    dropout : float in [0, 1)

    Returns
    -------
    torch.nn.Module
        Called with float (N, context), it answers with an object that has ``.logits`` (N, horizon).
    """
    sizes = {"context": context, "horizon": horizon, "dropout": dropout}
    if name in ("linear", "dlinear"):
        trend = min(TREND, context) if name == "dlinear" else 0
        return LinearForecaster(LinearForecasterConfig(**sizes, trend=trend))
    if name == "nhits":
        return NHiTS(NHiTSConfig(**sizes))
    config, model = _patched(name)
    # Patches of 8 that overlap by half, and two layers of 64: the sizes of a small table of series.
    patch = min(8, max(1, context // 2))
    shape = {"patch_length": patch, "patch_stride": max(1, patch // 2), "num_hidden_layers": 2, "d_model": 64}
    shape |= {"num_layers": 2} if name == "patchtsmixer" else {"ffn_dim": 128}
    given = {"num_input_channels": 1, "context_length": context, "prediction_length": horizon, "loss": "mse"}
    return PatchForecaster(model(config(**given, **shape, **_dropped(name, dropout))))


def load_forecaster(
    weights: str, context: int, horizon: int, dropout: float, name: str | None = None
) -> tuple[nn.Module, list[str]]:
    """A forecaster that goes on from weights, and what was said while loading.

    Parameters
    ----------
    weights : str
        A folder in ``save_pretrained`` form, or a hub id.
    context, horizon : int
        As the rows are cut.
    dropout : float in [0, 1)
    name : str, optional
        The model that is asked for; any without it.

    Returns
    -------
    (torch.nn.Module, list of str)

    Raises
    ------
    DataError
        Nothing can be loaded from there, it is no forecaster, or another; it reads another context or more channels.
    """
    config = read_config(weights)
    kind, sizes = config.model_type, sizes_of(config)
    found = name_of(config)
    if found is None or (name and name != found):
        asked = f"a {name}" if name else "a forecaster (linear, dlinear, nhits, PatchTST or PatchTSMixer)"
        raise DataError(f"asked is {asked}, but weights '{weights}' are of a {found or kind}.")
    if sizes[0] != context:
        raise DataError(
            f"weights '{weights}' read a context of {sizes[0]} steps; the windows have {context}. Set "
            f"preprocess.context to {sizes[0]}, or auto."
        )
    if kind in OWN:
        if sizes[1] != horizon:
            raise DataError(
                f"weights '{weights}' forecast {sizes[1]} steps; the windows have {horizon}. Set preprocess.horizon to "
                f"{sizes[1]}, or auto."
            )
        return _load(AutoModel, weights, dropout=dropout)[0], []
    if config.num_input_channels != 1:
        raise DataError(f"weights '{weights}' read {config.num_input_channels} channels; asked is 1, the target alone.")
    given = {"prediction_length": horizon, "loss": "mse", **_dropped(kind, dropout)}
    model, info = _load(_patched(kind)[1], weights, **given)
    fresh = info["missing_keys"] or info["mismatched_keys"]
    said = f"The head of {weights} ({sizes[1]} steps ahead) was replaced for {horizon} steps ahead."
    return PatchForecaster(model), [said] if fresh else [f"The head of {weights} was kept."]


def load_saved_forecaster(folder: str, **_: Any) -> nn.Module:
    """The forecaster in a folder that a run saved."""
    config = read_config(folder)
    if config.model_type in PATCHED:
        return PatchForecaster(_load(_patched(config.model_type)[1], folder)[0])
    return _load(AutoModel, folder)[0]


def read_config(weights: str) -> Any:
    """The config of some weights.

    Raises
    ------
    DataError
        It cannot be read.
    """
    try:
        with quiet():
            return AutoConfig.from_pretrained(weights)
    except (OSError, ValueError) as error:
        raise DataError(f"weights '{weights}' cannot be loaded: {str(error).splitlines()[0]}") from error


def sizes_of(config: Any) -> tuple[int, int]:
    """Context and horizon of a forecaster's config; zeros where it is none."""
    if config.model_type in OWN:
        return config.context, config.horizon
    return getattr(config, "context_length", 0), getattr(config, "prediction_length", 0)


def name_of(config: Any) -> str | None:
    """The name of the forecaster a config is of; None where it is none."""
    if config.model_type == LinearForecasterConfig.model_type:
        return "dlinear" if config.trend else "linear"
    return {NHiTSConfig.model_type: "nhits"}.get(config.model_type, config.model_type) if _ours(config) else None


def _ours(config: Any) -> bool:
    return config.model_type in (*OWN, *PATCHED)


def _patched(name: str) -> tuple[Any, Any]:
    """Config and model of transformers."""
    import transformers

    stem = "PatchTST" if name == "patchtst" else "PatchTSMixer"
    return getattr(transformers, f"{stem}Config"), getattr(transformers, f"{stem}ForPrediction")


def _dropped(name: str, share: float) -> dict[str, float]:
    """The keys of a config that set dropout."""
    keys = (
        ("dropout", "head_dropout") if name == "patchtsmixer" else ("attention_dropout", "ff_dropout", "head_dropout")
    )
    return dict.fromkeys(keys, share)


def _load(kind: Any, weights: str, **given: Any) -> tuple[nn.Module, dict[str, Any]]:
    try:
        with quiet():
            return kind.from_pretrained(
                weights, use_safetensors=True, ignore_mismatched_sizes=True, output_loading_info=True, **given
            )
    except (OSError, ValueError, SafetensorError) as error:
        raise DataError(f"weights '{weights}' cannot be loaded: {str(error).splitlines()[0]}") from error
