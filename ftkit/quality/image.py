"""Checks of images."""

from __future__ import annotations

from collections import Counter

from ftkit.data import DatasetView
from ftkit.quality.check import Check, has_images
from ftkit.quality.evidence import Evidence
from ftkit.quality.finding import Finding

SHOWN = 5


def unreadable(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """Images that cannot be decoded, with the reasons.

    How: Every file is decoded whole; a file that is gone, empty, cut short, no image, or that would unpack to more
    pixels than is safe is unreadable.

    Do: Copy these files again from where they came, or drop them; training leaves them out in any case.
    """
    errors = evidence.look.scan.error
    if not errors:
        return []
    ids, counts = view.ids, Counter(errors.values())
    reasons = "; ".join(f"{count:,}: {reason}" for reason, count in counts.most_common(SHOWN))
    more = f"; {len(counts) - SHOWN:,} other reasons" if len(counts) > SHOWN else ""
    message = f"{len(errors):,} of {len(view):,} images cannot be read ({reasons}{more})."
    return [check.finding("error", message, [str(ids[i]) for i in errors], drop=True)]


def converted(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """Images that are no 8-bit grey or RGB in their files.

    How: The mode is read from the file: palettes, transparency, CMYK, 16 bits, floats, several frames. They are brought
    to 8-bit grey or RGB as the message says, transparent pixels on white.

    Do: See that the conversion keeps what matters, such as the depth of 16-bit medical images; else convert the files
    yourself.
    """
    done = evidence.look.scan.converted
    if not done:
        return []
    ids, counts = view.ids, Counter(done.values())
    listed = "; ".join(f"{count:,}: {what}" for what, count in counts.most_common(SHOWN))
    message = f"{len(done):,} of {len(view):,} images are converted when read ({listed})."
    return [check.finding("info", message, [str(ids[i]) for i in done])]


CHECKS = (
    Check("IMG101", "unreadable images", "decodes", has_images, unreadable),
    Check("IMG102", "converted images", "decodes", has_images, converted),
)
