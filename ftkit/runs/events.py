"""``events.jsonl``: what happened, one line each, appended only.

A line is written with one call, so that two writers do not mix; a torn last line, from a machine that lost its power,
is closed by the next writer and passed over by every reader.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ftkit.runs.secrets import redact

HEARTBEAT_SECONDS = 5.0
RESERVED = 1 << 16
NAME = "events.jsonl"
# What going on from a checkpoint takes back.
TRAINED = ("step", "not_finite", "evaluation", "checkpoint", "changed", "settled")


def now() -> str:
    """The time, in ISO form with milliseconds, UTC."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


class EventLog:
    """The writing end of a run's events.

    Parameters
    ----------
    folder : Path
        The run folder.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME
        self._reserve = folder / ".reserve"
        self.step = 0
        self._kept: list[bytes] = []
        self._lock = threading.Lock()
        close_torn_line(self.path)

    def write(self, event: str, **fields: Any) -> None:
        """Append one event; while the disk is full, events are kept and written when it is not.

        Parameters
        ----------
        event : str
            Its name.
        **fields
            What else there is to say, as JSON values. ``step`` is added where it is not given.
        """
        self.step = fields.get("step", self.step)
        fields = {k: redact(v) if isinstance(v, str) else v for k, v in _finite(fields).items()}
        line = json.dumps({"event": event, "time": now(), "step": self.step} | fields, ensure_ascii=False)
        with self._lock:
            self._kept.append(line.encode() + b"\n")
            try:
                append(self.path, b"".join(self._kept))
            except OSError:
                return
            self._kept.clear()

    def reserve(self) -> None:
        """Set some bytes of the disk aside, so that a run that ends because the disk is full can still say so."""
        with contextlib.suppress(OSError):
            self._reserve.write_bytes(b"\0" * RESERVED)

    def close(self) -> None:
        """Give the reserve back, and write what a full disk has kept waiting."""
        self._reserve.unlink(missing_ok=True)
        with self._lock, contextlib.suppress(OSError):
            if self._kept:
                append(self.path, b"".join(self._kept))
                self._kept.clear()

    def beat(self, stop: threading.Event) -> None:
        """Write a heartbeat every few seconds until told to stop; for a thread of its own."""
        while not stop.wait(HEARTBEAT_SECONDS):
            self.write("heartbeat")


class SilentLog:
    """The log of a process that trains with others and writes nothing."""

    def write(self, event: str, **fields: Any) -> None:
        """Nothing: process 0 says it."""


def append(path: Path, content: bytes) -> None:
    """Append to a file with one write; a write that did not fit is taken back.

    Raises
    ------
    OSError
        The disk is full, or the file cannot be written; the file is as it was.
    """
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        before = os.fstat(handle).st_size
        written = os.write(handle, content)
        if written < len(content):
            os.ftruncate(handle, before)
            raise OSError(28, "no space left on the disk", str(path))
    finally:
        os.close(handle)


class Follower:
    """The reading end of a file of JSON lines: each call of ``read`` gives what is new.

    Parameters
    ----------
    path : Path
        May not be there yet.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.offset = 0

    def read(self) -> list[dict[str, Any]]:
        """The whole lines since the last call; a line still being written waits for the next."""
        try:
            if self.path.stat().st_size <= self.offset:
                return []
            with self.path.open("rb") as file:
                file.seek(self.offset)
                content = file.read()
        except FileNotFoundError:
            return []
        whole = content[: content.rfind(b"\n") + 1]
        self.offset += len(whole)
        return [line for line in map(_parse, whole.splitlines()) if line is not None]


def history(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The events of the training as it counts: what a resumed run took back is left out.

    Parameters
    ----------
    events : list of dict
        As they were written.

    Returns
    -------
    list of dict
        Without what came after the checkpoint that a later ``resumed`` went on from: steps, evaluations, changes.

    Examples
    --------
    >>> lines = [{"event": "step", "step": s} for s in (1, 2, 3)] + [{"event": "resumed", "step": 1}]
    >>> [line["step"] for line in history(lines)]
    [1, 1]
    """
    kept: list[dict[str, Any]] = []
    for event in events:
        if event["event"] == "resumed":
            place = _place_of_checkpoint(kept, event["step"])
            later = [
                k for k in kept[place:] if k["event"] not in TRAINED or (place == 0 and k["step"] <= event["step"])
            ]
            kept = kept[:place] + later
        kept.append(event)
    return kept


def _place_of_checkpoint(events: list[dict[str, Any]], step: int) -> int:
    """Behind the event of a step's checkpoint; 0 where it was not written down."""
    places = [i for i, event in enumerate(events) if event["event"] == "checkpoint" and event["step"] == step]
    return places[-1] + 1 if places else 0


def _parse(line: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(line)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def close_torn_line(path: Path) -> None:
    """End a last line that was cut off, so that the next one starts at its own line."""
    if path.exists() and path.stat().st_size and not path.read_bytes().endswith(b"\n"):
        append(path, b"\n")


def _finite(fields: dict[str, Any]) -> dict[str, Any]:
    """NaN and infinities are not JSON: they are written as null."""
    return {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in fields.items()}
