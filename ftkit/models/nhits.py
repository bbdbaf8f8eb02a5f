"""A small N-HiTS: blocks that look at the past through coarser and finer grids, each explaining what is left."""

from __future__ import annotations

from torch import Tensor, nn
from transformers import PretrainedConfig, PreTrainedModel
from transformers.modeling_outputs import SequenceClassifierOutput


class NHiTSConfig(PretrainedConfig):
    """Sizes of an ``NHiTS``.

    Parameters
    ----------
    context, horizon : int
        Steps of the past, and steps ahead.
    grids : tuple of int, default (8, 4, 1)
        For each block, over how many steps the past is pooled, and the distance of the steps ahead that it says; those
        between lie on straight lines.
    hidden_sizes : tuple of int, default (128, 128)
        Of each block.
    dropout : float in [0, 1), default 0.0
        After each hidden layer.
    **kwargs
        Passed on to transformers' ``PretrainedConfig``.
    """

    model_type = "ftkit-nhits"

    def __init__(
        self,
        context: int = 2,
        horizon: int = 1,
        grids: tuple[int, ...] = (8, 4, 1),
        hidden_sizes: tuple[int, ...] = (128, 128),
        dropout: float = 0.0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.context, self.horizon, self.dropout = context, horizon, dropout
        self.grids, self.hidden_sizes = list(grids), list(hidden_sizes)


class NHiTS(PreTrainedModel):
    """``forward(past)`` with ``past`` float (N, context) gives ``.logits`` (N, horizon).

    Challu et al. 2023, "NHITS: Neural Hierarchical Interpolation for Time Series Forecasting", sections 3.1 to 3.4,
    with one block a stack.
    """

    config_class = NHiTSConfig
    base_model_prefix = "nhits"
    main_input_name = "past"

    def __init__(self, config: NHiTSConfig):
        super().__init__(config)
        self.blocks = nn.ModuleList(Block(config, grid) for grid in config.grids)
        self.post_init()

    def _init_weights(self, module: nn.Module) -> None:
        if isinstance(module, nn.Linear):
            nn.init.kaiming_uniform_(module.weight, nonlinearity="relu")
            nn.init.zeros_(module.bias)

    def forward(self, past: Tensor, return_dict: bool | None = None) -> SequenceClassifierOutput | tuple[Tensor]:
        """The sum of what the blocks say of the steps ahead, in the unit of the past."""
        # The last value stands for what no block explains, so that the blocks say what changes from it.
        last = past[:, -1:]
        left, ahead = past - last, last.expand(-1, self.config.horizon)
        for block in self.blocks:
            explained, said = block(left)
            left, ahead = left - explained, ahead + said
        return SequenceClassifierOutput(logits=ahead) if return_dict is not False else (ahead,)


class Block(nn.Module):
    """The past through one grid: what of it is explained (N, context), and what follows from that (N, horizon)."""

    def __init__(self, config: NHiTSConfig, grid: int):
        super().__init__()
        grid = min(grid, config.context)
        self.sizes = config.context, config.horizon
        self.pool = nn.MaxPool1d(grid, ceil_mode=True)
        layers: list[nn.Module] = []
        width = -(-config.context // grid)
        for hidden in config.hidden_sizes:
            layers += [nn.Linear(width, hidden), nn.ReLU(), nn.Dropout(config.dropout)]
            width = hidden
        self.layers = nn.Sequential(*layers)
        self.back = nn.Linear(width, -(-config.context // grid))
        self.ahead = nn.Linear(width, -(-config.horizon // grid))

    def forward(self, past: Tensor) -> tuple[Tensor, Tensor]:
        """What is explained and what follows."""
        seen = self.layers(self.pool(past[:, None])[:, 0])
        return _on_lines(self.back(seen), self.sizes[0]), _on_lines(self.ahead(seen), self.sizes[1])


def _on_lines(knots: Tensor, steps: int) -> Tensor:
    """Values at every step, on straight lines between some."""
    if knots.shape[1] == steps:
        return knots
    return nn.functional.interpolate(knots[:, None], size=steps, mode="linear", align_corners=False)[:, 0]


def register() -> None:
    """Let ``AutoConfig`` and ``AutoModel`` find the class in a saved folder."""
    from transformers import AutoConfig, AutoModel

    AutoConfig.register(NHiTSConfig.model_type, NHiTSConfig, exist_ok=True)
    AutoModel.register(NHiTSConfig, NHiTS, exist_ok=True)


register()
