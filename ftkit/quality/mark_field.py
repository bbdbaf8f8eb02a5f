"""Where edges point, over many aligned images: the field in which a mark that recurs shows itself.

A mark repeats the same small edges at the same place; pictures do not. Each pixel's gradient is brought to about unit
length, u = ∇L / (|∇L| + 4), so that no strong edge outweighs the rest; summed over images, u grows with their number
where a mark is and with its root elsewhere. Images are dealt into folds: products of the sums of *different* folds have
mean 0 where there is no mark, and an image is scored only by a template it has no part in.
"""

from __future__ import annotations

from itertools import combinations
from zlib import crc32

import numpy as np

FOLDS = 8
AT_ONCE = 64  # images
SCALE = 127  # of u in int8
LEAST = 6.0  # the smallest spread of u, in the same unit
FINE = 1.5  # pixels: what varies more slowly than this is the pictures', not a mark's
RIM = 2
RING = ((-3, 0), (3, 0), (0, -3), (0, 3), (-2, -2), (2, 2), (-2, 2), (2, -2))
FLIPS = np.array(
    [[1, *(1 if i in up else -1 for i in range(1, FOLDS))] for up in combinations(range(1, FOLDS), FOLDS // 2 - 1)]
)


def directions(grey: np.ndarray) -> np.ndarray:
    """The unit-like gradient of each pixel.

    Parameters
    ----------
    grey : ndarray of uint8, shape (N, H, W)

    Returns
    -------
    ndarray of int8, shape (N, 2, H, W)
        u along x and y, times 127; 0 at the rim.

    Examples
    --------
    >>> ramp = np.tile(np.arange(0, 80, 20, dtype=np.uint8), (1, 3, 1))
    >>> directions(ramp)[0, 0, 1].tolist()
    [0, 105, 105, 0]
    """
    out = np.zeros((len(grey), 2, *grey.shape[1:]), dtype=np.int8)
    for start in range(0, len(grey), AT_ONCE):
        g = grey[start : start + AT_ONCE].astype(np.float32)
        across = (g[:, 1:-1, 2:] - g[:, 1:-1, :-2]) / 2
        down = (g[:, 2:, 1:-1] - g[:, :-2, 1:-1]) / 2
        scale = SCALE / (np.sqrt(across * across + down * down) + 4)
        out[start : start + AT_ONCE, 0, 1:-1, 1:-1] = across * scale
        out[start : start + AT_ONCE, 1, 1:-1, 1:-1] = down * scale
    return out


def ranks(grey: np.ndarray) -> np.ndarray:
    """A shuffled rank for each image, by its content: equal images share one, whatever the order of the rows."""
    keys = np.array([crc32(image.tobytes()) for image in grey], dtype=np.int64)
    return np.unique(keys, return_inverse=True)[1]


class MarkField:
    """The directions of many aligned images, dealt into folds.

    Parameters
    ----------
    grey : ndarray of uint8, shape (N, H, W)

    Attributes
    ----------
    order, folds : ndarray of int, shape (N,)
        A rank of each image by its content, and the fold it is in.
    spread : ndarray of float32, shape (2, H, W)
        The standard deviation of u over the images.
    coherence : float
        The share of u's energy, at the median pixel, that all images have in common: about 0.005 in photos, 0.02 and
        more where the subjects are aligned.
    """

    def __init__(self, grey: np.ndarray) -> None:
        self.shape = grey.shape[1:]
        self.order = ranks(grey)
        self.folds = self.order % FOLDS
        self._flat = directions(grey).reshape(len(grey), -1)
        total, squares = np.zeros((2, self._flat.shape[1]))
        for start in range(0, len(grey), AT_ONCE):
            block = self._flat[start : start + AT_ONCE].astype(np.float32)
            total += block.sum(axis=0)
            squares += (block * block).sum(axis=0)
        n = len(grey)
        mean, variance = total / n, np.maximum(squares / n - (total / n) ** 2, 0)
        self.spread = self._plane(np.sqrt(np.maximum(variance, LEAST**2)))
        energy, common = self._plane(squares / n).sum(axis=0), self._plane(mean**2 - variance / n).sum(axis=0)
        inner = energy[RIM:-RIM, RIM:-RIM] > 1
        shares = common[RIM:-RIM, RIM:-RIM][inner] / energy[RIM:-RIM, RIM:-RIM][inner]
        self.coherence = float(np.median(shares)) if len(shares) else 0.0

    def __len__(self) -> int:
        return len(self._flat)

    def sums(self, weights: np.ndarray, folds: np.ndarray | None = None) -> np.ndarray:
        """The weighted sums of the folds, of unit variance where no mark is once the folds are added.

        Parameters
        ----------
        weights : ndarray of float32, shape (B, N)
            B ways to weight the images.
        folds : ndarray of int, shape (N,), optional
            Other folds than the images'.

        Returns
        -------
        ndarray of float32, shape (B, FOLDS, 2, H, W)
        """
        folds = self.folds if folds is None else folds
        ways = len(weights)
        out = np.zeros((ways * FOLDS, self._flat.shape[1]), dtype=np.float32)
        used = np.flatnonzero(weights.any(axis=0))
        for rows in (used[start : start + AT_ONCE] for start in range(0, len(used), AT_ONCE)):
            dealing = np.zeros((ways, FOLDS, len(rows)), dtype=np.float32)
            dealing[:, folds[rows], np.arange(len(rows))] = weights[:, rows]
            out += dealing.reshape(-1, len(rows)) @ self._flat[rows].astype(np.float32)
        size = np.sqrt(np.maximum((weights**2).sum(axis=1), 1e-12)).astype(np.float32)
        return fine(out.reshape(ways, FOLDS, 2, *self.shape) / (size[:, None, None, None, None] * self.spread))

    def scores(self, sums: np.ndarray, where: np.ndarray, sharp: bool = True) -> np.ndarray:
        """How much of the mark each image has, by a matched filter made of the other folds.

        The response to the template in its place, less that to the template moved by three pixels, over the spread of
        the latter: about normal with mean 0 and deviation 1 in images without the mark.

        Parameters
        ----------
        sums : ndarray of float32, shape (B, FOLDS, 2, H, W)
        where : ndarray of bool, shape (B, H, W)
            The pixels to use.
        sharp : bool, default True
            Whether the template's faintest places are left out.

        Returns
        -------
        ndarray of float32, shape (B, N)
        """
        ways, n = len(sums), len(self)
        got, norms = np.zeros((ways, n, 1 + len(RING)), dtype=np.float32), np.zeros((ways, n), dtype=np.float32)
        for fold in range(FOLDS):
            templates = sums.sum(axis=1) - sums[:, fold]
            templates = (shrunk(templates) if sharp else templates) * where[:, None]
            rows = np.flatnonzero(self.folds == fold)
            got[:, rows], norms[:, rows] = responses(self._flat, rows, templates, self.spread)
        return np.stack([standing(g, v, *usual(g, v)) for g, v in zip(got, norms, strict=True)])

    def scores_of(self, grey: np.ndarray, sums: np.ndarray) -> np.ndarray:
        """The same for other images, which have no part in the template; float32 (M,).

        Parameters
        ----------
        grey : ndarray of uint8, shape (M, H, W)
        sums : ndarray of float32, shape (FOLDS, 2, H, W)
        """
        template = shrunk(sums.sum(axis=0))[None]
        (got,), (norms,) = responses(self._flat, np.arange(len(self)), template, self.spread)
        here = usual(got, norms)
        flat = directions(grey).reshape(len(grey), -1)
        (got,), (norms,) = responses(flat, np.arange(len(flat)), template, self.spread)
        return standing(got, norms, *here)

    def _plane(self, flat: np.ndarray) -> np.ndarray:
        return flat.reshape(2, *self.shape).astype(np.float32)


def responses(
    flat: np.ndarray, rows: np.ndarray, templates: np.ndarray, spread: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Of some images the response to templates in place and moved, (B, n, 9), and its variance by chance, (B, n)."""
    ways, moved = len(templates), 1 + len(RING)
    filters = np.stack([np.roll(templates, step, axis=(-2, -1)) / spread for step in ((0, 0), *RING)], axis=1)
    squares = (filters[:, 0] ** 2).reshape(ways, -1)
    filters = filters.reshape(ways * moved, -1)
    got = np.zeros((len(rows), ways * moved), dtype=np.float32)
    norms = np.zeros((len(rows), ways), dtype=np.float32)
    for start in range(0, len(rows), AT_ONCE):
        part = slice(start, start + AT_ONCE)
        block = flat[rows[part]].astype(np.float32)
        got[part] = block @ filters.T
        norms[part] = np.square(block, out=block) @ squares.T
    return got.reshape(-1, ways, moved).swapaxes(0, 1), norms.T


def usual(got: np.ndarray, norms: np.ndarray) -> tuple[float, float]:
    """The usual variance by chance, and the spread of responses to moved templates divided by its root."""
    norm = float(np.median(norms))
    moved = got[:, 1:] / np.sqrt(norms + 0.1 * norm + 1e-9)[:, None]
    away = np.abs(moved - moved.mean(axis=1, keepdims=True))
    return norm, 1.4826 * float(np.median(away)) * np.sqrt((1 + 1 / len(RING)) / (1 - 1 / len(RING)))


def standing(got: np.ndarray, norms: np.ndarray, norm: float, spread: float) -> np.ndarray:
    """The response in place less that to the template moved, in units of ``spread``."""
    got = got / np.sqrt(norms + 0.1 * norm + 1e-9)[:, None]
    return (got[:, 0] - got[:, 1:].mean(axis=1)) / max(spread, 1e-9)


def shrunk(template: np.ndarray) -> np.ndarray:
    """A template with its faintest places, which are noise, taken to 0."""
    energy = (template**2).sum(axis=-3, keepdims=True) / 2
    return template * np.clip((energy - 1) / 2, 0, 1)


def fine(field: np.ndarray) -> np.ndarray:
    """A field less what varies slowly, what whole rows or columns share (JPEG's grid, rims), and the rim."""
    field = field - smoothed(field, FINE)
    inside = np.zeros(field.shape[-2:], dtype=np.float32)
    inside[RIM:-RIM, RIM:-RIM] = 1
    field = field * inside
    for axis in (-1, -2):
        field = field - np.median(field, axis=axis, keepdims=True)
    return field * inside


def smoothed(field: np.ndarray, width: float) -> np.ndarray:
    """A field blurred by a Gaussian along its last two axes; the rim counts as far as it is there."""
    return _blur(field.shape[-2], width) @ field @ _blur(field.shape[-1], width).T


def _blur(n: int, width: float) -> np.ndarray:
    away = np.abs(np.subtract.outer(np.arange(n), np.arange(n)))
    weights = np.where(away <= 3 * width, np.exp(-(away**2) / (2 * width**2)), 0)
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)


def strength(sums: np.ndarray, where: np.ndarray | None = None) -> float:
    """How far the folds agree in some square of the image beyond what chance brings.

    The products of different folds, summed over squares of an eighth of the image up to all of it, less the same with
    one moved by three pixels (pictures agree loosely, marks to the pixel), in standard deviations of the same sums with
    the signs of half the folds turned.

    Parameters
    ----------
    sums : ndarray of float32, shape (FOLDS, 2, H, W)
    where : ndarray of bool, shape (H, W), optional
        The pixels to use.

    Returns
    -------
    float
        The largest; under 7 where nothing recurs.
    """
    kept = 1.0 if where is None else where.astype(np.float32)
    still = _agreement(sums, np.ones(FOLDS), (0, 0)) * kept
    moved = np.mean([_agreement(sums, np.ones(FOLDS), step) for step in RING], axis=0) * kept
    chance = np.stack([_agreement(sums, flip, (0, 0)) for flip in FLIPS]) * kept
    short, best = min(sums.shape[-2:]), 0.0
    for size in sorted({max(8, short // 8), max(8, short // 4), max(8, short // 2), short}):
        if size > short:
            continue
        spread = _squares(chance, size).std()
        best = max(best, float(_squares((still - moved)[None], size).max() / max(spread, 1e-9)))
    return best


def _agreement(sums: np.ndarray, signs: np.ndarray, step: tuple[int, int]) -> np.ndarray:
    """The products of the sums of different folds, one moved, at each pixel."""
    signed = sums * signs[:, None, None, None].astype(np.float32)
    total, moved = signed.sum(axis=0), np.roll(signed, step, axis=(-2, -1))
    return (total * moved.sum(axis=0) - (signed * moved).sum(axis=0)).sum(axis=0)


def _squares(planes: np.ndarray, size: int) -> np.ndarray:
    """Sums over squares of one size, a quarter of it apart, (N, …)."""
    table = np.pad(planes.astype(np.float64), ((0, 0), (1, 0), (1, 0))).cumsum(axis=1).cumsum(axis=2)
    step = max(1, size // 4)
    down, along = (np.arange(0, edge - size + 1, step) for edge in planes.shape[1:])
    bottom, top = table[:, down + size], table[:, down]
    return bottom[:, :, along + size] - bottom[:, :, along] - top[:, :, along + size] + top[:, :, along]
