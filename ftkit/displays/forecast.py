"""What the forecasts of a run look like: beside the seasonal naive, by step ahead, and over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ftkit.displays.blocks import Block, Line, LineChart, Note, Paragraph, Table
from ftkit.displays.display import Display
from ftkit.displays.metrics import test_rows
from ftkit.displays.text import elide, number, plural
from ftkit.evaluate import compare_answers
from ftkit.evaluate.rolling import independent

if TYPE_CHECKING:
    from ftkit.runs import Run

BASE = "seasonal naive"
DRAWN = 4  # windows of the first series


def show_forecast(run: Run) -> Display:
    """The forecasts of a run's test rows, from rolling origins, beside those of the seasonal naive.

    Parameters
    ----------
    run : Run
        A run of series that was judged.

    Returns
    -------
    Display

    Examples
    --------
    >>> from ftkit.runs import Run
    >>> show_forecast(Run("runs/not-begun")).blocks[0].level
    'info'
    """
    rows, split = test_rows(run)
    if "naive" not in rows or not len(rows["row_id"]):
        return Display("Forecasts", [Note("There are no forecasts.", "info")])
    ours = [m for m in run.metrics if m["split"] == split and m.get("label") in (None, BASE)]
    columns = {
        "forecaster": [m.get("label") or "the run" for m in ours],
        "metric": [m["name"] for m in ours],
        "value": [m["value"] for m in ours],
        "95% interval": ["–" if m["low"] is None else f"{number(m['low'])} to {number(m['high'])}" for m in ours],
    }
    told = [Paragraph(_sentence(rows, split)), Table(columns, caption=f"On the {split} rows")]
    return Display("Forecasts", [*told, *_by_step(run, rows, split), _over_time(rows)])


def _sentence(rows: dict[str, np.ndarray], split: str) -> str:
    windows, series = (len(np.unique(rows[name].astype(str))) for name in ("window", "series"))
    given = {"groups": independent(rows["series"], rows["window"]), "scales": np.nan_to_num(rows["scale"])}
    found = compare_answers(rows["label"], rows["naive"], rows["prediction"], "mase", **given)
    head = f"{plural(int(rows['step'].max()), 'step')} ahead, from {plural(windows, 'origin')}"
    head += f" of {plural(series, 'series', 'series')}" if series > 1 else ""
    if found.difference is None or found.low is None:
        return f"{head}. {found.reason or 'One window says nothing against the ' + BASE}"
    ends = f"{number(found.difference)} ({number(found.low)} to {number(found.high)})"
    if found.better is None:
        return f"{head}. No difference from the {BASE} can be shown: MASE differs by {ends}."
    return f"{head}. The {'run' if found.better == 'b' else BASE} is better: MASE minus that of the {BASE} is {ends}."


def _by_step(run: Run, rows: dict[str, np.ndarray], split: str) -> list[Block]:
    """MASE of each step ahead."""
    told = [m for m in run.metrics if (m["split"], m["name"]) == (split, "mase") and m["value"] is not None]
    told = [m for m in told if str(m.get("label")).startswith("step ")]
    if len(told) < 2:
        return []
    steps = [int(m["label"].removeprefix("step ")) for m in told]
    errors = np.abs(rows["naive"] - rows["label"]) / rows["scale"]
    naive = [float(errors[rows["step"] == step].mean()) for step in steps]
    # Two or three windows say next to nothing of a step: their intervals would hide the lines.
    ends = ([m[k] for m in told] if all(m["n"] > 3 for m in told) else None for k in ("low", "high"))
    lines = [Line("the run", steps, [m["value"] for m in told], *ends), Line(BASE, steps, naive)]
    return [LineChart(lines, "steps ahead", "MASE", "MASE by steps ahead", last=False)]


def _over_time(rows: dict[str, np.ndarray]) -> LineChart:
    """The last windows of the first series."""
    first = rows["series"] == rows["series"][0]
    last = rows["window"][first].max()
    some = {name: values[first & (rows["window"] > last - DRAWN)] for name, values in rows.items()}
    at = list(range(1, len(some["label"]) + 1))
    lines = [Line("truth", at, some["label"]), Line("the run", at, some["prediction"]), Line(BASE, at, some["naive"])]
    which = f" of '{elide(rows['series'][0], 30)}'" if rows["series"][0] else ""
    span = f"{some['time'][0]} to {some['time'][-1]}"
    return LineChart(lines, "steps", "", f"The last windows{which}, {span}", last=False)
