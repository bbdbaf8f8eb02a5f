"""A line chart as SVG: direct labels at the ends of the lines, intervals as bands."""

from __future__ import annotations

from ftkit.displays.alt import describe
from ftkit.displays.axes import Frame, bottom_axis, horizontal_grid, room, side_title, tick_room
from ftkit.displays.blocks import Line, LineChart
from ftkit.displays.scale import Scale, domain
from ftkit.displays.svg import DASHES, SERIES, drawing, ink, marker, path, tag
from ftkit.displays.text import elide, escape, number

WIDTH = 480
NAMED = 12
Point = tuple[float, float] | None


def draw_lines(chart: LineChart, width: float = WIDTH) -> str:
    """The chart as an SVG element; every number in it comes from the block."""
    frame = frame_of(chart, width)
    whole = all(x is None or x == int(x) for s in chart.series for x in s.x)
    lines = [_line(s, i, frame) for i, s in enumerate(chart.series)]
    parts = [
        side_title(chart.y_title),
        horizontal_grid(frame),
        bottom_axis(frame, chart.x_title, whole=whole),
        *[_band(s, i, frame) for i, s in enumerate(chart.series)],
        *reversed(lines),
        _names(chart, frame),
    ]
    return drawing("".join(parts), width, chart.height, describe(chart))


def frame_of(chart: LineChart, width: float = WIDTH) -> Frame:
    """Where the lines are drawn."""
    xs = [x for s in chart.series for x in s.x if x is not None] or [0.0, 1.0]
    ys = [y for s in chart.series for column in (s.y, s.low, s.high) for y in column or () if y is not None]
    low, high = domain(ys, log=chart.log_y)
    y = Scale(low, high, chart.height - (42 if chart.x_title else 26), 24 if chart.y_title else 10, chart.log_y)
    right = width - 14 - room([_beside(s, chart.last) for s in chart.series[:NAMED]])
    start, end = min(xs), max(xs)
    pad = 0.0 if end > start else 0.5
    return Frame(Scale(start - pad, end + pad, tick_room(y), right), y)


def _beside(series: Line, last: bool) -> str:
    """What is written beside a line's end."""
    return f"{name_of(series)} {number(last_of(series))}" if last else name_of(series)


def name_of(series: Line) -> str:
    """The series' name, short enough to stand beside its line."""
    return elide(series.name, 16)


def last_of(series: Line) -> float | None:
    """The last value there is."""
    return next((y for y in reversed(series.y) if y is not None), None)


def _points(frame: Frame, xs: list[float | None], ys: list[float | None]) -> list[Point]:
    return [
        None if x is None or y is None or (frame.y.log and y <= 0) else (frame.x(x), frame.y(y))
        for x, y in zip(xs, ys, strict=True)
    ]


def _line(series: Line, index: int, frame: Frame) -> str:
    colour, points = ink(SERIES[index % 6]), _points(frame, series.x, series.y)
    look = {"fill": "none", "stroke": colour, "stroke_width": 2, "stroke_linejoin": "round"}
    line = tag("path", d=path(points), **look, stroke_dasharray=DASHES[index % 6] or None)
    marked = points if len(points) <= 25 else []
    return line + "".join(marker(index, *p, fill=colour, stroke=ink("page"), stroke_width=1) for p in marked if p)


def _band(series: Line, index: int, frame: Frame) -> str:
    if series.low is None or series.high is None:
        return ""
    low, high = _points(frame, series.x, series.low), _points(frame, series.x, series.high)
    both = [(a, b) for a, b in zip(low, high, strict=True) if a and b]
    if not both:
        return ""
    outline = path([b for _, b in both] + [a for a, _ in reversed(both)]) + "z"
    return tag("path", d=outline, fill=ink(SERIES[index % 6]), fill_opacity=0.16)


def ends(chart: LineChart, frame: Frame) -> list[tuple[int, float, float]]:
    """Series number, height of its last value, and height of its name: moved apart where names would meet."""
    raw = sorted((frame.y(y), i) for i, s in enumerate(chart.series[:NAMED]) if (y := last_of(s)) is not None)
    placed, floor = [], -1e9
    for y, _ in raw:
        floor = max(y, floor + 15, frame.top + 2)
        placed.append(floor)
    lift = max(0.0, floor - frame.bottom - 2)
    ceiling = 1e9
    for k in reversed(range(len(placed))):
        placed[k] = ceiling = min(placed[k], frame.bottom + 2 if lift else 1e9, ceiling - 15)
    return [(i, y, at) for (y, i), at in zip(raw, placed, strict=True)]


def _names(chart: LineChart, frame: Frame) -> str:
    """The name and last value of each line beside its end."""
    return "".join(_end(chart.series[i], i, frame.right + 8, at + 4, chart.last) for i, _, at in ends(chart, frame))


def _end(series: Line, i: int, x: float, y: float, last: bool) -> str:
    whole = tag("title", escape(series.name)) if name_of(series) != series.name else ""
    name = tag("tspan", escape(name_of(series)), fill=ink(SERIES[i % 6]), font_weight=600) if series.name else ""
    value = tag("tspan", f" {number(last_of(series))}", fill=ink("soft")) if last else ""
    return tag("text", whole + name + value, x=x, y=y, font_size=12)
