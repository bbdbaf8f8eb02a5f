"""The layer of a mark: the colour and opacity that lie on each pixel of an image, and how they are taken off again."""

from __future__ import annotations

import base64
import io
from functools import lru_cache
from typing import Any

import numpy as np
from PIL import Image

from ftkit.data.inpaint import inpaint

HIDDEN = 255  # the opacity under which nothing of the image is left: such pixels are painted over
LUMA = np.array([299, 587, 114])  # thousandths, as Pillow's mode L


def layer_value(layer: np.ndarray) -> dict[str, Any]:
    """A layer as the value of an Edit: a PNG picture, as text; ``layer_of`` gives it back.

    Parameters
    ----------
    layer : ndarray of uint8, shape (H, W, 4)
        Red, green, blue and opacity: 0 where no mark is, 255 where the pixel is to be painted over.

    Returns
    -------
    dict
        ``{"size": [height, width], "layer": "…"}``

    Examples
    --------
    >>> layer_value(np.zeros((2, 3, 4), np.uint8))["size"]
    [2, 3]
    """
    shown = np.where(layer[..., 3:] > 0, layer, 0).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(shown, "RGBA").save(buffer, "PNG", optimize=True)
    return {"size": list(layer.shape[:2]), "layer": base64.b64encode(buffer.getvalue()).decode("ascii")}


@lru_cache(maxsize=16)
def layer_of(text: str) -> np.ndarray:
    """The layer in the value of an Edit.

    Parameters
    ----------
    text : str
        What stands under ``layer``.

    Returns
    -------
    ndarray of uint8, shape (H, W, 4)
        Not to be written.

    Raises
    ------
    ValueError
        It is no such picture.

    Examples
    --------
    >>> layer = np.full((2, 3, 4), 7, np.uint8)
    >>> bool((layer_of(layer_value(layer)["layer"]) == layer).all())
    True
    """
    try:
        with Image.open(io.BytesIO(base64.b64decode(text, validate=True)), formats=["PNG"]) as picture:
            layer = np.array(picture)
    except (ValueError, OSError, Image.DecompressionBombError, SyntaxError) as error:
        raise ValueError("it is no PNG picture in base64") from error
    if layer.ndim != 3 or layer.shape[2] != 4:
        raise ValueError("it has not red, green, blue and opacity")
    layer.flags.writeable = False
    return layer


def cleared(pixels: np.ndarray, layer: np.ndarray) -> np.ndarray:
    """An image with a layer taken off: the blend inverted, and painted over where the layer hides what is below.

    A mark of colour W and opacity α shows J = α W + (1 - α) I (Dekel et al., "On the effectiveness of visible
    watermarks", CVPR 2017, equation 1). The arithmetic is that of whole numbers, so it is the same on every machine.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (H, W, C) or (H, W)
        C is 1 or 3; of grey images the layer's brightness is taken off.
    layer : ndarray of uint8, shape (H, W, 4)

    Returns
    -------
    ndarray of uint8, of the shape of ``pixels``

    Examples
    --------
    >>> image = np.array([[[100, 50, 0]]], np.uint8)
    >>> layer = np.array([[[255, 255, 255, 51]]], np.uint8)
    >>> cleared(blended(image, layer), layer)
    array([[[100,  50,   0]]], dtype=uint8)
    """
    opacity = layer[..., 3].astype(np.int64)
    half = (opacity > 0) & (opacity < HIDDEN)
    out = pixels.copy()
    flat = out.reshape(*layer.shape[:2], -1)
    colour, part = _colour(layer, flat.shape[2])[half], opacity[half][:, None]
    flat[half] = np.clip(_ratio(HIDDEN * flat[half].astype(np.int64) - part * colour, HIDDEN - part), 0, 255)
    return inpaint(out, opacity == HIDDEN)


def blended(pixels: np.ndarray, layer: np.ndarray) -> np.ndarray:
    """An image with a layer laid over it.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (H, W, C)
    layer : ndarray of uint8, shape (H, W, 4)

    Returns
    -------
    ndarray of uint8, shape (H, W, C)
    """
    part = layer[..., 3:].astype(np.int64)
    whole = part * _colour(layer, pixels.shape[2]) + (HIDDEN - part) * pixels.astype(np.int64)
    return _ratio(whole, np.full_like(part, HIDDEN)).astype(np.uint8)


def fault_of_layer(value: dict[str, Any]) -> str | None:
    """What is wrong with the layer in the value of a ``mask``, in a sentence."""
    try:
        layer = layer_of(value["layer"]) if isinstance(value["layer"], str) else None
    except ValueError as error:
        return f"its layer cannot be read: {error}."
    if layer is None or list(layer.shape[:2]) != list(value.get("size") or ()):
        return "its layer is a PNG picture in base64 of its size [height, width]."
    return None


def _colour(layer: np.ndarray, channels: int) -> np.ndarray:
    colour = layer[..., :3].astype(np.int64)
    return colour if channels == 3 else _ratio(colour @ LUMA, np.array(1000))[..., None]


def _ratio(over: np.ndarray, under: np.ndarray) -> np.ndarray:
    """Divided and rounded, in whole numbers."""
    return (2 * over + under) // (2 * under)
