"""The colour and opacity of a mark at each pixel, fitted over the images that have it."""

from __future__ import annotations

import numpy as np

ROUNDS = 8
AT_ONCE = 1 << 20  # pixels of all images worked on at a time
LARGEST = 254 / 255  # the largest opacity that can be inverted at all
LEAST = 1 / 255


def fitted(shown: np.ndarray, painted: np.ndarray) -> tuple[np.ndarray, float]:
    """A mark's layer: at each pixel J = α W + (1 - α) I, with J what is shown and I about what painting over gives.

    α and W are those of Dekel et al., "On the effectiveness of visible watermarks", CVPR 2017, section 3.2, where each
    pixel is fitted by itself: α by least squares with W given, then W as the weighted mean of what is left, within 0
    and 255, a few times over; pixels whose residual is large for their place have the weight of Cauchy's function.

    Parameters
    ----------
    shown, painted : ndarray of uint8, shape (n, P, 3)
        The pixels of the mark in each of the images that have it, as they are and painted over.

    Returns
    -------
    ndarray of uint8, shape (P, 4)
        Red, green, blue and opacity, at most 254.
    float
        The median of the squared residuals: how well the images agree with it.

    Examples
    --------
    >>> below = np.random.default_rng(0).integers(0, 256, (50, 1, 3), dtype=np.uint8)
    >>> shown = np.rint(0.6 * below + 0.4 * np.array([250, 20, 120])).astype(np.uint8)
    >>> fitted(shown, below)[0]
    array([[250,  20, 120, 102]], dtype=uint8)
    """
    layers, residuals = [np.zeros((0, 4), np.uint8)], [np.zeros(0)]
    step = max(1, AT_ONCE // max(1, len(shown)))
    for start in range(0, shown.shape[1], step):
        part = slice(start, start + step)
        layer, residual = _block(shown[:, part].astype(np.float32), painted[:, part].astype(np.float32))
        layers.append(layer)
        residuals.append(residual.ravel())
    return np.concatenate(layers), float(np.median(np.concatenate(residuals))) if shown.size else 0.0


def coefficients(shown: np.ndarray, painted: np.ndarray, layer: np.ndarray) -> np.ndarray:
    """How much of a layer each image has: 1 where it is as in the others, 0 where it is not there.

    Parameters
    ----------
    shown, painted : ndarray of uint8, shape (n, P, 3)
    layer : ndarray of uint8, shape (P, 4)

    Returns
    -------
    ndarray of float, shape (n,)
    """
    out = np.empty(len(shown))
    for i, (seen, below) in enumerate(zip(shown, painted, strict=True)):
        adds = layer[:, 3:] / 255 * (layer[:, :3] - below.astype(np.float64))
        out[i] = ((seen.astype(np.float64) - below) * adds).sum() / max(float((adds**2).sum()), 1e-9)
    return out


def _block(shown: np.ndarray, below: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The layer of some pixels, and their squared residuals (n, P)."""
    weight = np.ones((*shown.shape[:2], 1), np.float32)
    opacity = 1 - _slope(shown, below)
    for _ in range(ROUNDS):
        colour = _colours(shown, below, opacity, weight)
        away = colour - below
        top, bottom = (weight * away * (shown - below)).sum(axis=(0, 2)), (weight * away**2).sum(axis=(0, 2))
        opacity = (top / np.maximum(bottom, 1))[:, None].clip(0, LARGEST)
        residual = ((shown - below - opacity * away) ** 2).mean(axis=2, keepdims=True)
        weight = 1 / (1 + residual / (np.median(residual, axis=0) + 0.5))
    opacity = np.rint(255 * opacity) / 255
    colour = _colours(shown, below, opacity, weight)
    layer = np.concatenate([np.rint(colour), 255 * opacity], axis=1)
    return np.rint(layer).astype(np.uint8), residual[..., 0]


def _slope(shown: np.ndarray, below: np.ndarray) -> np.ndarray:
    """The slope of the line through what is shown against what is below, one for the three channels, (P, 1)."""
    apart = below - below.mean(axis=0)
    along = ((shown - shown.mean(axis=0)) * apart).sum(axis=(0, 2))
    return (along / np.maximum((apart**2).sum(axis=(0, 2)), 1))[:, None].clip(1 - LARGEST, 1)


def _colours(shown: np.ndarray, below: np.ndarray, opacity: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """The colour of the mark, (P, 3), given how opaque it is."""
    adds = (weight * (shown - (1 - opacity) * below)).sum(axis=0) / weight.sum(axis=0)
    return (adds / np.maximum(opacity, LEAST)).clip(0, 255)
