"""A display as plain text, for a terminal and for hosts that show nothing else."""

from __future__ import annotations

import textwrap

from ftkit.displays.alt import describe
from ftkit.displays.blocks import BarChart, Block, Chart, Gallery, Heatmap, Note, Paragraph, Table, Tiles, Verdicts
from ftkit.displays.heatmap import MOST, worst
from ftkit.displays.table import text_table
from ftkit.displays.text import columns, elide, number, plural, visible
from ftkit.displays.verdicts import text_verdicts

WIDTH = 100


def plain(title: str, blocks: list[Block]) -> str:
    """The display as lines of text.

    Parameters
    ----------
    title : str
        Its first line.
    blocks : list of blocks
        What is in it.

    Returns
    -------
    str
        Without escape sequences, whatever the data holds.
    """
    name = elide(title, WIDTH)
    head = [f"{name}\n{'═' * columns(name)}"] if title else []
    return "\n\n".join(head + [_block(b) for b in blocks])


def _block(block: Block) -> str:
    if isinstance(block, Heatmap) and len(block.labels) > MOST:
        return text_table(worst(block))
    if isinstance(block, BarChart):
        return _bars(block)
    if isinstance(block, Chart):
        return _wrap(describe(block))
    return OTHER[type(block)](block)


def _wrap(text: str, first: str = "") -> str:
    lines = visible(text).split("\n")
    return "\n".join(
        textwrap.fill(line, WIDTH, initial_indent=first, subsequent_indent=" " * len(first)) for line in lines
    )


def _paragraph(block: Paragraph) -> str:
    return _wrap(block.text)


def _note(block: Note) -> str:
    return _wrap(block.text, f"{block.level}: ")


def _tiles(block: Tiles) -> str:
    wide = max((columns(visible(t.label)) for t in block.tiles), default=0)
    return "\n".join(
        f"{visible(t.label)}{' ' * (wide - columns(visible(t.label)))}  {elide(t.value, 60)}"
        + (f"  ({elide(t.detail, 80)})" if t.detail else "")
        for t in block.tiles
    )


def _bars(block: BarChart) -> str:
    shown = range(min(len(block.labels), block.limit, 30))
    names = [elide(block.labels[i], 28) for i in shown]
    wide = max(map(columns, names), default=0)
    most = max((abs(v) for v in block.values if v is not None), default=0) or 1
    lines = [f"{n}{' ' * (wide - columns(n))}  {_bar(block, i, most)}" for i, n in zip(shown, names, strict=True)]
    more = len(block.labels) - len(shown)
    head = [visible(block.title)] if block.title else []
    return "\n".join(head + lines + ([f"… {more:,} more"] if more > 0 else []))


def _bar(block: BarChart, i: int, most: float) -> str:
    value = block.values[i]
    length = 0 if value is None else round(24 * abs(value) / most)
    low, high = (block.low or {i: None})[i], (block.high or {i: None})[i]
    between = "" if low is None or high is None else f" [{number(low)}, {number(high)}]"
    written = number(int(value) if value is not None and value == int(value) and abs(value) > 1 else value)
    return f"{'█' * length:<24}  {written}{between}"


def _gallery(block: Gallery) -> str:
    said = elide(block.title, 80) or "Pictures"
    captions = list(dict.fromkeys(elide(c.replace("\n", ", "), 40) for c in (block.groups or block.captions) if c))
    listed = ": " + ", ".join(captions[:8]) + (", …" if len(captions) > 8 else "") if captions else ""
    return f"{said} ({plural(len(block.pictures), 'picture')}){listed}"


OTHER = {
    Tiles: _tiles,
    Paragraph: _paragraph,
    Note: _note,
    Verdicts: text_verdicts,
    Table: text_table,
    Gallery: _gallery,
}
