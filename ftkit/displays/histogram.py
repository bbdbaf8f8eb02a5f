"""A histogram as SVG."""

from __future__ import annotations

from ftkit.displays.alt import describe
from ftkit.displays.axes import Frame, bottom_axis, horizontal_grid, side_title, tick_room
from ftkit.displays.blocks import Histogram
from ftkit.displays.scale import Scale, domain
from ftkit.displays.svg import drawing, ink, tag
from ftkit.displays.text import number

WIDTH, HEIGHT = 480, 300


def draw_histogram(chart: Histogram, width: float = WIDTH) -> str:
    """The chart as an SVG element."""
    frame = frame_of(chart, width)
    bars = [_bar(chart, i, frame) for i in range(len(chart.counts))]
    body = side_title(chart.y_title) + horizontal_grid(frame) + "".join(bars) + bottom_axis(frame, chart.x_title)
    return drawing(body, width, HEIGHT, describe(chart))


def frame_of(chart: Histogram, width: float = WIDTH) -> Frame:
    """Where the columns are drawn."""
    low, high = domain([c for c in chart.counts if c is not None], zero=True)
    y = Scale(low, high, HEIGHT - (42 if chart.x_title else 26), 24)
    start, end = (chart.edges[0], chart.edges[-1]) if len(chart.edges) > 1 else (0.0, 1.0)
    return Frame(Scale(start, end if end > start else start + 1, tick_room(y), width - 14), y)


def _bar(chart: Histogram, i: int, frame: Frame) -> str:
    count, low, high = chart.counts[i] or 0.0, chart.edges[i], chart.edges[i + 1]
    left, right, top = frame.x(low), frame.x(high), frame.y(count)
    hint = tag("title", f"{number(low)} to {number(high)}: {number(int(count))}")
    width = max(right - left - 1, 0.5)
    return tag("rect", hint, x=left, y=top, width=width, height=frame.bottom - top, fill=ink("1"), fill_opacity=0.75)
