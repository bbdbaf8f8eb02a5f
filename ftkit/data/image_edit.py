"""What an edit does to one decoded image: turn it, cut it, take a mark off it or paint it over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image

from ftkit.data.layer import HIDDEN, cleared, fault_of_layer, layer_of, layer_value

TURNS = {
    0: None,
    90: Image.Transpose.ROTATE_270,  # Pillow counts against the clock
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_90,
}


def edit_picture(picture: Image.Image, steps: Sequence[tuple[str, Any]]) -> Image.Image:
    """The picture after some edits, in their order.

    Parameters
    ----------
    picture : PIL image
        Upright, of mode L or RGB.
    steps : sequence of (op, value)
        ``crop`` and ``mask``, with the values an Edit has.

    Returns
    -------
    PIL image
    """
    for op, value in steps:
        picture = _crop(picture, value) if op == "crop" else _cleared(picture, value)
    return picture


def mask_of(value: dict[str, Any], height: int, width: int) -> np.ndarray:
    """The pixels a ``mask`` speaks of.

    Parameters
    ----------
    value : dict
        ``{"box": [left, top, right, bottom]}``, ``{"boxes": […]}``, ``{"size": [height, width], "rle": […]}``: the
        lengths of runs by rows, the first of pixels that are not in the mask; or ``{"size": …, "layer": "…"}``, see
        ``layer_value``. A mask of another size is stretched.
    height, width : int
        Of the image.

    Returns
    -------
    ndarray of bool, shape (height, width)

    Examples
    --------
    >>> mask_of({"box": [1, 0, 3, 1]}, 2, 4).astype(int)
    array([[0, 1, 1, 0],
           [0, 0, 0, 0]])
    """
    if "layer" in value:
        return layer_for(value, height, width)[..., 3] > 0
    mask = np.zeros((height, width), dtype=bool)
    for left, top, right, bottom in [value["box"]] if "box" in value else value.get("boxes", []):
        mask[int(max(top, 0)) : int(max(bottom, 0)), int(max(left, 0)) : int(max(right, 0))] = True
    if "rle" in value:
        mask |= stretched(_from_runs(value["rle"], value["size"]), height, width)
    return mask


def layer_for(value: dict[str, Any], height: int, width: int) -> np.ndarray:
    """What a ``mask`` takes off an image of some size; a mask without a layer hides all that is below it.

    Parameters
    ----------
    value : dict
        See ``mask_of``.
    height, width : int
        Of the image.

    Returns
    -------
    ndarray of uint8, shape (height, width, 4)
    """
    if "layer" in value:
        return stretched(layer_of(value["layer"]), height, width)
    return _hiding(mask_of(value, height, width))


def value_of_layer(layer: np.ndarray) -> dict[str, Any]:
    """A layer as the value of a ``mask``: as run lengths where it hides all that is below it.

    Parameters
    ----------
    layer : ndarray of uint8, shape (H, W, 4)

    Returns
    -------
    dict

    Examples
    --------
    >>> value_of_layer(np.full((1, 2, 4), 255, np.uint8))
    {'size': [1, 2], 'rle': [0, 2]}
    """
    covered = layer[..., 3] > 0
    return runs_of(covered) if (layer[covered][:, 3] == HIDDEN).all() else layer_value(layer)


def painted_over(value: dict[str, Any]) -> dict[str, Any]:
    """The value of a ``mask`` that paints over what another takes off.

    Parameters
    ----------
    value : dict
        See ``mask_of``.

    Returns
    -------
    dict
    """
    return runs_of(layer_of(value["layer"])[..., 3] > 0) if "layer" in value else value


def over(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Two layers as one; where both have something of a mark, which was first is not known: that is painted over.

    Parameters
    ----------
    one, other : ndarray of uint8, shape (H, W, 4)

    Returns
    -------
    ndarray of uint8, shape (H, W, 4)
    """
    both = (one[..., 3] > 0) & (other[..., 3] > 0)
    same = (one == other).all(axis=2)
    return np.where((both & ~same)[..., None], _hiding(both), np.where(one[..., 3:] > 0, one, other))


def stretched(drawn: np.ndarray, height: int, width: int) -> np.ndarray:
    """Pixels brought to another size, each the nearest.

    Parameters
    ----------
    drawn : ndarray, shape (h, w) or (h, w, C)
    height, width : int

    Returns
    -------
    ndarray, shape (height, width) or (height, width, C)
    """
    if drawn.shape[:2] == (height, width):
        return drawn
    rows = np.arange(height) * drawn.shape[0] // height
    return drawn[rows[:, None], np.arange(width) * drawn.shape[1] // width]


def runs_of(mask: np.ndarray) -> dict[str, Any]:
    """A mask as the value of an Edit; ``mask_of`` gives it back.

    Parameters
    ----------
    mask : ndarray of bool, shape (H, W)

    Returns
    -------
    dict

    Examples
    --------
    >>> runs_of(np.array([[False, True], [True, False]]))
    {'size': [2, 2], 'rle': [1, 2, 1]}
    """
    flat = np.asarray(mask, dtype=bool).ravel()
    ends = np.flatnonzero(np.diff(flat)) + 1
    runs = np.diff(np.concatenate([[0], ends, [len(flat)]])).tolist()
    return {"size": list(mask.shape), "rle": [0, *runs] if len(flat) and flat[0] else runs}


def crop_after(old: dict[str, Any], new: dict[str, Any], width: int, height: int) -> dict[str, Any]:
    """One crop that does what two do, the second of which speaks of what the first has left.

    Parameters
    ----------
    old, new : dict
        Values of crops.
    width, height : int
        Of the image before both.

    Returns
    -------
    dict

    Examples
    --------
    >>> crop_after({"box": [2, 1, 8, 6]}, {"box": [1, 1, 3, 4]}, 10, 10)
    {'box': [3, 2, 5, 5]}
    """
    places = np.arange(width * height).reshape(height, width)
    left = _cut(_cut(places, old), new)
    turn = (old.get("rotate", 0) + new.get("rotate", 0)) % 360
    whole = np.rot90(places, -turn // 90)
    top, side = (int(v) for v in np.argwhere(whole == left[0, 0])[0])
    box = [side, top, side + left.shape[1], top + left.shape[0]]
    return {**({"rotate": turn} if turn else {}), "box": box}


def layer_before(crop: dict[str, Any], layer: np.ndarray, width: int, height: int) -> np.ndarray:
    """A layer of what a crop has left, as one of the whole image.

    Parameters
    ----------
    crop : dict
        The value of a crop.
    layer : ndarray of uint8, shape (H, W, 4)
        Of the size of what it leaves.
    width, height : int
        Of the image before.

    Returns
    -------
    ndarray of uint8, shape (height, width, 4)
    """
    places = _cut(np.arange(width * height).reshape(height, width), crop)
    out = np.zeros((width * height, 4), dtype=np.uint8)
    out[places] = layer
    return out.reshape(height, width, 4)


def _cut(pixels: np.ndarray, value: dict[str, Any]) -> np.ndarray:
    """The same as ``_crop``, of an array."""
    pixels = np.rot90(pixels, -value.get("rotate", 0) // 90)
    if "box" not in value:
        return pixels
    left, top, right, bottom = (max(int(side), 0) for side in value["box"])
    cut = pixels[top:bottom, left:right]
    return cut if cut.size else pixels


def fault_of_crop(value: Any) -> str | None:
    """What is wrong with the value of a ``crop``, in a sentence."""
    if not isinstance(value, dict) or not value or set(value) - {"box", "rotate"}:
        return 'its value is {"box": [left, top, right, bottom]}, {"rotate": 90}, or both.'
    if value.get("rotate", 0) not in TURNS or isinstance(value.get("rotate", 0), bool):
        return f"it turns by {', '.join(map(str, TURNS))} degrees, not {value['rotate']}."
    return None if "box" not in value or _is_box(value["box"]) else _box_fault(value["box"])


def fault_of_mask(value: Any) -> str | None:
    """What is wrong with the value of a ``mask``, in a sentence."""
    if isinstance(value, dict) and "layer" in value and not set(value) - {"layer", "size"}:
        return fault_of_layer(value)
    if not isinstance(value, dict) or not {"box", "boxes", "rle"} & set(value) or set(value) - {
        "box", "boxes", "rle", "size",
    }:  # fmt: skip
        return (
            'its value is {"box": […]}, {"boxes": [[…], …]}, {"size": [height, width], "rle": […]} or '
            '{"size": …, "layer": "…"}.'
        )
    for box in [value["box"]] if "box" in value else value.get("boxes", []):
        if not _is_box(box):
            return _box_fault(box)
    if "rle" not in value:
        return None
    size, runs = value.get("size"), value["rle"]
    good = _is_numbers(size, 2) and isinstance(runs, (list, tuple)) and _is_numbers(runs, len(runs))
    if not good or min(size) < 1 or min(runs, default=0) < 0 or sum(runs) != size[0] * size[1]:
        return "its run lengths do not fill its size [height, width]."
    return None


def _is_box(box: Any) -> bool:
    return _is_numbers(box, 4) and box[0] < box[2] and box[1] < box[3] and box[2] > 0 and box[3] > 0


def _is_numbers(values: Any, count: int) -> bool:
    numbers = isinstance(values, (list, tuple)) and len(values) == count
    return numbers and all(isinstance(v, (int, float)) and not isinstance(v, bool) and v == int(v) for v in values)


def _box_fault(box: Any) -> str:
    return f"box {box!r} is not [left, top, right, bottom] in whole pixels, left before right, top above bottom."


def _crop(picture: Image.Image, value: dict[str, Any]) -> Image.Image:
    """Turned, then cut; a box that misses the image cuts nothing."""
    turn = TURNS[value.get("rotate", 0)]
    picture = picture if turn is None else picture.transpose(turn)
    if "box" not in value:
        return picture
    left, top, right, bottom = (int(side) for side in value["box"])
    box = (max(left, 0), max(top, 0), min(right, picture.width), min(bottom, picture.height))
    return picture.crop(box) if box[0] < box[2] and box[1] < box[3] else picture


def _cleared(picture: Image.Image, value: dict[str, Any]) -> Image.Image:
    layer = layer_for(value, picture.height, picture.width)
    return Image.fromarray(cleared(np.asarray(picture), layer)) if layer.any() else picture


def _hiding(mask: np.ndarray) -> np.ndarray:
    """The layer that hides what is below a mask."""
    return (mask * np.uint8(HIDDEN))[..., None].repeat(4, axis=2)


def _from_runs(runs: Sequence[int], size: Sequence[int]) -> np.ndarray:
    flat = np.repeat(np.arange(len(runs)) % 2 == 1, np.asarray(runs, dtype=np.int64))
    return flat.reshape(int(size[0]), int(size[1]))
