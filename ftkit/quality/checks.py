"""All checks, in the order they are run."""

from __future__ import annotations

from ftkit.quality import (
    borders,
    chat,
    duplicates,
    image,
    image_quality,
    labels,
    marks,
    metadata,
    reading,
    tabular,
    text_checks,
)
from ftkit.quality.check import Check

CHECKS: dict[str, Check] = {
    check.code: check
    for file in (
        reading,
        labels,
        image,
        image_quality,
        borders,
        metadata,
        marks,
        tabular,
        text_checks,
        chat,
        duplicates,
    )
    for check in file.CHECKS
}
