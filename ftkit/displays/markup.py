"""A display as static HTML: no script, no link, nothing fetched."""

from __future__ import annotations

import base64
from functools import cache
from importlib.resources import files
from itertools import groupby

from ftkit.displays.bars import draw_bars
from ftkit.displays.blocks import (
    BarChart,
    Block,
    Chart,
    Gallery,
    Heatmap,
    Histogram,
    LineChart,
    Note,
    Paragraph,
    Scatter,
    Table,
    Tile,
    Tiles,
    Verdicts,
)
from ftkit.displays.heatmap import MOST, draw_heatmap, worst
from ftkit.displays.histogram import draw_histogram
from ftkit.displays.lines import draw_lines
from ftkit.displays.scatter import draw_scatter
from ftkit.displays.table import html_table
from ftkit.displays.text import columns, elide, escape, visible
from ftkit.displays.verdicts import html_verdicts

DRAW = {
    LineChart: draw_lines,
    BarChart: draw_bars,
    Histogram: draw_histogram,
    Heatmap: draw_heatmap,
    Scatter: draw_scatter,
}


@cache
def stylesheet() -> str:
    """The one stylesheet of all displays, scoped by the class ``ftkit``."""
    return (files("ftkit.displays") / "style.css").read_text(encoding="utf-8")


def markup(title: str, blocks: list[Block], level: int = 3, live: dict[int, str] | None = None) -> str:
    """A display as an HTML section, without its stylesheet.

    Parameters
    ----------
    title : str
        Its heading; none when empty.
    blocks : list of blocks
        What is in it.
    level : int, default 3
        The heading's level, 1 to 6.
    live : dict of int to str, optional
        Position of a block to the id of its data on the page, for a page whose script makes charts interactive.

    Returns
    -------
    str
    """
    head = f'<h{level} class="ft-title">{escape(title)}</h{level}>' if title else ""
    parts = []
    for beside, run in groupby(enumerate(blocks), lambda item: _beside(item[1])):
        drawn = "".join(_block(block, (live or {}).get(i)) for i, block in run)
        parts.append(f'<div class="ft-row">{drawn}</div>' if beside else drawn)
    return f'<section class="ftkit">{head}{"".join(parts)}</section>'


def _beside(block: Block) -> bool:
    """Whether a block may stand beside its neighbours."""
    narrow = isinstance(block, Heatmap) and len(block.labels) <= 12
    return narrow or isinstance(block, LineChart | BarChart | Histogram | Scatter)


def _block(block: Block, live: str | None) -> str:
    if isinstance(block, Heatmap) and len(block.labels) > MOST:
        return html_table(worst(block))
    if isinstance(block, Chart):
        return _chart(block, live)
    return OTHER[type(block)](block)


def _chart(chart: Chart, live: str | None) -> str:
    said = f"<figcaption>{escape(chart.title)}</figcaption>" if chart.title else ""
    wide = " ft-wide" if not _beside(chart) else ""
    hook = f' data-live="{escape(live)}"' if live else ""
    return f'<figure class="ft-chart{wide}"{hook}>{said}<div class="ft-still">{DRAW[type(chart)](chart)}</div></figure>'


def _tiles(block: Tiles) -> str:
    return f'<dl class="ft-tiles">{"".join(map(_tile, block.tiles))}</dl>'


def _tile(tile: Tile) -> str:
    size = " class=ft-long" if columns(tile.value) > 12 else ""
    detail = f"<small>{_short(tile.detail, 160)}</small>" if tile.detail else ""
    return f"<div><dt>{_short(tile.label, 60)}</dt><dd{size}>{_short(tile.value, 60)}{detail}</dd></div>"


def _short(text: str, limit: int) -> str:
    short = elide(text, limit)
    return escape(short) if short == visible(text) else f'<span title="{escape(text)}">{escape(short)}</span>'


def _paragraph(block: Paragraph) -> str:
    return f'<p class="ft-text">{escape(block.text)}</p>'


def _note(block: Note) -> str:
    word = {"info": "Note", "warning": "Warning", "error": "Error"}[block.level]
    return f'<p class="ft-note ft-{block.level}"><b>{word}</b> {escape(block.text)}</p>'


def _gallery(block: Gallery) -> str:
    items = list(zip(block.pictures, block.captions, strict=True))
    if block.groups is None:
        body = f'<div class="ft-strip">{"".join(_picture(*item) for item in items)}</div>'
    else:
        named = groupby(zip(block.groups, items, strict=True), lambda pair: pair[0])
        wide = min(max(columns(elide(g, 26)) for g in block.groups), 14) if block.groups else 1
        groups = "".join(_group(n, [i for _, i in run]) for n, run in named)
        body = f'<div class="ft-groups" style="--ft-name:{wide}ch">{groups}</div>'
    said = f"<figcaption>{escape(block.title)}</figcaption>" if block.title else ""
    return f'<figure class="ft-gallery">{said}{body}</figure>'


def _group(name: str, items: list[tuple[bytes, str]]) -> str:
    pictures = "".join(_picture(picture, caption) for picture, caption in items)
    head = f'<span class="ft-name">{_short(name, 26)}</span>'
    return f'<div class="ft-group">{head}<div class="ft-strip">{pictures}</div></div>'


def _picture(picture: bytes, caption: str) -> str:
    source = base64.b64encode(picture).decode("ascii")
    under = "".join(f"<span>{_short(line, 26)}</span>" for line in caption.split("\n") if line)
    words = f'<span class="ft-under">{under}</span>' if under else ""
    image = f'<img alt="{escape(caption or "row")}" src="data:image/png;base64,{source}">'
    return f'<span class="ft-picture">{image}{words}</span>'


OTHER = {
    Tiles: _tiles,
    Paragraph: _paragraph,
    Note: _note,
    Verdicts: html_verdicts,
    Table: html_table,
    Gallery: _gallery,
}
