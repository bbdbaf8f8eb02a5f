"""Images as vectors without a pre-trained model: what their small patches look like, and the layout of colours.

The patches are described by a small dictionary learnt from the images themselves, without labels: Coates, Ng and Lee,
*An analysis of single-layer networks in unsupervised feature learning*, 2011, sections 3 and 4 (whitening, k-means,
soft threshold), averaged over a grid of 3×3 fields.
"""

from __future__ import annotations

import numpy as np

from ftkit.quality.near_images import SIDE, layouts

PATCH, STRIDE, GRID, WORDS = 6, 2, 3, 48
LEARNT_FROM = 20_000
ROUNDS = 10
SOFT = 0.5
LAYOUT_WEIGHT = 0.3
BLOCK = 200
# Added to the variance within a patch: flat ones are not blown up.
LEAST = np.float32(1e-3)


Patches = tuple[np.ndarray, np.ndarray, np.ndarray]


def describe_images(pixels: np.ndarray, seed: int = 0, patches: Patches | None = None) -> np.ndarray:
    """A vector of each image.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (N, 32, 32, 3)
    seed : int, default 0
        The dictionary is a function of it.
    patches : optional
        What :func:`learn_patches` made of other images, so that both can be compared; learnt from these without it.

    Returns
    -------
    ndarray of float32, shape (N, 544)
        Not yet centred or of unit length.

    Examples
    --------
    >>> describe_images(np.zeros((3, 32, 32, 3), dtype=np.uint8)).shape
    (3, 544)
    """
    layout = layouts(pixels)
    words, middle, whiten = patches or _dictionary(pixels, layout, seed)
    # What centres a patch, whitens it and lays it along the words is one matrix; its contrast divides what comes out.
    along = whiten @ words.T
    shift, along = middle @ along, along - along.mean(axis=0)
    places = np.arange(0, SIDE - PATCH + 1, STRIDE)
    first, many = np.unique(places * GRID // (SIDE - PATCH + 1), return_index=True, return_counts=True)[1:]
    area = (many[:, None] * many).astype(np.float32)[..., None]
    out = np.empty((len(pixels), GRID * GRID * WORDS), dtype=np.float32)
    for start in range(0, len(pixels), BLOCK):
        windows = _windows(pixels[start : start + BLOCK])[:, ::STRIDE, ::STRIDE]
        looked_at = windows.reshape(-1, PATCH * PATCH * 3)
        seen = looked_at @ along
        seen /= _contrast(looked_at)[:, None]
        seen -= shift + SOFT
        np.maximum(seen, 0, out=seen)
        seen = seen.reshape(len(windows), len(places), len(places), WORDS)
        pooled = np.add.reduceat(np.add.reduceat(seen, first, axis=1), first, axis=2) / area
        out[start : start + BLOCK] = np.sqrt(pooled.reshape(len(windows), -1))
    out /= np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-6)
    return np.concatenate([out, LAYOUT_WEIGHT * layout], axis=1)


def learn_patches(pixels: np.ndarray, seed: int = 0) -> Patches:
    """The dictionary of small patches of these images, for :func:`describe_images`."""
    return _dictionary(pixels, layouts(pixels), seed)


def _windows(pixels: np.ndarray) -> np.ndarray:
    """Every patch of every image, as a view."""
    scaled = pixels.astype(np.float32) / np.float32(255)
    return np.lib.stride_tricks.sliding_window_view(scaled, (PATCH, PATCH), axis=(1, 2))


def _normal(patches: np.ndarray) -> np.ndarray:
    """Patches without their brightness and contrast."""
    patches = patches - patches.mean(axis=1, keepdims=True)
    return patches / np.sqrt((patches * patches).mean(axis=1, keepdims=True) + LEAST)


def _contrast(patches: np.ndarray) -> np.ndarray:
    """What :func:`_normal` divides patches by, without taking them apart."""
    size = patches.shape[1]
    mean = patches @ np.full(size, 1 / size, np.float32)
    square = np.einsum("ij,ij->i", patches, patches) / np.float32(size)
    return np.sqrt(np.maximum(square - mean * mean, 0) + LEAST)


def _dictionary(pixels: np.ndarray, layout: np.ndarray, seed: int) -> Patches:
    """Directions of typical patches, the mean patch, and the matrix that whitens patches."""
    rng, by_content = np.random.default_rng(seed), np.lexsort(layout[:, :3].T)
    rows = by_content[rng.integers(0, len(pixels), LEARNT_FROM)]
    corner = rng.integers(0, SIDE - PATCH + 1, (2, LEARNT_FROM))
    patches = np.empty((LEARNT_FROM, PATCH * PATCH * 3), dtype=np.float32)
    for start in range(0, LEARNT_FROM, BLOCK):
        block = slice(start, start + BLOCK)
        windows = _windows(pixels[rows[block]])
        patches[block] = windows[np.arange(len(windows)), corner[0, block], corner[1, block]].reshape(len(windows), -1)
    patches = _normal(patches)
    middle = patches.mean(axis=0)
    values, axes = np.linalg.eigh(np.cov((patches - middle).T))
    whiten = ((axes / np.sqrt(np.maximum(values, 0) + 0.1)) @ axes.T).astype(np.float32)
    return _directions((patches - middle) @ whiten, rng), middle, whiten


def _directions(patches: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Spherical k-means: the directions in which most patches lie."""
    words = patches[rng.choice(len(patches), WORDS, replace=False)]
    words /= np.maximum(np.linalg.norm(words, axis=1, keepdims=True), 1e-6)
    for _ in range(ROUNDS):
        along = patches @ words.T
        nearest = along.argmax(axis=1)
        member = np.zeros_like(along)
        member[np.arange(len(patches)), nearest] = along[np.arange(len(patches)), nearest]
        sums = member.T @ patches
        length = np.linalg.norm(sums, axis=1, keepdims=True)
        words = np.where(length > 1e-6, sums / np.maximum(length, 1e-6), words)
    return words
