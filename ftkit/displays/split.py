"""What a split looks like: how many rows of each class are in each part, and by which rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftkit.displays.blocks import Block, Paragraph, Table, Tile, Tiles
from ftkit.displays.data import class_counts
from ftkit.displays.display import Display
from ftkit.displays.text import percent

if TYPE_CHECKING:
    from ftkit.data import Split

PARTS = ("train", "validation", "test")


def show_split(split: Split) -> Display:
    """The parts of a split, the rule that made them, and their classes.

    Parameters
    ----------
    split : Split
        Train, validation and test.

    Returns
    -------
    Display
    """
    parts = {name: view for name in PARTS if (view := getattr(split, name)) is not None}
    total = sum(map(len, parts.values())) or 1
    tiles = [Tile(name, f"{len(view):,}", f"{percent(len(view) / total)} of the rows") for name, view in parts.items()]
    blocks: list[Block] = [Tiles(tiles), Paragraph(split.rule)]
    classes = split.train.classes
    if classes:
        counts = {name: class_counts(view).tolist() for name, view in parts.items()}
        blocks.append(Table({"class": list(classes), **counts}, caption="Rows of each class", limit=30))
    return Display("Split", blocks)
