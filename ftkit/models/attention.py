"""Attention over the columns of a table: the FT-Transformer (Gorishniy et al. 2021, "Revisiting deep learning models
for tabular data", section 3.3), as a ``PreTrainedModel``.

Each column becomes one token, whatever it was encoded to: a number times its vector, a category's own vector. Tokens
attend to each other, and a token of its own, to which all contribute, is read by the head.
"""

from __future__ import annotations

from itertools import accumulate, pairwise

import torch
from torch import Tensor, nn
from transformers import PretrainedConfig, PreTrainedModel
from transformers.modeling_outputs import SequenceClassifierOutput


class TabularAttentionConfig(PretrainedConfig):
    """Sizes of a ``TabularAttention``.

    Parameters
    ----------
    widths : sequence of int, default (1,)
        How many encoded columns each column of the table has, in their order.
    token_size : int, default 64
        Numbers a token holds.
    layers : int, default 3
    heads : int, default 8
    dropout : float in [0, 1), default 0.0
        Share of attention weights and hidden values switched off while training.
    **kwargs
        Passed on to transformers' ``PretrainedConfig``: ``num_labels``, ``id2label``, ….
    """

    model_type = "ftkit-tabular-attention"

    def __init__(
        self,
        widths: tuple[int, ...] = (1,),
        token_size: int = 64,
        layers: int = 3,
        heads: int = 8,
        dropout: float = 0.0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.widths = list(widths)
        self.token_size = token_size
        self.layers = layers
        self.heads = heads
        self.dropout = dropout

    @property
    def input_size(self) -> int:
        """Columns of the encoded table."""
        return sum(self.widths)


class ColumnTokens(nn.Module):
    """Encoded rows (N, F) to tokens (N, 1 + columns, size), the first one the row's own."""

    def __init__(self, widths: list[int], size: int):
        super().__init__()
        self.places = list(pairwise(accumulate(widths, initial=0)))
        self.weight = nn.Parameter(torch.empty(sum(widths), size))
        self.bias = nn.Parameter(torch.empty(len(widths), size))
        self.row = nn.Parameter(torch.empty(size))

    def forward(self, features: Tensor) -> Tensor:
        """Tokens of a batch."""
        columns = [features[:, start:end] @ self.weight[start:end] for start, end in self.places]
        tokens = torch.stack(columns, dim=1) + self.bias
        return torch.cat([self.row.expand(len(features), 1, -1), tokens], dim=1)


class TabularAttention(PreTrainedModel):
    """The network: ``forward(features)`` with ``features`` float (N, input_size) gives ``.logits`` (N, num_labels)."""

    config_class = TabularAttentionConfig
    base_model_prefix = "encoder"
    main_input_name = "features"

    def __init__(self, config: TabularAttentionConfig):
        super().__init__(config)
        size = config.token_size
        self.tokens = ColumnTokens(config.widths, size)
        layer = nn.TransformerEncoderLayer(
            size, config.heads, 2 * size, config.dropout, "gelu", batch_first=True, norm_first=True
        )
        self.encoder = nn.TransformerEncoder(layer, config.layers, enable_nested_tensor=False)
        self.head = nn.Sequential(nn.LayerNorm(size), nn.ReLU(), nn.Linear(size, config.num_labels))
        self.post_init()

    def _init_weights(self, module: nn.Module) -> None:
        if isinstance(module, ColumnTokens):
            bound = module.row.shape[0] ** -0.5
            for parameter in module.parameters():
                nn.init.uniform_(parameter, -bound, bound)
        elif isinstance(module, nn.Linear):
            nn.init.xavier_uniform_(module.weight)
            nn.init.zeros_(module.bias)
        elif isinstance(module, nn.MultiheadAttention):
            nn.init.xavier_uniform_(module.in_proj_weight)
            nn.init.zeros_(module.in_proj_bias)
        elif isinstance(module, nn.LayerNorm):
            nn.init.ones_(module.weight)
            nn.init.zeros_(module.bias)

    def forward(self, features: Tensor, return_dict: bool | None = None) -> SequenceClassifierOutput | tuple[Tensor]:
        """Logits, or the predicted number in deviations from the mean."""
        logits = self.head(self.encoder(self.tokens(features))[:, 0])
        return SequenceClassifierOutput(logits=logits) if return_dict is not False else (logits,)


def register() -> None:
    """Let ``AutoConfig`` and ``AutoModel`` find the class in a saved folder."""
    from transformers import AutoConfig, AutoModel

    AutoConfig.register(TabularAttentionConfig.model_type, TabularAttentionConfig, exist_ok=True)
    AutoModel.register(TabularAttentionConfig, TabularAttention, exist_ok=True)


register()
