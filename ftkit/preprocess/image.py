"""What an image model reads: size, channels, and the mean and deviation that pixels are normalised with."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

# The smallest side a ResNet sees: its stem halves an image twice before the first stage.
SMALLEST_SIDE = 32
LARGEST_SIDE = 224
LOOKED_AT, BLOCK = 4096, 64


@dataclass(frozen=True)
class ImageInput:
    """The form in which a model reads images.

    Attributes
    ----------
    height, width : int
        Pixels the model sees.
    channels : {1, 3}
        Grey or red-green-blue.
    mean, std : tuple of float
        One a channel, of pixels scaled to 0..1.
    stored : (int, int)
        Height and width at which pixels are kept; smaller than the above where small images are enlarged on the
        device. The same by default.
    """

    height: int
    width: int
    channels: int
    mean: tuple[float, ...] = (0.5,)
    std: tuple[float, ...] = (0.5,)
    stored: tuple[int, int] = (0, 0)

    def __post_init__(self) -> None:
        if not all(self.stored):
            object.__setattr__(self, "stored", (self.height, self.width))

    @classmethod
    def fit(cls, pixels: np.ndarray, size: tuple[int, int], where: np.ndarray | None = None) -> ImageInput:
        """The input whose mean and deviation are those of the train rows.

        Parameters
        ----------
        pixels : uint8 array, (N, H, W, C)
        size : (int, int)
            Height and width the model sees.
        where : int64 array, optional
            Positions of the train rows in ``pixels``: statistics never see validation or test rows. All without it.

        Returns
        -------
        ImageInput

        Examples
        --------
        >>> ImageInput.fit(np.full((4, 8, 8, 1), 255, np.uint8), (32, 32)).mean
        (1.0,)
        """
        rows = np.arange(len(pixels)) if where is None else where
        # At most so many rows, evenly spaced: the third digit of a mean is settled long before.
        rows = rows[np.linspace(0, len(rows) - 1, min(len(rows), LOOKED_AT)).astype(np.int64)]
        counts = sum(_counts(pixels[rows[start : start + BLOCK]]) for start in range(0, len(rows), BLOCK))
        values = np.arange(256) / 255
        shares = counts / counts.sum(axis=1, keepdims=True)
        mean = shares @ values
        std = np.sqrt(np.maximum(shares @ values**2 - mean**2, 1e-6))
        return cls(*size, pixels.shape[-1], tuple(mean.round(6).tolist()), tuple(std.round(6).tolist()))

    @classmethod
    def from_processor(cls, config: dict[str, Any]) -> ImageInput | None:
        """The input a pre-trained model was made with, read from its ``preprocessor_config.json``.

        Parameters
        ----------
        config : dict
            The parsed file; an empty one gives None.

        Returns
        -------
        ImageInput or None
            None where the file does not say size, mean and deviation.
        """
        size, mean, std = config.get("size"), config.get("image_mean"), config.get("image_std")
        if not (size and mean and std) or len(mean) not in (1, 3):
            return None
        if isinstance(size, int):
            size = {"height": size, "width": size}
        height = size.get("height", size.get("shortest_edge"))
        width = size.get("width", size.get("shortest_edge"))
        return cls(height, width, len(mean), tuple(mean), tuple(std)) if height and width else None

    def to_processor(self) -> dict[str, Any]:
        """The same as a ``preprocessor_config.json`` that plain transformers reads."""
        return {
            "image_processor_type": "ViTImageProcessor",
            "do_resize": True,
            "size": {"height": self.height, "width": self.width},
            "resample": 2,
            "do_rescale": True,
            "rescale_factor": 1 / 255,
            "do_normalize": True,
            "image_mean": list(self.mean),
            "image_std": list(self.std),
            "do_convert_rgb": self.channels == 3,
        }

    def state(self) -> dict[str, Any]:
        """Everything as JSON; ``ImageInput.from_state(state)`` gives it back."""
        return asdict(self)

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> ImageInput:
        """The input whose ``state()`` this is."""
        return cls(**{name: tuple(value) if isinstance(value, list) else value for name, value in state.items()})


def _counts(pixels: np.ndarray) -> np.ndarray:
    """How often each of the 256 values occurs, by channel."""
    return np.stack([np.bincount(pixels[..., c].ravel(), minlength=256) for c in range(pixels.shape[-1])])


def input_size(heights: np.ndarray, widths: np.ndarray) -> tuple[int, int]:
    """The height and width a model should see these images at.

    Images up to 40 pixels are doubled at least, to no less than 32, because a ResNet's stem halves them twice; larger
    ones are kept to at most 224. Sides are multiples of 8 and keep the median image's aspect.

    Parameters
    ----------
    heights, widths : int array, (N,)
        Pixels of the images as they are stored.

    Returns
    -------
    (int, int)
        Height, width.

    Examples
    --------
    >>> input_size(np.array([28]), np.array([28])), input_size(np.array([8]), np.array([8]))
    ((56, 56), (32, 32))
    """
    height, width = float(np.median(heights)), float(np.median(widths))
    short, long = min(height, width), max(height, width)
    factor = 2.0 if short <= 40 else 1.0
    factor = min(max(factor, SMALLEST_SIDE / short), max(LARGEST_SIDE / long, SMALLEST_SIDE / short))
    sides = [min(8 * LARGEST_SIDE, max(SMALLEST_SIDE, round(side * factor / 8) * 8)) for side in (height, width)]
    return sides[0], sides[1]
