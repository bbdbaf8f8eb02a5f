"""Other people's plotly figures as still pictures, where their data is simple enough to be drawn from."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np

from ftkit.displays.blocks import BarChart, Histogram, Line, LineChart
from ftkit.displays.markup import DRAW
from ftkit.displays.text import escape
from ftkit.errors import DataError


def still(figure: dict[str, Any]) -> str:
    """A plotly figure as SVG; a sentence where it cannot be drawn.

    Parameters
    ----------
    figure : dict
        ``{"data", "layout"}`` as plotly writes it.

    Returns
    -------
    str
    """
    try:
        chart = _chart(figure)
        return DRAW[type(chart)](chart)
    except (KeyError, TypeError, ValueError, IndexError, DataError, OverflowError, AttributeError):
        title = _words((figure.get("layout") or {}).get("title")) if isinstance(figure.get("layout"), dict) else ""
        named = f" “{escape(title)}”" if title else ""
        return f'<p class="aside">An interactive chart{named}: it shows where the page may run its script.</p>'


def _words(value: Any) -> str:
    return str(value.get("text", "")) if isinstance(value, dict) else str(value or "")


def _chart(figure: dict[str, Any]) -> LineChart | BarChart | Histogram:
    traces, layout = figure["data"], figure.get("layout") or {}
    titles = {axis: _words((layout.get(axis) or {}).get("title")) for axis in ("xaxis", "yaxis")}
    kinds = {t.get("type", "scatter") for t in traces}
    if kinds <= {"scatter", "scattergl"}:
        return LineChart([_line(t) for t in traces], titles["xaxis"], titles["yaxis"])
    if kinds == {"histogram"} and len(traces) == 1:
        counts, edges = np.histogram(np.array(_values(traces[0]["x"]), dtype=float), bins=30)
        return Histogram(edges, counts, x_title=titles["xaxis"])
    if kinds == {"bar"} and len(traces) == 1:
        names, values = ("y", "x") if traces[0].get("orientation") == "h" else ("x", "y")
        return BarChart(_values(traces[0][names]), _values(traces[0][values]))
    raise DataError(f"a figure of {', '.join(sorted(kinds))} is not drawn here.")


def _line(trace: dict[str, Any]) -> Line:
    y = _values(trace["y"])
    if "lines" not in trace.get("mode", "lines"):
        raise DataError("points are not drawn here.")
    return Line(trace.get("name", ""), _values(trace["x"]) if "x" in trace else list(range(len(y))), y)


def _values(column: Any) -> list[Any]:
    """A column, which plotly may have packed as base64."""
    if isinstance(column, dict):
        return np.frombuffer(base64.b64decode(column["bdata"]), dtype=np.dtype(column["dtype"])).tolist()
    return list(column)
