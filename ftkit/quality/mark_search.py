"""Searching a stack of aligned images for marks that recur."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ftkit.quality.mark_field import FOLDS, MarkField, strength

LEAST = 20  # images
ALIGNED = 0.02  # the coherence from which the subjects themselves are aligned
STRONG = 8.0  # standard deviations, see ``strength``
SURE = 4.0  # the score from which an image is taken for marked while searching
ROUNDS = 2
RATE = 0.01  # of the images found, at most so many wrongly


@dataclass(frozen=True)
class Mark:
    """A mark that recurs.

    Attributes
    ----------
    scores : ndarray of float, shape (N,)
        About standard normal in images without it.
    sure : ndarray of float, shape (N,)
        1 less the false discovery rate at which the image would just be found.
    strength : float
        See ``mark_field.strength``.
    sums : ndarray of float32, shape (FOLDS, 2, H, W)
        The template, by fold.
    """

    scores: np.ndarray
    sure: np.ndarray
    strength: float
    sums: np.ndarray

    @property
    def rows(self) -> np.ndarray:
        """The places of the images that have it."""
        return np.flatnonzero(self.sure >= 1 - RATE)


def search(field: MarkField) -> Mark | None:
    """The clearest mark; None where nothing recurs.

    Images are picked by one half of the pixels (a chequer board) and must agree in the other half, and the other way
    round; or all images agree without being picked.

    Parameters
    ----------
    field : MarkField

    Returns
    -------
    Mark or None
    """
    if len(field) < LEAST:
        return None
    start = field.sums(np.ones((1, len(field)), dtype=np.float32))
    clear = strength(start[0])
    if clear < STRONG:
        clear = _confirmed(field, start)
    if clear < STRONG:
        return None
    (scores,), (sums,) = sharpened(field, start, np.ones((1, *field.shape), dtype=bool))
    mark = Mark(scores, 1 - false_rate(scores), clear, sums)
    return mark if len(mark.rows) >= 3 else None


def chequers(shape: tuple[int, int]) -> np.ndarray:
    """Half of the pixels, in squares."""
    side = max(2, min(shape) // 16)
    down, along = (np.arange(edge) // side for edge in shape)
    return np.add.outer(down, along) % 2 == 0


def false_rate(scores: np.ndarray) -> np.ndarray:
    """The false discovery rate at which each of some normal scores would just be found (Benjamini and Hochberg 1995).

    Parameters
    ----------
    scores : ndarray of float, shape (N,)

    Returns
    -------
    ndarray of float, shape (N,)

    Examples
    --------
    >>> false_rate(np.array([0.0, 6.0, -1.0])).round(3)
    array([0.75 , 0.   , 0.841])
    """
    chance = np.array([math.erfc(score / math.sqrt(2)) / 2 for score in scores.tolist()])
    order = np.argsort(chance)
    rates = chance[order] * len(scores) / np.arange(1, len(scores) + 1)
    out = np.empty(len(scores))
    out[order] = np.minimum(np.minimum.accumulate(rates[::-1])[::-1], 1)
    return out


def _confirmed(field: MarkField, start: np.ndarray) -> float:
    """How far the images that one half of the pixels picks agree in the other half, at least."""
    board = chequers(field.shape)
    halves = np.stack([board, ~board])
    both, _ = sharpened(field, np.concatenate([start, start]), halves)
    clear = []
    for scores, half in zip(both, halves, strict=True):
        picked = np.flatnonzero(scores > SURE)
        if len(picked) < 3:
            return 0.0
        folds, weights = np.zeros(len(field), dtype=np.int64), np.zeros((1, len(field)), dtype=np.float32)
        folds[picked[np.argsort(field.order[picked])]] = np.arange(len(picked)) % FOLDS
        weights[0, picked] = 1
        clear.append(strength(field.sums(weights, folds)[0], ~half))
    return min(clear)


def sharpened(field: MarkField, sums: np.ndarray, where: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The scores after a few rounds of weighting the images by their scores, and the templates they come from."""
    scores = field.scores(sums, where, sharp=False)
    for _ in range(ROUNDS):
        weights = np.clip((scores - 1) / 3, 0, 1).astype(np.float32)
        sums = field.sums(weights)
        scores = field.scores(sums, where)
    return scores, sums
