"""SVG as strings: the few elements a chart is made of, and the colours by name."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ftkit.displays.text import elide, escape, visible

# Colours stay names while drawing, so that one drawing fits light and dark pages; a picture file takes these.
LIGHT = {
    "ink": "#1c2128",
    "soft": "#57606a",
    "rule": "#d5dae0",
    "grid": "#e9ecef",
    "page": "#ffffff",
    "wash": "#f5f7f9",
    "on": "#ffffff",
    "1": "#0a6ebd",
    "2": "#cc4f14",
    "3": "#0a8467",
    "4": "#a2478c",
    "5": "#8f6400",
    "6": "#48515b",
    "info": "#0a6ebd",
    "warning": "#9a6700",
    "error": "#c0262d",
    "1-band": "rgba(10,110,189,.16)",
    "2-band": "rgba(204,79,20,.16)",
    "3-band": "rgba(10,132,103,.16)",
    "4-band": "rgba(162,71,140,.16)",
    "5-band": "rgba(143,100,0,.16)",
    "6-band": "rgba(72,81,91,.16)",
}
SERIES = ("1", "2", "3", "4", "5", "6")
DASHES = ("", "7 4", "2 3", "9 3 2 3", "12 4", "4 2")
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', 'Noto Sans CJK SC', sans-serif"


def ink(name: str) -> str:
    """The colour of that name, as a variable of the page."""
    return f"var(--ft-{name})"


def resolve(markup: str) -> str:
    """The drawing with every colour variable replaced by its light value: for picture files."""
    return re.sub(r"var\(--ft-([\w-]+)\)", lambda m: LIGHT[m[1]], markup)


def tag(name: str, body: str = "", /, **attributes: object) -> str:
    """One element; underscores in attribute names become hyphens, attributes of None are left out.

    Parameters
    ----------
    name : str
        The element's name.
    body : str
        What is within, already markup.
    **attributes : object
        Numbers are rounded to hundredths; text is escaped.

    Returns
    -------
    str

    Examples
    --------
    >>> tag("rect", x=1.005, stroke_width=2, fill=None)
    '<rect x="1" stroke-width="2"/>'
    """
    listed = "".join(
        f' {k.rstrip("_").replace("_", "-")}="{_value(v)}"' for k, v in attributes.items() if v is not None
    )
    return f"<{name}{listed}>{body}</{name}>" if body else f"<{name}{listed}/>"


def _value(value: object) -> str:
    if isinstance(value, int | float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return escape(value)


def label(x: float, y: float, text: object, limit: int = 60, **attributes: object) -> str:
    """One line of text; elided in its middle where it is long, with the whole text as its tooltip."""
    short, whole = elide(text, limit), visible(text)
    title = tag("title", escape(whole)) if short != whole else ""
    given: dict[str, object] = {"fill": ink("soft"), "font_size": 12, **attributes}
    return tag("text", escape(short) + title, x=x, y=y, **given)


def path(points: Iterable[tuple[float, float] | None]) -> str:
    """The ``d`` of a line through points; None leaves a gap."""
    parts, pen = [], "M"
    for point in points:
        if point is None:
            pen = "M"
            continue
        parts.append(f"{pen}{point[0]:.1f} {point[1]:.1f}")
        pen = "L"
    return "".join(parts)


def marker(shape: int, x: float, y: float, size: float = 3.2, **attributes: object) -> str:
    """The mark of a series: circle, square, diamond, triangle, in turn."""
    if shape % 4 == 0:
        return tag("circle", cx=x, cy=y, r=size, **attributes)
    corners = {
        1: "M-1 -1h2v2h-2z",
        2: "M0 -1.4L1.4 0L0 1.4L-1.4 0z",
        3: "M0 -1.4L1.2 .9h-2.4z",
    }
    place = f"translate({x:.1f} {y:.1f}) scale({size})"
    return tag("path", d=corners[shape % 4], transform=place, **attributes | {"stroke_width": 0.3})


def drawing(body: str, width: float, height: float, alt: str) -> str:
    """The whole drawing: scales with the page, named for those who cannot see it."""
    return tag(
        "svg",
        body,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {width:g} {height:g}",
        width=width,
        height=height,
        role="img",
        aria_label=alt,
        font_family=FONT,
    )


def resolve_all(value: object) -> object:
    """Any nesting of dicts and lists with every colour variable in it replaced by its light value."""
    if isinstance(value, dict):
        return {k: resolve_all(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [resolve_all(v) for v in value]
    return resolve(value) if isinstance(value, str) else value
