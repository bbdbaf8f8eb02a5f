"""CUDA graphs: a step recorded once and played again, so that a small model does not wait for the host's launches.

PyTorch's documentation, "CUDA Graphs", whole-network capture: what a step reads and writes stays at the same places in
memory, so a batch is copied to where the recording reads it. The kernels are those of a step that is not recorded.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

WARM_UP = 5  # steps of a shape that are taken as usual first: libraries choose their kernels then; the last is timed
AHEAD = 0.7  # share of a step's time for which the host may be busy and a recording still saves nothing
PLAYED = 3  # steps by a recording that are timed: it stays where the fastest is faster than a step as usual
MOST = 4  # shapes; an epoch has two at most, whose batches differ by one row
ROOM = 1.3  # free memory that a recording wants, as a multiple of what a step took

log = logging.getLogger(__name__)


class Graphs:
    """The recordings of a step, one for each shape of batch, where launching it takes longer than doing it.

    Attributes
    ----------
    refused : str
        Why steps are not recorded.
    """

    def __init__(self) -> None:
        self._held: dict[tuple, _Graph] = {}
        self._seen: Counter[int] = Counter()
        self._usual: dict[tuple, float] = {}
        self._tried: dict[tuple, list[float]] = {}
        self.refused = ""

    def due(self, rows: int) -> bool:
        """Whether the next step, of so many rows, is to be asked for here: not the first few of that size."""
        self._seen[rows] += 1
        return not self.refused and self._seen[rows] >= WARM_UP

    def take(self, step: Callable[..., Tensor], inputs: Any, labels: Tensor) -> Tensor | None:
        """Take a step by its recording; None where there is none for such a batch, and it cannot be made.

        Parameters
        ----------
        step : callable
            ``step(inputs, labels)`` takes a step without waiting for the device, and answers with a tensor.
        inputs : Tensor or dict
        labels : Tensor
        """
        shape = _shape(inputs, labels)
        if shape not in self._held:
            if shape not in self._usual:
                return self._as_usual(shape, step, inputs, labels)
            if len(self._held) == MOST or not self._record(shape, step, inputs, labels):
                return None
        if len(self._tried[shape]) < PLAYED:
            return self._on_trial(shape, inputs, labels)
        return self._held[shape].play(inputs, labels)

    def _as_usual(self, shape: tuple, step: Callable[..., Tensor], inputs: Any, labels: Tensor) -> Tensor:
        """A step as usual, timed; where the host is done long before the device is, a recording would save nothing."""
        told, launched, self._usual[shape] = _timed(lambda: step(inputs, labels))
        if launched < AHEAD * self._usual[shape]:
            self._refuse("the host is ahead of the device as it is")
        return told

    def _on_trial(self, shape: tuple, inputs: Any, labels: Tensor) -> Tensor:
        """A step by its recording, timed: attention can be slower in one (docs/LOG.md), and then there is none."""
        told, _, took = _timed(lambda: self._held[shape].play(inputs, labels))
        self._tried[shape].append(took)
        if len(self._tried[shape]) == PLAYED and min(self._tried[shape]) > self._usual[shape]:
            self._refuse("steps as usual are faster")
        return told

    def _refuse(self, reason: str) -> None:
        """From now on steps are taken as usual; the memory of recordings is given back."""
        log.info("steps are not recorded as a CUDA graph: %s", reason)
        self._held.clear()
        self.refused = reason

    def _record(self, shape: tuple, step: Callable[..., Tensor], inputs: Any, labels: Tensor) -> bool:
        if not _room():
            self._refuse("the memory has no room for it")
            return False
        try:
            self._held[shape], self._tried[shape] = _Graph(step, inputs, labels), []
        except RuntimeError as error:  # whatever cannot be recorded is done as usual
            torch.cuda.synchronize()
            self._refuse(str(error).splitlines()[0])
            return False
        return True


class _Graph:
    """One recording, with the places it reads and writes."""

    def __init__(self, step: Callable[..., Tensor], inputs: Any, labels: Tensor) -> None:
        self._inputs, self._labels = _copy(inputs), labels.clone()
        self._graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self._graph):
            self._told = step(self._inputs, self._labels)

    def play(self, inputs: Any, labels: Tensor) -> Tensor:
        """The step on this batch; what it tells is the caller's own."""
        for own, given in zip(_tensors(self._inputs), _tensors(inputs), strict=True):
            own.copy_(given)
        self._labels.copy_(labels)
        self._graph.replay()
        return self._told.clone()


def _timed(work: Callable[[], Tensor]) -> tuple[Tensor, float, float]:
    """What some work comes to, the seconds until the host was done with it, and until the device was."""
    torch.cuda.synchronize()
    began = time.perf_counter()
    told = work()
    launched = time.perf_counter() - began
    torch.cuda.synchronize()
    return told, launched, time.perf_counter() - began


def _tensors(inputs: Any) -> list[Tensor]:
    return [inputs] if isinstance(inputs, Tensor) else [v for v in inputs.values() if isinstance(v, Tensor)]


def _copy(inputs: Any) -> Any:
    if isinstance(inputs, Tensor):
        return inputs.clone()
    return {name: value.clone() if isinstance(value, Tensor) else value for name, value in inputs.items()}


def _shape(inputs: Any, labels: Tensor) -> tuple:
    return tuple((tuple(each.shape), each.stride(), each.dtype) for each in (*_tensors(inputs), labels))


def _room() -> bool:
    """Whether a step's memory fits once more: a recording keeps what it needs to itself."""
    free, _ = torch.cuda.mem_get_info()
    held, used = torch.cuda.memory_reserved(), torch.cuda.memory_allocated()
    return free + held - used > ROOM * (torch.cuda.max_memory_allocated() - used)
