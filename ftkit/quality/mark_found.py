"""Marks found in images laid on each other: on which rows, and which pixels they cover."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from ftkit.data.inpaint import inpaint
from ftkit.quality.mark_field import MarkField
from ftkit.quality.mark_frames import Frame
from ftkit.quality.mark_search import ALIGNED, LEAST, RATE, Mark, false_rate, search
from ftkit.quality.mark_shape import agreement, edges, lift, mask_of_shape, shape, widened

MOST = 3  # marks in one frame
CRISP = 0.6  # of |z|²/2 an image: what a mark has at its clearest pixel, and loosely aligned subjects have not
HALVES = 0.4  # images with half of the mark, for each that has it: a mark is there or not
TRIED = 32  # images that are painted over to see how much that takes away
SAME = 0.5  # of the rows in common: then it is the mark another frame has shown

Plates = Mapping[int, np.ndarray]


@dataclass(frozen=True)
class FoundMark:
    """A mark, the rows it is on and the pixels it covers.

    Attributes
    ----------
    frame : Frame
        How the images lay on each other, without them.
    strength : float
        See ``mark_field.strength``.
    rows : ndarray of int
        Positions in the view.
    sure : ndarray of float
        Of each row, 0 to 1: 1 less the false discovery rate at which it would just be found.
    shape : ndarray of float, shape (H, W)
        The grey levels it adds.
    mask : ndarray of bool, shape (H, W)
        In the frame.
    left, painted : float
        Mean error in grey levels, on the mask a pixel wider, of leaving the mark and of painting it over: what the mark
        adds, and how far ``inpaint`` of the same pixels of images without it is from what they show.
    """

    frame: Frame
    strength: float
    rows: np.ndarray
    sure: np.ndarray
    shape: np.ndarray
    mask: np.ndarray
    left: float = float("inf")
    painted: float = 0.0


def marks_in(frame: Frame, others: Callable[[], Iterable[Plates]] = tuple) -> list[FoundMark] | None:
    """The marks in images laid on each other, at most three; None where the subjects themselves are aligned.

    Parameters
    ----------
    frame : Frame
    others : callable, optional
        Gives the plates of more rows, a block at a time: they have no part in finding marks, but are scored.

    Returns
    -------
    list of FoundMark or None
    """
    marks: list[FoundMark] = []
    left = np.arange(len(frame.rows))
    while len(marks) < MOST and len(left) >= LEAST:
        field = MarkField(frame.grey[left])
        mark = search(field)
        if mark is None:
            break
        energy = agreement(field, mark.rows)
        if field.coherence >= ALIGNED or _is_loose(energy, mark):
            return marks or None
        marks.append(_drawn(frame, left, field, mark, edges(energy), others))
        left = np.delete(left, mark.rows)
    return [mark for mark in marks if mark.mask.any()]


def each_once(marks: list[FoundMark]) -> list[FoundMark]:
    """The marks, the one on the most rows first; of one that several frames show only that with the most rows.

    Parameters
    ----------
    marks : list of FoundMark

    Returns
    -------
    list of FoundMark
    """
    kept: list[FoundMark] = []
    for mark in sorted(marks, key=lambda mark: -len(mark.rows)):
        if not any(_same(mark, other) for other in kept):
            kept.append(mark)
    return kept


def _is_loose(energy: np.ndarray, mark: Mark) -> bool:
    """Whether images agree about a place and not to the pixel, more or less, as aligned subjects do."""
    usual = float(np.median(mark.scores[mark.rows]))
    between = ((mark.scores > 0.25 * usual) & (mark.scores < 0.6 * usual)).sum()
    return bool(energy.max() < CRISP * len(mark.rows) and between > HALVES * len(mark.rows))


def _drawn(
    frame: Frame,
    left: np.ndarray,
    field: MarkField,
    mark: Mark,
    support: np.ndarray,
    others: Callable[[], Iterable[Plates]],
) -> FoundMark:
    """A mark with its rows, shape and mask."""
    marked = frame.grey[left[mark.rows]]
    drawing = shape(marked, support)
    mask = mask_of_shape(drawing, support, lift(marked))
    rows, sure = _beyond(frame, left, field, mark, others)
    errors = _errors(np.delete(frame.grey[left], mark.rows, axis=0), marked, drawing, widened(mask))
    return FoundMark(frame.empty(), mark.strength, rows, sure, drawing, mask, *errors)


def _errors(bare: np.ndarray, marked: np.ndarray, drawing: np.ndarray, paint: np.ndarray) -> tuple[float, float]:
    """The errors of leaving a mark and of painting it over, by images without it, or with it taken off."""
    if not paint.any() or paint.all():
        return float("inf"), 0.0
    if len(bare) < TRIED:
        bare = np.clip(marked - drawing, 0, 255).astype(np.uint8)
    some = bare[np.linspace(0, len(bare) - 1, min(len(bare), TRIED)).astype(np.int64)]
    painted = [np.abs(inpaint(image, paint)[paint].astype(np.float32) - image[paint]).mean() for image in some]
    return float(np.abs(drawing[paint]).mean()), float(np.mean(painted))


def _beyond(
    frame: Frame, left: np.ndarray, field: MarkField, mark: Mark, others: Callable[[], Iterable[Plates]]
) -> tuple[np.ndarray, np.ndarray]:
    """The rows with the mark and how sure, those included that had no part in finding it."""
    rows, scores = [frame.rows[left]], [mark.scores]
    for plates in others():
        more = frame.others(plates)
        rows.append(more.rows)
        scores.append(field.scores_of(more.grey, mark.sums))
    sure = 1 - false_rate(np.concatenate(scores))
    kept = sure >= 1 - RATE
    return np.concatenate(rows)[kept], sure[kept]


def _same(mark: FoundMark, other: FoundMark) -> bool:
    """Whether two frames show one mark."""
    common = len(np.intersect1d(mark.rows, other.rows))
    return mark.frame.name != other.frame.name and common >= SAME * min(len(mark.rows), len(other.rows))
