"""The training loop, read from top to bottom.

It knows no file and no widget: it yields events, and asks ``control`` for requests once a step. Its state is the
model, the optimiser's two moments and the step; everything random is a function of (seed, epoch, row id) or
(seed, step), so going on from a checkpoint is going on with the same plan.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from ftkit.errors import FtkitError
from ftkit.models.frozen import train_mode
from ftkit.training.device import Place
from ftkit.training.event import Changed, Checkpoint, Continued, Epoch, Event, Finished, Paused, Step, Stopped
from ftkit.training.optimizer import l1_penalty, make_optimizer, take_step
from ftkit.training.plan import plan, steps_per_epoch
from ftkit.training.schedule import learning_rate
from ftkit.training.settings import Settings
from ftkit.training.state import read_state, write_state

# After so many steps in a row without a finite gradient, training on would be pretending.
MOST_SKIPPED = 25
POLL_SECONDS = 0.1

Requests = Callable[[], list[dict[str, Any]]]


def no_requests() -> list[dict[str, Any]]:
    """The control of a training nobody steers."""
    return []


@dataclass
class _Tally:
    """Sums over the steps since the last step event, kept on the device."""

    loss: Tensor
    skipped: Tensor
    steps: int = 0
    rows: int = 0
    since: float = field(default_factory=time.perf_counter)

    @classmethod
    def new(cls, device: torch.device) -> _Tally:
        return cls(torch.zeros((), device=device), torch.zeros((), device=device))


def train(  # noqa: C901 - one loop, read from top to bottom
    model: nn.Module,
    rows: Any,
    loss: Callable[[Tensor, Tensor], Tensor],
    settings: Settings,
    place: Place,
    *,
    control: Requests = no_requests,
    state: dict[str, Tensor] | None = None,
) -> Iterator[Event]:
    """Train a model, event by event; nothing happens between two calls of ``next``.

    Parameters
    ----------
    model : torch.nn.Module
        On ``place.device``; answers a batch of inputs with an object that has ``.logits``.
    rows : ImageRows or TableRows
        The train rows: ``len``, ``keys`` and ``batch(positions, epoch)``.
    loss : callable
        ``loss(logits, labels)`` gives the mean loss of a batch.
    settings : Settings
    place : Place
        Device and precision.
    control : callable, default no_requests
        Gives the requests that came in since it was last asked: ``{"request": "pause"}``, ``continue``, ``stop``,
        ``checkpoint``, ``evaluate``, or ``{"request": "learning_rate", "value": 1e-4}``.
    state : dict of str to Tensor, optional
        The state of a checkpoint to go on from.

    Yields
    ------
    Step, Epoch, Checkpoint, Paused, Continued, Changed, Stopped or Finished
        The last one is Stopped or Finished.

    Raises
    ------
    FtkitError
        No finite gradient for 25 steps in a row; the checkpoint does not fit the model.
    """
    optimizer = make_optimizer(model, settings)
    begin, scale = read_state(state, model, optimizer) if state else (0, 1.0)
    per_epoch = steps_per_epoch(len(rows), settings.batch_size)
    steps = per_epoch * settings.epochs
    step = last_save = begin
    tally, lost = _Tally.new(place.device), 0

    def save() -> Checkpoint:
        return Checkpoint(step, step / per_epoch, write_state(model, optimizer, step, scale))

    for epoch in range(begin // per_epoch, settings.epochs):
        for number, positions in enumerate(plan(rows.keys, settings.batch_size, epoch, settings.seed)):
            if epoch * per_epoch + number < begin:
                continue
            for request in _wait_while_paused(control, step, step / per_epoch):
                if isinstance(request, Event):
                    yield request
                elif request["request"] == "stop":
                    yield save()
                    yield Stopped(step, step / per_epoch)
                    return
                elif request["request"] == "checkpoint":
                    yield save()
                    last_save = step
                elif request["request"] == "evaluate":
                    yield Epoch(step, step / per_epoch)
                elif request["request"] == "learning_rate":
                    scale = float(request["value"]) / settings.learning_rate
                    yield Changed(step, step / per_epoch, "learning_rate", float(request["value"]))
            train_mode(model)
            rate = learning_rate(step, steps, settings) * scale
            norm = _one_step(model, rows.batch(positions, epoch), loss, optimizer, settings, place, step, rate, tally)
            step += 1
            tally.rows += len(positions)
            ended = number + 1 == per_epoch
            if step % settings.log_every == 0 or ended:
                told = _tell(tally, step, per_epoch, rate, norm)
                lost = lost + told.skipped if told.skipped == tally.steps else 0
                tally = _Tally.new(place.device)
                yield told
                if lost >= MOST_SKIPPED:
                    raise FtkitError(_not_finite(step, lost, settings))
            if ended:
                yield Epoch(step, step / per_epoch)
            due = step - last_save >= settings.checkpoint_every if settings.checkpoint_every else ended
            if due and step < steps:
                yield save()
                last_save = step
    yield save()
    yield Finished(step, step / per_epoch)


def _one_step(
    model: nn.Module,
    batch: tuple[Tensor, Tensor],
    loss: Callable[[Tensor, Tensor], Tensor],
    optimizer: torch.optim.AdamW,
    settings: Settings,
    place: Place,
    step: int,
    rate: float,
    tally: _Tally,
) -> Tensor:
    """Forward, backward, update; the gradient's norm."""
    inputs, labels = batch
    # Dropout is the only reader of torch's own generator; (seed, step) decides what it reads.
    _seed(settings.seed * 1_000_003 + step, place)
    if not tally.steps:
        tally.since = time.perf_counter()  # pauses and evaluations before the first step are not its time
    statistics = [(buffer, buffer.clone()) for buffer in model.buffers() if buffer.is_floating_point()]
    with place.autocast():
        logits = model(inputs).logits
    value = loss(logits.float(), labels)
    total = value + settings.l1 * l1_penalty(model) if settings.l1 else value
    total.backward()
    norm = take_step(optimizer, model, rate, settings.clip_norm)
    finite = torch.isfinite(norm)
    for buffer, before in statistics:  # a step that is not taken leaves no trace in the batch norms either
        buffer.copy_(torch.where(finite, buffer, before))
    tally.loss += torch.where(finite, value.detach(), 0)
    tally.skipped += ~finite
    tally.steps += 1
    return norm


def _seed(value: int, place: Place) -> None:
    """Seed the generators dropout reads; ``torch.manual_seed`` costs a millisecond a call."""
    torch.default_generator.manual_seed(value)
    if place.device.type == "cuda":
        torch.cuda.manual_seed_all(value)
    elif place.device.type == "mps":
        torch.mps.manual_seed(value)


def _tell(tally: _Tally, step: int, per_epoch: int, rate: float, norm: Tensor) -> Step:
    """The event of the steps in a tally: the one place where the host waits for the device."""
    skipped = int(tally.skipped)
    taken = tally.steps - skipped
    mean = float(tally.loss) / taken if taken else float("nan")
    speed = tally.rows / max(time.perf_counter() - tally.since, 1e-9)
    return Step(step, round(step / per_epoch, 4), mean, rate, round(speed, 1), float(norm), skipped)


def _wait_while_paused(control: Requests, step: int, epoch: float) -> Iterator[dict[str, Any] | Event]:
    """The requests that came in; between ``pause`` and ``continue`` or ``stop`` this waits."""
    waiting = False
    while True:
        for request in control():
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


def _not_finite(step: int, lost: int, settings: Settings) -> str:
    return (
        f"the loss has not been finite for {lost} steps (now step {step}), so nothing is learned. "
        f"Lower training.learning_rate (it is {settings.learning_rate:g}), or look for NaN and huge values in the data."
    )


def mean_loss(predicts: str) -> Callable[[Tensor, Tensor], Tensor]:
    """Cross-entropy for classes, mean squared error for a number.

    Parameters
    ----------
    predicts : {"class", "number"}

    Returns
    -------
    callable
        ``loss(logits, labels)`` with logits (n, K) or (n, 1), labels int64 or float32 (n,).
    """
    if predicts == "class":
        return nn.functional.cross_entropy
    return lambda logits, labels: nn.functional.mse_loss(logits.squeeze(1), labels)
