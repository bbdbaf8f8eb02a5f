"""``control.jsonl``: requests to a run from outside, one a line; the loop looks at its size once a step."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from ftkit.errors import RunError, nearest
from ftkit.runs.events import Follower, append, now

NAME = "control.jsonl"
REQUESTS = ("pause", "continue", "stop", "checkpoint", "evaluate", "learning_rate")


def ask(folder: Path, request: str, value: float | None = None) -> None:
    """Append a request.

    Parameters
    ----------
    folder : Path
        The run folder.
    request : {"pause", "continue", "stop", "checkpoint", "evaluate", "learning_rate"}
    value : float, optional
        The new highest rate, for ``learning_rate``.

    Raises
    ------
    RunError
        There is no such request, or its value is not a positive number.
    """
    if request not in REQUESTS:
        raise RunError(f"request '{request}' is not known; {nearest(request, REQUESTS)}.", folder)
    if request == "learning_rate" and not (isinstance(value, (int, float)) and 0 < value < math.inf):
        raise RunError(f"learning_rate: {value!r}; asked is a number over 0.", folder)
    line: dict[str, Any] = {"request": request, "time": now()}
    if value is not None:
        line["value"] = value
    append(folder / NAME, json.dumps(line).encode() + b"\n")


class Requests:
    """What the loop calls once a step: the requests that came in since the last call.

    Parameters
    ----------
    folder : Path
        The run folder; requests written before now belong to an earlier process and are passed over.
    """

    def __init__(self, folder: Path) -> None:
        self._follower = Follower(folder / NAME)
        self._follower.read()
        self._own: list[dict[str, Any]] = []

    def add(self, request: str) -> None:
        """A request from inside the process, such as from a signal."""
        self._own.append({"request": request})

    def __call__(self) -> list[dict[str, Any]]:
        """What came in since the last call."""
        own, self._own = self._own, []
        return own + [line for line in self._follower.read() if line.get("request") in REQUESTS]
