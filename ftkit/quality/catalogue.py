"""The pages of all checks as one document: ``python -m ftkit.quality.catalogue > docs/CHECKS.md``."""

from __future__ import annotations

import inspect
import re
import sys

from ftkit.quality.check import Check
from ftkit.quality.checks import CHECKS
from ftkit.quality.headings import HEADINGS, heading_of

COST = {
    "cheap": "reads columns",
    "decodes": "decodes every row",
    "model": "works with vectors, or a small model, of the rows",
}
HEAD = """# Checks

What `ftkit inspect` asks of rows, by the heading of the readiness report each answers to. Every check ends as
*finding*, *passed*, *not applicable*, *skipped* (something it needs is not there) or *failed*. A code is never used
again for another question. This page is made from the checks themselves:
`python -m ftkit.quality.catalogue > docs/CHECKS.md`.
"""


def catalogue() -> str:
    """The document, in Markdown.

    Returns
    -------
    str
    """
    parts = [HEAD, _index()]
    for heading in HEADINGS:
        checks = [c for c in CHECKS.values() if heading_of(c.code, c.name) == heading.name]
        if checks:
            parts.append(f"## {heading.name[:1].upper()}{heading.name[1:]}\n\n{heading.question}\n")
            parts += [page(check) for check in sorted(checks, key=lambda c: c.code)]
    return "\n".join(parts)


def page(check: Check) -> str:
    """One check's page: what it finds, how, and what to do.

    Parameters
    ----------
    check : Check

    Returns
    -------
    str
        Markdown.
    """
    text = re.sub(r"``([^`]+)``", r"`\1`", inspect.getdoc(check.run) or "")
    text = re.sub(r"^(How|Do):", r"**\1.**", text, flags=re.MULTILINE)
    return f"### {check.code} {check.name}\n\n{text}\n\n*Cost: {COST[check.cost]}.*\n"


def _index() -> str:
    rows = [f"| [{c.code}](#{_anchor(c)}) | {c.name} | {heading_of(c.code, c.name)} |" for c in _ordered()]
    return "\n".join(["| code | check | heading |", "|---|---|---|", *rows, ""])


def _ordered() -> list[Check]:
    return sorted(CHECKS.values(), key=lambda check: check.code)


def _anchor(check: Check) -> str:
    """The anchor that Markdown viewers give a heading."""
    return re.sub(r"[^\w\- ]", "", f"{check.code} {check.name}".lower()).replace(" ", "-")


if __name__ == "__main__":
    sys.stdout.write(catalogue())
