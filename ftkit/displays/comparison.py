"""What a comparison of runs looks like: sentences, differences with their intervals, values side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftkit.displays.blocks import BarChart, Block, Note, Paragraph, Table
from ftkit.displays.display import Display
from ftkit.displays.text import elide, number
from ftkit.evaluate.difference import rounded

if TYPE_CHECKING:
    from ftkit.evaluate.difference import Difference
    from ftkit.runs import Comparison


def show_comparison(comparison: Comparison) -> Display:
    """Which run is better by how much, and where that cannot be told, how many rows it would take.

    Parameters
    ----------
    comparison : Comparison
        What ``ft.compare`` gave.

    Returns
    -------
    Display

    Examples
    --------
    >>> from ftkit.runs import Comparison
    >>> show_comparison(Comparison(("a", "b"), [], 10)).title
    'a and b compared'
    """
    blocks: list[Block] = [Paragraph(f"Judged by the same {comparison.rows:,} rows, row by row.")]
    blocks += [
        Note(sentence, "warning" if found.difference is None else "info")
        for (_, _, found), sentence in zip(comparison.pairs, comparison.sentences(), strict=True)
    ]
    blocks += [*_chart(comparison), _table(comparison), *[Paragraph(note) for note in comparison.notes]]
    return Display(f"{' and '.join(elide(name, 40) for name in comparison.names)} compared", blocks)


def _chart(comparison: Comparison) -> list[Block]:
    """Differences of shares with their intervals, so that 0 can be seen in or out."""
    shown = [(a, b, d) for a, b, d in comparison.pairs if d.points and d.difference is not None]
    if not shown:
        return []
    several = len(comparison.names) > 2
    labels = [f"{d.metric}: {b} − {a}" if several else d.metric for a, b, d in shown]
    values, low, high = ([100 * getattr(d, key) for _, _, d in shown] for key in ("difference", "low", "high"))
    a, b = comparison.names[0], comparison.names[-1]
    title = "Differences, with 95% intervals" if several else f"{elide(b, 30)} minus {elide(a, 30)}, with 95% intervals"
    ends = [*low, *high, 0.0]
    room = (max(ends) - min(ends)) * 0.05 or 1.0
    return [BarChart(labels, values, low, high, title, "points", (min(ends) - room, max(ends) + room))]


def _table(comparison: Comparison) -> Table:
    pairs = comparison.pairs
    names = {"A": [a for a, _, _ in pairs], "B": [b for _, b, _ in pairs]} if len(comparison.names) > 2 else {}
    a, b = ("A", "B") if names else (elide(name, 20) for name in comparison.names)
    return Table(
        {
            "metric": [d.metric for _, _, d in pairs],
            **names,
            f"of {a}": [d.a for _, _, d in pairs],
            f"of {b}": [d.b for _, _, d in pairs],
            "difference": [d.difference for _, _, d in pairs],
            "95% interval": [_ends(d) for _, _, d in pairs],
            "p": [None if d.p is None else ("< 0.0001" if d.p < 1e-4 else f"{d.p:.4f}") for _, _, d in pairs],
            "better": [{"a": a, "b": b}.get(d.better or "", "cannot be told") for a, b, d in pairs],
            "rows it takes": [None if d.needed is None else f"about {rounded(d.needed):,}" for _, _, d in pairs],
            "method": [d.method for _, _, d in pairs],
        },
        caption="Every pair and metric",
    )


def _ends(found: Difference) -> str:
    return "–" if found.low is None else f"{number(found.low)} to {number(found.high)}".replace(" ", "\u00a0")
