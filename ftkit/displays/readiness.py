"""The readiness report: is the data good enough, heading by heading."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ftkit.displays.blocks import Verdict, Verdicts
from ftkit.displays.display import Display
from ftkit.displays.text import elide, percent, plural
from ftkit.language import say, word

if TYPE_CHECKING:
    from ftkit.quality import Inspection

WORDS = {"good": "good", "look": "to look at", "bad": "bad", "unknown": "not known"}


def show_readiness(inspection: Inspection) -> Display:
    """The verdict under each heading, the figures behind it, rows to look at and what to do.

    Parameters
    ----------
    inspection : Inspection
        What ``ftkit.inspect`` gave.

    Returns
    -------
    Display
    """
    return Display(f"{inspection.view.name}: is it good enough?", [verdicts(inspection)])


def verdicts(inspection: Inspection) -> Verdicts:
    """The readiness report as a block."""
    told = inspection.readiness()
    names = [v.verdict for v in told]
    counted = ", ".join(f"{names.count(name)} {word}" for name, word in WORDS.items() if name in names)
    return Verdicts([_card(v) for v in told], f"Is it good enough? {counted}")


def _card(told: Any) -> Verdict:
    rows = ", ".join(elide(row, 32) for row in told.rows[:3])
    more = ", …" if len(told.rows) > 3 else ""
    shown = told.verdict in ("look", "bad") or (told.verdict == "good" and told.rows)
    heading, sentence, advice = word("heading", told.heading), say(told.sentence), say(told.next)
    behind = f"{rows}{more}" if shown and rows else ""
    return Verdict(heading, told.verdict, sentence, figures(told), behind, advice)


def figures(told: Any) -> str:
    """The figures of a verdict in words, those that say nothing left out."""
    known = dict(told.figures)
    parts = []
    if told.heading == "size" or known.get("rows"):
        share = f" ({percent(known['share'])})" if known.get("share") else ""
        parts.append(f"{plural(known.pop('rows'), 'row')}{share}")
    for name, value in known.items():
        if name in ("rows", "share", "checks", "worth") or value in (0, None, ""):
            continue
        shown = f"{value:,}" if isinstance(value, int) else f"{value:.3g}" if isinstance(value, float) else str(value)
        counted = name in ("cells", "classes")
        parts.append(f"{shown} {name}" if counted else f"{name.replace('_', ' ')} {shown}")
    return " · ".join(parts)
