"""What the folds of a recipe look like: each fold's metrics, and what they say together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftkit.displays.blocks import BarChart, Block, Note, Paragraph, Table
from ftkit.displays.display import Display
from ftkit.displays.text import number

if TYPE_CHECKING:
    from ftkit.runs import Validation


def show_validation(validation: Validation) -> Display:
    """The metrics of every fold, their mean with its interval, and the value of all rows held out together.

    Parameters
    ----------
    validation : Validation
        What ``ft.cross_validate`` gave.

    Returns
    -------
    Display
    """
    folds, metrics = validation.folds, validation.metrics
    blocks: list[Block] = [Paragraph(f"{len(folds)} folds ({validation.method}), each trained and judged by itself.")]
    blocks += [Note(f"Leak, allowed: {said}", "warning") for said in validation.leaks]
    blocks += _chart(validation)
    blocks.append(
        Table(
            {
                "metric": [m["name"] for m in metrics],
                "of": [m["split"] for m in metrics],
                "value": [m["value"] for m in metrics],
                "95% interval": [_ends(m) for m in metrics],
                "n": [m["n"] for m in metrics],
                "method of the interval": [m["method"] for m in metrics],
            },
            caption="Over folds: the mean, which is about the recipe. Pooled: all rows held out, taken together.",
        )
    )
    names = [m["name"] for m in folds[0]["metrics"]] if folds else []
    values = {name: [next(m["value"] for m in f["metrics"] if m["name"] == name) for f in folds] for name in names}
    rows = {part: [fold["rows"][part] for fold in folds] for part in ("train", "test")}
    chosen = {"chosen": [_values(f["chosen"]) for f in folds]} if "chosen" in folds[0] else {}
    blocks.append(Table({"fold": [f["run"] for f in folds], **rows, **chosen, **values}, caption="Each fold"))
    if chosen:
        blocks.append(_tried(folds))
    return Display("Validation", blocks)


def _chart(validation: Validation) -> list[Block]:
    """The first metric of each fold, with its interval."""
    first = [fold["metrics"][0] for fold in validation.folds if fold["metrics"]]
    if not first or any(m["value"] is None for m in first):
        return []
    ends = ([m[key] for m in first] for key in ("value", "low", "high"))
    title = f"{first[0]['name']} of each fold's test rows, with 95% intervals"
    return [BarChart([fold["run"] for fold in validation.folds], *ends, title)]


def _tried(folds: list[dict]) -> Table:
    """The mean over the inner folds of every combination of the grid, for each fold."""
    points = [_values(one["values"]) for one in folds[0]["tried"]]
    means = {fold["run"]: [one["mean"] for one in fold["tried"]] for fold in folds}
    said = (
        f"What each fold chose from: {folds[0]['by']}, mean of its inner folds, which the rows that judge it are not in"
    )
    return Table({"values": points, **means}, caption=said)


def _values(point: dict) -> str:
    return ", ".join(f"{name} {value}" for name, value in point.items())


def _ends(row: dict) -> str:
    return row.get("reason", "–") if row["low"] is None else f"{number(row['low'])} to {number(row['high'])}"
