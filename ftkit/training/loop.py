"""The training loop, read from top to bottom.

It knows no file and no widget: it yields events, and asks ``control`` for requests once a step. Everything random is
a function of (seed, epoch, row id) or (seed, step), so going on from a checkpoint is going on with the same plan.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ftkit.errors import FtkitError
from ftkit.models.frozen import layers_of, thaw, train_mode
from ftkit.training.average import Average
from ftkit.training.device import Place
from ftkit.training.event import Changed, Checkpoint, Epoch, Event, Finished, NotFinite, Settled, Stopped
from ftkit.training.gradient import add_penalties, batch_gradient, clip, divide, gradient_norms, out_of_memory
from ftkit.training.loss_scale import LossScale
from ftkit.training.losses import Loss
from ftkit.training.optimizer import make_optimizer, take_step
from ftkit.training.plan import plan, steps_per_epoch
from ftkit.training.progress import Progress
from ftkit.training.requests import Requests, change, no_requests, wait_while_paused
from ftkit.training.schedule import learning_rate
from ftkit.training.settings import Settings
from ftkit.training.state import State
from ftkit.training.statistics import Statistics
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
    Step, NotFinite, Epoch, Checkpoint, Paused, Continued, Changed, Stopped, Settled or Finished
        The last one is one of the last three.

    Raises
    ------
    FtkitError
        No finite gradient for 25 steps in a row, or for one where ``not_finite`` is ``stop``; the checkpoint does not
        fit the model; one row alone does not fit the memory.
    """
    if settings.unfreeze_every:
        thaw(model, len(layers_of(model)))  # the optimiser has to know all that will ever learn
    at, learning = Progress.start(settings), [(n, p) for n, p in model.named_parameters() if p.requires_grad]
    names, weights = [n for n, _ in learning], [p for _, p in learning if p.ndim >= 2]
    statistics = Statistics(model)
    whole = State(model, make_optimizer(model, settings), at, place.processes.wrap(model))
    whole.average = Average(model, settings.ema) if settings.ema else None
    whole.loss_scale = LossScale(place.device) if place.precision == "fp16" else None
    if state is not None:
        whole.read(state)
    averaged = whole.average.shown if whole.average else nullcontext
    lengths = getattr(rows, "lengths", None) if settings.bucketing else None

    def here() -> float:
        return at.epoch + at.number / steps_per_epoch(len(rows), at.batch_size)

    def faults() -> Iterator[NotFinite]:
        for fault in whole.tally.settle(names):
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
            names = [n for n, p in learning if p.requires_grad]
        train_mode(model)
        batches = plan(rows.keys, at.batch_size, at.epoch, settings.seed, lengths)
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
            statistics.keep()
            micro = at.micro_batch_size
            value = _gradient(whole, rows, positions, loss, settings, place, statistics)
            if micro != at.micro_batch_size:
                yield Changed(at.step, here(), "micro_batch_size", at.micro_batch_size)
            if settings.l1 or settings.l2:
                add_penalties(weights, settings.l1, settings.l2)
            gradients = [p.grad for _, p in learning if p.grad is not None]
            if len(names) != len(gradients):  # a forward pass need not use every parameter
                names = [n for n, p in learning if p.grad is not None]
            norms = gradient_norms(gradients)
            norm = torch.linalg.vector_norm(norms)
            bad = ~torch.isfinite(norm + value)
            if settings.clip_norm:
                clip(gradients, norm, settings.clip_norm)
            take_step(whole.optimizer, rate, bad)
            del gradients  # or they would stand beside those of the next step
            statistics.restore(bad)
            if whole.loss_scale:
                whole.loss_scale.update(bad)
            if whole.average:
                whole.average.update(at.step)
            at.step, at.number = at.step + 1, at.number + 1
            whole.tally.add(at.step, positions, value, norm, norms)

            if at.step % settings.log_every == 0 or at.number == len(batches):
                yield from faults()
                told = whole.tally.tell(at.step, here(), rate)
                at.lost = at.lost + told.skipped if told.skipped == whole.tally.steps else 0
                whole.tally = Tally()
                yield told
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


def _gradient(
    whole: State, rows: Any, positions: np.ndarray, loss: Loss, settings: Settings, place: Place, kept: Statistics
) -> Tensor:
    """The loss of a batch, its gradient in the parameters; micro-batches are halved until they fit the memory."""
    at, scale = whole.at, whole.loss_scale
    while True:
        # Dropout is the only reader of torch's own generator; (seed, step) decides what it reads.
        _seed(settings.seed * 1_000_003 + at.step + 999_983 * place.processes.rank, place)
        processes = place.processes
        least = (2 if kept.any else 1) * processes.count
        parts = [processes.share(p) for p in divide(positions, at.micro_batch_size * processes.count, least)]
        try:
            value = batch_gradient(whole.passes, rows, parts, at.epoch, loss, place, scale and scale.factor)
            break
        except RuntimeError as error:
            if not out_of_memory(error):
                raise
            if len(parts[0]) <= (2 if kept.any else 1) or processes.count > 1:  # others may have had enough
                raise FtkitError(_too_large(len(parts[0]), error)) from error
        kept.restore()
        whole.optimizer.zero_grad(set_to_none=True)
        at.micro_batch_size = max(1, -(-len(parts[0]) // 2))
        if place.device.type == "cuda":
            torch.cuda.empty_cache()
    if scale:
        gradients = [p.grad for group in whole.optimizer.param_groups for p in group["params"] if p.grad is not None]
        torch._foreach_mul_(gradients, 1 / scale.factor)
    return value


def _seed(value: int, place: Place) -> None:
    """Seed the generators dropout reads; ``torch.manual_seed`` costs a millisecond a call."""
    torch.default_generator.manual_seed(value)
    if place.device.type == "cuda":
        torch.cuda.manual_seed_all(value)
    elif place.device.type == "mps":
        torch.mps.manual_seed(value)


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


def _too_large(rows: int, error: RuntimeError) -> str:
    return (
        f"the memory does not suffice for a micro-batch of {rows} rows ({str(error).splitlines()[0]}). Take a smaller "
        "model, smaller images or shorter texts, or a device with more memory."
    )
