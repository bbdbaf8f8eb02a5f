"""What a run is doing, told from its events and from whether its process is there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ftkit.runs.events import history
from ftkit.runs.folder import RECIPE
from ftkit.runs.process import alive

# Without a sign for so long, a worker on another host is taken for dead.
SILENT_SECONDS = 60.0
OPEN = ("queued", "running", "paused")


@dataclass(frozen=True)
class Status:
    """A run at one moment.

    Attributes
    ----------
    state : {"queued", "running", "paused", "stopped", "failed", "done"}
    sentence : str
        The state in words, with what to do next where there is something to do.
    stage : str
        What is being done: ``reading``, ``training``, ``evaluating``, ….
    step, steps : int
        Steps taken, and of the whole training (0 where not known yet).
    epoch : float
    epochs : int
    loss : float or None
        Of the last step event.
    seconds : float
        From the first event to the last.
    """

    state: str
    sentence: str
    stage: str = ""
    step: int = 0
    steps: int = 0
    epoch: float = 0.0
    epochs: int = 0
    loss: float | None = None
    seconds: float = 0.0

    @property
    def over(self) -> bool:
        """Whether nothing more will happen by itself."""
        return self.state not in OPEN


def read_status(folder: Path, events: list[dict[str, Any]]) -> Status:
    """The status of a run.

    Parameters
    ----------
    folder : Path
        The run folder.
    events : list of dict
        Its events, as they were written.

    Returns
    -------
    Status
    """
    if not events:
        return Status("queued", "queued: nothing has happened yet.")
    last = {event["event"]: event for event in history(events)}
    plan, step = last.get("plan", {}), last.get("step", {})
    state = last.get("state", {}).get("state", "queued")
    facts = {
        "stage": last.get("stage", {}).get("stage", ""),
        "step": max(step.get("step", 0), last.get("resumed", {}).get("step", 0)),
        "steps": plan.get("steps", 0),
        "epoch": step.get("epoch", 0.0),
        "epochs": plan.get("epochs", 0),
        "loss": step.get("loss"),
        "seconds": _between(events[0], events[-1]),
    }
    if state in OPEN and _is_gone(last, events[-1]):
        return Status("failed", _say_gone(folder, last, facts, state), **facts)
    return Status(state, _say(state, last, facts), **facts)


def _is_gone(last: dict[str, dict[str, Any]], newest: dict[str, Any]) -> bool:
    """Whether the process that should be working is not there."""
    # Whoever took the work up last: the notebook's process, then the worker, as its starter and as itself saw it.
    takers = [last[name] for name in ("notebook", "spawned", "started") if "pid" in last.get(name, {})]
    worker = max(takers, key=lambda event: event["time"], default=None)
    there = alive(worker) if worker else None
    if there is not None:
        return not there
    return (datetime.now(UTC) - datetime.fromisoformat(newest["time"])).total_seconds() > SILENT_SECONDS


def _say_gone(folder: Path, last: dict[str, dict[str, Any]], facts: dict[str, Any], state: str) -> str:
    worker = last.get("started") or last.get("spawned") or {}
    if not (folder / RECIPE).exists():
        return "failed: the notebook's process ended without a word before it had begun to train; run it again."
    where = f"at step {facts['step']:,} of {facts['steps']:,}" if facts["steps"] else "before the first step"
    log = folder / "worker.log"
    said = f" Its last words are in {log}." if log.exists() and log.stat().st_size else ""
    saved = last.get("checkpoint")
    kept = (
        f"The last checkpoint is of step {saved['step']:,}; go on" if saved else "No checkpoint was saved; start again"
    )
    return (
        f"failed: its process (pid {worker.get('pid', '?')}) ended without a word {where} (it was {state}), "
        f"as after kill -9, a lack of memory or a loss of power. What was written is whole.{said} {kept} "
        f"with: ftkit resume {folder.name}"
    )


def _say(state: str, last: dict[str, dict[str, Any]], facts: dict[str, Any]) -> str:
    step = f"step {facts['step']:,} of {facts['steps']:,}"
    error = last.get("state", {}).get("error", "")
    return {
        "queued": "queued: its process is starting.",
        "running": f"running: {facts['stage'] or 'starting'}" + (f", {step}." if facts["steps"] else "."),
        "paused": f"paused at {step}" + (f": {error}. Make room, or: ftkit stop, continue." if error else "."),
        "stopped": f"stopped at {step}, as it was asked to; what was learned until then was judged and saved.",
        "failed": f"failed: {error}",
        "done": f"done: {facts['steps']:,} steps in {facts['seconds']:,.0f} s."
        if facts["steps"]
        else "done: the notebook came to its end without training.",
    }[state]


def _between(first: dict[str, Any], last: dict[str, Any]) -> float:
    return (datetime.fromisoformat(last["time"]) - datetime.fromisoformat(first["time"])).total_seconds()
