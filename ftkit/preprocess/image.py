"""What an image model reads: size, channels, and the mean and deviation that pixels are normalised with."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

# The smallest side a ResNet sees: its stem halves an image twice before the first stage.
SMALLEST_SIDE = 32
LARGEST_SIDE = 224
LOOKED_AT, BLOCK = 4096, 64
# How a processor's file writes Pillow's filters.
FILTERS = {0: "nearest", 1: "lanczos", 2: "bilinear", 3: "bicubic", 4: "box", 5: "hamming"}


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
    resize : {"stretch", "crop", "pad"}
        How an image comes to that size: see ``DatasetView.pixels``.
    share : float in (0, 1]
        How much of each side "crop" and "stretch" keep.
    resample : str
        Pillow's filter, such as "bilinear".
    """

    height: int
    width: int
    channels: int
    mean: tuple[float, ...] = (0.5,)
    std: tuple[float, ...] = (0.5,)
    stored: tuple[int, int] = (0, 0)
    resize: str = "stretch"
    share: float = 1.0
    resample: str = "bilinear"

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
        mean, std = config.get("image_mean"), config.get("image_std")
        height, width = _sides(config.get("size"))
        if not (height and width and mean and std) or len(mean) not in (1, 3):
            return None
        resize, share, size = _cropped(config, height, width)
        resample = FILTERS.get(config.get("resample"), "bilinear")
        return cls(*size, len(mean), tuple(mean), tuple(std), resize=resize, share=share, resample=resample)

    def pixels(self, view: Any, out: np.ndarray | None = None) -> tuple[np.ndarray, dict[int, str]]:
        """The images of a view as they are stored, and why some cannot be read.

        Parameters
        ----------
        view : DatasetView
        out : uint8 array, (N, H, W, C), optional
            Where to write, such as a ``np.memmap``.

        Returns
        -------
        (uint8 array, (N, H, W, C), dict of int to str)
        """
        return view.pixels(self.stored, self.channels, out=out, **self.how())

    def how(self) -> dict[str, Any]:
        """How an image comes to its size, as ``DatasetView.pixels`` takes it."""
        return {"resize": self.resize, "share": self.share, "resample": self.resample}

    def transform(self, pixels: np.ndarray) -> np.ndarray:
        """Float32 (N, C, H, W) of uint8 (N, H, W, C): normalised, at the size they are stored in."""
        mean, std = (np.array(values, dtype=np.float32) for values in (self.mean, self.std))
        return np.moveaxis((pixels / np.float32(255) - mean) / std, -1, 1)

    def inverse_transform(self, batch: np.ndarray) -> np.ndarray:
        """Exactly the uint8 pixels (N, H, W, C) that ``transform`` was given."""
        values = np.moveaxis(batch, 1, -1) * np.array(self.std) + np.array(self.mean)
        return np.rint(values * 255).clip(0, 255).astype(np.uint8)

    def to_processor(self) -> dict[str, Any]:
        """The same as a ``preprocessor_config.json`` that plain transformers reads."""
        # Padding has no counterpart there: plain transformers stretches.
        kind, size = "ViTImageProcessor", {"height": self.height, "width": self.width}
        crop = {}
        if self.resize == "crop" and self.height == self.width:
            kind = "CLIPImageProcessor"
            crop = {"do_center_crop": True, "crop_size": size}
            size = {"shortest_edge": round(self.height / self.share)}
        elif self.resize == "stretch" and self.share < 1:
            kind = "CLIPImageProcessor"
            crop = {"do_center_crop": True, "crop_size": size}
            size = {side: round(length / self.share) for side, length in size.items()}
        return {
            "image_processor_type": kind,
            "do_resize": True,
            "size": size,
            **crop,
            "resample": next(code for code, name in FILTERS.items() if name == self.resample),
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


def _sides(size: Any) -> tuple[int | None, int | None]:
    """Height and width of a processor's size, however it says them."""
    if isinstance(size, dict):
        edge = size.get("shortest_edge")
        return size.get("height", edge), size.get("width", edge)
    return (size, size) if isinstance(size, int) else (None, None)


def _cropped(config: dict[str, Any], height: int, width: int) -> tuple[str, float, tuple[int, int]]:
    """How a processor brings images to their size, how much of a side it keeps, and the size."""
    by_edge = not isinstance(config.get("size"), dict) or "shortest_edge" in config["size"]
    if config.get("do_center_crop"):
        cut = _sides(config["crop_size"]) if config.get("crop_size") else (height, width)
        return "crop" if by_edge else "stretch", min(1.0, cut[0] / height), cut
    # ConvNext's: enlarged by 1 / crop_pct, then cut, below 384 pixels.
    if config.get("crop_pct") and height < 384:
        return "crop", float(config["crop_pct"]), (height, width)
    return "stretch", 1.0, (height, width)


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
