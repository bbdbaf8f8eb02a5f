"""A display as one picture, for hosts that show nothing else of a notebook's output."""

from __future__ import annotations

import base64
from functools import cache

from ftkit.displays.blocks import Block, Chart, Gallery, Heatmap, Note, Paragraph, Table, Tiles, Verdicts
from ftkit.displays.heatmap import MOST, worst
from ftkit.displays.markup import DRAW
from ftkit.displays.svg import LIGHT, drawing, ink, label, resolve, tag
from ftkit.displays.table import draw_table
from ftkit.displays.text import columns, elide, visible
from ftkit.displays.verdicts import draw_verdicts

GAP, EDGE = 18, 20
Drawn = tuple[str, float]


def picture(title: str, blocks: list[Block], width: int = 840, zoom: float = 1.5) -> bytes:
    """The display as PNG bytes, light."""
    import resvg_py

    return bytes(resvg_py.svg_to_bytes(svg_string=compose(title, blocks, width), zoom=zoom, background=LIGHT["page"],
                                       font_family=_family()))  # fmt: skip


@cache
def _family() -> str:
    return "DejaVu Sans"


def compose(title: str, blocks: list[Block], width: float = 840) -> str:
    """The display as one SVG element with fixed colours."""
    inner, y, parts = width - 2 * EDGE, float(EDGE), []
    if title:
        parts.append(label(EDGE, y + 16, title, 80, font_size=18, font_weight=600, fill=ink("ink")))
        y += 34
    for row in _rows(blocks):
        drawn = [_draw(b, (inner - 24) / 2 if len(row) == 2 else inner) for b in row]
        for i, (body, _) in enumerate(drawn):
            parts.append(tag("g", body, transform=f"translate({EDGE + i * (inner + 24) / 2:.1f} {y:.1f})"))
        y += max(height for _, height in drawn) + GAP
    return resolve(drawing("".join(parts), width, y, title))


def _rows(blocks: list[Block]) -> list[list[Block]]:
    """Charts two by two, everything else alone."""
    rows: list[list[Block]] = []
    for block in blocks:
        small = _small(block)
        if (
            small
            and rows
            and len(rows[-1]) == 1
            and isinstance(rows[-1][0], Chart)
            and not isinstance(rows[-1][0], Heatmap)
        ):
            rows[-1].append(block)
        else:
            rows.append([block])
    return rows


def _small(block: Block) -> bool:
    return isinstance(block, Chart) and not isinstance(block, Heatmap)


def _draw(block: Block, width: float) -> Drawn:
    if isinstance(block, Heatmap) and len(block.labels) > MOST:
        return draw_table(worst(block), width)
    if isinstance(block, Chart):
        return _chart(block, width)
    if isinstance(block, Table):
        return draw_table(block, width)
    if isinstance(block, Verdicts):
        return draw_verdicts(block, width, _wrapped)
    return {Tiles: _tiles, Paragraph: _paragraph, Note: _note, Gallery: _gallery}[type(block)](block, width)


def _chart(chart: Chart, width: float) -> Drawn:
    markup = DRAW[type(chart)](chart) if isinstance(chart, Heatmap) else DRAW[type(chart)](chart, min(width, 560))
    size = markup.split('viewBox="0 0 ', 1)[1].split('"', 1)[0]
    wide, high = (float(v) for v in size.split(" "))
    scale = min(width / wide, 1.0)
    head = label(0, 14, chart.title, 60, font_size=13, font_weight=600, fill=ink("ink")) if chart.title else ""
    top = 24 if head else 0
    placed = markup.replace("<svg ", f'<svg x="0" y="{top}" ', 1)
    placed = placed.replace(
        f' width="{wide:g}" height="{high:g}"', f' width="{wide * scale:.1f}" height="{high * scale:.1f}"', 1
    )
    return head + placed, top + high * scale


def _tiles(block: Tiles, width: float) -> Drawn:
    across = min(len(block.tiles), 5) or 1
    room, parts = width / across, []
    for i, tile in enumerate(block.tiles):
        x, y = i % across * room, i // across * 84
        limit = max(6, int(room / 7.4))
        parts.append(tag("path", d=f"M{x:.1f} {y}v70", stroke=ink("rule"), stroke_width=2))
        parts.append(label(x + 12, y + 10, tile.label, limit))
        size = 20 if columns(tile.value) <= 12 else 15
        value = {"font_size": size, "font_weight": 600, "fill": ink("ink")}
        parts.append(label(x + 12, y + 33, tile.value, int(room / size / 0.6), **value))
        for n, line in enumerate(_wrapped(tile.detail, room - 16)[:2]):
            parts.append(label(x + 12, y + 52 + 15 * n, line, limit + 4))
    return "".join(parts), 84.0 * -(-len(block.tiles) // across)


def _wrapped(text: str, width: float) -> list[str]:
    """Lines that fit, broken at spaces, or anywhere in a text without them."""
    limit, lines, line = int(width / 7), [], ""
    for word in visible(text).replace("\n", " \n ").split(" "):
        if word == "\n" or columns(line) + columns(word) + 1 > limit:
            lines.append(line)
            line = "" if word == "\n" else word
        else:
            line = f"{line} {word}".strip()
        while columns(line) > limit:
            lines.append(line[: limit // 2])
            line = line[limit // 2 :]
    return [*lines, line][:30]


def _paragraph(block: Paragraph, width: float) -> Drawn:
    lines = _wrapped(block.text, width)
    words = [label(0, 13 + 18 * i, t, 400, font_size=13, fill=ink("ink")) for i, t in enumerate(lines)]
    return "".join(words), 18.0 * len(lines)


def _note(block: Note, width: float) -> Drawn:
    lines = _wrapped(f"{block.level.capitalize()}: {block.text}", width - 16)
    bar = tag("path", d=f"M1.5 0v{18 * len(lines)}", stroke=ink(block.level), stroke_width=3)
    words = [label(14, 13 + 18 * i, t, 400, font_size=13, fill=ink("ink")) for i, t in enumerate(lines)]
    return bar + "".join(words), 18.0 * len(lines)


def _gallery(block: Gallery, width: float) -> Drawn:
    across, size, parts = int(width // 84), 72, []
    top = 24 if block.title else 0
    step = size + (34 if any(block.captions) or block.groups else 10)
    shown = block.pictures[: 4 * across]
    for i, data in enumerate(shown):
        x, y = i % across * 84, top + i // across * step
        source = f"data:image/png;base64,{base64.b64encode(data).decode('ascii')}"
        parts.append(tag("image", href=source, x=x, y=y, width=size, height=size, image_rendering="optimizeSpeed"))
        under = block.captions[i].split("\n") if block.captions[i] else [block.groups[i] if block.groups else ""]
        parts += [label(x, y + size + 13 + 13 * n, elide(t, 12), 12, font_size=11) for n, t in enumerate(under[:2])]
    head = label(0, 14, block.title, 80, font_size=13, font_weight=600, fill=ink("ink")) if block.title else ""
    return head + "".join(parts), top + step * -(-len(shown) // across)
