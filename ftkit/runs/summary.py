"""A run in one line: what a table of runs shows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypedDict

from ftkit.errors import FtkitError
from ftkit.recipe.strict_yaml import load_yaml_file
from ftkit.runs.feed import Feed
from ftkit.runs.files import read_json
from ftkit.runs.folder import RECIPE, list_runs

POINTS = 48  # of the loss, in a sparkline


class Score(TypedDict):
    """A metric over rows of one split, with its 95% interval."""

    name: str
    split: str
    value: float | None
    low: float | None
    high: float | None


class Summary(TypedDict):
    """A run in a few plain values; ``address`` is where the server has the report, empty where no server says."""

    name: str
    folder: str
    state: str
    sentence: str
    began: str
    seconds: float
    step: int
    steps: int
    data: str
    model: str
    losses: list[float]
    metrics: list[Score]
    report: bool
    address: str


def summaries(runs: str | Path | None = None, feed_of: Callable[[Path], Feed] = Feed) -> list[Summary]:
    """The runs of a folder, the newest first.

    Parameters
    ----------
    runs : str or Path, optional
        The folder of runs: ``$FTKIT_RUNS`` or ``./runs`` without it.
    feed_of : callable, optional
        Gives the feed of a run folder: one that is kept need not read everything again.

    Returns
    -------
    list of Summary
    """
    return [summary(feed_of(folder)) for folder in reversed(list_runs(runs))]


def summary(feed: Feed) -> Summary:
    """One run in a few plain values.

    Parameters
    ----------
    feed : Feed

    Returns
    -------
    Summary
        ``losses`` are at most 48, over the whole training; ``metrics`` those of the test rows, else of the validation
        rows.
    """
    feed.read()
    status, recipe = feed.status, _recipe(feed.folder)
    return {
        "name": feed.folder.name,
        "folder": str(feed.folder),
        "state": status.state,
        "sentence": status.sentence,
        "began": feed.began,
        "seconds": status.seconds,
        "step": status.step,
        "steps": status.steps,
        "data": _name(recipe.get("data")),
        "model": _name(recipe.get("model")),
        "losses": _thin(feed.losses),
        "metrics": _metrics(feed.folder),
        "report": (feed.folder / "report.html").exists(),
        "address": "",
    }


def _recipe(folder: Path) -> dict[str, Any]:
    try:
        return load_yaml_file(folder / RECIPE) if (folder / RECIPE).exists() else {}
    except (FtkitError, OSError):
        return {}


def _name(section: Any) -> str:
    """What a section of the recipe is about, short."""
    if isinstance(section, dict):
        section = section.get("name") or section.get("path") or ""
    return Path(str(section or "")).name


def _thin(losses: list[float]) -> list[float]:
    """The mean of each stretch, so that a spark line has few points; what is not finite is left out."""
    known = [loss for loss in losses if loss == loss]
    size = -(-len(known) // POINTS) or 1
    return [sum(part) / len(part) for part in (known[i : i + size] for i in range(0, len(known), size))]


def _metrics(folder: Path) -> list[Score]:
    found = [row for row in read_json(folder / "metrics.json", []) if "label" not in row]
    splits = [split for split in ("test", "validation") if any(row["split"] == split for row in found)]
    return [
        Score(**{key: row.get(key) for key in Score.__annotations__})
        for row in found
        if splits and row["split"] == splits[0]
    ]
