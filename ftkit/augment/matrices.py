"""The small matrices steps are made of, one for each row, in float64.

Places: (N, 3, 3), from a pixel of the new picture to where it comes from, so a list of steps is multiplied from the
left to the right. Colours: (N, 3, 7), acting on (r, g, b, mean r, mean g, mean b, 1): contrast needs the picture's
mean, and this way it stays one linear map, whatever the order of the steps.
"""

from __future__ import annotations

import numpy as np

# ITU-R BT.601, as in Pillow's "L".
LUMA = np.array([0.299, 0.587, 0.114])
# Chroma axes I and Q of the YIQ space (FCC NTSC, 1953), in which a change of hue is a rotation.
_YIQ = np.array([[0.299, 0.587, 0.114], [0.5959, -0.2746, -0.3213], [0.2115, -0.5227, 0.3112]])
_RGB = np.linalg.inv(_YIQ)

Number = np.ndarray | float


def linear(rows: int, a: Number, b: Number, c: Number, d: Number) -> np.ndarray:
    """``x' = a x + b y, y' = c x + d y`` as (N, 3, 3); each number is one for all rows, or one a row."""
    out = np.zeros((rows, 3, 3))
    out[:, 0, 0], out[:, 0, 1], out[:, 1, 0], out[:, 1, 1], out[:, 2, 2] = a, b, c, d, 1.0
    return out


def rotation(angle: np.ndarray) -> np.ndarray:
    """A turn by angles in radians, counter-clockwise as seen, (N, 3, 3)."""
    cos, sin = np.cos(angle), np.sin(angle)
    return linear(len(angle), cos, -sin, sin, cos)


def translation(shift: np.ndarray) -> np.ndarray:
    """A move by (N, 2) pixels, (N, 3, 3)."""
    out = linear(len(shift), 1.0, 0.0, 0.0, 1.0)
    out[:, :2, 2] = shift
    return out


def inverse(matrix: np.ndarray) -> np.ndarray:
    """The maps back, (N, 3, 3), by cross products: in the same order of operations however many rows there are."""
    a, b, c = matrix[:, 0], matrix[:, 1], matrix[:, 2]
    columns = np.stack([np.cross(b, c), np.cross(c, a), np.cross(a, b)], axis=2)
    return columns / (a * columns[:, :, 0]).sum(axis=1)[:, None, None]


def same_colours(rows: int) -> np.ndarray:
    """The map that changes nothing, (N, 3, 7)."""
    out = np.zeros((rows, 3, 7))
    out[:, range(3), range(3)] = 1.0
    return out


def brighten(before: np.ndarray, factor: np.ndarray) -> np.ndarray:
    """Every value times the row's factor."""
    return before * factor[:, None, None]


def contrast(before: np.ndarray, factor: np.ndarray) -> np.ndarray:
    """Every value's distance to the mean grey of the picture as it is by then, times the row's factor."""
    grey = _luma(before)
    mean = np.concatenate([np.zeros_like(grey[..., :3]), grey[..., :3] + grey[..., 3:6], grey[..., 6:]], axis=-1)
    return _blend(mean, before, factor)


def saturate(before: np.ndarray, factor: np.ndarray) -> np.ndarray:
    """Every value's distance to the grey of its own pixel, times the row's factor."""
    return _blend(_luma(before), before, factor)


def turn_hue(before: np.ndarray, turns: np.ndarray) -> np.ndarray:
    """Colours turned about the grey axis by a share of the circle, red towards green; brightness stays."""
    cos, sin = np.cos(2 * np.pi * turns), np.sin(2 * np.pi * turns)
    spin = np.zeros((len(turns), 3, 3))
    spin[:, 0, 0] = 1.0
    spin[:, 1, 1], spin[:, 1, 2], spin[:, 2, 1], spin[:, 2, 2] = cos, sin, -sin, cos
    return multiply(multiply(_RGB[None], multiply(spin, _YIQ[None])), before)


def multiply(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """The matrix product row by row, in an order of operations that never depends on how many rows there are."""
    return (left[:, :, :, None] * right[:, None, :, :]).sum(axis=2)


def _luma(before: np.ndarray) -> np.ndarray:
    """The grey of a pixel, as a map (N, 1, 7)."""
    r, g, b = LUMA
    return before[:, :1] * r + before[:, 1:2] * g + before[:, 2:3] * b


def _blend(grey: np.ndarray, before: np.ndarray, factor: np.ndarray) -> np.ndarray:
    f = factor[:, None, None]
    return grey * (1.0 - f) + before * f


def from_corners(corners: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """The projective maps that take the corners of a picture to four places each.

    Heckbert (1989), "Fundamentals of texture mapping and image warping", section 2.2.3: a square to a quadrilateral in
    closed form, so that nothing depends on how many rows there are.

    Parameters
    ----------
    corners : float64 array (N, 4, 2)
        Where top left, top right, bottom right and bottom left go, (x, y) in pixels from the centre.
    size : (H, W)

    Returns
    -------
    float64 array (N, 3, 3)
    """
    a, b, c, d = corners[:, 0], corners[:, 1], corners[:, 2], corners[:, 3]
    across, down, skew = b - c, d - c, a - b + c - d
    bottom = _cross(across, down)
    g, h = _cross(skew, down) / bottom, _cross(across, skew) / bottom
    out = np.ones((len(corners), 3, 3))
    out[:, :2, 0], out[:, :2, 1], out[:, :2, 2] = b - a + g[:, None] * b, d - a + h[:, None] * d, a
    out[:, 2, 0], out[:, 2, 1] = g, h
    height, width = size
    to_square = np.array([[1 / width, 0, 0.5], [0, 1 / height, 0.5], [0, 0, 1]])
    return multiply(out, to_square[None])


def _cross(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]
