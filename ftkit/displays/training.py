"""What a training looks like: its state, its losses, its metrics over the epochs, its learning rate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ftkit.displays.blocks import Block, Line, LineChart, Note, Paragraph, Table, Tile, Tiles
from ftkit.displays.display import Display
from ftkit.displays.text import duration, elide, number
from ftkit.evaluate import METRICS

if TYPE_CHECKING:
    from ftkit.runs import Run

Events = list[dict[str, Any]]
POINTS = 60  # of the training loss; more steps are drawn as mean and spread
NOT_METRICS = {"event", "time", "step", "epoch", "epochs", "steps", "split", "loss", "seconds", "n", "rows"}
LEVEL = {"failed": "error", "stopped": "warning", "paused": "warning"}


def show_training(run: Run) -> Display:
    """The state of a run and its curves.

    Parameters
    ----------
    run : Run
        Running, ended or failed.

    Returns
    -------
    Display

    Examples
    --------
    >>> from ftkit.runs import Run
    >>> show_training(Run("runs/not-begun")).title
    'Training'
    """
    events = run.events()
    return Display("Training", [state(run), key_figures(run, events), *curves(events), *remarks(events)])


def show_trainings(runs: list[Run]) -> Display:
    """One run's state and curves, or several runs' side by side.

    Parameters
    ----------
    runs : list of Run
        At least one.

    Returns
    -------
    Display

    Examples
    --------
    >>> from ftkit.runs import Run
    >>> show_trainings([Run("runs/not-begun")]).title
    'Training'
    """
    return show_training(runs[0]) if len(runs) == 1 else compare_training(runs)


def compare_training(runs: list[Run]) -> Display:
    """The states of several runs, and their losses in one chart.

    Parameters
    ----------
    runs : list of Run
        In any state.

    Returns
    -------
    Display

    Examples
    --------
    >>> from ftkit.runs import Run
    >>> compare_training([Run("runs/a"), Run("runs/b")]).title
    'Trainings'
    """
    events = {run.name: run.events() for run in runs}
    said = [run.status for run in runs]
    table = Table({"run": list(events), "state": [s.state for s in said], "what": [s.sentence for s in said]})
    lines = [
        Line(elide(name, 40), p.x, p.y)
        for name, kept in events.items()
        if (p := _binned([e for e in of(kept, "step") if e.get("loss") is not None], "step")).x
    ]
    chart: list[Block] = [LineChart(lines, "step", "loss", "Loss")] if lines else []
    return Display("Trainings", [table, *chart])


def state(run: Run) -> Note:
    """What the run is doing, in its own sentence; how to go on where it did not end well."""
    sentence = run.status.sentence
    sentence = sentence[:1].upper() + sentence[1:]
    if run.state in ("failed", "stopped") and "resume" not in sentence:
        sentence = f"{sentence} Go on from the last whole checkpoint with: ftkit resume {run.name}"
    return Note(sentence, LEVEL.get(run.state, "info"))


def key_figures(run: Run, events: Events) -> Tiles:
    """How far, how long, how fast, and the best of what was measured."""
    steps, evaluations = of(events, "step"), of(events, "evaluation")
    tiles = [Tile("state", run.state)]
    if steps:
        tiles.append(Tile("steps", f"{int(steps[-1]['step']):,}", _epochs(steps[-1])))
        tiles.append(Tile("time", duration(run.status.seconds), _speed(steps)))
    names = metric_names(evaluations)
    if names:
        tiles.append(_best(names[0], evaluations))
    losses = [(e["loss"], e) for e in evaluations if e.get("loss") is not None and e.get("split") == "validation"]
    if losses:
        lowest, event = min(losses, key=lambda pair: pair[0])
        tiles.append(Tile("lowest validation loss", number(lowest), f"at epoch {number(event.get('epoch'), 2)}"))
    return Tiles(tiles)


def remarks(events: Events) -> list[Block]:
    """What the run remarked on its way, each once."""
    said = dict.fromkeys(str(e["message"]) for e in of(events, "note") if e.get("message"))
    return [Paragraph("\n".join(said))] if said else []


def of(events: Events, kind: str) -> Events:
    """The events of one kind."""
    return [e for e in events if e.get("event") == kind]


def _epochs(event: dict[str, Any]) -> str:
    return f"{number(float(event['epoch']), 2)} epochs" if event.get("epoch") is not None else ""


def _speed(steps: Events) -> str:
    speeds = [e["rows_per_second"] for e in steps if e.get("rows_per_second")]
    return f"{number(round(float(np.median(speeds))))} rows/s" if speeds else ""


def _best(name: str, evaluations: Events) -> Tile:
    known = [(e[name], e.get("epoch")) for e in evaluations if e.get(name) is not None]
    greater = name not in METRICS or METRICS[name].greater_is_better
    value, epoch = (max if greater else min)(known, key=lambda pair: pair[0])
    return Tile(f"best validation {name}", number(value), f"at epoch {number(epoch, 2)}")


def metric_names(evaluations: Events) -> list[str]:
    """What was measured while training, in the order it was first seen."""
    names = {k: None for e in evaluations for k, v in e.items() if k not in NOT_METRICS and isinstance(v, int | float)}
    return list(names)


def curves(events: Events) -> list[Block]:
    """Loss, metrics and learning rate as charts; what was not recorded is left out."""
    steps, evaluations = of(events, "step"), of(events, "evaluation")
    if not steps and not evaluations:
        return [Note("No step has been recorded yet.", "info")]
    x = "epoch" if all(e.get("epoch") is not None for e in steps + evaluations) else "step"
    charts: list[Block] = [LineChart(_losses(steps, evaluations, x), x, "loss", "Loss")]
    lines = [_line(name, evaluations, name, x) for name in metric_names(evaluations)]
    bounded = [s for s in lines if all(v is None or 0 <= v <= 1 for v in s.y)]
    if bounded:
        charts.append(LineChart(bounded, x, title="Validation metrics"))
    charts += [LineChart([s], x, s.name, f"Validation {s.name}") for s in lines if s not in bounded]
    rates = [e for e in steps if e.get("learning_rate") is not None]
    if rates:
        charts.append(LineChart([_line("", _thin(rates), "learning_rate", x)], x, title="Learning rate", height=200))
    return charts


def _losses(steps: Events, evaluations: Events, x: str) -> list[Line]:
    train = [e for e in steps if e.get("loss") is not None]
    measured = [e for e in evaluations if e.get("loss") is not None]
    splits = dict.fromkeys(e.get("split", "validation") for e in measured)
    lines = [_line(s, [e for e in measured if e.get("split", "validation") == s], "loss", x) for s in splits]
    return ([_binned(train, x)] if train else []) + lines


def _line(name: str, events: Events, key: str, x: str) -> Line:
    return Line(elide(name, 40) if name else "", [e[x] for e in events], [e.get(key) for e in events])


def _thin(events: Events, most: int = 200) -> Events:
    every = -(-len(events) // most)
    return events[::every] + ([events[-1]] if (len(events) - 1) % every else [])


def _binned(steps: Events, x: str) -> Line:
    """The training loss; where there are many steps, the mean of each stretch with the spread of its steps."""
    if len(steps) <= POINTS:
        return _line("train", steps, "loss", x)
    places, losses = (np.array([e[k] for e in steps], dtype=float) for k in (x, "loss"))
    parts = [p for p in np.array_split(np.arange(len(steps)), POINTS) if np.isfinite(losses[p]).any()]
    ends = [np.nanpercentile(losses[p], (10, 90)) for p in parts]
    means = [np.nanmean(losses[p]) for p in parts]
    return Line("train", [places[p].mean() for p in parts], means, [e[0] for e in ends], [e[1] for e in ends])
