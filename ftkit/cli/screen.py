"""What the verbs print: tables, sentences, JSON; text from data made visible first."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ftkit.displays.text import visible

# Piped into a file there is no window to fit: wide enough that no table breaks its words.
console = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 160)
STATE_STYLE = {"done": "green", "failed": "red", "running": "cyan", "paused": "yellow", "stopped": "yellow"}
VERDICT_STYLE = {"good": "green", "look": "yellow", "bad": "red", "unknown": "dim"}
SEVERITY_STYLE = {"error": "red", "warning": "yellow", "info": "cyan"}


def say(text: object, style: str = "") -> None:
    """Print a line; nothing in it is read as markup or as a terminal command."""
    console.print(Text(visible(text), style=style))


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]], *, title: str = "", right: Sequence[str] = ()) -> None:
    """Print a table; a cell is text, a number, or ``(text, style)``."""
    grid = Table(title=title or None, title_justify="left", title_style="bold", header_style="bold", box=None)
    for column in columns:
        grid.add_column(column, justify="right" if column in right else "left", overflow="fold")
    for row in rows:
        grid.add_row(*[_cell(cell) for cell in row])
    console.print(grid, soft_wrap=False)


def print_json(value: Any) -> None:
    """Print JSON, and nothing else."""
    print(json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False))


def interval(row: dict[str, Any]) -> str:
    """A metric's interval, or why it has none."""
    if row.get("low") is None:
        return visible(row.get("reason", ""))
    return f"{number(row['low'])} to {number(row['high'])}"


def number(value: float | None) -> str:
    """Four digits behind the point up to 1, else about four significant ones; thousands with commas."""
    if value is None:
        return "undefined"
    if abs(value) <= 1:
        return f"{value:.4f}"
    return f"{value:.4g}" if abs(value) < 10_000 else f"{value:,.0f}"


def _cell(cell: Any) -> Text:
    if isinstance(cell, tuple):
        return Text(visible(cell[0]), style=cell[1])
    return Text(visible("" if cell is None else cell))
