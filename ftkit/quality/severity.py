"""Which findings matter most, and whether they are too many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ftkit.errors import DataError, nearest
from ftkit.quality.checks import CHECKS
from ftkit.quality.finding import Finding

if TYPE_CHECKING:
    from ftkit.quality.inspection import Inspection

ORDER = {"error": 0, "warning": 1, "info": 2}


def worst(findings: Sequence[Finding]) -> list[Finding]:
    """The findings, errors first, then warnings; of one severity those about the most rows first.

    Parameters
    ----------
    findings : sequence of Finding

    Returns
    -------
    list of Finding

    Examples
    --------
    >>> from ftkit.quality import Finding
    >>> info, error = Finding("A", "a", "info", "…"), Finding("B", "b", "error", "…")
    >>> [finding.code for finding in worst([info, error])]
    ['B', 'A']
    """
    return sorted(findings, key=lambda finding: (ORDER[finding.severity], -len(finding.rows)))


def fails(inspection: Inspection, rule: str) -> bool:
    """Whether an inspection found what it must not find.

    Parameters
    ----------
    inspection : Inspection
    rule : str
        A severity: any finding as severe or more. A code (``DUP101``): any finding of that check. A code and a number
        (``DUP101=20``): its findings are about more than 20 rows.

    Returns
    -------
    bool

    Raises
    ------
    DataError
        The rule is neither.

    Examples
    --------
    >>> import ftkit as ft
    >>> fails(ft.inspect("iris"), "error"), fails(ft.inspect("iris"), "DUP101=50")
    (False, False)
    """
    code, number = check_rule(rule)
    if rule in ORDER:
        return any(ORDER[finding.severity] <= ORDER[rule] for finding in inspection.findings)
    found = [finding for finding in inspection.findings if finding.code == code]
    return bool(found) if number is None else sum(len(finding.rows) for finding in found) > number


def check_rule(rule: str) -> tuple[str, int | None]:
    """The code or severity of a rule, and its number of rows; asked before any check is.

    Parameters
    ----------
    rule : str
        See ``fails``.

    Returns
    -------
    str
    int or None

    Raises
    ------
    DataError
        The rule is neither a severity nor a check, or its number is none.

    Examples
    --------
    >>> check_rule("DUP101=20")
    ('DUP101', 20)
    """
    code, equals, number = rule.partition("=")
    if rule not in ORDER and code not in CHECKS:
        raise DataError(f"rule '{rule}' is neither a severity nor a check; {nearest(code, [*ORDER, *CHECKS])}.")
    if equals and not number.isdecimal():
        raise DataError(f"rule '{rule}': after {code}= a whole number of rows is needed, such as {code}=20.")
    return code, int(number) if equals else None
