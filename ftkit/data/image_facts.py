"""Plain measures of grey images, many of one shape at a time."""

from __future__ import annotations

import numpy as np

AT_ONCE = 2**22  # pixels
CALM = 10  # grey levels a uniform band may vary by
STRAIGHT = 0.6  # of the pixels behind a band must differ from it


def measures(grey: np.ndarray) -> dict[str, np.ndarray]:
    """Brightness, contrast, entropy, edges and uniform bands; see ImageLook.

    Parameters
    ----------
    grey : ndarray of uint8, shape (N, H, W)

    Returns
    -------
    dict of str to ndarray
        Float, shape (N,): mean, contrast, low, high, entropy, commonest, edges, and (N, 4)
        plain, bands.

    Examples
    --------
    >>> facts = measures(np.full((1, 8, 8), 40, dtype=np.uint8))
    >>> float(facts["mean"][0]), float(facts["entropy"][0])
    (40.0, 0.0)
    """
    step = max(1, AT_ONCE // grey[0].size)
    parts = [_facts(grey[start : start + step]) for start in range(0, len(grey), step)]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _facts(grey: np.ndarray) -> dict[str, np.ndarray]:
    counts = _histograms(grey)
    share = counts / counts.sum(axis=1, keepdims=True)
    levels = np.arange(256)
    mean = share @ levels
    total = share.cumsum(axis=1)
    logs = np.log2(np.where(share > 0, share, 1))
    near = np.pad(share, ((0, 0), (1, 1)))
    plain, straight = _bands(grey)
    return {
        "mean": mean,
        "contrast": np.sqrt(np.maximum(share @ levels**2 - mean**2, 0)),
        "low": (total < 0.01).sum(axis=1),
        "high": (total < 0.99).sum(axis=1),
        "entropy": np.abs((share * logs).sum(axis=1)),
        "commonest": (near[:, :-2] + near[:, 1:-1] + near[:, 2:]).max(axis=1),
        "edges": _edges(grey),
        "plain": plain,
        "bands": np.where(straight, plain, 0.0),
    }


def _histograms(grey: np.ndarray) -> np.ndarray:
    """How often each image has each grey value, (N, 256)."""
    n = len(grey)
    places = grey.reshape(n, -1).astype(np.int64) + 256 * np.arange(n)[:, None]
    return np.bincount(places.ravel(), minlength=256 * n).reshape(n, 256)


def _edges(grey: np.ndarray) -> np.ndarray:
    """The standard deviation of the Laplacian."""
    if min(grey.shape[1:]) < 3:
        return np.zeros(len(grey))
    g = grey.astype(np.float32)
    inner = g[:, 1:-1, 1:-1]
    laplacian = g[:, :-2, 1:-1] + g[:, 2:, 1:-1] + g[:, 1:-1, :-2] + g[:, 1:-1, 2:] - 4 * inner
    return laplacian.std(axis=(1, 2))


def _bands(grey: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The share that uniform bands take at top, right, bottom and left, and whether they end straight, both (N, 4)."""
    sides = (grey, grey.transpose(0, 2, 1)[:, ::-1], grey[:, ::-1], grey.transpose(0, 2, 1))
    depth, straight = zip(*map(_band, sides), strict=True)
    return np.stack(depth, axis=1), np.stack(straight, axis=1)


def _band(grey: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The share of rows, from the first on, that are all of one grey value, and whether they end in a straight edge.

    The rim of a thing before a plain background is not straight: there most of the next row is still background.
    """
    n, height = grey.shape[:2]
    low, high = grey.min(axis=2).astype(np.int16), grey.max(axis=2).astype(np.int16)
    calm = np.maximum.accumulate(high, axis=1) - np.minimum.accumulate(low, axis=1) <= CALM
    depth = calm.sum(axis=1)
    behind = grey[np.arange(n), np.minimum(depth + 1, height - 1)].astype(np.int16)
    straight = (np.abs(behind - grey[:, 0, :1]) > CALM).mean(axis=1) >= STRAIGHT
    return depth / height, straight & (depth > 0) & (depth < height)
