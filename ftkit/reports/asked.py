"""What was asked: a template's parameters, told apart into those that were set and those left alone."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterator
from typing import Any

from ftkit.displays.blocks import Table
from ftkit.displays.table import html_table
from ftkit.displays.text import plural
from ftkit.reports.template import RESERVED


def parameters(source: str) -> dict[str, tuple[str, str]]:
    """The assignments of a cell: name to its value as text and the comment beside it.

    Parameters
    ----------
    source : str
        Python; a cell that does not parse has none.

    Returns
    -------
    dict

    Examples
    --------
    >>> parameters("epochs: int = 10  # passes over the rows")
    {'epochs': ('10', 'passes over the rows')}
    """
    try:
        body, remarks = ast.parse(source).body, dict(_comments(source))
    except (SyntaxError, ValueError, tokenize.TokenError):
        return {}
    found = {}
    for node in body:
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        if isinstance(target, ast.Name) and getattr(node, "value", None) is not None:
            found[target.id] = (_said(node.value), remarks.get(node.end_lineno, ""))
    return found


def _comments(source: str) -> Iterator[tuple[int, str]]:
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string.lstrip("# ")


def _said(node: ast.expr) -> str:
    try:
        value: Any = ast.literal_eval(node)
    except ValueError:
        return ast.unparse(node)
    return value if isinstance(value, str) and value else repr(value)


def asked(defaults: str, given: str) -> str:
    """The parameters as HTML: those that were set in a table, the others folded away.

    Parameters
    ----------
    defaults : str
        Source of the cell tagged ``parameters``.
    given : str
        Source of the cell with the values of this run; may be empty.

    Returns
    -------
    str
    """
    known, set_ = ({n: v for n, v in parameters(s).items() if n not in RESERVED} for s in (defaults, given))
    changed = {n: v for n, (v, _) in set_.items() if n not in known or known[n][0] != v}
    left = {n: v for n, v in known.items() if n not in changed}
    parts = [html_table(_changed(changed, known))] if changed else []
    if left:
        words = f"{plural(len(left), 'parameter')} left at {'its default' if len(left) == 1 else 'their defaults'}"
        parts.append(f"<details class=fold><summary>{words}</summary>{html_table(_defaults(left))}</details>")
    return f'<section class="ftkit asked">{"".join(parts)}</section>' if parts else ""


def _changed(changed: dict[str, str], known: dict[str, tuple[str, str]]) -> Table:
    columns: dict[str, list[Any]] = {"parameter": list(changed), "asked": list(changed.values())}
    if known:
        columns["default"] = [known.get(n, ("–", ""))[0] for n in changed]
        remarks = [known.get(n, ("", ""))[1] for n in changed]
        columns |= {"what it is": remarks} if any(remarks) else {}
    return Table(columns, caption="What was asked", limit=200)


def _defaults(left: dict[str, tuple[str, str]]) -> Table:
    values, remarks = [v for v, _ in left.values()], [r for _, r in left.values()]
    columns = {"parameter": list(left), "default": values}
    return Table(columns | ({"what it is": remarks} if any(remarks) else {}), limit=200)
