"""What the runs of a folder look like, one a line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ftkit.displays.blocks import Note, Table
from ftkit.displays.display import Display
from ftkit.displays.text import duration, number
from ftkit.runs.folder import runs_folder
from ftkit.runs.summary import summaries

LEVEL = {"failed": "error", "stopped": "warning", "paused": "warning"}


def show_runs(runs: str | Path | None = None) -> Display:
    """The runs of a folder: state, data, model, metrics of the test rows, how long.

    Parameters
    ----------
    runs : str or Path, optional
        The folder of runs: ``$FTKIT_RUNS`` or ``./runs`` without it.

    Returns
    -------
    Display

    Examples
    --------
    >>> show_runs("no-runs-here").title
    'Runs'
    """
    found = summaries(runs)
    if not found:
        return Display("Runs", [Note(f"There is no run in {runs_folder(runs)} yet.", "info")])
    table = Table(
        {
            "run": [run["name"] for run in found],
            "state": [run["state"] for run in found],
            "data": [run["data"] for run in found],
            "model": [run["model"] for run in found],
            "metrics": [_metrics(run) for run in found],
            "loss": [run["losses"][-1] if run["losses"] else None for run in found],
            "time": [duration(run["seconds"]) for run in found],
            "began": [run["began"][:16].replace("T", " ") for run in found],
        },
        levels=[LEVEL.get(run["state"]) for run in found],
    )
    return Display("Runs", [table])


def _metrics(run: dict[str, Any]) -> str:
    return ", ".join(f"{row['name']} {number(row['value'])}" for row in run["metrics"][:3])
