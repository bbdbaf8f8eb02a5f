"""Near-duplicate images without a pre-trained model: low frequencies propose pairs, aligned gradients decide.

Pictures are compared at 32×32 pixels. A candidate is a near neighbour, as it is or mirrored, in low frequencies of
brightness and colour, each weighted by its frequency: pictures have a 1/f spectrum (Field 1987), so that this whitens
them. A pair is verified on brightness alone: directions of gradients and the correlation of cells, at the best shift
of up to two pixels. So it finds copies that were re-encoded, resized, mirrored, shifted a little or recoloured.
"""

from __future__ import annotations

import numpy as np

from ftkit.quality.minhash import Pairs
from ftkit.quality.neighbours import most_similar, nearest_rows

SIDE = 32
BRIGHT, COLOUR = 9, 5
CANDIDATE = 0.5
NEIGHBOURS = 12
# Outlines of a pair that is kept may agree this much less than its score: closer, and true pairs would be lost.
OUTLINE, BELOW = 0.3, 0.35
LOWEST, HIGHEST, DEVIATIONS = 0.65, 0.985, 6
JUDGED = 400
SHIFT = 2
CELL = 7
FAINT = 0.02
BLOCK = 128  # pairs looked at together: what stays in the processor's cache
MANY = 2048
TO_YCC = np.float32([[0.299, 0.587, 0.114], [0.5, -0.419, -0.081], [-0.169, -0.331, 0.5]])


def similar_images(pixels: np.ndarray, threshold: float | None = None) -> Pairs:
    """Pairs of images that show the same picture.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (N, 32, 32, 3)
    threshold : float in (0, 1], optional
        A half is the agreement of the directions of gradients, a quarter each the median correlation of cells and the
        similarity of low frequencies. By default as far above what unlike neighbours reach in this collection as 6 of
        their deviations, 0.65 at least: scanned digits or garments on white all look alike without being copies.

    Returns
    -------
    Pairs

    Examples
    --------
    >>> pictures = np.random.default_rng(0).integers(0, 255, (9, 32, 32, 3), dtype=np.uint8)
    >>> pictures[7] = pictures[2, :, ::-1]
    >>> found = similar_images(pictures)
    >>> found.first, found.second
    (array([2]), array([7]))
    """
    layout = layouts(pixels)
    threshold = _stands_out(pixels, layout) if threshold is None else threshold
    pairs, mirrored = _candidates(layout)
    likely = _outlines_agree(pixels, pairs, mirrored, max(OUTLINE, threshold - BELOW))
    pairs, mirrored = pairs[likely], mirrored[likely]
    score = np.zeros(len(pairs))
    signs = _mirror_signs()
    for start in range(0, len(pairs), BLOCK):
        block = slice(start, start + BLOCK)
        first, second = pixels[pairs[block, 0]], pixels[pairs[block, 1]]
        turned = mirrored[block]
        first[turned] = first[turned][:, :, ::-1]
        one = np.where(turned[:, None], signs, np.float32(1)) * layout[pairs[block, 0]]
        alike = (one * layout[pairs[block, 1]]).sum(axis=1)
        score[block] = (3 * same_picture(first, second) + alike) / 4
    order = np.lexsort((-score, pairs[:, 1], pairs[:, 0]))
    once = order[np.concatenate([[True], (np.diff(pairs[order], axis=0) != 0).any(axis=1)])[: len(order)]]
    keep = once[score[once] >= threshold]
    return Pairs(pairs[keep, 0], pairs[keep, 1], score[keep])


def layouts(pixels: np.ndarray) -> np.ndarray:
    """Low frequencies of brightness and colour of each image, whitened, float32 (N, 112) of unit length."""
    wave = _waves(max(BRIGHT, COLOUR))
    radius = np.hypot(*np.mgrid[: len(wave), : len(wave)]).astype(np.float32)
    kept = [(radius > 0) & (radius < reach) for reach in (BRIGHT, COLOUR, COLOUR)]
    out = np.empty((len(pixels), sum(int(mask.sum()) for mask in kept)), dtype=np.float32)
    for start in range(0, len(pixels), MANY):
        colours = pixels[start : start + MANY].astype(np.float32) @ TO_YCC.T
        waves = np.einsum("fy,nyxc->nfxc", wave, colours, optimize=True)
        waves = np.einsum("gx,nfxc->nfgc", wave, waves, optimize=True)
        parts = [waves[..., channel][:, mask] * radius[mask] for channel, mask in enumerate(kept)]
        out[start : start + MANY] = np.concatenate(parts, axis=1)
    return out / np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-6)


def same_picture(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """How sure two images are the same picture: float (N,), about 0 to 1; images (N, 32, 32, 3)."""
    from scipy.fft import fft2, ifft2

    bright, slopes = zip(*(_slopes(images) for images in (first, second)), strict=True)
    inner = np.zeros_like(slopes[0])
    inner[:, SHIFT:-SHIFT, SHIFT:-SHIFT] = slopes[0][:, SHIFT:-SHIFT, SHIFT:-SHIFT]
    agreement = ifft2(fft2(inner).conj() * fft2(slopes[1])).real
    near = np.arange(-SHIFT, SHIFT + 1)
    at = agreement[:, near[:, None], near].reshape(len(first), -1).argmax(axis=1)
    size = SIDE - 2 * SHIFT
    rows = (at // len(near))[:, None] + np.arange(size)
    columns = (at % len(near))[:, None] + np.arange(size)
    fixed = (slice(None), slice(SHIFT, SHIFT + size), slice(SHIFT, SHIFT + size))
    moved = (np.arange(len(first))[:, None, None], rows[:, :, None], columns[:, None, :])
    cells = _cells_agree(bright[0][fixed], bright[1][moved])
    return (2 * _cosine(slopes[0][fixed], slopes[1][moved]) + cells) / 3


def _stands_out(pixels: np.ndarray, layout: np.ndarray) -> float:
    """The score from which a pair stands out, from the median score among each row's neighbours."""
    if len(pixels) <= NEIGHBOURS:
        return LOWEST
    by_content = np.lexsort(layout[:, :3].T)
    some = by_content[np.linspace(0, len(pixels) - 1, min(JUDGED, len(pixels))).astype(np.int64)]
    near, alike = (found[:, 1:] for found in most_similar(layout[some], layout, NEIGHBOURS + 1))
    scores = [same_picture(pixels[[i] * near.shape[1]], pixels[n]) for i, n in zip(some, near, strict=True)]
    usual = np.median((3 * np.array(scores) + alike) / 4, axis=1)
    middle = np.median(usual)
    spread = 1.4826 * np.median(np.abs(usual - middle))
    return float(np.clip(middle + DEVIATIONS * spread, LOWEST, HIGHEST))


def _waves(count: int) -> np.ndarray:
    """The first rows of the discrete cosine transform."""
    waves = np.cos(np.pi * (np.arange(SIDE) + 0.5) * np.arange(count)[:, None] / SIDE)
    return waves.astype(np.float32)


def _mirror_signs() -> np.ndarray:
    """-1 for the frequencies that turn over when a picture is mirrored."""
    radius = np.hypot(*np.mgrid[:BRIGHT, :BRIGHT])
    across = np.broadcast_to(np.arange(BRIGHT), radius.shape)
    return np.concatenate(
        [1 - 2 * (across[(radius > 0) & (radius < reach)] % 2) for reach in (BRIGHT, COLOUR, COLOUR)]
    ).astype(np.float32)


def _candidates(layout: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of images with similar layouts, int64 (P, 2), and which are similar when the first is mirrored."""
    plain, mirror = (
        _above(found.rows, found.similarity)
        for found in (nearest_rows(layout, NEIGHBOURS), nearest_rows(layout, NEIGHBOURS, signs=_mirror_signs()))
    )
    pairs = np.concatenate([plain, mirror])
    flags = np.arange(len(pairs)) >= len(plain)
    _, once = np.unique(np.column_stack([pairs, flags]), axis=0, return_index=True)
    return pairs[once], flags[once]


def _above(rows: np.ndarray, similarity: np.ndarray) -> np.ndarray:
    """The pairs that are similar enough, the lower position first."""
    row = np.repeat(np.arange(len(rows)), rows.shape[1])
    return np.sort(np.stack([row, rows.ravel()], axis=1)[similarity.ravel() >= CANDIDATE], axis=1)


def _outlines_agree(pixels: np.ndarray, pairs: np.ndarray, mirrored: np.ndarray, least: float) -> np.ndarray:
    """Which pairs are worth a close look: their gradients, averaged over 2×2 pixels, point the same way."""
    half = SIDE // 2
    outlines = np.empty((len(pixels), half, half), dtype=np.complex64)
    for start in range(0, len(pixels), MANY):
        slopes = _slopes(pixels[start : start + MANY])[1]
        outlines[start : start + MANY] = slopes.reshape(-1, half, 2, half, 2).mean(axis=(2, 4))
    outlines /= np.maximum(np.sqrt((np.abs(outlines) ** 2).sum(axis=(1, 2), keepdims=True)), 1e-6)
    found = np.empty(len(pairs), dtype=bool)
    for start in range(0, len(pairs), MANY):
        block = slice(start, start + MANY)
        one, two = outlines[pairs[block, 0]], outlines[pairs[block, 1]]
        turned = mirrored[block]
        one[turned] = -one[turned, :, ::-1].conj()
        found[block] = np.einsum("nyx,nyx->n", one.conj(), two).real >= least
    return found


def _slopes(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Brightness, 0 to 1, and the direction of its gradient (across + i down), short where it is faint."""
    bright = images.astype(np.float32) @ (TO_YCC[0] / np.float32(255))
    slope = np.empty(bright.shape, dtype=np.complex64)
    slope.imag = np.gradient(bright, axis=1)
    slope.real = np.gradient(bright, axis=2)
    return bright, slope / (np.abs(slope) + np.float32(FAINT))


def _cosine(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    across = np.einsum("nyx,nyx->n", first.conj(), second).real
    return across / np.sqrt((np.abs(first) ** 2).sum(axis=(1, 2)) * (np.abs(second) ** 2).sum(axis=(1, 2)) + 1e-9)


def _cells_agree(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """The median correlation of square cells; a cell that is empty in both agrees with nothing."""
    count = first.shape[1] // CELL
    cells = [image.reshape(len(image), count, CELL, count, CELL).swapaxes(2, 3) for image in (first, second)]
    cells = [cell.reshape(len(cell), count * count, CELL * CELL) for cell in cells]
    cells = [cell - cell.mean(axis=2, keepdims=True) for cell in cells]
    across, one, two = (np.einsum("ncp,ncp->nc", a, b) for a, b in (cells, cells[:1] * 2, cells[1:] * 2))
    return np.median(across / (np.sqrt(one * two) + (CELL * FAINT) ** 2), axis=1)
