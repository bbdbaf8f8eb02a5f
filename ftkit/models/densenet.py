"""DenseNet (Huang et al. 2017, "Densely connected convolutional networks", table 1) as a ``PreTrainedModel``.

transformers has none. The modules are named as in torchvision and timm: their published weights load as they are.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import torch
from torch import Tensor, nn
from transformers import PretrainedConfig, PreTrainedModel
from transformers.modeling_outputs import ImageClassifierOutput

SIZES: dict[str, dict[str, Any]] = {
    "densenet-121": {"growth_rate": 32, "blocks": [6, 12, 24, 16], "stem_size": 64},
    "densenet-161": {"growth_rate": 48, "blocks": [6, 12, 36, 24], "stem_size": 96},
    "densenet-169": {"growth_rate": 32, "blocks": [6, 12, 32, 32], "stem_size": 64},
    "densenet-201": {"growth_rate": 32, "blocks": [6, 12, 48, 32], "stem_size": 64},
}
# Its config says which stem it has, so a small image need not be enlarged fourfold to survive the large one.
SMALL = {"growth_rate": 16, "blocks": [4, 4, 4], "stem_size": 32, "stem_stride": 2}
SMALL_SIDE = 64
BOTTLENECK = 4


class DenseNetConfig(PretrainedConfig):
    """Sizes of a ``DenseNetForImageClassification``.

    Parameters
    ----------
    num_channels : int, default 3
    growth_rate : int, default 32
        Channels each layer adds.
    blocks : sequence of int, default (6, 12, 24, 16)
        Layers of each dense block.
    stem_size : int, default 64
        Channels of the first convolution.
    stem_stride : {2, 4}, default 4
        4: the published stem, a convolution of 7×7 and a pooling that halve the image twice. 2: a convolution of 3×3
        that halves it once, for small images.
    dropout : float in [0, 1), default 0.0
        Share of the head's inputs switched off while training.
    **kwargs
        Passed on to transformers' ``PretrainedConfig``: ``num_labels``, ``id2label``, ….
    """

    model_type = "ftkit-densenet"

    def __init__(
        self,
        num_channels: int = 3,
        growth_rate: int = 32,
        blocks: tuple[int, ...] = (6, 12, 24, 16),
        stem_size: int = 64,
        stem_stride: int = 4,
        dropout: float = 0.0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.num_channels = num_channels
        self.growth_rate = growth_rate
        self.blocks = list(blocks)
        self.stem_size = stem_size
        self.stem_stride = stem_stride
        self.dropout = dropout


class DenseLayer(nn.Module):
    """Norm, ReLU, convolution of 1×1; norm, ReLU, convolution of 3×3; beside what came in."""

    def __init__(self, width: int, growth: int):
        super().__init__()
        inner = BOTTLENECK * growth
        self.norm1, self.conv1 = nn.BatchNorm2d(width), nn.Conv2d(width, inner, 1, bias=False)
        self.norm2, self.conv2 = nn.BatchNorm2d(inner), nn.Conv2d(inner, growth, 3, padding=1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) to (N, C + growth, H, W)."""
        new = self.conv1(torch.relu(self.norm1(x)))
        return torch.cat([x, self.conv2(torch.relu(self.norm2(new)))], dim=1)


def _stem(config: DenseNetConfig) -> list[tuple[str, nn.Module]]:
    side, padding = (7, 3) if config.stem_stride == 4 else (3, 1)
    layers = [
        ("conv0", nn.Conv2d(config.num_channels, config.stem_size, side, stride=2, padding=padding, bias=False)),
        ("norm0", nn.BatchNorm2d(config.stem_size)),
        ("relu0", nn.ReLU()),
    ]
    pool = [("pool0", nn.MaxPool2d(3, stride=2, padding=1))] if config.stem_stride == 4 else []
    return layers + pool


def _transition(width: int) -> nn.Sequential:
    """Half the channels, half the side."""
    return nn.Sequential(
        OrderedDict(
            norm=nn.BatchNorm2d(width),
            relu=nn.ReLU(),
            conv=nn.Conv2d(width, width // 2, 1, bias=False),
            pool=nn.AvgPool2d(2),
        )
    )


def _block(width: int, growth: int, layers: int) -> nn.Sequential:
    return nn.Sequential(
        OrderedDict((f"denselayer{i + 1}", DenseLayer(width + i * growth, growth)) for i in range(layers))
    )


class DenseNetForImageClassification(PreTrainedModel):
    """The network: ``forward(pixel_values)`` with floats (N, C, H, W) gives ``.logits`` (N, num_labels)."""

    config_class = DenseNetConfig
    base_model_prefix = "features"
    main_input_name = "pixel_values"

    def __init__(self, config: DenseNetConfig):
        super().__init__(config)
        layers, width = _stem(config), config.stem_size
        for i, count in enumerate(config.blocks, start=1):
            layers.append((f"denseblock{i}", _block(width, config.growth_rate, count)))
            width += count * config.growth_rate
            if i < len(config.blocks):
                layers.append((f"transition{i}", _transition(width)))
                width //= 2
        layers.append(("norm5", nn.BatchNorm2d(width)))
        self.features = nn.Sequential(OrderedDict(layers))
        self.dropout = nn.Dropout(config.dropout)
        self.classifier = nn.Linear(width, config.num_labels)
        self.post_init()

    def _init_weights(self, module: nn.Module) -> None:
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight)
        elif isinstance(module, nn.BatchNorm2d):
            nn.init.ones_(module.weight)
            nn.init.zeros_(module.bias)
        elif isinstance(module, nn.Linear):
            nn.init.kaiming_uniform_(module.weight, a=5**0.5)
            nn.init.zeros_(module.bias)

    def forward(self, pixel_values: Tensor, return_dict: bool | None = None) -> ImageClassifierOutput | tuple[Tensor]:
        """Logits of each class."""
        maps = torch.relu(self.features(pixel_values))
        logits = self.classifier(self.dropout(maps.mean(dim=(2, 3))))
        return ImageClassifierOutput(logits=logits) if return_dict is not False else (logits,)


def new_densenet(name: str, height: int, width: int, channels: int, labels: dict[str, Any]) -> nn.Module:
    """A DenseNet with fresh weights, drawn from torch's default generator.

    ``densenet`` is sized to the images: three blocks behind a small stem up to 64 pixels, DenseNet-121 above.
    """
    small = name == "densenet" and min(height, width) <= SMALL_SIDE
    sizes = SMALL if small else SIZES["densenet-121" if name == "densenet" else name]
    return DenseNetForImageClassification(DenseNetConfig(num_channels=channels, **sizes, **labels))


def register() -> None:
    """Let ``AutoConfig`` and ``AutoModelForImageClassification`` find the class in a saved folder."""
    from transformers import AutoConfig, AutoModelForImageClassification

    AutoConfig.register(DenseNetConfig.model_type, DenseNetConfig, exist_ok=True)
    AutoModelForImageClassification.register(DenseNetConfig, DenseNetForImageClassification, exist_ok=True)


register()
