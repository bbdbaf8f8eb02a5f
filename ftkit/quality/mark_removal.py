"""What is best done with a mark: leave it, paint it over or take its layer off, tried where the truth is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ftkit.data.inpaint import inpaint
from ftkit.data.layer import HIDDEN, blended, cleared
from ftkit.quality.mark_layer import fitted

FEWEST = 8  # images with the mark
MOST = 128  # images that are looked at, with it and without
TOGETHER = 8  # images painted over at a time, as channels of one: four times as quick
OCTETS = 1 << 26  # of all of them: fewer large ones are looked at


@dataclass(frozen=True)
class Removal:
    """A mark's layer, and the mean error in grey levels, on the pixels of the mark, of what can be done with it.

    Attributes
    ----------
    layer : ndarray of uint8, shape (H, W, 4)
        To be taken off; pixels that are better painted over are hidden in it.
    left, painted, inverted : float
        Of leaving the mark, of painting all of it over, of taking the layer off: what each would do to images of the
        same set that had no mark and were given this one.
    """

    layer: np.ndarray
    left: float
    painted: float
    inverted: float


def how_many(height: int, width: int) -> int:
    """Of images of some size so many are looked at; 0 where they are too large."""
    most = min(MOST, OCTETS // (3 * height * width))
    return most if most >= FEWEST else 0


def removal_of(marked: np.ndarray, bare: np.ndarray, mask: np.ndarray) -> Removal:
    """A mark's layer, and whether it serves.

    The layer is fitted to the marked images. Then it is laid over images without it, with the noise that the marked
    images have beyond them, and fitted anew from as many: by every second of these is decided which pixels
    are nearer to the truth painted over, by the others how far from it what is left is in the end.

    Parameters
    ----------
    marked : ndarray of uint8, shape (n, H, W, 3)
        Images that have it.
    bare : ndarray of uint8, shape (m, H, W, 3)
        Images of the same set without it; where they are fewer than the marked ones, some of these stand for them,
        with the layer taken off and turned round.
    mask : ndarray of bool, shape (H, W)
        The pixels of the mark; not all, and some.

    Returns
    -------
    Removal
    """
    colours, residual = fitted(marked[:, mask], painted(marked, mask)[:, mask])
    if len(bare) < len(marked):
        # Turned round, so that what the layer gets wrong does not lie under the mark again.
        turned = [cleared(image, _layer(mask, colours))[::-1, ::-1] for image in marked[len(bare) :]]
        bare = np.concatenate([bare, np.stack(turned)])
    bare = bare[: len(marked)]
    below = painted(bare, mask)[:, mask]
    spread = fitted(_with(bare, mask, colours)[:, mask], below)[1]
    seen = _with(bare, mask, colours, float(np.sqrt(max(0.0, residual - spread))))
    again, _ = fitted(seen[:, mask], below)
    truth = bare[:, mask]
    clear = np.stack([cleared(image, _layer(mask, again)) for image in seen])[:, mask]
    hidden = _error(clear, truth)[::2].mean(axis=0) >= _error(below, truth)[::2].mean(axis=0)
    for layer in (colours, again):
        layer[hidden] = HIDDEN
    done = np.stack([cleared(image, _layer(mask, again)) for image in seen[1::2]])[:, mask]
    left, over, inverted = (
        float(_error(pixels, truth[1::2]).mean()) for pixels in (seen[1::2][:, mask], below[1::2], done)
    )
    return Removal(_layer(mask, colours), left, over, inverted)


def painted(images: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """The images, (n, H, W, 3), with the mask painted over."""
    out = np.empty_like(images)
    for start in range(0, len(images), TOGETHER):
        some = images[start : start + TOGETHER].transpose(1, 2, 0, 3)
        filled = inpaint(some.reshape(*mask.shape, -1), mask)
        out[start : start + TOGETHER] = filled.reshape(some.shape).transpose(2, 0, 1, 3)
    return out


def _with(images: np.ndarray, mask: np.ndarray, colours: np.ndarray, noise: float = 0.0) -> np.ndarray:
    """The images with the mark laid over them."""
    out, draw, layer = np.empty_like(images), np.random.default_rng(0), _layer(mask, colours)
    for i, image in enumerate(images):
        out[i] = blended(image, layer)
        drawn = draw.standard_normal((int(mask.sum()), 3)) * noise
        out[i, mask] = np.clip(np.rint(out[i, mask] + drawn), 0, 255)
    return out


def _layer(mask: np.ndarray, colours: np.ndarray) -> np.ndarray:
    layer = np.zeros((*mask.shape, 4), np.uint8)
    layer[mask] = colours
    return layer


def _error(pixels: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """How far pixels are from the truth, (n, P)."""
    pairs = zip(pixels, truth, strict=True)
    return np.stack([np.abs(one.astype(np.float32) - other).mean(axis=1) for one, other in pairs])
