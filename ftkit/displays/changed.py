"""Rows of each kind before and after augmentation, as blocks."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any

import numpy as np

from ftkit.augment import (
    change_chats,
    change_series,
    change_texts,
    changed_images,
    row_keys,
    step_name,
    stronger,
)
from ftkit.augment.text_units import take_apart
from ftkit.data.image import png
from ftkit.displays.blocks import Block, Gallery, Line, LineChart, Table
from ftkit.displays.text import elide, number

if TYPE_CHECKING:
    from ftkit.data import DatasetView

SIDE = 96
STRENGTHS = (0.25, 0.5, 1.0, 1.5, 2.0)
MOMENTS = 200
LONGEST = 240


def changed_blocks(view: DatasetView, kind: str, steps: Sequence[Any], seeds: Sequence[int]) -> list[Block]:
    """The rows before, and after every seed and strength.

    Parameters
    ----------
    view : DatasetView
        The few rows to show; a whole series.
    kind : {"image", "text", "tabular", "series", "chat"}
    steps : sequence of steps
    seeds : sequence of int

    Returns
    -------
    list of blocks
    """
    made = {"image": _images, "text": _texts, "tabular": _table, "series": _series, "chat": _chats}
    return made[kind](view, steps, seeds)


def _images(view: DatasetView, steps: Sequence[Any], seeds: Sequence[int]) -> list[Block]:
    pixels, _ = view.pixels((SIDE, SIDE))
    keys = row_keys(view.ids)
    drawn = [changed_images(pixels, steps, keys, seed=seed) for seed in seeds]
    columns = [pixels, *drawn]
    heads = ["before", *(f"seed {seed}" for seed in seeds)]
    grid = _gallery([c[i] for i in range(len(pixels)) for c in columns], heads * len(pixels), "Before and after")
    groups = [elide(str(row), 26) for row in view.ids for _ in columns]
    return [Gallery(grid.pictures, grid.captions, grid.title, groups), *_sweep(pixels[:1], keys[:1], steps, seeds[0])]


def _sweep(pixels: np.ndarray, keys: np.ndarray, steps: Sequence[Any], seed: int) -> list[Block]:
    """One picture through each step alone, at several strengths and one seed."""
    pictures, captions, groups = [], [], []
    for step in filter(_has_strength, steps):
        after = [changed_images(pixels, [stronger(step, f)], keys, seed=seed)[0] for f in STRENGTHS]
        pictures += [pixels[0], *after]
        captions += ["before", *(f"× {f:g}" for f in STRENGTHS)]
        groups += [step_name(step)] * (len(STRENGTHS) + 1)
    if not pictures:
        return []
    grid = _gallery(pictures, captions, "Each step alone, by strength (1 is as asked; the same seed)")
    return [Gallery(grid.pictures, grid.captions, grid.title, groups)]


def _has_strength(step: Any) -> bool:
    return stronger(step, 0.5) != step or stronger(step, 2.0) != step


def _gallery(pictures: Sequence[np.ndarray], captions: Sequence[str], title: str) -> Gallery:
    return Gallery([png(np.ascontiguousarray(p)) for p in pictures], list(captions), title)


def _texts(view: DatasetView, steps: Sequence[Any], seeds: Sequence[int]) -> list[Block]:
    from ftkit.quality.row_texts import row_texts

    before = [text[:LONGEST] for text in row_texts(view)]
    after = {seed: change_texts(before, steps, view.ids, seed=seed) for seed in seeds}
    return [_diffs([str(i) for i in view.ids], before, after), _strengths(before[0], str(view.ids[0]), steps, seeds[0])]


def _strengths(text: str, row: str, steps: Sequence[Any], seed: int) -> Table:
    """One text through each step alone, at several strengths."""
    tried = [(step, factor) for step in filter(_has_strength, steps) for factor in STRENGTHS]
    said = [mark(text, change_texts([text], [stronger(s, f)], [row], seed=seed)[0]) for s, f in tried]
    columns = {"step": [step_name(s) for s, _ in tried], "strength": [f for _, f in tried], "text": said}
    return Table(columns, caption="Each step alone, by strength (1 is as asked; the same seed)")


def _diffs(names: list[str], before: list[str], after: dict[int, list[str]]) -> Table:
    rows = [(i, None) for i in range(len(before))] if not after else [
        (i, seed) for i in range(len(before)) for seed in (None, *after)
    ]  # fmt: skip
    return Table(
        {
            "row": [elide(names[i], 26) for i, _ in rows],
            "seed": ["before" if seed is None else str(seed) for _, seed in rows],
            "text": [before[i] if seed is None else mark(before[i], after[seed][i]) for i, seed in rows],
        },
        caption="Before and after: [-taken out-] {+put in+}",
        limit=200,
    )


def mark(before: str, after: str) -> str:
    """The second text with what differs from the first marked, as ``wdiff`` does.

    Examples
    --------
    >>> mark("a good day", "a fine day")
    'a [-good-] {+fine+} day'
    >>> mark("很好吃", "很毫吃")
    '很[-好-]{+毫+}吃'
    """
    first, second = take_apart(before), take_apart(after)
    parts = []
    for op, a, b, c, d in SequenceMatcher(None, first.cores, second.cores, autojunk=False).get_opcodes():
        if op == "equal":
            parts.append("".join(second.cores[i] + second.gaps[i] for i in range(c, d)))
            continue
        gone = "".join(first.cores[i] + first.gaps[i] for i in range(a, b))
        new = "".join(second.cores[i] + second.gaps[i] for i in range(c, d))
        parts += [_marked(gone, "[-", "-]"), _marked(new, "{+", "+}")]
    return second.head + "".join(parts)


def _marked(text: str, left: str, right: str) -> str:
    words = text.rstrip()
    return f"{left}{words}{right}{text[len(words) :]}" if words else ""


def _chats(view: DatasetView, steps: Sequence[Any], seeds: Sequence[int]) -> list[Block]:
    name = next(n for n in view.features if view.columns[n].role == "messages")
    chats = [[dict(turn) for turn in row[name] or ()] for row in view]
    drawn = [change_chats(chats, steps, view.ids, seed=seed) for seed in seeds]
    names, before, after = [], [], {seed: [] for seed in seeds}
    for i, chat in enumerate(chats):
        for t, turn in enumerate(chat):
            names.append(f"{view.ids[i]} {turn.get('role')} {t + 1}")
            before.append((turn.get("content") or "")[:LONGEST])
            for seed, some in zip(seeds, drawn, strict=True):
                after[seed].append((some[i][t].get("content") or "")[:LONGEST])
    return [_diffs(names, before, after)]


def _table(view: DatasetView, steps: Sequence[Any], seeds: Sequence[int]) -> list[Block]:
    from ftkit.quality.changed_rows import ChangedTable

    drawn = [ChangedTable(view, seed) for seed in seeds]
    after = [rows.change(tuple(steps))[0] for rows in drawn]
    names = drawn[0].names[:8]
    rows = [(i, s) for i in range(len(view)) for s in range(-1, len(after))]
    cells = {
        name: [number(float((after[s] if s >= 0 else drawn[0].rows)[i, j])) for i, s in rows]
        for j, name in enumerate(names)
    }
    columns = {
        "row": [elide(str(view.ids[i]), 20) for i, _ in rows],
        "seed": ["before" if s < 0 else str(seeds[s]) for _, s in rows],
    }
    return [Table(columns | cells, caption="Before and after, as the model reads the columns", limit=200)]


def _series(view: DatasetView, steps: Sequence[Any], seeds: Sequence[int]) -> list[Block]:
    names = [n for n, c in view.columns.items() if c.kind == "number" and c.role != "time"][:2]
    window = np.stack([view[:MOMENTS].numbers(name) for name in names], axis=1).astype(np.float32)
    window = np.nan_to_num(window)[None]
    keys = row_keys([view.name])
    moments = np.arange(window.shape[1])
    charts: list[Block] = []
    for channel, name in enumerate(names):
        lines = [Line("before", moments, window[0, :, channel])]
        drawn = [change_series(window, steps, keys, seed=seed) for seed in seeds]
        lines += [Line(f"seed {s}", moments, d[0, :, channel]) for s, d in zip(seeds[:3], drawn, strict=False)]
        charts.append(LineChart(lines, "moment", name, f"{name}: before and after"))
        swept = [change_series(window, [stronger(s, f) for s in steps], keys, seed=seeds[0]) for f in (0.5, 1, 2)]
        lines = [Line("before", moments, window[0, :, channel])]
        lines += [Line(f"strength {f:g}", moments, d[0, :, channel]) for f, d in zip((0.5, 1, 2), swept, strict=True)]
        charts.append(LineChart(lines, "moment", name, f"{name}: by strength, the same seed"))
    return charts
