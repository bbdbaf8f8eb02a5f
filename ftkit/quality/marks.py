"""Check for marks that recur over many images: watermarks, logos, stamps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ftkit.data import DatasetView, plates_of
from ftkit.data.image_edit import runs_of
from ftkit.quality.check import Check, SkipCheckError, has_images
from ftkit.quality.evidence import Evidence
from ftkit.quality.finding import Finding
from ftkit.quality.mark_found import FoundMark, each_once, marks_in
from ftkit.quality.mark_frames import frames_of
from ftkit.quality.mark_search import LEAST
from ftkit.quality.mark_shape import widened

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

    Do: look at the mask. If it is a mark, paint it over (the suggested edit; it is suggested only where images without
    the mark are changed less by it than the mark changes them) or drop the rows: a model learns the mark in the place
    of the class, where the two go together.
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
    said = [_finding(view, check, evidence, mark) for mark in each_once(found)]
    return said + ([check.finding("info", _aligned(view))] if aligned else [])


def _finding(view: DatasetView, check: Check, evidence: Evidence, found: FoundMark) -> Finding:
    """What is said of a mark, with the edit that paints it over where that is better than to leave it."""
    ids, scan = np.asarray(view.ids), evidence.look.scan
    order = np.lexsort((ids[found.rows], -found.sure.round(4)))
    rows, sure = found.rows[order], found.sure[order]
    where = "" if found.frame.name == "whole" else f", laid on each other at the {found.frame.name}"
    message = (
        f"{len(rows):,} of {len(view):,} images carry the same mark, on {found.mask.mean():.1%} of the picture{where} "
        f"({found.strength:.0f} standard deviations above chance)."
    )
    masks = _masks(found, [(int(scan.height[row]), int(scan.width[row])) for row in rows])
    value = {"value": masks[0]} if all(mask is masks[0] for mask in masks) else {"values": masks}
    op = "mask" if found.is_worth_painting else "keep"
    if op == "keep":
        message += (
            f" Painting it over would change these pixels more ({found.painted:.0f} grey levels) than the mark does "
            f"({found.left:.0f}): leave it, or drop the rows where the mark goes with a class."
        )
    suggest = {"op": op, **value, "because": check.code}
    return Finding(check.code, check.name, "warning", message, ids[rows].tolist(), sure.round(4).tolist(), suggest)


def _masks(found: FoundMark, sizes: list[tuple[int, int]]) -> list[dict[str, Any]]:
    """The mask of each row, a pixel wider than the mark, as run lengths; a mask is stretched to its image."""
    wide = widened(found.mask)
    made = {size: runs_of(found.frame.laid_out(wide, *size)) for size in sorted(set(sizes))}
    return [made[size] for size in sizes]


def _aligned(view: DatasetView) -> str:
    return (
        f"The {len(view):,} images have aligned subjects: they agree all over the frame, as digits, faces or scans do, "
        "so marks cannot be told from what they show."
    )


CHECKS = (Check("IMG201", "repeated marks", "decodes", has_images, repeated_marks),)
