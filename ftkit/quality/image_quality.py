"""Checks of single images: blurred, dark, bright, flat, empty, of an odd size or mode."""

from __future__ import annotations

from collections import Counter

import numpy as np

from ftkit.data import DatasetView, ImageLook
from ftkit.quality.check import Check, has_images
from ftkit.quality.evidence import Evidence
from ftkit.quality.finding import Finding
from ftkit.quality.odd import found, robust_z

USUAL = 0.2  # what more than this share of the rows has is how the data are
FEW = 20  # rows from which a corpus says what is usual
SOFT = 0.4  # of the usual edges
FAR = 3.5  # robust standard deviations
RARE, MAIN = 0.02, 0.9  # shares of an odd mode, and of the mode it is odd beside
TINY = 16  # pixels


def blurred(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """Images that are much softer than the others of their size.

    How: the standard deviation of the Laplacian, in grey, on a short side of at most 256 pixels (Pech-Pacheco et al.
    2000, section 2.3), alone and divided by the image's contrast. Both must be under 0.4 of the median of the images
    of about the same size and 3.5 robust standard deviations under it on a log scale. It needs 20 images; where more
    than a fifth would be found, softness is how the data are, and nothing is.

    Do: look at them; drop those a person could not label.
    """
    look = evidence.look
    seen = np.isfinite(look.edges) & (look.contrast > 2)
    if seen.sum() < FEW:
        return []
    size = np.log2(np.clip(np.minimum(look.scan.width, look.scan.height), 1, 256)).round().astype(int)
    plain = np.log(np.maximum(look.edges, 0.1))
    measures = [_beside(values, size, seen) for values in (plain, plain - np.log(np.maximum(look.contrast, 1)))]
    soft = np.logical_and.reduce([(gap < np.log(SOFT)) & (z < -FAR) for gap, z in measures]) & seen
    share = np.exp(np.nan_to_num(np.maximum(measures[0][0], measures[1][0])))
    message = f"{{n:,}} of {{all:,}} images [is|are] blurred: [it has|they have] under {SOFT:.0%} of the usual edges."
    return _unusual(view, check, soft, 1 - share, message)


def badly_lit(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """Images so dark, so bright or so low in contrast that little can be seen in them.

    How: by the 1st and 99th of a hundred grey values (0 to 255). Dark: mean under 25 and the 99th under 45. Bright:
    mean over 230 and the 1st over 190. Low contrast: standard deviation under 7 and 28 levels at most between the two.
    Images of one colour are left to IMG205. What more than a fifth of the rows has is how the data are, and not found.

    Do: look at them; drop those that show nothing. Brightness and contrast as augmentations make a model bear the rest.
    """
    look, findings = evidence.look, []
    range_, blank = look.high - look.low, _blank(look)
    kinds = (
        ("too dark", (look.mean < 25) & (look.high < 45), 1 - look.high / 255),
        ("too bright", (look.mean > 230) & (look.low > 190), look.low / 255),
        ("of very low contrast", (look.contrast < 7) & (range_ <= 28), 1 - range_ / 255),
    )
    taken = blank
    for name, which, scores in kinds:
        message = f"{{n:,}} of {{all:,}} images [is|are] {name}."
        findings += _unusual(view, check, which & ~taken, scores, message)
        taken = taken | which
    return findings


def empty(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """Images with next to nothing in them: one colour, or a few specks on it.

    How: three neighbouring grey values take 98% of the pixels or more, or the grey values have under 0.3 bits of
    entropy (of 8). What more than a fifth of the rows has is how the data are, and not found.

    Do: drop them, unless an empty image is an answer.
    """
    look = evidence.look
    message = "{n:,} of {all:,} images [shows|show] next to nothing: almost all pixels are of one grey value."
    return _unusual(view, check, _blank(look), look.commonest, message, {"op": "drop"})


def odd_size(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """Images much smaller, larger, wider or taller than the others.

    How: the logarithms of the short side and of width / height; odd is what is further from the median than both four
    robust standard deviations and a factor of 4 (side) or 2.5 (aspect); a short side under 16 pixels is tiny where the
    median is 48 or more. It needs 20 images; what more than a fifth of the rows has is not odd.

    Do: look at them; thumbnails, banners and screenshots among photos are better dropped or cropped.
    """
    scan = evidence.look.scan
    width, height = (np.maximum(side, 1).astype(float) for side in (scan.width, scan.height))
    known = scan.width > 0
    if known.sum() < FEW:
        return []
    short = np.minimum(width, height)
    side, side_far = _gap(np.log(short), known, 4)
    aspect, aspect_far = _gap(np.log(width / height), known, 2.5)
    tiny = known & (short < TINY) & (np.median(short[known]) >= 3 * TINY)
    which = tiny | side_far | aspect_far
    scores = 1 - np.exp(-np.maximum(np.abs(side), np.abs(aspect)))
    usual = f"{int(np.median(width[known]))}×{int(np.median(height[known]))}"
    message = f"{{n:,}} of {{all:,}} images [is|are] of an odd size or aspect ({usual} is usual)."
    return _unusual(view, check, which, scores, message, severity="info")


def odd_mode(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """A few images of another mode than nearly all others, such as grey among colour.

    How: the mode in the file (L, RGB, CMYK, …); odd is a mode that at most 2% of the rows have where one mode has 90%
    or more. It needs 20 images.

    Do: nothing, where only the file differs: all are read as the model wants them. Look whether these few come from
    another source, or are all of one class: a model learns that.
    """
    modes = evidence.look.scan.mode
    counts = Counter(mode for mode in modes.tolist() if mode)
    total = sum(counts.values())
    if total < FEW or max(counts.values()) < MAIN * total:
        return []
    odd = {mode: count for mode, count in counts.items() if count <= RARE * total}
    if not odd:
        return []
    which = np.isin(modes.astype(str), list(odd))
    named = ", ".join(f"{count:,} {mode}" for mode, count in sorted(odd.items()))
    rest = max(counts, key=counts.get)
    message = f"{{n:,}} of {{all:,}} images [is|are] of another mode than the rest ({named}; the rest {rest})."
    return found(view, check, "info", message, which, np.where(which, 1 - which.mean(), 0))


def _blank(look: ImageLook) -> np.ndarray:
    """Images with next to nothing in them."""
    return (look.commonest >= 0.98) | (look.entropy < 0.3)


def _beside(values: np.ndarray, group: np.ndarray, seen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each value less the median of its group, groups of few joined with all; and that in robust deviations."""
    gap, z = np.full(len(values), np.nan), np.full(len(values), np.nan)
    for name in np.unique(group[seen]):
        here = seen & (group == name)
        among = here if here.sum() >= FEW else seen
        gap[here] = values[here] - np.median(values[among])
        z[here] = robust_z(values[here], values[among])
    return gap, z


def _gap(values: np.ndarray, known: np.ndarray, factor: float) -> tuple[np.ndarray, np.ndarray]:
    """Distance from the median, and whether it is beyond a factor and four robust deviations."""
    gap = np.where(known, values - np.median(values[known]), 0.0)
    return gap, (np.abs(gap) > np.log(factor)) & (np.abs(robust_z(values, values[known])) > 4) & known


def _unusual(
    view: DatasetView,
    check: Check,
    which: np.ndarray,
    scores: np.ndarray,
    message: str,
    suggest: dict | None = None,
    severity: str = "warning",
) -> list[Finding]:
    """The finding, unless so many rows have it that it is how the data are."""
    if which.sum() > USUAL * len(view):
        return []
    return found(view, check, severity, message, which, scores, suggest)


CHECKS = (
    Check("IMG203", "blurred images", "decodes", has_images, blurred),
    Check("IMG204", "dark, bright or flat images", "decodes", has_images, badly_lit),
    Check("IMG205", "images with nothing in them", "decodes", has_images, empty),
    Check("IMG206", "odd size or aspect", "decodes", has_images, odd_size),
    Check("IMG207", "odd mode", "decodes", has_images, odd_mode),
)
