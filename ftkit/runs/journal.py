"""What people asked of a training, by the step at which it was obeyed: what a replay and a resume repeat."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ftkit.runs.control import CHANGES
from ftkit.runs.events import Follower, history
from ftkit.runs.files import write_bytes

NAME = "journal.jsonl"

Lines = list[dict[str, Any]]


def requests_obeyed(events: Lines) -> Lines:
    """The requests that changed a training or had it judged, in the order in which they were obeyed.

    Parameters
    ----------
    events : list of dict
        Of a run, as ``history`` gives them.

    Returns
    -------
    list of dict
        ``request``, ``step``, and ``value`` where there is one.

    Examples
    --------
    >>> requests_obeyed([{"event": "changed", "name": "learning_rate", "value": 0.1, "step": 7}])
    [{'request': 'learning_rate', 'value': 0.1, 'step': 7}]
    """
    obeyed = []
    for event in events:
        if event["event"] == "changed" and event["name"] in CHANGES:
            obeyed.append({"request": event["name"], "value": event["value"], "step": event["step"]})
        elif event["event"] == "evaluation" and event.get("asked"):
            obeyed.append({"request": "evaluate", "step": event["step"]})
    return obeyed


def write_journal(events: Lines, folder: Path) -> None:
    """Leave the requests of one run in the folder of another, which will obey them at the same steps."""
    lines = requests_obeyed(events)
    states = [event for event in events if event["event"] == "state"]
    if states and states[-1]["state"] == "stopped":
        lines.append({"request": "stop", "step": states[-1]["step"]})
    write_bytes(folder / NAME, b"".join(json.dumps(line).encode() + b"\n" for line in lines))


def requests_to_come(folder: Path, before: Lines, resumed: dict[str, Any] | None) -> Lines:
    """The requests that a training is to obey by itself: of its journal, and those that a resume took back.

    Parameters
    ----------
    folder : Path
        The run folder.
    before : list of dict
        Its events so far, as ``history`` gives them.
    resumed : dict, optional
        The event that goes on from a checkpoint now.

    Returns
    -------
    list of dict
    """
    kept = len(requests_obeyed(history([*before, resumed]) if resumed else before))
    if not (folder / NAME).exists():
        return requests_obeyed(before)[kept:]
    lines = Follower(folder / NAME).read()
    reached = resumed["step"] if resumed else -1
    return [line for line in lines[kept:] if line["request"] != "stop" or line["step"] > reached]
