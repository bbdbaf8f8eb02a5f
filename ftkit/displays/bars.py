"""Horizontal bars as SVG: labels left, values right.

Values with intervals are dots on whiskers instead, on a scale that need not begin at 0: of 0.972 [0.955, 0.985] a bar
would show nothing but that it is nearly 1.
"""

from __future__ import annotations

from ftkit.displays.alt import describe
from ftkit.displays.axes import Frame, bottom_axis, room, vertical_grid
from ftkit.displays.blocks import BarChart
from ftkit.displays.scale import Scale, domain
from ftkit.displays.svg import drawing, ink, label, tag
from ftkit.displays.text import elide, number

WIDTH = 480
STEP = 26  # from one bar to the next
LONGEST = 22  # columns of a label


def draw_bars(chart: BarChart, width: float = WIDTH) -> str:
    """The chart as an SVG element, as high as it has bars."""
    shown = min(len(chart.labels), chart.limit)
    frame = frame_of(chart, width)
    bottom = frame.bottom
    bars = [_bar(chart, i, frame) for i in range(shown)]
    left_out = len(chart.labels) - shown
    more = label(0, bottom + 17, f"… {left_out:,} more") if left_out else ""
    height = bottom + (40 if chart.x_title else 24)
    body = vertical_grid(frame) + "".join(bars) + bottom_axis(frame, chart.x_title, count=4) + more
    return drawing(body, width, height, describe(chart))


def frame_of(chart: BarChart, width: float = WIDTH) -> Frame:
    """Where the bars are drawn."""
    shown = min(len(chart.labels), chart.limit)
    known = [v for column in (chart.values, chart.low, chart.high) for v in (column or [])[:shown] if v is not None]
    low, high = chart.domain or domain(known, count=4, zero=chart.low is None)
    left = room([elide(t, LONGEST) for t in chart.labels[:shown]]) + 12
    right = width - 12 - room([words(chart, i) for i in range(shown)])
    return Frame(Scale(low, high, left, right), Scale(0, 1, 8 + STEP * shown, 4))


def words(chart: BarChart, i: int) -> str:
    """What stands beside the bar: its value and its interval."""
    low, high = _ends(chart, i)
    value = number(_short(chart.values[i]))
    return value if low is None or high is None else f"{value}  [{number(low)}, {number(high)}]"


def _short(value: float | None) -> float | int | None:
    """Counts are written as whole numbers."""
    return int(value) if value is not None and value == int(value) and abs(value) > 1 else value


def _ends(chart: BarChart, i: int) -> tuple[float | None, float | None]:
    return (chart.low[i] if chart.low else None), (chart.high[i] if chart.high else None)


def _bar(chart: BarChart, i: int, frame: Frame) -> str:
    y, value = 8 + STEP * i, chart.values[i]
    named = label(frame.left - 10, y + 13.5, chart.labels[i], LONGEST, text_anchor="end", fill=ink("ink"))
    said = label(frame.right + 10, y + 13.5, words(chart, i))
    if value is None:
        return named + said
    if chart.low is not None:
        return named + _whisker(frame, y + 9, value, *_ends(chart, i)) + said
    zero, end = frame.x(min(max(0.0, frame.x.low), frame.x.high)), frame.x(value)
    look = {"rx": 2, "fill": ink("1"), "fill_opacity": 0.85}
    return named + tag("rect", x=min(zero, end), y=y, width=max(abs(end - zero), 0.8), height=18, **look) + said


def _whisker(frame: Frame, y: float, value: float, low: float | None, high: float | None) -> str:
    """The interval as a line with ends, the value as a dot on it."""
    dot = tag("circle", cx=frame.x(value), cy=y, r=4.5, fill=ink("1"), stroke=ink("page"), stroke_width=1.5)
    if low is None or high is None:
        return dot
    a, b = frame.x(low), frame.x(high)
    ends = f"M{a:.1f} {y - 4}v8M{b:.1f} {y - 4}v8"
    band = tag("rect", x=a, y=y - 4, width=max(b - a, 0.5), height=8, fill=ink("1"), fill_opacity=0.22)
    return band + tag("path", d=f"M{a:.1f} {y}H{b:.1f}{ends}", stroke=ink("1"), stroke_width=1.6, fill="none") + dot
