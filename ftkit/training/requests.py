"""What somebody asks of a training while it goes on."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

from ftkit.training.event import Continued, Event, Paused
from ftkit.training.progress import Progress
from ftkit.training.settings import Settings

POLL_SECONDS = 0.02

# Given the step, the requests that came in since the last call.
Requests = Callable[[int], list[dict[str, Any]]]


def no_requests(step: int) -> list[dict[str, Any]]:
    """The control of a training nobody steers."""
    return []


def wait_while_paused(control: Requests, step: int, epoch: float) -> Iterator[dict[str, Any] | Event]:
    """The requests that came in; between ``pause`` and ``continue`` or ``stop`` this waits."""
    waiting = False
    while True:
        for request in control(step):
            if request["request"] == "pause" and not waiting:
                waiting = True
                yield Paused(step, epoch)
            elif request["request"] == "continue" and waiting:
                waiting = False
                yield Continued(step, epoch)
            elif request["request"] not in ("pause", "continue"):
                waiting = waiting and request["request"] != "stop"
                yield request
        if not waiting:
            return
        time.sleep(POLL_SECONDS)


def change(at: Progress, name: str, value: float, settings: Settings) -> None:
    """Follow a request that changes a number."""
    if name == "learning_rate":
        at.rate_scale, at.plateau_scale = float(value) / settings.learning_rate, 1.0
    elif name == "batch_size":
        at.next_batch_size = int(value)
    elif name == "epochs":
        at.epochs = max(int(value), at.epoch + 1)
