"""The training loop, read from top to bottom.

It knows no file and no widget: it yields events, and asks ``control`` for requests once a step. Everything random is
a function of (seed, epoch, row id) or (seed, step), so going on from a checkpoint is going on with the same plan.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import Any

from torch import Tensor, nn

from ftkit.errors import FtkitError
from ftkit.models.frozen import layers_of, thaw, train_mode
from ftkit.training.average import Average
from ftkit.training.device import Place
from ftkit.training.event import Changed, Checkpoint, Epoch, Event, Finished, NotFinite, Settled, Stopped
from ftkit.training.loss_scale import LossScale
from ftkit.training.losses import Loss
from ftkit.training.optimizer import make_optimizer
from ftkit.training.plan import plan, steps_per_epoch
from ftkit.training.progress import Progress
from ftkit.training.requests import Requests, change, no_requests, wait_while_paused
from ftkit.training.schedule import learning_rate
from ftkit.training.settings import Settings
from ftkit.training.state import State
from ftkit.training.steps import Steps
from ftkit.training.tally import Tally

# After so many steps in a row without a finite gradient, training on would be pretending.
MOST_SKIPPED = 25


def no_score() -> None:
    """The score of a training nobody judges."""


def train(  # noqa: C901 - one loop, read from top to bottom
    model: nn.Module,
    rows: Any,
    loss: Loss,
    settings: Settings,
    place: Place,
    *,
    control: Requests = no_requests,
    score: Callable[[], float | None] = no_score,
    state: dict[str, Tensor] | None = None,
) -> Iterator[Event]:
    """Train a model, event by event; nothing happens between two calls of ``next``.

    Parameters
    ----------
    model : torch.nn.Module
        On ``place.device``; answers a batch of inputs with an object that has ``.logits``.
    rows : ImageRows, TableRows or TokenRows
        The train rows: ``len``, ``keys``, ``batch(positions, epoch)``, and ``lengths`` where they differ in length.
    loss : Loss
    settings : Settings
    place : Place
        Device and precision.
    control : callable, default no_requests
        Given the step, it answers with the requests that came in since it was last asked: ``{"request": "pause"}``,
        ``continue``, ``stop``, ``checkpoint``, ``evaluate``, or ``learning_rate``, ``batch_size``, ``epochs`` with a
        ``value``.
    score : callable, default no_score
        Asked after the Epoch event of each whole epoch: what its evaluation came to, lower is better; None if nothing
        was judged.
    state : dict of str to Tensor, optional
        The state of a checkpoint to go on from.

    Yields
    ------
    Step, NotFinite, Epoch, Checkpoint, Paused, Continued, Changed, Note, Stopped, Settled or Finished
        The last one is one of the last three.

    Raises
    ------
    FtkitError
        No finite gradient for 25 steps in a row, or for one where ``not_finite`` is ``stop``; the checkpoint does not
        fit the model; one row alone does not fit the memory.
    """
    if settings.unfreeze_every:
        thaw(model, len(layers_of(model)))  # the optimiser has to know all that will ever learn
    at = Progress.start(settings)
    whole = State(model, make_optimizer(model, settings), at, place.processes.wrap(model))
    whole.average = Average(model, settings.ema) if settings.ema else None
    whole.loss_scale = LossScale(place.device) if place.precision == "fp16" else None
    if state is not None:
        whole.read(state)
    steps = Steps(whole, rows, loss, settings, place)
    averaged = whole.average.shown if whole.average else nullcontext
    lengths = getattr(rows, "lengths", None) if settings.bucketing else None

    def here() -> float:
        return at.epoch + at.number / steps_per_epoch(len(rows), at.batch_size)

    def faults() -> Iterator[NotFinite]:
        for fault in whole.tally.settle(steps.names):
            yield fault
            # fp16 finds its scale by overflowing: only a loss that is not finite is a fault there.
            if settings.not_finite == "stop" and not (whole.loss_scale and math.isfinite(fault.loss)):
                raise FtkitError(_say(fault))

    def save() -> Iterator[Event]:
        yield from faults()
        yield Checkpoint(at.step, here(), whole.write(), best=at.best_step == at.step)

    ended = at.epoch >= at.epochs or at.settled(settings)  # a checkpoint of the end: all that is left is to say so
    if settings.not_finite == "rollback" and state is None:
        yield from save()  # a place to go back to
    while at.epoch < at.epochs and not at.settled(settings):
        if settings.unfreeze_every:
            thaw(model, at.epoch // settings.unfreeze_every)
            steps.thaw()
        train_mode(model)
        batches = plan(rows.keys, at.batch_size, at.epoch, settings.seed, lengths)
        steps.ahead(batches[at.number :])
        for positions in batches[at.number :]:
            for request in wait_while_paused(control, at.step, here()):
                match request:
                    case {"request": "stop"}:
                        yield from save()
                        yield Stopped(at.step, here())
                        return
                    case {"request": "checkpoint"}:
                        yield from save()
                    case {"request": "evaluate"}:
                        with averaged():
                            yield Epoch(at.step, here(), asked=True)
                    case {"request": name, "value": value}:
                        change(at, name, value, settings)
                        yield Changed(at.step, here(), name, value)
                    case _:
                        yield request

            if not model.training:  # an evaluation has left it so
                train_mode(model)
            rate = at.scale * learning_rate(at.epoch * len(batches) + at.number, at.epochs * len(batches), settings)
            whole.tally.begin()
            told = steps.take(positions, rate)
            while steps.news:
                yield steps.news.pop(0)(at.step, here())
            at.step, at.number = at.step + 1, at.number + 1
            whole.tally.add(at.step, positions, told)

            if at.step % settings.log_every == 0 or at.number == len(batches):
                yield from faults()
                event = whole.tally.tell(at.step, here(), rate)
                at.lost = at.lost + event.skipped if event.skipped == whole.tally.steps else 0
                whole.tally = Tally()
                yield event
                if at.lost >= MOST_SKIPPED:
                    raise FtkitError(_not_learning(at, settings))
            due = settings.checkpoint_every and at.step % settings.checkpoint_every == 0
            if due and at.number < len(batches):
                yield from save()

        at.epoch, at.number, at.batch_size = at.epoch + 1, 0, at.next_batch_size
        with averaged():
            yield Epoch(at.step, float(at.epoch))
            lowered = at.plateau_scale
            if at.observe(score(), settings) and settings.early_stopping:
                whole.keep_best()
        if lowered != at.plateau_scale:
            yield Changed(at.step, here(), "plateau", settings.learning_rate * at.scale)
        due = at.step % settings.checkpoint_every == 0 if settings.checkpoint_every else True
        if (due or at.best_step == at.step) and at.epoch < at.epochs and not at.settled(settings):
            yield from save()

    if not ended:
        yield from save()
    if whole.average:
        whole.average.put()
    if whole.best:
        whole.put_best()
    if at.settled(settings):
        yield Settled(at.step, here(), at.best_step, at.best)
    else:
        yield Finished(at.step, here())


def _not_learning(at: Progress, settings: Settings) -> str:
    return (
        f"the loss has not been finite for {at.lost} steps (now step {at.step}), so nothing is learned. "
        f"Lower training.learning_rate (it is {settings.learning_rate:g}), or look for NaN and huge values in the data."
    )


def _say(fault: NotFinite) -> str:
    return (
        f"step {fault.step}: the loss is {fault.loss:g} and the gradient's length {fault.gradient_norm:g}, largest in "
        f"{fault.layer}; training.not_finite is 'stop'. The rows of that batch are in events.jsonl."
    )
