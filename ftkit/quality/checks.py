"""All checks, in the order they are run."""

from __future__ import annotations

from ftkit.quality import duplicates, image, labels, reading, tabular
from ftkit.quality.check import Check

CHECKS: dict[str, Check] = {
    check.code: check for file in (reading, labels, image, tabular, duplicates) for check in file.CHECKS
}
