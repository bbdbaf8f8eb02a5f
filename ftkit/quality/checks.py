"""All checks, in the order they are run."""

from __future__ import annotations

from ftkit.quality import (
    annotators,
    borders,
    chat,
    diversity,
    duplicates,
    fit,
    image,
    image_quality,
    label_errors,
    labels,
    leakage,
    learning_curve,
    marks,
    metadata,
    near_duplicates,
    order,
    outliers,
    reading,
    series,
    table,
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
        table,
        text_checks,
        series,
        chat,
        duplicates,
        near_duplicates,
        leakage,
        outliers,
        diversity,
        order,
        label_errors,
        annotators,
        learning_curve,
        fit,
    )
    for check in file.CHECKS
}
