"""What an inspection looks like: the verdicts first, then findings, what was asked, and the rows to look at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ftkit.displays.blocks import Block, Gallery, Note, Table
from ftkit.displays.data import columns, has_images, head, row_words, target, thumbnail
from ftkit.displays.display import Display
from ftkit.displays.marks import mark_blocks
from ftkit.displays.readiness import verdicts
from ftkit.displays.text import duration, elide, plural
from ftkit.quality.headings import heading_of

if TYPE_CHECKING:
    from ftkit.data import DatasetView
    from ftkit.quality import CheckResult, Finding, Inspection

ORDER = ("error", "warning", "info")
OTHER = "not applicable"
PRIVATE = ("TXT208", "TXT209")
WORDY, EACH = 12, 3  # findings whose rows are shown as text, and rows of each
OUTCOMES = {name: name for name in ("finding", "failed", "passed", "skipped", OTHER)} | {"finding": "with findings"}


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
        *mark_blocks(inspection),
        *flagged(inspection),
        checks(inspection),
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
            "rows": [len(f.rows) or None for f in found],
            "first rows": [", ".join(elide(row, 24) for row in f.rows[:3]) for f in found],
        },
        caption=f"Findings: {_severities(Counter(f.severity for f in found))}",
        levels=[f.severity for f in found],
    )


def _worth(inspection: Inspection, found: list[Finding]) -> dict[str, list[str]]:
    """The column of measured worth, where any was measured."""
    worth = [inspection.worth_of(finding) for finding in found]
    return {"worth": [one.told if one else "" for one in worth]} if any(worth) else {}


def checks(inspection: Inspection) -> Table:
    """Every check, by outcome: passed is not the same as not asked.

    Those that passed are told by heading, those that do not apply by reason: what needs a look has a line of its own.
    """
    asked = sorted(inspection.checks, key=lambda c: (list(OUTCOMES).index(c.outcome), c.code))
    rows = [(c.outcome, f"{c.code} {c.name}", c.reason, c.seconds) for c in asked if c.outcome not in ("passed", OTHER)]
    for outcome, key in (("passed", lambda c: heading_of(c.code, c.name)), (OTHER, lambda c: c.reason)):
        groups: dict[str, list[CheckResult]] = {}
        for check in (c for c in asked if c.outcome == outcome):
            groups.setdefault(key(check), []).append(check)
        rows += [(outcome, _listed(group), why, sum(c.seconds for c in group)) for why, group in groups.items()]
    return Table(
        {
            "outcome": [row[0] for row in rows],
            "checks": [row[1] for row in rows],
            "heading, or why": [row[2] or "" for row in rows],
            "time": [duration(row[3]) if row[3] >= 0.1 else "" for row in rows],
        },
        caption=f"Checks: {_outcomes(Counter(c.outcome for c in asked))}",
        levels=["error" if row[0] == "failed" else None for row in rows],
        limit=80,
        folded=True,
    )


def _listed(group: Sequence[CheckResult], most: int = 6) -> str:
    """Some checks of one outcome: each with its name where they passed, else the first codes."""
    if group[0].outcome == OTHER:
        shown = ", ".join(c.code for c in group[:most])
        return shown + (f" and {len(group) - most} more" if len(group) > most else "")
    return " · ".join(f"{c.code} {c.name}" for c in group)


def _severities(counts: Counter[str]) -> str:
    told = [plural(counts[name], name) if name != "info" else f"{counts[name]} info" for name in ORDER if counts[name]]
    return ", ".join(told)


def _outcomes(counts: Counter[str]) -> str:
    return ", ".join(f"{counts[name]} {word}" for name, word in OUTCOMES.items() if counts[name])


def flagged(inspection: Inspection, most: int = 24) -> list[Block]:
    """The first rows found, under the code that found them: as pictures, or in their own words."""
    view = inspection.view
    found = [finding for finding in inspection.ranked() if finding.rows]
    if not found:
        return []
    places = {str(row): i for i, row in enumerate(np.asarray(view.ids))}
    if not has_images(view):
        private = {row for finding in found if finding.code in PRIVATE for row in finding.rows}
        return _words(view, found[:WORDY], places, private)
    named = [(row, _caption(f, i)) for f in found for i, row in enumerate(f.rows[:8]) if row in places][:most]
    made = [(p, caption) for row, caption in named if (p := thumbnail(view, places[row], side=116))]
    return [Gallery([p for p, _ in made], [c for _, c in made], "Rows to look at")] if made else []


def _caption(finding: Finding, i: int) -> str:
    """The code and the suggested label of a row, its name, and what else is told of it."""
    why = _where(finding, i, 28)
    head, tail = (f" {why}", "") if why.startswith("→") else ("", f"\n{why}" if why else "")
    return f"{finding.code}{head}\n{finding.rows[i]}{tail}"


def _where(finding: Finding, i: int, most: int) -> str:
    """Where in a row its fault is, what the row is like, or the label that is suggested for it."""
    suggest = finding.suggest or {}
    if suggest.get("op") == "relabel" and suggest.get("values"):
        return elide(f"→ {suggest['values'][i]}", most)
    return elide(finding.places[i], most) if finding.places else ""


def _words(view: DatasetView, found: list[Finding], places: dict[str, int], private: set[str]) -> list[Block]:
    """The surest rows of each finding as text."""
    rows = []
    for finding in found:
        order = np.argsort(-np.array(finding.scores or [1.0] * len(finding.rows)), kind="stable")[:EACH].tolist()
        rows += [(finding, i) for i in order if finding.rows[i] in places]
    if not rows:
        return []
    said = row_words(view, [places[finding.rows[i]] for finding, i in rows])
    # What is private in a row is told, masked, by the finding itself: it is not to be spread by its report.
    hidden = [finding.rows[i] in private for finding, i in rows]
    cells = {
        "code": [finding.code for finding, _ in rows],
        "row": [elide(finding.rows[i], 24) for finding, i in rows],
        "where, or why": [_where(finding, i, 60) for finding, i in rows],
        "what it says": [
            "(holds personal data or a key)" if h else elide(text, 160) for h, text in zip(hidden, said, strict=True)
        ],
    }
    kept = {name: column for name, column in cells.items() if any(column)}
    return [Table(kept, caption="Rows to look at", limit=60)]
