"""Tables: as HTML, as text in columns, as a drawing."""

from __future__ import annotations

from typing import Any

from ftkit.displays.blocks import Table
from ftkit.displays.svg import ink, label, tag
from ftkit.displays.text import columns, elide, escape, number, visible

SHORT = 14  # columns of a cell that is not broken
WIDEST = 100  # columns of a cell in a terminal; on a page four times that, and the whole text is its tooltip
MARKS = {"info": "i", "warning": "!", "error": "×", None: " "}


def html_table(table: Table) -> str:
    """The table as an HTML element that scrolls sideways where it is wide; a folded one is closed at first."""
    right = _numeric(table)
    head = "".join(f"<th scope=col{_class(r)}>{escape(n)}</th>" for n, r in zip(table.columns, right, strict=True))
    rows = "".join(_row(table, i, right) for i in range(min(len(table), table.limit)))
    named = escape(table.caption or "table")
    caption = f"<caption>{named}</caption>" if table.caption and not table.folded else ""
    element = (
        f'<div class="ft-scroll" role="region" tabindex="0" aria-label="{named}"><table>{caption}'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>{_foot(table)}</div>"
    )
    return f'<details class="ft-fold"><summary>{named}</summary>{element}</details>' if table.folded else element


def _foot(table: Table) -> str:
    left = left_out(table)
    return f'<p class="ft-more">{left}</p>' if left else ""


def left_out(table: Table) -> str:
    """How many rows are not shown, in words; empty where all are."""
    more = len(table) - table.limit
    return f"… {more:,} more" if more > 0 else ""


def _class(right: bool, short: bool = False) -> str:
    return " class=ft-n" if right else " class=ft-s" if short else ""


def _row(table: Table, i: int, right: list[bool]) -> str:
    cells = [column[i] for column in table.columns.values()]
    level = table.levels[i] if table.levels else None
    mark = f' class="ft-{level}"' if level else ""
    return f"<tr{mark}>" + "".join(_td(c, r) for c, r in zip(cells, right, strict=True)) + "</tr>"


def _td(cell: Any, right: bool) -> str:
    whole = number(cell)
    short = whole if "\n" in whole and len(whole) < 400 else elide(whole, 4 * WIDEST)
    hint = f' title="{escape(whole)}"' if short != whole else ""
    unbroken = "\n" not in short and columns(short) <= SHORT
    return f"<td{_class(right, unbroken)}{hint}>{escape(short)}</td>"


def _numeric(table: Table) -> list[bool]:
    """Which columns hold numbers only, and are aligned at the right."""
    return [
        any(c is not None for c in column)
        and all(c is None or (isinstance(c, int | float) and not isinstance(c, bool)) for c in column)
        for column in table.columns.values()
    ]


def _grid(table: Table, limit: int, widest: int) -> list[list[str]]:
    """Head and first rows as short texts."""
    shown = min(len(table), table.limit, limit)
    body = [[elide(number(column[i]), widest) for column in table.columns.values()] for i in range(shown)]
    return [[elide(name, widest) for name in table.columns], *body]


def text_table(table: Table, limit: int = 30) -> str:
    """The table in columns of plain text; Chinese characters count as two columns."""
    grid, right = _grid(table, limit, WIDEST), _numeric(table)
    widths = [max(columns(row[c]) for row in grid) for c in range(len(table.columns))]
    lines = ["  ".join(_pad(*cell) for cell in zip(row, widths, right, strict=True)).rstrip() for row in grid]
    lines.insert(1, "  ".join("─" * w for w in widths))
    if table.levels:
        marks = [" ", " ", *(MARKS[level] for level in table.levels)]
        lines = [f"{mark} {line}" for mark, line in zip(marks, lines, strict=False)]
    more = len(table) - (len(grid) - 1)
    head = [visible(table.caption)] if table.caption else []
    return "\n".join(head + lines + ([f"… {more:,} more"] if more > 0 else []))


def _pad(text: str, width: int, right: bool) -> str:
    gap = " " * (width - columns(text))
    return gap + text if right else text + gap


def draw_table(table: Table, width: float, limit: int = 12) -> tuple[str, float]:
    """The table as a drawing of that width, and the height it takes."""
    grid, right = _grid(table, limit, 40), _numeric(table)
    widths = [max(columns(row[c]) for row in grid) * 6.9 + 18 for c in range(len(table.columns))]
    shrink = min(1.0, width / max(sum(widths), 1))
    step, top = 24, 22 if table.caption else 0
    parts = [label(0, 13, table.caption, 110)] if table.caption else []
    for r, row in enumerate(grid):
        y, x = top + r * step, 0.0
        level = table.levels[r - 1] if table.levels and r else None
        for c, cell in enumerate(row):
            room = widths[c] * shrink
            parts.append(_drawn(cell, x, y + 16, room, right[c], r == 0, level if c == 0 else None))
            x += room
        parts.append(tag("path", d=f"M0 {y + step}H{width:.0f}", stroke=ink("grid" if r else "rule")))
    more = len(table) - (len(grid) - 1)
    bottom = top + step * len(grid)
    if more > 0:
        parts.append(label(0, bottom + 16, f"… {more:,} more"))
    return "".join(parts), bottom + (22 if more > 0 else 0)


def _drawn(text: str, x: float, y: float, room: float, right: bool, head: bool, level: str | None) -> str:
    place = {"x": x + room - 18, "text_anchor": "end"} if right else {"x": x}
    colour = ink(level) if level else ink("soft" if head else "ink")
    limit = max(3, int((room - 14) / 6.6))
    return label(y=y, text=text, limit=limit, fill=colour, font_weight=600 if level or head else None, **place)
