"""What a view of rows looks like: how many, of what, how balanced, what was odd while reading."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ftkit.data import chats_at
from ftkit.displays.blocks import BarChart, Block, Gallery, Histogram, Note, Table, Tile, Tiles
from ftkit.displays.display import Display
from ftkit.displays.scale import step_of
from ftkit.displays.text import brief, elide, percent, plural
from ftkit.errors import DataError, FtkitError

if TYPE_CHECKING:
    from ftkit.data import DatasetView

PICTURES = 60  # at most, in a gallery of classes
FEATURES = 6  # cells of a table's row that are told


def show_data(view: DatasetView) -> Display:
    """Rows, columns, classes, their balance, first pictures, and the notes written while reading.

    Parameters
    ----------
    view : DatasetView
        Any view.

    Returns
    -------
    Display
    """
    return Display(view.name, [head(view), *notes(view), columns(view), *target(view), *first_pictures(view)])


def head(view: DatasetView) -> Tiles:
    """The key figures of a view."""
    tiles = [Tile("rows", f"{len(view):,}", _given_split(view))]
    if not has_images(view):
        tiles.append(Tile("columns", f"{len(view.columns):,}", plural(len(view.features), "feature")))
    if classes := classes_of(view):
        counts = class_counts(view)
        tiles.append(Tile("classes", f"{len(classes):,}", _span(counts)))
    if view.target:
        missing = view.missing(view.target)
        tiles.append(Tile("target", view.target, f"{missing:,} missing" if missing else "none missing"))
    return Tiles([*tiles, Tile("task", view.task or "not known", _why(view))])


def _span(counts: np.ndarray) -> str:
    low, high = int(counts.min()), int(counts.max())
    return f"{low:,} rows each" if low == high else f"{low:,} to {high:,} rows each"


def _why(view: DatasetView) -> str:
    reason = view.task_reason or ""
    return reason.removeprefix(f"{view.task}, ")


def _given_split(view: DatasetView) -> str:
    given = view.given_split
    if given is None:
        return "no split came with the data"
    names, counts = np.unique(np.asarray(given, dtype=str), return_counts=True)
    return " · ".join(f"{n:,} {name}" for name, n in zip(names, counts, strict=True) if name not in ("", "None"))


def has_images(view: DatasetView) -> bool:
    """Whether rows are pictures."""
    return any(column.role == "image" for column in view.columns.values())


def classes_of(view: DatasetView) -> tuple[str, ...]:
    """The classes; none where there is no target, or it cannot be read as it is."""
    if view.target is None or view.task is None:
        return ()
    try:
        return tuple(view.classes)
    except DataError:
        return ()


def class_counts(view: DatasetView) -> np.ndarray:
    """Rows of each class, in the order of the classes."""
    labels = np.asarray(view.labels)
    return np.bincount(labels[labels >= 0], minlength=len(view.classes))


def notes(view: DatasetView) -> list[Block]:
    """What was remarked while reading."""
    return [Note(note.message, note.severity) for note in view.notes]


def columns(view: DatasetView) -> Table:
    """The columns of a view as a table."""
    shown = list(view.columns.values())
    return Table(
        {
            "column": [c.name for c in shown],
            "kind": [c.kind for c in shown],
            "role": [c.role for c in shown],
            "missing": [view.missing(c.name) for c in shown],
            "first values": [_values(view, c.name, c.kind) for c in shown],
        },
        caption="Columns",
        limit=40,
    )


def _values(view: DatasetView, name: str, kind: str) -> str:
    if kind == "image":
        return "pictures"
    if view.columns[name].role == "messages":
        return elide(row_words(view, [0])[0], 80) if len(view) else ""
    nested = kind == "other"
    first = view[:20].strings(name).tolist() if nested else view.column(name).slice(0, 200).to_pylist()
    distinct = list(dict.fromkeys(v for v in first if v is not None))[:4]
    return ", ".join(elide(brief(v) if isinstance(v, float) else v, 24) for v in distinct if v != "")


def target(view: DatasetView) -> list[Block]:
    """How the target is distributed."""
    if classes := classes_of(view):
        counts = class_counts(view)
        title = f"Rows of each class ({percent(counts.max() / max(counts.sum(), 1))} in the largest)"
        return [BarChart(list(classes), counts, title=title, x_title="rows")]
    if view.target and view.task == "tabular-regression":
        return [histogram(np.asarray(view.labels, dtype=float), f"Values of {view.target}", view.target)]
    return []


def histogram(values: np.ndarray, title: str, x_title: str) -> Histogram:
    """The distribution of finite values, in bins with round edges."""
    values = values[np.isfinite(values)]
    low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 1.0)
    step = step_of((high - low) or 1.0, int(np.clip(np.sqrt(values.size), 8, 30)))
    edges = np.arange(np.floor(low / step), np.floor(high / step) + 2) * step
    return Histogram(edges, np.histogram(values, edges)[0], title=title, x_title=x_title)


def first_pictures(view: DatasetView) -> list[Block]:
    """The first rows of each class, where rows are pictures."""
    if not has_images(view) or not len(view):
        return []
    classes = classes_of(view)
    labels = np.asarray(view.labels) if classes else np.zeros(len(view), dtype=int)
    names = classes or ("",)
    each = max(1, min(6, PICTURES // len(names)))
    places = [(int(i), c) for c in range(min(len(names), PICTURES)) for i in np.flatnonzero(labels == c)[:each]]
    made = [(picture, names[c]) for i, c in places if (picture := thumbnail(view, i))]
    if not made:
        return []
    groups = [name for _, name in made] if classes else None
    return [
        Gallery([p for p, _ in made], [""] * len(made), "First rows of each class" if groups else "First rows", groups)
    ]


def row_words(view: DatasetView, places: Sequence[int]) -> list[str]:
    """What some rows say, in a line each: texts and chats as they are, tables cell by cell, the target last."""
    some = view.select(np.asarray(places, dtype=np.int64))
    roles = {name: column.role for name, column in view.columns.items()}
    if "messages" in roles.values():
        chats = chats_at(view, np.asarray(places, dtype=np.int64))
        return [" ".join(f"[{turn.get('role')}] {turn.get('content') or ''}" for turn in chat) for chat in chats]
    texts = [name for name, role in roles.items() if role == "text"]
    names = texts or [name for name, role in roles.items() if role in ("time", "feature")][:FEATURES]
    names = [*names, *([view.target] if view.target and view.target not in names else [])]
    cells = {name: [cell if cell is not None else "missing" for cell in some.strings(name)] for name in names}
    spoken = texts[0] if len(texts) == 1 else None
    return [
        " · ".join(cell[i] if name == spoken else f"{name}: {cell[i]}" for name, cell in cells.items())
        for i in range(len(places))
    ]


def thumbnail(view: DatasetView, i: int, side: int = 64) -> bytes | None:
    """The row as a small PNG; None where its picture cannot be read."""
    try:
        return view.thumbnail(i, side=side)
    except (FtkitError, OSError, ValueError):
        return None
