"""The outputs of a cell as HTML: ftkit's own displays drawn anew, everything else made harmless."""

from __future__ import annotations

import json
from typing import Any

from ftkit.displays.blocks import Chart
from ftkit.displays.display import MIME, Display
from ftkit.displays.interactive import figure_of, live
from ftkit.displays.markup import markup
from ftkit.displays.svg import FONT, SERIES, ink
from ftkit.displays.text import escape
from ftkit.errors import DataError
from ftkit.reports.foreign import still
from ftkit.reports.live import Live
from ftkit.reports.prose import Outline, prose
from ftkit.reports.sanitize import picture, sanitize
from ftkit.reports.streams import settle, shorten

PLOTLY = "application/vnd.plotly.v1+json"
WIDGET = "application/vnd.jupyter.widget-view+json"
PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp", "image/svg+xml")

# Figures that others made take the page's colours, light and dark, instead of plotly's own template.
AXIS = {"gridcolor": ink("grid"), "linecolor": ink("rule"), "zerolinecolor": ink("rule"), "automargin": True}
TEMPLATE = {"layout": {"colorway": [ink(name) for name in SERIES], "xaxis": AXIS, "yaxis": AXIS}}
CLEAR = "rgba(0,0,0,0)"
HOUSE = {
    "height": 380,
    "font": {"family": FONT, "size": 12, "color": ink("soft")},
    "paper_bgcolor": CLEAR,
    "plot_bgcolor": CLEAR,
    "margin": {"l": 48, "r": 16, "t": 48, "b": 44},
}


def outputs(items: list[dict[str, Any]], outline: Outline, charts: Live) -> str:
    """All outputs of one cell.

    Parameters
    ----------
    items : list of dict
        Outputs of nbformat 4.
    outline : Outline
        Where on the page they stand.
    charts : Live
        Takes the charts that can become interactive.

    Returns
    -------
    str
    """
    return "".join(_output(item, outline, charts) for item in _merged(items))


def _merged(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Pieces of one stream, which a kernel sends as they come, as one."""
    merged: list[dict[str, Any]] = []
    for item in items:
        before = merged[-1] if merged else {}
        if item["output_type"] == "stream" == before.get("output_type") and item["name"] == before["name"]:
            merged[-1] = {**before, "text": _text(before["text"]) + _text(item["text"])}
        else:
            merged.append(item)
    return merged


def _text(value: Any) -> str:
    return "".join(value) if isinstance(value, list) else str(value)


def _output(item: dict[str, Any], outline: Outline, charts: Live) -> str:
    if item["output_type"] == "stream":
        return stream(_text(item["text"]), item.get("name") == "stderr")
    if item["output_type"] == "error":
        return failure(item)
    return data(item.get("data", {}), outline, charts)


def stream(text: str, aside: bool) -> str:
    """What was printed; what went to stderr is folded away."""
    settled = shorten(settle(text)).strip("\n")
    if not settled:
        return ""
    printed = f'<pre class="stream" tabindex="0">{escape(settled)}</pre>'
    return f'<details class="fold"><summary>Log</summary>{printed}</details>' if aside else printed


def failure(item: dict[str, Any]) -> str:
    """An error: its sentence, and the traceback for those who want it."""
    sentence = settle(f"{item.get('ename', 'Error')}: {item.get('evalue', '')}").strip().removesuffix(":")
    trace = settle("\n".join(map(str, item.get("traceback", [])))).strip("\n")
    more = f'<details class="fold"><summary>Traceback</summary><pre tabindex="0">{escape(trace)}</pre></details>'
    return f'<div class="failure" role="note"><p>{escape(sentence)}</p>{more if trace else ""}</div>'


def data(bundle: dict[str, Any], outline: Outline, charts: Live) -> str:
    """The best form of an output that can be shown without a kernel."""
    if MIME in bundle:
        try:
            return display(Display.from_spec(_json(bundle[MIME])), outline, charts)
        except DataError:
            pass  # another version made it: its other forms are shown
    if PLOTLY in bundle:
        return plotly(_json(bundle[PLOTLY]), bundle, charts)
    if "text/html" in bundle and (clean := sanitize(_text(bundle["text/html"])).strip()):
        return f'<div class="foreign">{clean}</div>'
    for mime in PICTURES:
        if mime in bundle:
            return _image(mime, _text(bundle[mime]), _text(bundle.get("text/plain", "picture")))
    if "text/markdown" in bundle:
        return f'<div class="prose">{prose(_text(bundle["text/markdown"]), outline)}</div>'
    return plain(bundle)


def _json(value: Any) -> Any:
    """The value of a JSON output, which some writers store as text."""
    if isinstance(value, str | list):
        try:
            return json.loads(_text(value))
        except ValueError:
            return {}
    return value


def display(shown: Display, outline: Outline, charts: Live) -> str:
    """A display of ftkit, drawn from its data; its charts can become interactive."""
    title = "" if shown.title.casefold() == outline.text.casefold() else shown.title
    hooks = {i: charts.add(figure_of(b)) for i, b in enumerate(shown.blocks) if isinstance(b, Chart) and live(b)}
    return markup(title, shown.blocks, min(outline.level + 1, 6), hooks)


def plotly(figure: Any, bundle: dict[str, Any], charts: Live) -> str:
    """A figure of plotly: its picture, or one drawn from its data, until the script runs."""
    if not isinstance(figure, dict):
        return plain(bundle)
    shown = next((_image(m, _text(bundle[m]), "chart") for m in PICTURES if m in bundle), None) or still(figure)
    layout = figure.get("layout") if isinstance(figure.get("layout"), dict) else {}
    hook = charts.add({"data": figure.get("data"), "layout": HOUSE | layout | {"template": TEMPLATE}})
    body = f'<div class="ft-still">{shown}</div>'
    return (
        f'<section class="ftkit"><figure class="ft-chart" data-foreign="1" data-live="{hook}">{body}</figure></section>'
    )


def _image(mime: str, content: str, said: str) -> str:
    try:
        return f'<img class="picture" alt="{escape(settle(said)[:200])}" src="{picture(mime, content)}">'
    except ValueError as error:
        return f'<p class="aside">{escape(error)}</p>'


def plain(bundle: dict[str, Any]) -> str:
    """An output as text; a widget says that it was one."""
    text = shorten(settle(_text(bundle.get("text/plain", "")))).strip("\n")
    words = f'<pre class="stream" tabindex="0">{escape(text)}</pre>' if text else ""
    if WIDGET in bundle:
        return f'{words}<p class="aside">This was a live control; it works in JupyterLab, in the notebook.</p>'
    return words
