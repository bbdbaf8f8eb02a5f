"""The readiness report: a verdict under each heading of the question whether the rows are good enough."""

from __future__ import annotations

import inspect as python_inspect
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ftkit.errors import DataError
from ftkit.quality.checks import CHECKS
from ftkit.quality.finding import CheckResult, Finding
from ftkit.quality.headings import HEADINGS, heading_of

if TYPE_CHECKING:
    from ftkit.quality.inspection import Inspection
    from ftkit.quality.worth import Worth

ROWS = 8
ORDER = {"error": 0, "warning": 1, "info": 2}
ASKED = ("finding", "passed")


@dataclass(frozen=True)
class Verdict:
    """The answer under one heading.

    Attributes
    ----------
    heading : str
        One of ten: fit, size, diversity, label quality, marks, missing, outliers, duplicates, leakage, balance.
    question : str
        What is asked.
    verdict : {"good", "look", "bad", "unknown"}
        ``bad``: training would fail or its figures would be false; ``look``: somebody should look; ``unknown``: no
        check could answer.
    sentence : str
        Why.
    figures : dict of str to number or str
        The numbers behind it.
    rows : list of str
        Ids of at most eight rows to look at, the surest first.
    next : str
        What to do; empty where there is nothing to do.
    """

    heading: str
    question: str
    verdict: Literal["good", "look", "bad", "unknown"]
    sentence: str
    figures: dict[str, Any] = field(default_factory=dict)
    rows: list[str] = field(default_factory=list)
    next: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return asdict(self)


def readiness(inspection: Inspection) -> list[Verdict]:
    """A verdict under each heading, from what the checks found and how they ended.

    Parameters
    ----------
    inspection : Inspection
        What ``ftkit.inspect`` gave.

    Returns
    -------
    list of Verdict
        Ten, in the order of ``ftkit.quality.headings``.

    Examples
    --------
    >>> import ftkit as ft
    >>> {v.heading: v.verdict for v in readiness(ft.inspect("iris"))}["duplicates"]
    'look'
    """
    return [_verdict(heading.name, heading.question, inspection) for heading in HEADINGS]


# Headings that only a measurement answers with "good": that the form of the rows is fine is not enough.
MEASURED = {"fit": "FIT", "size": "SIZ", "diversity": "DIV"}
UNMEASURED = "No check has tried it on these rows."


def _verdict(name: str, question: str, inspection: Inspection) -> Verdict:
    findings = [f for f in inspection.findings if heading_of(f.code, f.check) == name]
    ranks = {id(finding): i for i, finding in enumerate(inspection.ranked())}
    results = [r for r in inspection.checks if heading_of(r.code, r.name) == name]
    findings.sort(key=lambda f: (ORDER[f.severity], ranks[id(f)]))
    asked = [r for r in results if r.outcome in ASKED]
    figures = _figures(name, inspection, findings, results)
    answering = [r for r in asked if not _is_note(r.code)] or [r for r in asked if r.outcome == "finding"]
    if not answering:
        return Verdict(name, question, "unknown", _why_unknown(results), figures)
    worst = findings[0] if findings else None
    fine = worst is None or worst.severity == "info"
    if fine and name in MEASURED and not any(r.code.startswith(MEASURED[name]) for r in answering):
        form = _good(findings, answering, results)
        return Verdict(name, question, "unknown", f"{UNMEASURED} Of their form: {form}", figures, _rows(findings))
    if fine:
        return Verdict(name, question, "good", _good(findings, answering, results), figures, _rows(findings))
    verdict: Literal["bad", "look"] = "bad" if worst.severity == "error" else "look"
    others = [f for f in findings[1:] if f.severity != "info"]
    more = f" ({len(others):,} more to look at)" if others else ""
    return Verdict(
        name, question, verdict, f"{worst.message}{more}", figures, _rows(findings), _next(worst, inspection)
    )


def _is_note(code: str) -> bool:
    """Whether a check only repeats what reading noticed: that it passed answers no question."""
    check = CHECKS.get(code)
    return check is not None and check.run.__name__ == "noted"


def _why_unknown(results: Sequence[CheckResult]) -> str:
    """Why no check could answer: what broke or lacked something first, else why none applies."""
    for outcome, word in (("failed", "broke"), ("skipped", "was skipped")):
        told = [r for r in results if r.outcome == outcome and r.reason]
        if told:
            return f"The check '{told[0].name}' {word}: {told[0].reason.rstrip('.')}."
    reasons = Counter(r.reason for r in results if r.reason and not _is_note(r.code))
    if not reasons:
        return "No check asks this of such rows yet."
    own = {reason: count for reason, count in reasons.items() if not reason.startswith("the rows are no")} or reasons
    return f"No check applies: {max(own, key=own.__getitem__).rstrip('.')}."


def _good(findings: Sequence[Finding], asked: Sequence[CheckResult], results: Sequence[CheckResult]) -> str:
    if findings:
        more = f" ({len(findings) - 1:,} more remarks)" if len(findings) > 1 else ""
        return f"{findings[0].message}{more}"
    silent = [r for r in results if r.outcome in ("skipped", "failed")]
    left = f" Not asked: {silent[0].name}; {silent[0].reason.rstrip('.')}." if silent else ""
    named = ", ".join(r.name for r in asked[:3]) + (f" and {len(asked) - 3} more" if len(asked) > 3 else "")
    return f"Nothing found ({named}).{left.replace('..', '.')}"


def _rows(findings: Sequence[Finding]) -> list[str]:
    """The surest rows of the gravest findings, each once."""
    rows: dict[str, None] = {}
    for finding in findings:
        order = np.argsort(-np.array(finding.scores or [1.0] * len(finding.rows)), kind="stable")
        rows.update((finding.rows[i], None) for i in order[:ROWS].tolist())
    return list(rows)[:ROWS]


def _next(finding: Finding, inspection: Inspection) -> str:
    """What to do about a finding: its check's advice, the call that makes the suggested edits, their measured worth."""
    op, worth = (finding.suggest or {}).get("op"), inspection.worth_of(finding)
    call = f" found.propose({op}=['{finding.code}'])" if op and finding.rows else ""
    return f"{_advice(finding.code)}{call}{_measured(worth) if worth else ''}".strip()


def _measured(worth: Worth) -> str:
    """What an edit's worth means for the decision."""
    if worth.helps:
        return f" Measured on rows held out: {worth.told}."
    word = "harms" if worth.high < 0 else "makes no difference that could be seen"
    return f" Measured on rows held out, it {word}: {worth.told}."


@cache
def _advice(code: str) -> str:
    """The first sentence of what a check's page says to do."""
    check = CHECKS.get(code)
    page = python_inspect.getdoc(check.run) or "" if check else ""
    found = re.search(r"Do:\s*(.+?)(?:\n\s*\n|\Z)", page, re.DOTALL)
    text = " ".join(found.group(1).split()) if found else ""
    first = re.split(r"(?<=[.!?])\s", text, maxsplit=1)[0].replace("``", "'")
    return f"{first[:1].upper()}{first[1:]}"


def _figures(
    name: str, inspection: Inspection, findings: Sequence[Finding], results: Sequence[CheckResult]
) -> dict[str, Any]:
    """Rows found and their share, and the figures a heading has of its own."""
    view, total = inspection.view, len(inspection.view)
    rows = {row for finding in findings if finding.severity != "info" for row in finding.rows}
    figures: dict[str, Any] = {"rows": len(rows)}
    if total:
        figures["share"] = round(len(rows) / total, 4)
    figures["checks"] = f"{sum(r.outcome in ASKED for r in results)} of {len(results)}"
    if worth := next((w for f in findings if (w := inspection.worth_of(f))), None):
        figures["worth"] = worth.told
    if name == "size":
        figures = {"rows": total, **{k: v for k, v in figures.items() if k == "checks"}}
    if name == "missing":
        figures["cells"] = sum(view.missing(column) for column in view.columns)
    if name == "balance" and (counts := _classes(inspection)):
        figures |= {"classes": len(counts), "rarest": min(counts.values()), "largest": max(counts.values())}
    return figures


def _classes(inspection: Inspection) -> dict[str, int] | None:
    from ftkit.quality.inspection import _class_counts

    try:
        return _class_counts(inspection.view)
    except DataError:
        return None
