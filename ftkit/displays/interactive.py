"""Charts as plotly figures in plain dicts: plotly itself is not needed to make them.

Colours are the page's variables (``var(--ft-1)``): the page's script, or ``resolve_all``, puts the values in. All text
is escaped, because plotly reads its text as markup.
"""

from __future__ import annotations

import math
from functools import cache
from importlib.resources import files
from typing import Any

from ftkit.displays import bars, histogram, lines, scatter
from ftkit.displays.axes import Frame
from ftkit.displays.blocks import BarChart, Chart, Heatmap, Histogram, Line, LineChart, Scatter, Table
from ftkit.displays.heatmap import MOST
from ftkit.displays.scale import Scale
from ftkit.displays.svg import FONT, SERIES, ink
from ftkit.displays.text import elide, escape, number

DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
MARKS = ("circle", "square", "diamond", "triangle-up")
Figure = dict[str, Any]


def figure_of(chart: Chart) -> Figure:
    """The chart as ``{"data": […], "layout": {…}}`` for plotly."""
    made = {LineChart: _lines, BarChart: _bars, Histogram: _histogram, Heatmap: _heatmap, Scatter: _scatter}
    return made[type(chart)](chart)


def live(chart: Chart) -> bool:
    """Whether a chart gains from being interactive; a matrix and a table read better as they are."""
    return not isinstance(chart, Heatmap)


@cache
def plotly_source() -> str:
    """The script of plotly that comes with its Python package."""
    return (files("plotly") / "package_data" / "plotly.min.js").read_text(encoding="utf-8")


def columns_of(block: Chart | Table) -> dict[str, list[Any]]:
    """The block's data in columns of one length."""
    if isinstance(block, Table):
        return block.columns
    if isinstance(block, LineChart):
        rows = [(s.name, x, y) for s in block.series for x, y in zip(s.x, s.y, strict=True)]
        return {n: [row[i] for row in rows] for i, n in enumerate(("series", "x", "y"))}
    if isinstance(block, BarChart):
        ends = {n: v for n, v in (("low", block.low), ("high", block.high)) if v is not None}
        return {"label": block.labels, "value": block.values, **ends}
    if isinstance(block, Histogram):
        return {"from": block.edges[:-1], "to": block.edges[1:], "count": block.counts}
    if isinstance(block, Heatmap):
        return {"true": block.labels, **{n: [row[i] for row in block.counts] for i, n in enumerate(block.labels)}}
    return {"true": block.x, "predicted": block.y}


def _layout(frame: Frame, chart: Chart, width: float, height: float) -> Figure:
    """The look of the still picture: its margins, its grid, its titles."""
    margin = {"l": frame.left, "r": width - frame.right, "t": frame.top, "b": height - frame.bottom, "pad": 0}
    axis = {"gridcolor": ink("grid"), "linecolor": ink("rule"), "zeroline": False, "exponentformat": "none"}
    kind = {"ticklabelstandoff": 6, "type": "log" if frame.y.log else "linear"}
    ticks = {"ticks": "outside", "ticklen": 4, "tickcolor": ink("rule"), "showline": True}
    x_title, y_title = (getattr(chart, name, "") for name in ("x_title", "y_title"))
    return {
        "font": {"family": FONT, "size": 12, "color": ink("soft")},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "margin": margin,
        "height": height,
        "hoverlabel": {"bgcolor": ink("page"), "bordercolor": ink("rule"), "font": {"color": ink("ink"), "size": 12}},
        "showlegend": False,
        "xaxis": axis
        | ticks
        | _ticks(frame.x, len(frame.x.ticks()) + 1)
        | {"showgrid": False, "title": _title(x_title)},
        "yaxis": axis | _ticks(frame.y, len(frame.y.ticks())) | kind,
        "annotations": [_side_title(y_title, frame)] if y_title else [],
    }


def _ticks(scale: Scale, count: int) -> Figure:
    """As many ticks as the still picture has, written as there."""
    large = max(abs(scale.low), abs(scale.high)) >= 1e4
    return {"range": _range(scale), "nticks": count} | ({"tickformat": "~s"} if large else {})


def _range(scale: Scale) -> list[float]:
    ends = [scale.low, scale.high]
    return [math.log10(v) for v in ends] if scale.log else ends


def _title(text: str) -> Figure:
    return {"text": escape(elide(text, 60)), "standoff": 4, "font": {"size": 12}}


def _side_title(text: str, frame: Frame) -> Figure:
    return _said(escape(elide(text, 60)), 0, 1, xshift=-frame.left, yshift=16)


def _said(text: str, x: float, y: float, **place: Any) -> Figure:
    """Words at a place of the drawing."""
    fixed = {"xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "middle", "showarrow": False}
    return fixed | {"text": text, "x": x, "y": y, "align": "left"} | place


def _lines(chart: LineChart) -> Figure:
    frame = lines.frame_of(chart)
    traces = [trace for i, s in enumerate(chart.series) for trace in (*_band(s, i), _line(s, i))]
    layout = _layout(frame, chart, lines.WIDTH, chart.height) | {"hovermode": "x unified"}
    for i, raw, at in lines.ends(chart, frame):
        series, share = chart.series[i], (frame.bottom - raw) / (frame.bottom - frame.top)
        value = f" {number(lines.last_of(series))}" if chart.last else ""
        text = f"<b>{escape(lines.name_of(series))}</b>{value}".replace("<b></b> ", "")
        layout["annotations"].append(
            _said(text, 1, share, xshift=5, yshift=raw - at, font={"color": ink(SERIES[i % 6])})
        )
    return {"data": traces, "layout": layout}


def _line(series: Line, i: int) -> Figure:
    few = len(series.x) <= 25
    return {
        "type": "scatter",
        "name": escape(elide(series.name, 40)),
        "x": series.x,
        "y": series.y,
        "mode": "lines+markers" if few else "lines",
        "line": {"color": ink(SERIES[i % 6]), "width": 2, "dash": DASHES[i % 6]},
        "marker": {"symbol": MARKS[i % 4], "size": 6},
        "cliponaxis": False,
        "hovertemplate": "%{y:.4~g}",
    }


def _band(series: Line, i: int) -> list[Figure]:
    if series.low is None or series.high is None:
        return []
    edge = {"type": "scatter", "x": series.x, "mode": "lines", "line": {"width": 0}, "hoverinfo": "skip"}
    shade = {"fill": "tonexty", "fillcolor": ink(f"{SERIES[i % 6]}-band"), "showlegend": False}
    return [edge | {"y": series.low, "showlegend": False}, edge | {"y": series.high} | shade]


def _bars(chart: BarChart) -> Figure:
    frame, shown = bars.frame_of(chart), min(len(chart.labels), chart.limit)
    names, places = [escape(elide(n, bars.LONGEST)) for n in chart.labels[:shown]], list(range(shown))
    trace: Figure = {
        "x": chart.values[:shown],
        "y": places,
        "text": [escape(elide(n, 80)) for n in chart.labels[:shown]],
        "hovertemplate": "%{text}: %{x:.4~g}<extra></extra>",
    }
    if chart.low is None or chart.high is None:
        trace |= {
            "type": "bar",
            "orientation": "h",
            "marker": {"color": ink("1"), "opacity": 0.85},
            "textposition": "none",
        }
    else:
        trace |= {"type": "scatter", "mode": "markers", "marker": {"color": ink("1"), "size": 9}, "cliponaxis": False}
        trace["error_x"] = _errors(chart.values[:shown], chart.low[:shown], chart.high[:shown])
    layout = _layout(frame, chart, bars.WIDTH, frame.bottom + (40 if chart.x_title else 24)) | {"bargap": 0.3}
    layout["xaxis"] |= {"showgrid": True}
    layout["yaxis"] |= {"range": [shown - 0.5, -0.5], "tickvals": places, "ticktext": names, "showgrid": False}
    layout["yaxis"] |= {"tickfont": {"color": ink("ink")}}
    layout["annotations"] = [_said(bars.words(chart, i), 1, i, yref="y", xshift=7) for i in places]
    return {"data": [trace], "layout": layout}


def _errors(values: list[Any], low: list[Any], high: list[Any]) -> Figure:
    up = [None if h is None or v is None else h - v for v, h in zip(values, high, strict=True)]
    down = [None if a is None or v is None else v - a for v, a in zip(values, low, strict=True)]
    ends = {"type": "data", "symmetric": False, "array": up, "arrayminus": down}
    return ends | {"color": ink("1"), "thickness": 1.6, "width": 4}


def _histogram(chart: Histogram) -> Figure:
    pairs = list(zip(chart.edges, chart.edges[1:], strict=False))
    trace = {
        "type": "bar",
        "x": [(a + b) / 2 for a, b in pairs],
        "width": [(b - a) * 0.96 for a, b in pairs],
        "y": chart.counts,
        "marker": {"color": ink("1"), "opacity": 0.75},
        "customdata": [[a, b] for a, b in pairs],
        "hovertemplate": "%{customdata[0]:.4~g} to %{customdata[1]:.4~g}: %{y}<extra></extra>",
    }
    frame = histogram.frame_of(chart)
    return {"data": [trace], "layout": _layout(frame, chart, histogram.WIDTH, histogram.HEIGHT) | {"bargap": 0}}


def _scatter(chart: Scatter) -> Figure:
    frame = scatter.frame_of(chart)
    dots = {"type": "scatter", "mode": "markers", "x": chart.x, "y": chart.y}
    dots |= {"marker": {"color": ink("1"), "size": 5, "opacity": 0.45}}
    dots |= {"hovertemplate": "true %{x:.4~g}, predicted %{y:.4~g}<extra></extra>"}
    ends = [frame.x.low, frame.x.high]
    line = {"type": "scatter", "mode": "lines", "x": ends, "y": ends, "hoverinfo": "skip"}
    line |= {"line": {"color": ink("2"), "width": 1.4, "dash": "dash"}}
    layout = _layout(frame, chart, scatter.WIDTH, scatter.HEIGHT) | {"hovermode": "closest"}
    return {"data": [dots, line], "layout": layout}


def _heatmap(chart: Heatmap) -> Figure:
    names = [escape(elide(n, 28)) for n in chart.labels]
    shares = [[n / (sum(row) or 1) for n in row] for row in chart.counts]
    places = list(range(len(names)))
    trace = {
        "type": "heatmap",
        "x": places,
        "y": places,
        "z": shares,
        "text": chart.counts,
        "texttemplate": "%{text}" if len(names) <= MOST else "",
        "colorscale": [[0, ink("page")], [1, ink("1")]],
        "showscale": False,
        "hovertemplate": "true %{y}, predicted %{x}: %{text}<extra></extra>",
    }
    axis = {"tickvals": places, "ticktext": names, "automargin": True}
    axes = {"xaxis": axis | {"title": {"text": "predicted"}}, "yaxis": axis | {"autorange": "reversed"}}
    return {"data": [trace], "layout": {"height": 30 * len(names) + 80} | axes}
