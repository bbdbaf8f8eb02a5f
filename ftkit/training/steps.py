"""The steps of a training: the gradient of a batch, what makes it fit to be followed, and the step itself."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ftkit.errors import FtkitError
from ftkit.training.compiling import Trial, compile_model, trial
from ftkit.training.data_workers import announce
from ftkit.training.device import Place
from ftkit.training.event import Changed, Event, Note
from ftkit.training.gradient import add_penalties, batch_gradient, clip, divide, gradient_norms, out_of_memory
from ftkit.training.graphs import Graphs
from ftkit.training.losses import Loss
from ftkit.training.optimizer import set_rate, take_step
from ftkit.training.plan import size_of, steps_per_epoch
from ftkit.training.settings import Settings
from ftkit.training.state import State
from ftkit.training.statistics import Statistics


class Steps:
    """Takes steps, on a GPU as one recorded graph a batch shape; out of memory, in smaller micro-batches.

    Parameters
    ----------
    whole : State
    rows : ImageRows, TableRows, TokenRows or SeriesRows
    loss : Loss
    settings : Settings
    place : Place

    Attributes
    ----------
    names : list of str
        Of the parameters that learn.
    news : list of callables
        ``(step, epoch)`` makes an event of each: what was changed in how steps are taken.
    """

    def __init__(self, whole: State, rows: Any, loss: Loss, settings: Settings, place: Place) -> None:
        self.whole, self.rows, self.loss, self.settings, self.place = whole, rows, loss, settings, place
        self._learning = [(n, p) for n, p in whole.model.named_parameters() if p.requires_grad]
        self._weights = [p for _, p in self._learning if p.ndim >= 2]
        self._statistics = Statistics(whole.model)
        self.names = [n for n, _ in self._learning]
        self.news: list[Callable[[int, float], Event]] = []
        self._plain, self._trial = whole.passes, None
        self.graphs = self._graphs()
        if settings.compile is True:
            whole.passes = compile_model(whole.passes)
        elif settings.compile == "auto" and place.device.type == "cuda" and place.processes.count == 1:
            self._trial = trial(whole)
            next(self._trial)

    def _graphs(self) -> Graphs | None:
        """Where steps are recorded: on a GPU, where they are the same work over and over."""
        fixed = getattr(self.rows, "lengths", None) is None and not self.settings.unfreeze_every
        alone = self.place.processes.count == 1 and not self.whole.loss_scale
        known = self.settings.optimizer in ("adam", "adamw")
        return Graphs() if self.place.device.type == "cuda" and fixed and alone and known else None

    def thaw(self) -> None:
        """Take note of which parameters learn by now."""
        self.names = [n for n, p in self._learning if p.requires_grad]

    def ahead(self, batches: list[np.ndarray]) -> None:
        """Have the rows of the batches to come read ahead, where data workers read them."""
        announce(self.rows, (np.concatenate(self._shares(batch)) for batch in batches), self.whole.at.epoch)

    def take(self, positions: np.ndarray, rate: float) -> Tensor:
        """Take a step on the rows at these positions.

        Returns
        -------
        Tensor, (2 + P,)
            The loss, the length of the gradient before it was clipped, and that of each of P parameters; on the device,
            where nobody has to wait for it. Where one of the first two is not finite, the step was not taken.

        Raises
        ------
        FtkitError
            One row alone does not fit the memory.
        """
        at, place = self.whole.at, self.place
        # Dropout is the only reader of torch's own generator; (seed, step) decides what it reads.
        _seed(self.settings.seed * 1_000_003 + at.step + 999_983 * place.processes.rank, place)
        set_rate(self.whole.optimizer, rate)
        told, micro = None, at.micro_batch_size
        if self.graphs and not at.micro_batch_size and self.graphs.due(len(positions)):
            told = self._by_graph(self.graphs, positions)
        if told is None:
            told = self._follow(self._gradient(positions))
            if micro != at.micro_batch_size:
                self.news.append(partial(Changed, name="micro_batch_size", value=at.micro_batch_size))
        if self.whole.average:
            self.whole.average.update(at.step)
        if self._trial:
            self._judge(self._trial, positions)
        return told

    def _judge(self, running: Trial, positions: np.ndarray) -> None:
        """Tell the trial of a step; it may have decided."""
        at = self.whole.at
        left = at.epochs * steps_per_epoch(len(self.rows), at.batch_size) - at.step
        passes = self.whole.passes
        try:
            running.send((size_of(positions, getattr(self.rows, "lengths", None)), left))
        except StopIteration as decided:
            self._trial = None
            if decided.value:
                self.news.append(partial(Note, message=str(decided.value)))
        if self.whole.passes is not passes:
            self.graphs = self._graphs()

    def _give_up_compiling(self, reason: str) -> None:
        """Go on with the model as it is, which computes the same."""
        self._trial, self.whole.passes = None, self._plain
        self.graphs = self._graphs()
        self.news.append(partial(Note, message=f"torch.compile failed, and training goes on without it: {reason}"))

    def _by_graph(self, graphs: Graphs, positions: np.ndarray) -> Tensor | None:
        """A step by its recording; None where it is to be taken as usual, as where the memory does not suffice."""
        try:
            return graphs.take(self._step, *self.rows.batch(positions, self.whole.at.epoch))
        except RuntimeError as error:
            if not out_of_memory(error):
                raise
        self._statistics.restore()
        self.whole.optimizer.zero_grad(set_to_none=True)
        return None

    def _step(self, inputs: Any, labels: Tensor) -> Tensor:
        """A step on a whole batch that is there already."""
        self._statistics.keep()
        return self._follow(batch_gradient(self.whole.passes, [(inputs, labels)], self.loss, self.place, None))

    def _gradient(self, positions: np.ndarray) -> Tensor:
        """The loss of a batch, its gradient in the parameters; micro-batches are halved until they fit the memory."""
        at, scale = self.whole.at, self.whole.loss_scale
        self._statistics.keep()
        while True:
            parts = self._shares(positions)
            try:
                batches = [self.rows.batch(part, at.epoch) for part in parts]
                value = batch_gradient(
                    self.whole.passes, batches, self.loss, self.place, scale.factor if scale else None
                )
                break
            except RuntimeError as error:
                short = out_of_memory(error)
                if not short and self.whole.passes is self._plain:
                    raise
                least = len(parts[0]) <= self._least or self.place.processes.count > 1  # others may have had enough
                if short and least:
                    raise FtkitError(_too_large(len(parts[0]), error)) from error
                reason = str(error).strip().splitlines()[0]
            batches = []
            self._statistics.restore()
            self.whole.optimizer.zero_grad(set_to_none=True)
            if not short:
                self._give_up_compiling(reason)
                continue
            at.micro_batch_size = max(1, -(-len(parts[0]) // 2))
            if self.place.device.type == "cuda":
                torch.cuda.empty_cache()
        if scale:
            torch._foreach_mul_([p.grad for _, p in self._learning if p.grad is not None], 1 / scale.factor)
        return value

    @property
    def _least(self) -> int:
        """The fewest rows of a micro-batch: a batch norm cannot learn from one."""
        return 2 if self._statistics.any else 1

    def _shares(self, positions: np.ndarray) -> list[np.ndarray]:
        """The rows of a batch that are for this process, by micro-batch."""
        processes = self.place.processes
        micro = self.whole.at.micro_batch_size * processes.count
        return [processes.share(part) for part in divide(positions, micro, self._least * processes.count)]

    def _follow(self, value: Tensor) -> Tensor:
        """Penalties, the guard, clipping, the optimiser's step."""
        whole, settings = self.whole, self.settings
        if settings.l1 or settings.l2:
            add_penalties(self._weights, settings.l1, settings.l2)
        gradients = [p.grad for _, p in self._learning if p.grad is not None]
        if len(self.names) != len(gradients):  # a forward pass need not use every parameter
            self.names = [n for n, p in self._learning if p.grad is not None]
        norms = gradient_norms(gradients)
        norm = torch.linalg.vector_norm(norms)
        bad = ~torch.isfinite(norm + value)
        if settings.clip_norm:
            clip(gradients, norm, settings.clip_norm)
        take_step(whole.optimizer, bad)
        self._statistics.restore(bad)
        if whole.loss_scale:
            whole.loss_scale.update(bad)
        return torch.cat([torch.stack([value, norm]), norms])


def _seed(value: int, place: Place) -> None:
    """Seed the generators dropout reads; ``torch.manual_seed`` costs a millisecond a call."""
    torch.default_generator.manual_seed(value)
    if place.device.type == "cuda":
        torch.cuda.manual_seed_all(value)
    elif place.device.type == "mps":
        torch.mps.manual_seed(value)


def _too_large(rows: int, error: RuntimeError) -> str:
    return (
        f"the memory does not suffice for a micro-batch of {rows} rows ({str(error).splitlines()[0]}). Take a smaller "
        "model, smaller images or shorter texts, or a device with more memory."
    )
