"""What a mark looks like: its shape, out of the edges that the marked images have in common."""

from __future__ import annotations

import numpy as np

from ftkit.quality.mark_field import MarkField, smoothed

SEED, GROWN = 14.0, 4.0  # |z|²/2 where an edge is certain, and where it goes on beside a certain one
STROKE, CLEAR = 1.5, 3.0  # pixels, and the mean of |z|²/2 over so many that makes a faint edge certain as well
ECHO = 0.06  # of an edge's energy: what taking out the slow changes leaves beside it
PART = 0.4  # of the mark's usual height: from there on a pixel belongs to it
DRIFT = 8.0  # pixels
SEEN = 2.0  # standard errors by which a pixel of the mark must differ from those around it
MOST = 400  # images whose gradients are averaged


def agreement(field: MarkField, rows: np.ndarray) -> np.ndarray:
    """How far the images at ``rows`` agree: |z|²/2, exponential with mean 1 where they have nothing in common.

    Parameters
    ----------
    field : MarkField
    rows : ndarray of int

    Returns
    -------
    ndarray of float32, shape (H, W)
    """
    weights = np.zeros((1, len(field)), dtype=np.float32)
    weights[0, rows] = 1
    return (field.sums(weights)[0].sum(axis=0) ** 2).sum(axis=0) / 2


def edges(energy: np.ndarray) -> np.ndarray:
    """Where images have edges in common: where that is certain, and on from there.

    Parameters
    ----------
    energy : ndarray of float, shape (H, W)
        See ``agreement``.

    Returns
    -------
    ndarray of bool, shape (H, W)
    """
    sure = energy > SEED
    if not sure.any():
        return sure
    may = energy > max(GROWN, ECHO * float(np.quantile(energy[sure], 0.9)))
    sure = (sure | (smoothed(energy, STROKE) > CLEAR)) & may
    for _ in range(max(energy.shape)):
        grown = widened(sure) & may
        if (grown == sure).all():
            break
        sure = grown
    return sure


def shape(grey: np.ndarray, support: np.ndarray) -> np.ndarray:
    """The mark as it lies over the images: grey levels it adds, from the gradients of the marked images.

    The weighted mean gradient, kept where edges are in common, is integrated by solving Poisson's equation (Dekel et
    al., "On the effectiveness of visible watermarks", CVPR 2017, section 3.1, with a mean weighted by 1 / (|∇L| + 4) in
    the place of the median).

    Parameters
    ----------
    grey : ndarray of uint8, shape (N, H, W)
        The marked images.
    support : ndarray of bool, shape (H, W)

    Returns
    -------
    ndarray of float32, shape (H, W)
    """
    around = widened(support)
    across, down = (mean * around for mean in _gradient(grey[:MOST]))
    plane = _integrated(across, down)
    covered = around
    for _ in range(2):
        level = _level(plane, ~covered)
        covered = around | mask_of_shape(plane - level, support)
    return plane - level


def mask_of_shape(mark: np.ndarray, support: np.ndarray, seen: np.ndarray | None = None) -> np.ndarray:
    """The pixels that a mark covers: as high as its usual height, of its sign, and seen to differ by their grey values.

    Parameters
    ----------
    mark : ndarray of float, shape (H, W)
    support : ndarray of bool, shape (H, W)
    seen : ndarray of float, shape (H, W), optional
        See ``lift``.

    Returns
    -------
    ndarray of bool, shape (H, W)
    """
    if not support.any():
        return support
    height = max(float(np.quantile(np.abs(mark[widened(support)]), 0.9)), 1e-6)
    light, dark = mark >= PART * height, mark <= -PART * height
    if seen is not None:
        light, dark = light & (seen > SEEN), dark & (seen < -SEEN)
    if min(light.sum(), dark.sum()) >= max(light.sum(), dark.sum()) / 2:
        return light | dark
    return light if light.sum() > dark.sum() else dark


def lift(grey: np.ndarray) -> np.ndarray:
    """How much lighter the images are at each pixel than around it, in standard errors.

    Parameters
    ----------
    grey : ndarray of uint8, shape (N, H, W)
        The marked images.

    Returns
    -------
    ndarray of float32, shape (H, W)
    """
    total, squares = np.zeros((2, *grey.shape[1:]))
    some = grey[:MOST]
    for image in some.astype(np.float32):
        away = image - smoothed(image, DRIFT)
        away /= np.sqrt(smoothed(away**2, DRIFT)) + 4
        total += away
        squares += away**2
    mean = total / len(some)
    return mean * np.sqrt(len(some)) / np.sqrt(np.maximum(squares / len(some) - mean**2, 1e-4))


def widened(mask: np.ndarray) -> np.ndarray:
    """A mask and all its neighbours."""
    padded = np.pad(mask, 1)
    rows = padded[:-2] | padded[1:-1] | padded[2:]
    return rows[:, :-2] | rows[:, 1:-1] | rows[:, 2:]


def _gradient(grey: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The mean forward difference along x and y, weighted so that strong edges of single images count little."""
    total = np.zeros((2, 2, *grey.shape[1:]))
    for image in grey:
        g = image.astype(np.float32)
        for axis, step in ((0, np.diff(g, axis=1, append=g[:, -1:])), (1, np.diff(g, axis=0, append=g[-1:]))):
            weight = 1 / (np.abs(step) + 4)
            total[axis, 0] += weight * step
            total[axis, 1] += weight
    return total[0, 0] / total[0, 1], total[1, 0] / total[1, 1]


def _level(plane: np.ndarray, bare: np.ndarray) -> np.ndarray:
    """How the plane drifts, by its bare pixels: integrating adds up what edges lack."""
    weight = bare.astype(np.float32)
    return smoothed(plane * weight, DRIFT) / np.maximum(smoothed(weight, DRIFT), 1e-3)


def _integrated(across: np.ndarray, down: np.ndarray, pad: int = 16) -> np.ndarray:
    """The plane with these forward differences in the sense of least squares, 0 far outside."""
    height, width = across.shape
    across, down = np.pad(across, pad), np.pad(down, pad)
    source = across - np.roll(across, 1, axis=1) + down - np.roll(down, 1, axis=0)
    waves = [2 * np.cos(2 * np.pi * np.fft.fftfreq(n)) - 2 for n in source.shape]
    size = np.add.outer(*waves)
    size[0, 0] = 1
    plane = np.fft.ifft2(np.fft.fft2(source) / size).real
    plane -= np.median(plane)
    return plane[pad : pad + height, pad : pad + width].astype(np.float32)
