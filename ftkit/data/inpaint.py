"""Painting over: masked pixels filled in from those around them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ftkit.errors import DataError

ROUNDS = 16  # at each size of the pyramid


def inpaint(pixels: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """The image with its masked pixels filled in smoothly from their surroundings.

    The fill is harmonic: each masked pixel is the mean of its four neighbours (Bertalmio et al., "Image inpainting",
    SIGGRAPH 2000, section 3, in its isotropic case), solved by conjugate gradients
    from the coarse to the fine.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (H, W, C) or (H, W)
        The image.
    mask : ndarray of bool, shape (H, W)
        True where it is to be painted over.

    Returns
    -------
    ndarray of uint8, of the shape of ``pixels``
        A new array; unchanged outside the mask. Where everything is masked, nothing is known and nothing is changed.

    Raises
    ------
    DataError
        The mask is not of the image's height and width, or the pixels are not uint8.

    Examples
    --------
    >>> image = np.full((8, 8, 3), 90, dtype=np.uint8)
    >>> image[3:5, 3:5] = 255
    >>> bool((inpaint(image, image[..., 0] == 255) == 90).all())
    True
    """
    pixels, mask = np.asarray(pixels), np.asarray(mask, dtype=bool)
    if pixels.dtype != np.uint8 or pixels.ndim not in (2, 3):
        raise DataError(f"inpaint needs uint8 pixels (H, W, C); {pixels.dtype} {pixels.shape} were given.")
    if mask.shape != pixels.shape[:2]:
        raise DataError(f"a mask of {mask.shape} does not fit an image of {pixels.shape[:2]} (height, width).")
    if not mask.any() or mask.all():
        return pixels.copy()
    known = pixels.reshape(*mask.shape, -1).astype(np.float32)
    filled = _filled(known, mask)
    out = pixels.reshape(known.shape).copy()
    out[mask] = np.clip(np.rint(filled[mask]), 0, 255)
    return out.reshape(pixels.shape)


def _filled(image: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """The image with its masked pixels filled, begun from the same at half the size."""
    if mask.all() or not mask.any():
        return image
    weight = (~mask).astype(np.float32)[..., None]
    coarse, share = _halve(image * weight), _halve(weight)
    below = _filled(coarse / np.maximum(share, 1e-6), share[..., 0] == 0)
    above = below.repeat(2, axis=0).repeat(2, axis=1)[: mask.shape[0], : mask.shape[1]]
    start = np.where(mask[..., None], above, image)
    start[mask] = _harmonic(start, mask)
    return start


def _halve(image: np.ndarray) -> np.ndarray:
    """The sums of 2×2 pixels; edges are padded with nothing."""
    height, width = image.shape[:2]
    padded = np.pad(image, ((0, height % 2), (0, width % 2), (0, 0)))
    return padded[::2, ::2] + padded[1::2, ::2] + padded[::2, 1::2] + padded[1::2, 1::2]


def _harmonic(image: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """The values (n, C) of the masked pixels that make each the mean of its neighbours."""
    places, there = _neighbours(mask)
    number = np.full(mask.size + 1, mask.sum(), dtype=np.int64)
    number[:-1][mask.ravel()] = np.arange(mask.sum())
    inside, flat = number[places], image.reshape(-1, image.shape[2])
    outside = there & ~mask.ravel()[places]
    fixed = (flat[places] * outside[..., None]).sum(axis=0)
    count = there.sum(axis=0)[:, None].astype(np.float32)
    nothing = np.zeros((1, flat.shape[1]), dtype=np.float32)
    inside[~there] = mask.sum()

    def apply(values: np.ndarray) -> np.ndarray:
        values = np.concatenate([values, nothing])
        return count * values[:-1] - values[inside[0]] - values[inside[1]] - values[inside[2]] - values[inside[3]]

    return _conjugate_gradients(apply, fixed, flat[mask.ravel()])


def _neighbours(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each masked pixel the flat places of its four neighbours (4, n), and whether they are in the image."""
    height, width = mask.shape
    rows, columns = np.nonzero(mask)
    rows = rows + np.array([[-1], [1], [0], [0]])
    columns = columns + np.array([[0], [0], [-1], [1]])
    there = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    return np.where(there, rows * width + columns, 0), there


def _conjugate_gradients(
    apply: Callable[[np.ndarray], np.ndarray], target: np.ndarray, start: np.ndarray
) -> np.ndarray:
    """Solve apply(x) = target for all channels at once."""
    x = start.copy()
    residual = target - apply(x)
    direction, size = residual, (residual**2).sum(axis=0)
    for _ in range(ROUNDS):
        applied = apply(direction)
        step = size / np.maximum((direction * applied).sum(axis=0), 1e-12)
        x += step * direction
        residual = residual - step * applied
        before, size = size, (residual**2).sum(axis=0)
        direction = residual + size / np.maximum(before, 1e-12) * direction
    return x
