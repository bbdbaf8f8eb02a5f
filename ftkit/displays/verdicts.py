"""Verdicts: as a list on a page, as lines of text, as a drawing."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable

from ftkit.displays.blocks import Verdict, Verdicts
from ftkit.displays.svg import ink, label, tag
from ftkit.displays.text import columns, elide, escape, visible

MARKS = {"good": "✓", "look": "!", "bad": "×", "unknown": "?"}
INKS = {"good": "3", "look": "warning", "bad": "error", "unknown": "soft"}
WORDS = {"good": "good", "look": "look at it", "bad": "bad", "unknown": "not known"}
CODE = re.compile(r"(found\.propose\([^)]*\))")
SHORT = 320
WIDTH = 100
NAME = 16


def html_verdicts(block: Verdicts) -> str:
    """The verdicts as a list; marks differ by shape as well as by colour."""
    said = f"<figcaption>{escape(block.title)}</figcaption>" if block.title else ""
    items = "".join(map(_item, block.verdicts))
    return f'<figure class="ft-readiness">{said}<ul class="ft-verdicts">{items}</ul></figure>'


def _item(verdict: Verdict) -> str:
    name = f"{verdict.heading[:1].upper()}{verdict.heading[1:]}"
    mark = f'<span class="ft-mark" aria-hidden="true">{MARKS[verdict.verdict]}</span>'
    head = f'<h4>{mark}<span>{escape(name)}<span class="ft-only">: {WORDS[verdict.verdict]}</span></span></h4>'
    behind = " · ".join(text for text in (verdict.figures, verdict.rows and f"rows {verdict.rows}") if text)
    why = f'<p class="ft-why">{escape(elide(behind, SHORT))}</p>' if behind else ""
    advice = f'<p class="ft-why">→ {_with_code(verdict.next)}</p>' if verdict.next else ""
    body = f'<div><p class="ft-said">{escape(elide(verdict.sentence, SHORT))}</p>{why}{advice}</div>'
    return f'<li class="ft-{verdict.verdict}">{head}{body}</li>'


def _with_code(text: str) -> str:
    """The text with calls of ftkit set as code."""
    parts = CODE.split(elide(text, SHORT))
    return "".join(f"<code>{escape(p)}</code>" if i % 2 else escape(p) for i, p in enumerate(parts))


def text_verdicts(block: Verdicts) -> str:
    """The verdicts as lines of text."""
    lines = [visible(block.title)] if block.title else []
    for verdict in block.verdicts:
        name = elide(verdict.heading, NAME)
        first = f"{MARKS[verdict.verdict]} {name}{' ' * (NAME - columns(name))}"
        lines += _wrapped(visible(verdict.sentence), first)
        if verdict.next:
            lines += _wrapped(visible(verdict.next), " " * (NAME + 2) + "→ ")
    return "\n".join(lines)


def _wrapped(text: str, first: str) -> list[str]:
    rest = " " * (NAME + 2)
    return textwrap.wrap(text, WIDTH, initial_indent=first, subsequent_indent=rest) or [first.rstrip()]


def draw_verdicts(block: Verdicts, width: float, wrap: Callable[[str, float], list[str]]) -> tuple[str, float]:
    """The verdicts as a drawing of that width, and the height it takes."""
    y, parts = 24.0 if block.title else 0.0, []
    if block.title:
        parts.append(label(0, 13, block.title, 110, font_size=13, font_weight=600, fill=ink("ink")))
    for verdict in block.verdicts:
        colour = ink(INKS[verdict.verdict])
        parts.append(label(0, y + 16, MARKS[verdict.verdict], 2, font_weight=700, font_size=14, fill=colour))
        parts.append(label(18, y + 16, verdict.heading, NAME, font_weight=600, font_size=13, fill=ink("ink")))
        lines = wrap(verdict.sentence, width - 150)[:3]
        more = wrap(f"→ {verdict.next}", width - 150)[:2] if verdict.next else []
        for i, line in enumerate(lines + more):
            shade = ink("ink" if i < len(lines) else "soft")
            parts.append(label(140, y + 16 + 17 * i, line, 400, font_size=12.5, fill=shade))
        y += 17 * max(len(lines) + len(more), 1) + 12
        parts.append(tag("path", d=f"M0 {y - 1:.0f}H{width:.0f}", stroke=ink("grid")))
    return "".join(parts), y
