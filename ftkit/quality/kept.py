"""Findings that a person has answered with ``keep``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ftkit.data import Edits
from ftkit.quality.finding import Finding


def without_kept(findings: Sequence[Finding], edits: Edits) -> list[Finding]:
    """The findings without the rows that edits keep; those that were about such rows only are gone.

    A ``keep`` whose ``because`` is a check's code answers that check, any other answers all.

    Parameters
    ----------
    findings : sequence of Finding
    edits : Edits

    Returns
    -------
    list of Finding

    Examples
    --------
    >>> found = [Finding("OUT201", "outliers", "warning", "2 rows are far out.", ["a", "b"], [1.0, 0.9])]
    >>> without_kept(found, Edits([{"row": "a", "op": "keep"}]))[0].message
    '2 rows are far out. 1 of them is kept as it is by an edit.'
    """
    kept: dict[str, set[str]] = {}
    for edit in edits.in_force():
        if edit.op == "keep":
            kept.setdefault(edit.row, set()).add(edit.because)
    if not kept:
        return list(findings)
    codes = {finding.code for finding in findings}
    answered = {row: {b if b in codes or _is_code(b) else "" for b in reasons} for row, reasons in kept.items()}
    return [left for finding in findings if (left := _left(finding, answered)) is not None]


def _left(finding: Finding, answered: dict[str, set[str]]) -> Finding | None:
    places = [i for i, row in enumerate(finding.rows) if not {"", finding.code} & answered.get(row, {"-"})]
    gone = len(finding.rows) - len(places)
    if not gone or not finding.rows:
        return finding
    if not places:
        return None
    are = "1 of them is" if gone == 1 else f"{gone:,} of them are"
    suggest = finding.suggest and {
        key: _some(value, places, gone + len(places)) for key, value in finding.suggest.items()
    }
    return replace(
        finding,
        message=f"{finding.message} {are} kept as {'it is' if gone == 1 else 'they are'} by an edit.",
        rows=[finding.rows[i] for i in places],
        scores=[finding.scores[i] for i in places] if finding.scores else [],
        places=[finding.places[i] for i in places] if finding.places else [],
        suggest=suggest,
    )


def _some(value: object, places: list[int], rows: int) -> object:
    """The values of the rows that are left, where there is one a row."""
    if isinstance(value, dict) and len(value) == 1:
        return {key: _some(inner, places, rows) for key, inner in value.items()}
    return [value[i] for i in places] if isinstance(value, list) and len(value) == rows else value


def _is_code(text: str) -> bool:
    return len(text) == 6 and text[:3].isupper() and text[3:].isdecimal()
