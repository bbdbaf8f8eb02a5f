"""Vision transformer (Dosovitskiy et al. 2021, table 1) and ConvNeXt (Liu et al. 2022, section 3), sized to images."""

from __future__ import annotations

from typing import Any

from torch import nn
from transformers import ConvNextConfig, ConvNextForImageClassification, ViTConfig, ViTForImageClassification

VIT: dict[str, dict[str, int]] = {
    "vit-tiny": {"hidden_size": 192, "num_hidden_layers": 12, "num_attention_heads": 3, "intermediate_size": 768},
    "vit-small": {"hidden_size": 384, "num_hidden_layers": 12, "num_attention_heads": 6, "intermediate_size": 1536},
    "vit-base": {"hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12, "intermediate_size": 3072},
}
SMALL_VIT = {"hidden_size": 128, "num_hidden_layers": 6, "num_attention_heads": 4, "intermediate_size": 256}
CONVNEXT: dict[str, dict[str, list[int]]] = {
    "convnext-tiny": {"depths": [3, 3, 9, 3], "hidden_sizes": [96, 192, 384, 768]},
    "convnext-small": {"depths": [3, 3, 27, 3], "hidden_sizes": [96, 192, 384, 768]},
    "convnext-base": {"depths": [3, 3, 27, 3], "hidden_sizes": [128, 256, 512, 1024]},
}
SMALL_CONVNEXT = {"depths": [2, 2, 2], "hidden_sizes": [48, 96, 192], "num_stages": 3, "patch_size": 2}
SMALL_SIDE = 64
# Patches a side that an image is cut in, at least: fewer say little of where things are.
FEWEST_PATCHES = 8


def new_vit(name: str, height: int, width: int, channels: int, labels: dict[str, Any]) -> nn.Module:
    """A vision transformer with fresh weights; ``vit`` is sized to the images: six narrow layers up to 64 pixels.

    The patch is 16 pixels, or the largest power of two that cuts the shorter side in 8 patches and divides both sides.
    """
    small = name == "vit" and min(height, width) <= SMALL_SIDE
    sizes = SMALL_VIT if small else VIT["vit-small" if name == "vit" else name]
    config = ViTConfig(
        image_size=(height, width), patch_size=patch_size(height, width), num_channels=channels, **sizes, **labels
    )
    return ViTForImageClassification(config)


def patch_size(height: int, width: int) -> int:
    """Pixels a side of a patch.

    Parameters
    ----------
    height, width : int
        Pixels the model sees.

    Returns
    -------
    int
        A power of two, at most 16, that divides both.

    Examples
    --------
    >>> patch_size(224, 224), patch_size(32, 32), patch_size(56, 56)
    (16, 4, 4)
    """
    wanted = min(height, width) // FEWEST_PATCHES
    return next(side for side in (16, 8, 4, 2, 1) if side <= max(1, wanted) and height % side == width % side == 0)


def new_convnext(name: str, height: int, width: int, channels: int, labels: dict[str, Any]) -> nn.Module:
    """A ConvNeXt with fresh weights; ``convnext`` is sized to the images: three narrow stages up to 64 pixels."""
    small = name == "convnext" and min(height, width) <= SMALL_SIDE
    sizes = SMALL_CONVNEXT if small else CONVNEXT["convnext-tiny" if name == "convnext" else name]
    return ConvNextForImageClassification(ConvNextConfig(num_channels=channels, **sizes, **labels))
