"""Augmentation before it is used: rows before and after, by seed and by strength, and how far they move."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ftkit.augment import describe, parse, step_name, stronger
from ftkit.displays.blocks import Block, Histogram, Line, LineChart, Note, Paragraph, Table, Tile, Tiles
from ftkit.displays.changed import changed_blocks
from ftkit.displays.display import Display
from ftkit.displays.text import percent, plural
from ftkit.errors import DataError

if TYPE_CHECKING:
    from ftkit.data import DatasetView
    from ftkit.quality.moved import Measured
    from ftkit.recipe import Recipe

FACTORS = (0.0, 0.5, 1.0, 1.5, 2.0)
MEASURED = 300


@dataclass(frozen=True)
class AugmentDisplay(Display):
    """The display of steps on rows: what ``ftkit.show_augment`` gives. ``frame()`` is the table of the steps."""


def show_augment(
    view: DatasetView | Recipe, steps: Iterable[Any] | None = None, *, rows: int = 5, seeds: int = 4, seed: int = 0
) -> AugmentDisplay:
    """Rows before and after the steps, at several seeds and strengths, and how far they move from the data.

    Parameters
    ----------
    view : DatasetView or Recipe
        Images, texts, a table or a series; or the recipe whose rows and steps are meant.
    steps : iterable of steps, optional
        See :func:`ftkit.augment.parse`; a recipe's own without it.
    rows : int, default 5
        Shown before and after.
    seeds : int, default 4
        Draws of each.
    seed : int, default 0
        Of the first draw.

    Returns
    -------
    AugmentDisplay

    Raises
    ------
    DataError
        There are no rows, no steps, or the kind of row cannot be shown so.
    RecipeError
        A step is unknown, has a fault or is for other rows.

    Examples
    --------
    >>> import ftkit as ft
    >>> shown = ft.show_augment(ft.read("iris"), [ft.augment.Jitter(0.1)])
    >>> shown.frame()["step"].to_list()
    ['jitter']
    """
    if not hasattr(view, "source_rows"):
        steps = view.augment if steps is None else steps
        view = rows_of(view)
    kind = kind_to_change(view)
    parsed = parse(steps or (), kind=kind)
    if not parsed or not len(view):
        lacking = "steps" if len(view) else "rows"
        raise DataError(f"{view.name}: there are no {lacking} to show. Give some: show_augment(rows, [steps]).")
    some = view.select(np.linspace(0, len(view) - 1, min(len(view), rows)).astype(np.int64))
    blocks = [_tiles(parsed, seeds), _steps(parsed), *_risks(parsed)]
    blocks += changed_blocks(view if kind == "series" else some, kind, parsed, range(seed, seed + seeds))
    if measured := measure(view, kind, seed):
        blocks += distance_blocks(measured, parsed)
    return AugmentDisplay(f"{view.name}: augmentation", blocks)


def rows_of(recipe: Recipe) -> DatasetView:
    """The rows of a recipe."""
    from ftkit.runs.check import read_rows

    return read_rows(recipe)


def kind_to_change(view: DatasetView) -> str:
    """The kind of row, by the names that augmentations have for it."""
    from ftkit.quality.vectors import kind_of
    from ftkit.task import get_task

    if view.task is not None and get_task(view.task).kind in ("series", "chat"):
        return get_task(view.task).kind
    return {"table": "tabular"}.get(kind_of(view), kind_of(view))


def _tiles(steps: Sequence[Any], seeds: int) -> Tiles:
    names = " → ".join(step_name(step) for step in steps)
    return Tiles([Tile("steps", f"{len(steps)}", names), Tile("seeds", f"{seeds}", "draws of every row shown")])


def _steps(steps: Sequence[Any]) -> Table:
    told = describe(steps)
    columns = {
        "step": [one["step"] for one in told],
        "parameters": [", ".join(f"{k} {v}" for k, v in one["parameters"].items()) for one in told],
        "which labels keep": [one["keeps"] for one in told],
    }
    return Table(columns, caption="Steps, in their order")


def _risks(steps: Sequence[Any]) -> list[Block]:
    risks = dict.fromkeys(risk for step in steps for risk in step.may_alter)
    said = f"These steps may change {', '.join(risks)}: where a label hangs on them, it may be wrong afterwards."
    return [Note(said, "warning")] if risks else []


def measure(view: DatasetView, kind: str, seed: int = 0) -> Measured | None:
    """What measures how far rows move, on at most 300 of them; None for rows whose distance means nothing yet."""
    from ftkit.quality.moved import Measured

    if kind in ("series", "chat") or len(view) < 3:
        return None
    picked = np.random.default_rng(seed).permutation(len(view))[:MEASURED]
    return Measured(view.select(np.sort(picked)), seed)


def distance_blocks(measured: Measured, steps: Sequence[Any]) -> list[Block]:
    """How far changed rows are from the data, at the strength asked for and at others."""
    # Half strength is drawn with the same numbers: rows move along, nothing else changes.
    swept = [measured.moved([stronger(step, factor) for step in steps]) for factor in FACTORS]
    asked = swept[FACTORS.index(1.0)]
    spread = [np.quantile(one.distances, (0.1, 0.5, 0.9)) for one in swept]
    far = max(float(asked.distances.max()), 1.0)
    edges = np.linspace(0, far, 21)
    said = (
        f"At the strength asked for, {percent(asked.outside)} of {plural(len(asked.distances), 'row')} lie farther "
        f"from the data than its rows usually lie from each other (1 is {asked.unit:.3g}, measured by {asked.source})."
    )
    line = Line("median", FACTORS, *([s[i] for s in spread] for i in (1, 0, 2)))
    return [
        LineChart([line], "strength (1 is as asked)", "distance", "How far rows move: median, middle 80%"),
        Histogram(edges, np.histogram(asked.distances, edges)[0], "Distance to the data at strength 1", "distance"),
        Paragraph(said),
    ]
