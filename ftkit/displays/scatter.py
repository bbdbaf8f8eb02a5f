"""True against predicted numbers as SVG, with the diagonal on which they agree."""

from __future__ import annotations

from ftkit.displays.alt import describe
from ftkit.displays.axes import Frame, bottom_axis, horizontal_grid, side_title, tick_room
from ftkit.displays.blocks import Scatter
from ftkit.displays.scale import Scale, domain
from ftkit.displays.svg import drawing, ink, label, tag

WIDTH, HEIGHT = 480, 300


def draw_scatter(chart: Scatter, width: float = WIDTH) -> str:
    """The chart as an SVG element; both axes have the same ends."""
    frame = frame_of(chart, width)
    # One path of zero-length strokes with round ends: a dot each, a tenth of the size of circles.
    dots = "".join(
        f"M{frame.x(a):.1f} {frame.y(b):.1f}h0"
        for a, b in zip(chart.x, chart.y, strict=True)
        if a is not None and b is not None
    )
    cloud = tag(
        "path", d=dots, stroke=ink("1"), stroke_width=4.4, stroke_linecap="round", stroke_opacity=_opacity(chart)
    )
    body = side_title(chart.y_title) + horizontal_grid(frame) + bottom_axis(frame, chart.x_title) + cloud
    return drawing(body + _diagonal(frame), width, HEIGHT, describe(chart))


def frame_of(chart: Scatter, width: float = WIDTH) -> Frame:
    """Where the points are drawn."""
    low, high = domain([v for v in (*chart.x, *chart.y) if v is not None])
    y = Scale(low, high, HEIGHT - 42, 24)
    return Frame(Scale(low, high, tick_room(y), width - 14), y)


def _opacity(chart: Scatter) -> float:
    return 0.75 if len(chart.x) < 200 else 0.4


def _diagonal(frame: Frame) -> str:
    line = f"M{frame.left:.1f} {frame.bottom:.1f}L{frame.right:.1f} {frame.top:.1f}"
    return tag("path", d=line, stroke=ink("2"), stroke_width=1.4, stroke_dasharray="6 4", fill="none") + label(
        frame.right - 4, frame.top + 34, "predicted = true", text_anchor="end", fill=ink("2")
    )
