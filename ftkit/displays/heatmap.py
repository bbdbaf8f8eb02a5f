"""A confusion matrix as SVG: counts in the cells, shaded by their share of the true class.

Cells on the diagonal (right) and off it (wrong) have different hues, so that it reads without a legend. Above thirty
classes nobody reads a matrix: the worst confusions are listed instead.
"""

from __future__ import annotations

from ftkit.displays.alt import describe
from ftkit.displays.axes import room
from ftkit.displays.blocks import Heatmap, Table
from ftkit.displays.svg import drawing, ink, label, tag
from ftkit.displays.text import columns, elide, escape, percent

MOST = 30
LONGEST = 18


def draw_heatmap(chart: Heatmap) -> str:
    """The matrix as an SVG element; wider with more classes."""
    count = len(chart.labels)
    cell = max(27.0, min(46.0, 380 / max(count, 1)))
    names = [elide(t, LONGEST) for t in chart.labels]
    left, top = max(room(names) + 14, 46), _head(names, cell)
    slanted = _slanted(names, cell)
    cells = "".join(_row(chart, i, left, top, cell) for i in range(count))
    sides = "".join(_labels(chart.labels[i], i, left, top, cell, slanted) for i in range(count))
    beyond = max(6.0, room(names[-1:]) * 0.72 + 12 - cell / 2) if slanted else 6.0
    axes = label(left - 10, top - 8, "true", text_anchor="end") + label(left, 12, "predicted")
    body = axes + sides + _ground(left, top, cell, count) + cells
    return drawing(body, max(left + cell * count + beyond, 200), top + cell * count + 6, describe(chart))


def _ground(left: float, top: float, cell: float, count: int) -> str:
    """The empty matrix: one square, cut by lines of the page's colour."""
    side = cell * count
    lines = "".join(
        f"M{left + i * cell:g} {top:g}v{side:g}M{left:g} {top + i * cell:g}h{side:g}" for i in range(count + 1)
    )
    square = tag("rect", x=left, y=top, width=side, height=side, fill=ink("wash"))
    return square + tag("path", d=lines, stroke=ink("page"), fill="none")


def worst(chart: Heatmap, most: int = 20) -> Table:
    """The pairs of classes most often confused, as a table."""
    pairs = [(n, t, p) for t, row in enumerate(chart.counts) for p, n in enumerate(row) if t != p and n]
    pairs.sort(key=lambda pair: -pair[0])
    totals = [sum(row) for row in chart.counts]
    shown = pairs[:most]
    return Table(
        {
            "true": [chart.labels[t] for _, t, _ in shown],
            "predicted": [chart.labels[p] for _, _, p in shown],
            "rows": [n for n, _, _ in shown],
            "of the class": [percent(n / totals[t]) for n, t, _ in shown],
        },
        caption=f"{chart.title or 'Confusions'}: the {len(shown)} most frequent of {len(pairs):,} kinds of error",
    )


def _slanted(names: list[str], cell: float) -> bool:
    return max(map(columns, names), default=0) * 6.7 > cell - 2


def _head(names: list[str], cell: float) -> float:
    """The height of the labels on top: slanted where they are wider than a cell."""
    return 24 + room(names) * 0.72 + 6 if _slanted(names, cell) else 40


def _labels(text: str, i: int, left: float, top: float, cell: float, slanted: bool) -> str:
    middle = (i + 0.5) * cell
    side = label(left - 8, top + middle + 4, text, LONGEST, text_anchor="end", fill=ink("ink"))
    x, y = left + middle, top - 8
    if not slanted:
        return side + label(x, y, text, LONGEST, text_anchor="middle", fill=ink("ink"))
    turned = f"rotate(-45 {x:.1f} {y:.1f})"
    return side + label(x, y, text, LONGEST, transform=turned, fill=ink("ink"))


def _row(chart: Heatmap, true: int, left: float, top: float, cell: float) -> str:
    row = chart.counts[true]
    total = sum(row) or 1
    y = top + true * cell
    return "".join(_cell(chart, true, i, row[i] / total, left + i * cell, y, cell) for i in range(len(row)))


def _cell(chart: Heatmap, true: int, predicted: int, share: float, x: float, y: float, cell: float) -> str:
    count = chart.counts[true][predicted]
    if not count:
        return ""
    shade = share**0.5  # the eye should find one error in a hundred
    look = {"fill": ink("1" if true == predicted else "2"), "fill_opacity": max(shade, 0.08), "rx": 2}
    square = tag("rect", x=x + 0.5, y=y + 0.5, width=cell - 1, height=cell - 1, **look)
    words = f"{count:,}" if count < 100000 else f"{count / 1000:.0f}k"
    size = min(12.0, (cell - 4) / max(len(words), 2) * 1.7)
    fill = ink("on") if shade > 0.7 else ink("ink")
    written = label(x + cell / 2, y + cell / 2 + size * 0.36, words, font_size=size, text_anchor="middle", fill=fill)
    names = f"true {chart.labels[true]}, predicted {chart.labels[predicted]}: {count:,} rows, {percent(share)}"
    return tag("g", tag("title", escape(names)) + square + written)
