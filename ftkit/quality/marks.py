"""Check for marks that recur over many images: watermarks, logos, stamps."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ftkit.data import DatasetView, plates_of
from ftkit.quality.check import Check, SkipCheckError, has_images
from ftkit.quality.evidence import Evidence
from ftkit.quality.finding import Finding
from ftkit.quality.mark_edits import MarkEdits, mark_edits, mask_values
from ftkit.quality.mark_found import FoundMark, each_once, marks_in
from ftkit.quality.mark_frames import frames_of
from ftkit.quality.mark_search import LEAST

BLOCK = 1024  # images


def repeated_marks(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """Marks that recur at the same place over many images, opaque or half transparent: watermarks, logos, stamps.

    How: gradients of about unit length, u = ∇L / (|∇L| + 4), on a short side of at most 128 pixels, images laid on each
    other whole (or, of several shapes, by their corners and centres). A mark is where the sums of eighths of the images
    agree to the pixel, beyond 8 standard deviations of chance; or where images picked by half of the pixels agree in
    the other half. Each image is scored by a matched filter made of other images, reweighted twice; those at a false
    discovery rate of 1% are listed. The mask comes from the common gradients by Poisson's equation (Dekel et al., CVPR
    2017, section 3.1). It needs 20 images of 16 pixels and looks at 4,096 of more. Where the subjects themselves are
    aligned (digits, faces, scans) marks cannot be told from them, and the check says so and lists no rows.

    Do: look at the mask. If it is a mark, take the suggested edit or drop the rows: a model learns the mark in the
    place of the class, where the two go together. The edit takes the mark off where it is half transparent (J = α W +
    (1 - α) I is inverted, α and W being fitted to each pixel over at least 8 images of one size, in their own pixels;
    section 3.2 there) and paints over what it hides. Which of leaving, painting over and taking off is suggested is
    decided by trying all three on images of the set without the mark, which are given it; the errors are told.
    """

    def others() -> Iterator[dict[int, np.ndarray]]:
        rest = np.setdiff1d(np.flatnonzero(evidence.look.scan.width > 0), list(evidence.look.plates))
        for start in range(0, len(rest), BLOCK):
            yield plates_of(view, rest[start : start + BLOCK])

    found: list[FoundMark] = []
    enough = aligned = False
    for frame in frames_of(evidence.look.plates):
        enough |= len(frame.rows) >= LEAST
        marks = marks_in(frame, others)
        aligned |= marks is None
        found += marks or []
    if not enough:
        raise SkipCheckError(f"fewer than {LEAST} images of 16 pixels and more can be laid on each other")
    marks = each_once(found)
    taken = np.unique(np.concatenate([mark.rows for mark in marks] or [np.zeros(0, np.int64)]))
    said = [_finding(view, check, evidence, mark, taken) for mark in marks]
    return said + ([check.finding("info", _aligned(view))] if aligned else [])


def _finding(view: DatasetView, check: Check, evidence: Evidence, found: FoundMark, taken: np.ndarray) -> Finding:
    """What is said of a mark, with the edit that is best for it."""
    ids, scan = np.asarray(view.ids), evidence.look.scan
    order = np.lexsort((ids[found.rows], -found.sure.round(4)))
    rows, sure = found.rows[order], found.sure[order]
    where = "" if found.frame.name == "whole" else f", laid on each other at the {found.frame.name}"
    message = (
        f"{len(rows):,} of {len(view):,} images carry the same mark, on {found.mask.mean():.1%} of the picture{where} "
        f"({found.strength:.0f} standard deviations above chance)."
    )
    edits = mark_edits(view, evidence, found, rows, sure, taken)
    op, values, which = "mask", edits.values, edits.which
    if not values:
        sizes = [(int(scan.height[row]), int(scan.width[row])) for row in rows]
        op, values, which = "keep", mask_values(found, sizes), [f"{height}x{width}" for height, width in sizes]
    one = set(which) == set(values) and len(values) == 1
    value = {"value": next(iter(values.values()))} if one else {"values": values, "which": which}
    suggest = {"op": op, **value, "because": check.code}
    message = f"{message} {_said(edits)}"
    return Finding(check.code, check.name, "warning", message, ids[rows].tolist(), sure.round(4).tolist(), suggest)


def _said(edits: MarkEdits) -> str:
    """What each way to deal with a mark costs, in sentences."""
    given = np.array([bool(name) for name in edits.which])
    at = given if given.any() else ~given
    left, over, inverted = (float(np.mean(np.array(e)[at])) for e in (edits.left, edits.painted, edits.inverted))
    if not given.any():
        return (
            f"Painting it over would change these pixels more ({over:.0f} grey levels) than the mark does "
            f"({left:.0f}): leave it, or drop the rows where the mark goes with a class."
        )
    if not np.isfinite(inverted):
        said = f"Painted over (the suggested edit) these pixels are {over:.1f} grey levels off; left, {left:.1f}."
    else:
        said = (
            f"Taken off (the suggested edit) it leaves these pixels {inverted:.1f} grey levels off, as tried on images "
            f"of the set; painted over they would be {over:.1f}, left {left:.1f}."
        )
    left_alone = len(given) - int(given.sum()) - edits.doubtful
    for count, why in (
        (edits.doubtful, "hardly show it at a closer look"),
        (left_alone, "are better left as they are"),
    ):
        said += f" {count:,} of them {why}, and get no edit." if count else ""
    return said


def _aligned(view: DatasetView) -> str:
    return (
        f"The {len(view):,} images have aligned subjects: they agree all over the frame, as digits, faces or scans do, "
        "so marks cannot be told from what they show."
    )


CHECKS = (Check("IMG201", "repeated marks", "decodes", has_images, repeated_marks),)
