"""The ResNets for CIFAR (He et al. 2016, "Deep Residual Learning", section 4.2) as a ``PreTrainedModel``.

transformers' ResNet has another stem and another shortcut. The modules are named as in the weights that are published
for ResNet-20 to ResNet-56, which load as they are.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn
from transformers import PretrainedConfig, PreTrainedModel
from transformers.modeling_outputs import ImageClassifierOutput

# What the published weights read: CIFAR's size, by the mean and deviation of ImageNet.
PROCESSOR = {
    "size": {"height": 32, "width": 32},
    "image_mean": [0.485, 0.456, 0.406],
    "image_std": [0.229, 0.224, 0.225],
}
BLOCKS = {"cifar-resnet-20": 3, "cifar-resnet-32": 5, "cifar-resnet-44": 7, "cifar-resnet-56": 9}
WIDTH = 16


class CifarResNetConfig(PretrainedConfig):
    """Sizes of a ``CifarResNetForImageClassification``.

    Parameters
    ----------
    num_channels : int, default 3
    blocks : int, default 3
        Of each of the three stages; the network has 6 × blocks + 2 layers.
    width : int, default 16
        Channels of the first stage; the others have two and four times as many.
    **kwargs
        Passed on to transformers' ``PretrainedConfig``: ``num_labels``, ``id2label``, ….
    """

    model_type = "ftkit-cifar-resnet"

    def __init__(self, num_channels: int = 3, blocks: int = 3, width: int = WIDTH, **kwargs):
        super().__init__(**kwargs)
        self.num_channels, self.blocks, self.width = num_channels, blocks, width


class Block(nn.Module):
    """Two convolutions, and past them the input: every second pixel, with channels of zeros (option A of the paper)."""

    def __init__(self, before: int, width: int, stride: int):
        super().__init__()
        self.conv1 = nn.Conv2d(before, width, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.stride, self.added = stride, width - before

    def forward(self, maps: Tensor) -> Tensor:
        """The maps after the block."""
        out = self.bn2(self.conv2(self.bn1(self.conv1(maps)).relu()))
        past = maps[:, :, :: self.stride, :: self.stride] if self.stride > 1 else maps
        if self.added:
            past = nn.functional.pad(past, (0, 0, 0, 0, self.added // 2, self.added - self.added // 2))
        return (out + past).relu()


class CifarResNetForImageClassification(PreTrainedModel):
    """The network: ``forward(pixel_values)`` with float (N, C, H, W) gives ``.logits`` (N, num_labels)."""

    config_class = CifarResNetConfig
    base_model_prefix = "cifar_resnet"
    main_input_name = "pixel_values"

    def __init__(self, config: CifarResNetConfig):
        super().__init__(config)
        width = config.width
        self.conv1 = nn.Conv2d(config.num_channels, width, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.layer1 = self._stage(width, width, 1)
        self.layer2 = self._stage(width, 2 * width, 2)
        self.layer3 = self._stage(2 * width, 4 * width, 2)
        self.linear = nn.Linear(4 * width, config.num_labels)
        self.post_init()

    def _stage(self, before: int, width: int, stride: int) -> nn.Sequential:
        first = Block(before, width, stride)
        return nn.Sequential(first, *(Block(width, width, 1) for _ in range(self.config.blocks - 1)))

    def _init_weights(self, module: nn.Module) -> None:
        if isinstance(module, nn.Conv2d | nn.Linear):
            nn.init.kaiming_normal_(module.weight)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
        elif isinstance(module, nn.BatchNorm2d):
            nn.init.ones_(module.weight)
            nn.init.zeros_(module.bias)

    def forward(self, pixel_values: Tensor, return_dict: bool | None = None) -> ImageClassifierOutput | tuple[Tensor]:
        """Logits of each class."""
        maps = self.bn1(self.conv1(pixel_values)).relu()
        maps = self.layer3(self.layer2(self.layer1(maps)))
        logits = self.linear(maps.mean(dim=(2, 3)))
        return ImageClassifierOutput(logits=logits) if return_dict is not False else (logits,)


def new_cifar_resnet(name: str, height: int, width: int, channels: int, labels: dict[str, Any]) -> nn.Module:
    """A network with fresh weights, drawn from torch's default generator."""
    config = CifarResNetConfig(num_channels=channels, blocks=BLOCKS[name], **labels)
    return CifarResNetForImageClassification(config)


def cifar_resnet_sizes(tensors: dict[str, Tensor]) -> dict[str, Any] | None:
    """What a ``CifarResNetConfig`` has to say for tensors of these names and shapes; None where they are another's."""
    first = tensors.get("conv1.weight")
    if first is None or "layer1.0.conv2.weight" not in tensors or "linear.weight" not in tensors:
        return None
    blocks = sum(name.startswith("layer1.") and name.endswith("conv1.weight") for name in tensors)
    return {"num_channels": first.shape[1], "blocks": blocks, "width": first.shape[0]}


def register() -> None:
    """Let ``AutoConfig`` and ``AutoModelForImageClassification`` find the class in a saved folder."""
    from transformers import AutoConfig, AutoModelForImageClassification

    AutoConfig.register(CifarResNetConfig.model_type, CifarResNetConfig, exist_ok=True)
    AutoModelForImageClassification.register(CifarResNetConfig, CifarResNetForImageClassification, exist_ok=True)


register()
