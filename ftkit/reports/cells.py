"""The cells of an executed notebook as the body of a page."""

from __future__ import annotations

from typing import Any

from ftkit.displays.text import escape
from ftkit.reports.asked import asked
from ftkit.reports.live import Live
from ftkit.reports.outputs import outputs
from ftkit.reports.prose import Outline, prose, take_title

HIDDEN_INPUT = {"hide-input", "hide_input", "remove-input", "remove_input"}
HIDDEN_OUTPUT = {"hide-output", "remove-output", "remove_output"}
HIDDEN_CELL = {"remove-cell", "remove_cell", "hide-cell"}


def body(notebook: dict[str, Any], outline: Outline, charts: Live) -> tuple[str, str]:
    """The notebook's title, where its first cell has one, and all cells as HTML.

    Parameters
    ----------
    notebook : dict
        nbformat 4.
    outline : Outline
        Takes the headings.
    charts : Live
        Takes the charts that can become interactive.

    Returns
    -------
    tuple of str
        ``(title, html)``.
    """
    cells = [c for c in notebook["cells"] if not tags(c) & HIDDEN_CELL]
    sources = [source(c) for c in cells]
    title = ""
    if cells and cells[0]["cell_type"] == "markdown":
        title, sources[0] = take_title(sources[0])
    outline.top = _top(cells, sources)
    asked_for = _asked(cells, sources)
    parts = [
        asked_for.get(i, "")
        if tags(cell) & {"parameters", "injected-parameters"}
        else _cell(cell, text, outline, charts)
        for i, (cell, text) in enumerate(zip(cells, sources, strict=True))
    ]
    return title, "\n".join(filter(None, parts))


def tags(cell: dict[str, Any]) -> set[str]:
    """The cell's tags."""
    return set(cell.get("metadata", {}).get("tags", []))


def source(cell: dict[str, Any]) -> str:
    """The cell's source as one text."""
    text = cell.get("source", "")
    return "".join(text) if isinstance(text, list) else text


def _top(cells: list[dict[str, Any]], sources: list[str]) -> int:
    """The highest level of heading there is, which becomes the page's second."""
    marks = [
        len(line) - len(line.lstrip("#"))
        for cell, text in zip(cells, sources, strict=True)
        if cell["cell_type"] == "markdown"
        for line in text.splitlines()
        if line.lstrip("#").startswith(" ") and line.startswith("#")
    ]
    return min(marks, default=2)


def _asked(cells: list[dict[str, Any]], sources: list[str]) -> dict[int, str]:
    """The table of parameters, at the place of the last cell that holds some."""
    places = {tag: i for i, cell in enumerate(cells) for tag in tags(cell) & {"parameters", "injected-parameters"}}
    if not places:
        return {}
    defaults, given = (sources[places[t]] if t in places else "" for t in ("parameters", "injected-parameters"))
    return {max(places.values()): asked(defaults, given)}


def _cell(cell: dict[str, Any], text: str, outline: Outline, charts: Live) -> str:
    if cell["cell_type"] == "markdown":
        words = prose(text, outline, cell.get("attachments"))
        return f'<div class="prose">{words}</div>' if words.strip() else ""
    if cell["cell_type"] != "code":
        return ""
    shown = "" if tags(cell) & HIDDEN_OUTPUT else outputs(cell.get("outputs", []), outline, charts)
    code = "" if tags(cell) & HIDDEN_INPUT or not text.strip() else _code(text)
    return f'<div class="cell">{code}{shown}</div>' if code or shown else ""


def _code(text: str) -> str:
    """The source, coloured, folded away."""
    from nbconvert.filters.highlight import Highlight2HTML

    try:
        coloured = Highlight2HTML()(text, metadata={})
    except Exception:  # no lexer for the language: the words are enough
        coloured = f"<pre>{escape(text)}</pre>"
    return f'<details class="fold code"><summary>Code</summary>{coloured}</details>'


def first_failure(notebook: dict[str, Any]) -> tuple[int, str] | None:
    """The number of the first cell that failed and its error, where one did."""
    for number, cell in enumerate(notebook["cells"], 1):
        for item in cell.get("outputs", []):
            if item["output_type"] == "error":
                return number, f"{item.get('ename', 'Error')}: {item.get('evalue', '')}"
    return None
