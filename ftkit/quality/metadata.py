"""Checks of what image files [carries|carry] beside their pixels."""

from __future__ import annotations

from collections import Counter

import numpy as np

from ftkit.data import DatasetView
from ftkit.quality.check import Check, has_images
from ftkit.quality.evidence import Evidence
from ftkit.quality.finding import Finding
from ftkit.quality.odd import found


def private_metadata(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """Files that carry private metadata: the place a photo was taken at, names of people, serial numbers.

    How: EXIF's GPS directory, its fields for author, owner and the serial numbers of camera and lens, the same in an
    XMP packet, and the author among a PNG's texts. Values are never shown or kept.

    Do: a model trained by ftkit sees pixels only. Before the files are given to others, write them anew without
    metadata.
    """
    private = evidence.look.private
    which = np.zeros(len(view), dtype=bool)
    which[list(private)] = True
    counts = Counter(part for parts in private.values() for part in parts)
    named = ", ".join(f"{part} {count:,}" for part, count in sorted(counts.items(), key=lambda c: (-c[1], c[0])))
    message = f"{{n:,}} of {{all:,}} files [carries|carry] private metadata ({named})."
    return found(view, check, "warning", message, which, which.astype(float))


CHECKS = (Check("IMG210", "private metadata", "decodes", has_images, private_metadata),)
