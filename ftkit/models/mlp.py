"""A multilayer perceptron for tables, as a ``PreTrainedModel``.

Batch norm, ReLU and dropout after each hidden layer, beside a linear path from input to output, so that it is never
worse than a linear model for want of depth (Cheng et al. 2016, "Wide & Deep Learning", section 3).
"""

from __future__ import annotations

from torch import Tensor, nn
from transformers import PretrainedConfig, PreTrainedModel
from transformers.modeling_outputs import SequenceClassifierOutput


class TabularMLPConfig(PretrainedConfig):
    """Sizes of a ``TabularMLP``.

    Parameters
    ----------
    input_size : int, default 1
        Columns of the encoded table.
    hidden_sizes : sequence of int, default (256, 128)
        One hidden layer each.
    dropout : float in [0, 1), default 0.0
        Share of each hidden layer switched off while training.
    **kwargs
        Passed on to transformers' ``PretrainedConfig``: ``num_labels``, ``id2label``, ….
    """

    model_type = "ftkit-tabular-mlp"

    def __init__(self, input_size: int = 1, hidden_sizes: tuple[int, ...] = (256, 128), dropout: float = 0.0, **kwargs):
        super().__init__(**kwargs)
        self.input_size = input_size
        self.hidden_sizes = list(hidden_sizes)
        self.dropout = dropout


class TabularMLP(PreTrainedModel):
    """The network: ``forward(features)`` with ``features`` float (N, input_size) gives ``.logits`` (N, num_labels)."""

    config_class = TabularMLPConfig
    base_model_prefix = "mlp"
    main_input_name = "features"

    def __init__(self, config: TabularMLPConfig):
        super().__init__(config)
        layers: list[nn.Module] = []
        width = config.input_size
        for hidden in config.hidden_sizes:
            layers += [nn.Linear(width, hidden), nn.BatchNorm1d(hidden), nn.ReLU(), nn.Dropout(config.dropout)]
            width = hidden
        self.mlp = nn.Sequential(*layers)
        self.head = nn.Linear(width, config.num_labels)
        self.wide = nn.Linear(config.input_size, config.num_labels, bias=False)
        self.post_init()

    def _init_weights(self, module: nn.Module) -> None:
        if isinstance(module, nn.Linear):
            nn.init.kaiming_uniform_(module.weight, nonlinearity="relu")
            if module.bias is not None:
                nn.init.zeros_(module.bias)
        if module is getattr(self, "wide", None):
            nn.init.zeros_(module.weight)

    def forward(self, features: Tensor, return_dict: bool | None = None) -> SequenceClassifierOutput | tuple[Tensor]:
        """Logits, or the predicted number in deviations from the mean."""
        logits = self.head(self.mlp(features)) + self.wide(features)
        return SequenceClassifierOutput(logits=logits) if return_dict is not False else (logits,)


def parameters_used(model: nn.Module) -> int:
    """How many numbers the model learns."""
    return sum(p.numel() for p in model.parameters() if p.requires_grad)


def register() -> None:
    """Let ``AutoConfig`` and ``AutoModel`` find the class in a saved folder."""
    from transformers import AutoConfig, AutoModel

    AutoConfig.register(TabularMLPConfig.model_type, TabularMLPConfig, exist_ok=True)
    AutoModel.register(TabularMLPConfig, TabularMLP, exist_ok=True)


register()
