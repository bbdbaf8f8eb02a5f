"""ResNet (He et al. 2016, "Deep Residual Learning", table 1) in transformers' form, down to 8×8 pixels."""

from __future__ import annotations

from typing import Any

from torch import nn
from transformers import ResNetConfig, ResNetForImageClassification

SIZES: dict[str, dict[str, Any]] = {
    "resnet-18": {"layer_type": "basic", "depths": [2, 2, 2, 2], "hidden_sizes": [64, 128, 256, 512]},
    "resnet-34": {"layer_type": "basic", "depths": [3, 4, 6, 3], "hidden_sizes": [64, 128, 256, 512]},
    "resnet-50": {"layer_type": "bottleneck", "depths": [3, 4, 6, 3], "hidden_sizes": [256, 512, 1024, 2048]},
    "resnet-101": {"layer_type": "bottleneck", "depths": [3, 4, 23, 3], "hidden_sizes": [256, 512, 1024, 2048]},
}
SMALL = {"layer_type": "basic", "embedding_size": 32, "depths": [1, 1, 1], "hidden_sizes": [32, 64, 128]}


def resnet_sizes(name: str, height: int, width: int) -> dict[str, Any]:
    """Depths and widths of a ResNet.

    Parameters
    ----------
    name : {"resnet", "resnet-18", "resnet-34", "resnet-50", "resnet-101"}
        ``resnet`` is sized to the images: three narrow stages up to 64 pixels (a fourth would look at less than 2×2
        places), ResNet-18 above.
    height, width : int
        Pixels the model sees.

    Returns
    -------
    dict
        Arguments of transformers' ``ResNetConfig``.

    Examples
    --------
    >>> resnet_sizes("resnet", 32, 32)["hidden_sizes"]
    [32, 64, 128]
    """
    if name == "resnet":
        return dict(SMALL) if min(height, width) <= 64 else dict(SIZES["resnet-18"])
    return dict(SIZES[name])


def new_resnet(name: str, height: int, width: int, channels: int, labels: dict[str, Any]) -> nn.Module:
    """A ResNet with fresh weights, drawn from torch's default generator."""
    config = ResNetConfig(num_channels=channels, **resnet_sizes(name, height, width), **labels)
    return ResNetForImageClassification(config)
