"""What a run looks like, from what was asked to what came out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftkit.displays.blocks import Block, Table
from ftkit.displays.display import Display
from ftkit.displays.environment import flat, show_environment
from ftkit.displays.forecast import show_forecast
from ftkit.displays.metrics import show_confusion, show_metrics
from ftkit.displays.mistakes import show_errors
from ftkit.displays.training import show_training

if TYPE_CHECKING:
    from ftkit.runs import Run


def show_run(run: Run) -> Display:
    """A run: its state, recipe, curves, and, once it is done, its metrics, confusions and largest errors.

    Parameters
    ----------
    run : Run
        In any state.

    Returns
    -------
    Display
    """
    blocks: list[Block] = [*show_training(run).blocks]
    if run.metrics:
        forecast = show_forecast(run).blocks if any(m["name"] == "mase" for m in run.metrics) else []
        blocks += [*show_metrics(run).blocks, *forecast, *show_confusion(run).blocks, *show_errors(run).blocks]
    return Display(run.name, [*blocks, recipe(run), *show_environment(run).blocks])


def recipe(run: Run) -> Table:
    """What the run was asked to do."""
    pairs = [(k, v) for k, v in flat(run.recipe) if k != "version"]
    return Table({"recipe": [k for k, _ in pairs], "value": [v for _, v in pairs]}, caption="Recipe", limit=60)
