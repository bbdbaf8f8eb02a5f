"""What a live view of a run needs: everything once, then only what is new."""

from __future__ import annotations

import math
import threading
from array import array
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, TypedDict

from ftkit.errors import RunError
from ftkit.language import say
from ftkit.runs.control import ask
from ftkit.runs.events import NAME as EVENTS
from ftkit.runs.events import Follower
from ftkit.runs.process import alive, memory
from ftkit.runs.status import OPEN, Status, read_status

COLUMNS = ("step", "epoch", "loss", "learning_rate", "rows_per_second", "gradient_norm", "seconds")
TAIL = 8192  # bytes of the log that are shown
RECENT = 50  # step events the time left is worked out from


class Told(TypedDict):
    """The status of a run, as its readers are told; ``memory`` in bytes, ``left`` in seconds."""

    name: str
    state: str
    sentence: str
    stage: str
    step: int
    steps: int
    epoch: float
    epochs: int
    loss: float | None
    seconds: float
    over: bool
    memory: int | None
    left: float | None


class Header(TypedDict):
    """What ``Feed.since`` says beside the step events."""

    generation: int
    begin: int
    steps: int
    columns: list[str]
    begin_others: int
    others: int
    events: list[dict[str, Any]]
    status: Told
    log: int
    tail: str | None


class Feed:
    """A run followed by any number of readers, each of which says what it has.

    The file is read once, however often it is asked. A run that goes on from a checkpoint takes steps back: the
    generation goes up then, and every reader is given everything anew.

    Parameters
    ----------
    folder : Path
        The run folder.

    Examples
    --------
    >>> header, body = Feed(Path("runs/not-begun")).since({})
    >>> header["status"]["state"], header["steps"], body
    ('queued', 0, b'')
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.RLock()  # a server asks in several threads
        self._follower = Follower(folder / EVENTS)
        self._forget()
        self.generation = 0

    def _forget(self) -> None:
        self._columns = {name: array("f") for name in COLUMNS}
        self._others: list[dict[str, Any]] = []
        self._first: dict[str, Any] | None = None
        self._ends: dict[str, dict[str, Any]] = {}
        self._went_on = 0

    def read(self) -> bool:
        """Take in what was written since; whether there was anything."""
        with self._lock:
            return self._read()

    def _read(self) -> bool:
        if self._follower.offset > _size(self._follower.path):  # another run took the name
            self._follower.offset = 0
            self._forget()
            self.generation += 1
        events = self._follower.read()
        for event in events:
            self._take(event)
        return bool(events)

    def _take(self, event: dict[str, Any]) -> None:
        self._first = self._first or event
        kind = event.get("event")
        if kind == "step":
            self._add(event)
        elif kind == "resumed":
            self._take_back(event["step"])
        elif kind == "state" and event.get("state") == "running":
            self._went_on = len(self._columns["step"])
        if kind in ("step", "heartbeat"):
            self._ends[kind] = event
        else:
            self._others.append(event)

    def _add(self, event: dict[str, Any]) -> None:
        values = event | {"seconds": self._seconds(event)}
        for name, column in self._columns.items():
            value = values.get(name)
            column.append(math.nan if value is None else value)

    def _take_back(self, step: int) -> None:
        kept = sum(value <= step for value in self._columns["step"])
        for column in self._columns.values():
            del column[kept:]
        undone = ("evaluation", "checkpoint")
        self._others = [e for e in self._others if not (e["event"] in undone and e.get("step", 0) > step)]
        self._ends.pop("step", None)
        self._went_on = kept
        self.generation += 1

    def _seconds(self, event: dict[str, Any]) -> float:
        if self._first is None:
            return 0.0
        return (datetime.fromisoformat(event["time"]) - datetime.fromisoformat(self._first["time"])).total_seconds()

    @property
    def status(self) -> Status:
        """What the run is doing now."""
        if self._first is None:
            return read_status(self.folder, [])
        events = sorted([*self._others, *self._ends.values()], key=lambda event: event["time"])
        return read_status(self.folder, [self._first, *(e for e in events if e is not self._first)])

    @property
    def began(self) -> str:
        """The time of the first event; empty where nothing has happened."""
        return str(self._first["time"]) if self._first else ""

    @property
    def losses(self) -> list[float]:
        """The loss of every step event."""
        return list(self._columns["loss"])

    def since(self, cursor: Mapping[str, Any]) -> tuple[Header, bytes]:
        """What a reader does not have yet.

        Parameters
        ----------
        cursor : mapping
            ``generation``, ``steps``, ``others`` and ``log`` of the last header it was given; empty at first.

        Returns
        -------
        Header
            ``generation``; ``begin``, the step events the reader should have before these; ``steps``, those it has
            with these; ``columns``; ``others``, all other events but heartbeats; ``status``; ``log``, bytes of the
            log, and ``tail``, its end, where it grew.
        bytes
            The new step events as float32: all of the first column, then all of the second, ….
        """
        with self._lock:
            self._read()
            return self._since(cursor)

    def _since(self, cursor: Mapping[str, Any]) -> tuple[Header, bytes]:
        same = cursor.get("generation") == self.generation
        steps = min(int(cursor.get("steps", 0)), len(self._columns["step"])) if same else 0
        others = int(cursor.get("others", 0)) if same else 0
        log = _size(self.folder / "worker.log")
        header: Header = {
            "generation": self.generation,
            "begin": steps,
            "steps": len(self._columns["step"]),
            "columns": list(COLUMNS),
            "begin_others": others,
            "others": len(self._others),
            "events": self._others[others:],
            "status": self._told(),
            "log": log,
            "tail": _tail(self.folder / "worker.log") if log != cursor.get("log", 0) else None,
        }
        return header, b"".join(column[steps:].tobytes() for column in self._columns.values())

    def has_news(self, cursor: Mapping[str, Any]) -> bool:
        """Whether ``since`` would give something that the reader does not have."""
        self.read()
        known = (cursor.get("generation"), cursor.get("steps"), cursor.get("others"))
        return known != (self.generation, len(self._columns["step"]), len(self._others))

    def ask(self, request: str, value: float | None = None) -> None:
        """Append a request for the run.

        Parameters
        ----------
        request : str
            See ``ftkit.runs.control``.
        value : float, optional
            The new rate, for ``learning_rate``.

        Raises
        ------
        RunError
            The run is over, or there is no such request.
        """
        self.read()
        status = self.status
        if status.over:
            said = f"run '{self.folder.name}' is over, so it cannot {request.replace('_', ' ')}: {status.sentence}"
            raise RunError(said, self.folder)
        ask(self.folder, request, value)

    def _told(self) -> Told:
        status = self.status
        there = status.state in OPEN
        worker = next((e for e in reversed(self._others) if "pid" in e), None) if there else None
        used = memory(worker) if worker and alive(worker) else None
        own = {"name": self.folder.name, "over": status.over, "memory": used, "left": self._left(status)}
        return Told(**{**asdict(status), "sentence": say(status.sentence)}, **own)

    def _left(self, status: Status) -> float | None:
        """Seconds until the last step at the pace of the last step events; None where it is not known."""
        steps, seconds = self._columns["step"], self._columns["seconds"]
        first = max(self._went_on, len(steps) - RECENT)
        if status.state != "running" or len(steps) - first < 2 or not status.steps:
            return None
        taken, passed = steps[-1] - steps[first], seconds[-1] - seconds[first]
        return max(0.0, (status.steps - steps[-1]) * passed / taken) if taken > 0 else None


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _tail(path: Path) -> str:
    """The end of a log, whole lines."""
    with path.open("rb") as file:
        file.seek(max(0, _size(path) - TAIL))
        content = file.read().decode("utf-8", errors="replace")
    return content.split("\n", 1)[-1] if _size(path) > TAIL else content
