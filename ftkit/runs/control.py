"""``control.jsonl``: requests to a run from outside, one a line; the loop looks at its size once a step."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from ftkit.errors import RunError, nearest
from ftkit.runs.events import NAME as EVENTS
from ftkit.runs.events import Follower, append, close_torn_line, now

NAME = "control.jsonl"
CHANGES = ("learning_rate", "batch_size", "epochs")
REQUESTS = ("pause", "continue", "stop", "checkpoint", "evaluate", *CHANGES)


def ask(folder: Path, request: str, value: float | None = None) -> None:
    """Append a request.

    Parameters
    ----------
    folder : Path
        The run folder.
    request : {"pause", "continue", "stop", "checkpoint", "evaluate", "learning_rate", "batch_size", "epochs"}
    value : float, optional
        The new highest rate; the rows a step from the next epoch on; the epochs in all.

    Raises
    ------
    RunError
        There is no such request, or its value is not a positive number.
    """
    fault = _fault({"request": request, "value": value})
    if fault:
        raise RunError(fault, folder)
    line: dict[str, Any] = {"request": request, "time": now()}
    if value is not None:
        line["value"] = value
    close_torn_line(folder / NAME)
    append(folder / NAME, json.dumps(line).encode() + b"\n")


def code_of(folder: Path) -> str:
    """Python that asks the same of a run again: one line a request there was, with its time.

    Parameters
    ----------
    folder : Path
        The run folder.

    Returns
    -------
    str

    Examples
    --------
    >>> print(code_of(Path("runs/leaves-1")))
    run = ft.open_run('runs/leaves-1')
    """
    names = {"continue": "resume"} | {name: f"set_{name}" for name in CHANGES}
    lines = [f"run = ft.open_run({str(folder)!r})"]
    for line in Follower(folder / NAME).read():
        if _fault(line) is None:
            called = names.get(line["request"], line["request"])
            value = f"{line['value']:g}" if line.get("value") is not None else ""
            lines.append(f"run.{called}({value})  # {line.get('time', '')}")
    return "\n".join(lines)


def _fault(line: dict[str, Any]) -> str | None:
    """What is wrong with a request, or None."""
    request, value = line.get("request"), line.get("value")
    if request not in REQUESTS:
        return f"request '{request}' is not known; {nearest(request, REQUESTS)}."
    if request == "learning_rate" and not (type(value) in (int, float) and 0 < value < math.inf):
        return f"learning_rate: {value!r}; asked is a number over 0."
    if request in ("batch_size", "epochs"):
        least = 2 if request == "batch_size" else 1
        if not (type(value) in (int, float) and least <= value <= 1_000_000 and value == int(value)):
            return f"{request}: {value!r}; asked is a whole number from {least} on."
    return None


def written(folder: Path) -> int:
    """Bytes of requests so far: a process that takes a run up begins to listen there."""
    path = folder / NAME
    return path.stat().st_size if path.exists() else 0


class Requests:
    """What the loop calls once a step: the requests that came in since the last call.

    Parameters
    ----------
    folder : Path
        The run folder.
    since : int, optional
        Bytes of ``control.jsonl`` that were meant for an earlier process; all there are now without it.
    """

    def __init__(self, folder: Path, since: int | None = None) -> None:
        self._follower = Follower(folder / NAME)
        self._follower.offset = written(folder) if since is None else since
        self._own: list[dict[str, Any]] = []
        self.refused: list[str] = []
        self.journal: list[dict[str, Any]] = []

    @classmethod
    def for_run(cls, folder: Path) -> Requests:
        """The requests since the run was last queued: also those that came in before its process had started."""
        queued = [event["control"] for event in Follower(folder / EVENTS).read() if "control" in event]
        return cls(folder, queued[-1] if queued else None)

    def add(self, request: str) -> None:
        """A request from inside the process, such as from a signal."""
        self._own.append({"request": request})

    def __call__(self, step: int = 0) -> list[dict[str, Any]]:
        """What came in since the last call; ``refused`` says what was wrong with the others.

        Requests of the journal come first, each at its step.
        """
        own, self._own = [line for line in self.journal if line["step"] <= step] + self._own, []
        self.journal = [line for line in self.journal if line["step"] > step]
        lines = [(line, _fault(line)) for line in self._follower.read()]
        self.refused += [fault for _, fault in lines if fault]
        return own + [line for line, fault in lines if not fault]
