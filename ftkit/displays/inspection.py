"""What an inspection looks like: findings first, then what was asked, then the rows to look at."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from ftkit.displays.blocks import Block, Gallery, Note, Table
from ftkit.displays.data import columns, has_images, head, target, thumbnail
from ftkit.displays.display import Display
from ftkit.displays.text import duration, elide, plural

if TYPE_CHECKING:
    from ftkit.quality import Inspection

ORDER = ("error", "warning", "info")
OUTCOMES = ("finding", "failed", "passed", "skipped", "not applicable")


def show_inspection(inspection: Inspection) -> Display:
    """The findings of an inspection, its checks by outcome, and pictures of the rows found.

    Parameters
    ----------
    inspection : Inspection
        What ``ftkit.inspect`` gave.

    Returns
    -------
    Display
    """
    view = inspection.view
    blocks = [head(view), findings(inspection), checks(inspection), *flagged(inspection)]
    return Display(f"{view.name}: inspected", [*blocks, columns(view), *target(view)])


def findings(inspection: Inspection) -> Block:
    """The findings, the gravest first."""
    found = sorted(inspection.findings, key=lambda f: ORDER.index(f.severity))
    if not found:
        return Note(f"{plural(len(inspection.checks), 'check')} asked, nothing found.", "info")
    return Table(
        {
            "severity": [f.severity for f in found],
            "code": [f.code for f in found],
            "what was found": [f.message for f in found],
            "rows": [len(f.rows) for f in found],
            "first rows": [", ".join(elide(row, 24) for row in f.rows[:3]) for f in found],
        },
        caption=f"Findings: {_counted(Counter(f.severity for f in found), ORDER)}",
        levels=[f.severity for f in found],
    )


def checks(inspection: Inspection) -> Table:
    """Every check that was asked, by outcome: passed is not the same as not asked."""
    asked = sorted(inspection.checks, key=lambda c: (OUTCOMES.index(c.outcome), c.code))
    return Table(
        {
            "outcome": [c.outcome for c in asked],
            "code": [c.code for c in asked],
            "check": [c.name for c in asked],
            "why": [c.reason or "" for c in asked],
            "time": [duration(c.seconds) if c.seconds >= 0.01 else "" for c in asked],
        },
        caption=f"Checks: {_counted(Counter(c.outcome for c in asked), OUTCOMES)}",
        levels=["error" if c.outcome == "failed" else None for c in asked],
    )


def _counted(counts: Counter[str], order: tuple[str, ...]) -> str:
    return ", ".join(f"{counts[name]} {name}" for name in order if counts[name])


def flagged(inspection: Inspection, most: int = 24) -> list[Block]:
    """The first pictures of the rows found, under the code that found them."""
    view = inspection.view
    if not has_images(view):
        return []
    places = {str(row): i for i, row in enumerate(np.asarray(view.ids))} if inspection.findings else {}
    named = [(row, f.code) for f in inspection.findings for row in f.rows[:8] if row in places][:most]
    made = [(p, f"{code}\n{row}") for row, code in named if (p := thumbnail(view, places[row], side=96))]
    return [Gallery([p for p, _ in made], [c for _, c in made], "Rows to look at")] if made else []
