"""Linear forecasters: one map from the past to what follows, whole or apart for trend and rest."""

from __future__ import annotations

from torch import Tensor, nn
from transformers import PretrainedConfig, PreTrainedModel
from transformers.modeling_outputs import SequenceClassifierOutput


class LinearForecasterConfig(PretrainedConfig):
    """Sizes of a ``LinearForecaster``.

    Parameters
    ----------
    context, horizon : int
        Steps of the past, and steps ahead.
    trend : int, default 0
        Steps of the moving average that parts the trend from the rest; 0 keeps the past whole.
    dropout : float in [0, 1), default 0.0
        Share of the past switched off while training.
    **kwargs
        Passed on to transformers' ``PretrainedConfig``.
    """

    model_type = "ftkit-linear-forecaster"

    def __init__(self, context: int = 2, horizon: int = 1, trend: int = 0, dropout: float = 0.0, **kwargs):
        super().__init__(**kwargs)
        self.context, self.horizon, self.trend, self.dropout = context, horizon, trend, dropout


class LinearForecaster(PreTrainedModel):
    """``forward(past)`` with ``past`` float (N, context) gives ``.logits`` (N, horizon).

    With ``trend`` it is DLinear (Zeng et al. 2023, "Are Transformers Effective for Time Series Forecasting?", section
    4): the moving average of the past, its ends repeated, has a map of its own.
    """

    config_class = LinearForecasterConfig
    base_model_prefix = "forecaster"
    main_input_name = "past"

    def __init__(self, config: LinearForecasterConfig):
        super().__init__(config)
        self.dropout = nn.Dropout(config.dropout)
        self.trend = nn.Linear(config.context, config.horizon) if config.trend else None
        self.head = nn.Linear(config.context, config.horizon)
        self.post_init()

    def _init_weights(self, module: nn.Module) -> None:
        """Begin with the mean of the past."""
        if isinstance(module, nn.Linear):
            nn.init.constant_(module.weight, 1 / self.config.context)
            nn.init.zeros_(module.bias)

    def forward(self, past: Tensor, return_dict: bool | None = None) -> SequenceClassifierOutput | tuple[Tensor]:
        """What follows, in the unit of the past."""
        past = self.dropout(past)
        if self.trend is None:
            ahead = self.head(past)
        else:
            smooth = moving_average(past, self.config.trend)
            ahead = self.head(past - smooth) + self.trend(smooth)
        return SequenceClassifierOutput(logits=ahead) if return_dict is not False else (ahead,)


def moving_average(series: Tensor, steps: int) -> Tensor:
    """The mean of so many steps around each, the ends repeated: (N, T) as ``series``.

    Examples
    --------
    >>> import torch
    >>> moving_average(torch.tensor([[0.0, 3.0, 6.0]]), 3)
    tensor([[1., 3., 5.]])
    """
    before = (steps - 1) // 2
    padded = nn.functional.pad(series[:, None], (before, steps - 1 - before), mode="replicate")
    return nn.functional.avg_pool1d(padded, steps, stride=1)[:, 0]


def register() -> None:
    """Let ``AutoConfig`` and ``AutoModel`` find the class in a saved folder."""
    from transformers import AutoConfig, AutoModel

    AutoConfig.register(LinearForecasterConfig.model_type, LinearForecasterConfig, exist_ok=True)
    AutoModel.register(LinearForecasterConfig, LinearForecaster, exist_ok=True)


register()
