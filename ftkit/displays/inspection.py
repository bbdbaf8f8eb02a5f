"""What an inspection looks like: the verdicts first, then findings, what was asked, and the rows to look at."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from ftkit.displays.blocks import Block, Gallery, Note, Table
from ftkit.displays.data import columns, has_images, head, target, thumbnail
from ftkit.displays.display import Display
from ftkit.displays.marks import mark_blocks
from ftkit.displays.readiness import verdicts
from ftkit.displays.text import duration, elide, plural

if TYPE_CHECKING:
    from ftkit.quality import Finding, Inspection

ORDER = ("error", "warning", "info")
OTHER = "not applicable"
OUTCOMES = ("finding", "failed", "passed", "skipped", OTHER)


def show_inspection(inspection: Inspection) -> Display:
    """The readiness report, the findings, the checks by outcome, and pictures of the rows found.

    Parameters
    ----------
    inspection : Inspection
        What ``ftkit.inspect`` gave.

    Returns
    -------
    Display
    """
    view = inspection.view
    blocks = [
        head(view),
        verdicts(inspection),
        findings(inspection),
        checks(inspection),
        *mark_blocks(inspection),
        *flagged(inspection),
    ]
    return Display(f"{view.name}: inspected", [*blocks, columns(view), *target(view)])


def findings(inspection: Inspection) -> Block:
    """The findings, the gravest first."""
    found = inspection.ranked()
    if not found:
        return Note(f"{plural(len(inspection.checks), 'check')} asked, nothing found.", "info")
    return Table(
        {
            "severity": [f.severity for f in found],
            "code": [f.code for f in found],
            "what was found": [f.message for f in found],
            **_worth(inspection, found),
            "rows": [len(f.rows) for f in found],
            "first rows": [", ".join(elide(row, 24) for row in f.rows[:3]) for f in found],
        },
        caption=f"Findings: {_counted(Counter(f.severity for f in found), ORDER)}",
        levels=[f.severity for f in found],
    )


def _worth(inspection: Inspection, found: list[Finding]) -> dict[str, list[str]]:
    """The column of measured worth, where any was measured."""
    worth = [inspection.worth_of(finding) for finding in found]
    return {"worth": [one.told if one else "" for one in worth]} if any(worth) else {}


def checks(inspection: Inspection) -> Table:
    """Every check, by outcome: passed is not the same as not asked. Those that do not apply are told by reason."""
    asked = sorted(inspection.checks, key=lambda c: (OUTCOMES.index(c.outcome), c.code))
    rows = [
        (c.outcome, c.code, c.name, c.reason or "", duration(c.seconds) if c.seconds >= 0.01 else "")
        for c in asked
        if c.outcome != OTHER
    ]
    for reason in dict.fromkeys(c.reason for c in asked if c.outcome == OTHER):
        codes = [c.code for c in asked if c.outcome == OTHER and c.reason == reason]
        shown = ", ".join(codes[:4]) + (f" and {len(codes) - 4} more" if len(codes) > 4 else "")
        rows.append((OTHER, shown, "", reason, ""))
    return Table(
        {name: [row[i] for row in rows] for i, name in enumerate(("outcome", "code", "check", "why", "time"))},
        caption=f"Checks: {_counted(Counter(c.outcome for c in asked), OUTCOMES)}",
        levels=["error" if row[0] == "failed" else None for row in rows],
        limit=80,
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
