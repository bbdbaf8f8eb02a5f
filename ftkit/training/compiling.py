"""Whether ``torch.compile`` pays back within a run: its steps are timed as they are, and compiled."""

from __future__ import annotations

import time
from collections.abc import Generator
from dataclasses import dataclass

import torch
from torch import nn

from ftkit.training.state import State

WARM_UP, TIMED = 12, 20  # steps
# Compiling takes about a minute. It is tried where a tenth of the time that is left is more than that.
SECONDS, GAIN = 60.0, 0.1
WORTH = 0.98  # it stays where a step takes less than this share of its time

Trial = Generator[None, tuple[int, int], "Verdict | None"]


@dataclass(frozen=True)
class Verdict:
    """What a trial came to.

    Attributes
    ----------
    before, after : float
        Seconds a step.
    seconds : float
        That compiling took.
    kept : bool
    """

    before: float
    after: float
    seconds: float
    kept: bool

    def __str__(self) -> str:
        if not self.kept:
            return (
                f"torch.compile was tried and brings nothing: {1000 * self.before:.3g} ms a step without it, "
                f"{1000 * self.after:.3g} ms with it."
            )
        return (
            f"Compiled: a step takes {1000 * self.after:.3g} ms instead of {1000 * self.before:.3g} ms, "
            f"for {self.seconds:.0f} s of compiling."
        )


def compile_model(model: nn.Module) -> nn.Module:
    """What forward passes go through: the model compiled, which shares its weights."""
    return torch.compile(model)


def trial(whole: State) -> Trial:
    """Time steps, compile, time steps, and keep what is faster.

    It is sent ``(numbers in the batch, steps left)`` after each step, and returns when it has decided: a Verdict, or
    None where too little of the run is left to find out.

    Parameters
    ----------
    whole : State
        Its ``passes`` is what forward passes go through, and is changed.

    Yields
    ------
    None
    """
    model = whole.passes
    for _ in range(WARM_UP):
        yield
    before, numbers, left = yield from _timed(whole)
    if GAIN * before * numbers * left < SECONDS:
        return None
    whole.passes = compile_model(model)
    began = time.perf_counter()
    for _ in range(WARM_UP):
        yield
    _wait(whole)
    took = time.perf_counter() - began
    after, _, _ = yield from _timed(whole)
    kept = after < WORTH * before
    if not kept:
        whole.passes = model
    return Verdict(before * numbers, after * numbers, max(0.0, took - WARM_UP * after * numbers), kept)


def _timed(whole: State) -> Generator[None, tuple[int, int], tuple[float, float, int]]:
    """Seconds a number of the batches, numbers a step, and steps left after them."""
    _wait(whole)
    began, numbers, left = time.perf_counter(), 0, 0
    for _ in range(TIMED):
        more, left = yield
        numbers += more
    _wait(whole)
    return (time.perf_counter() - began) / numbers, numbers / TIMED, left


def _wait(whole: State) -> None:
    """Until the device has done what was asked of it."""
    if next(whole.model.parameters()).is_cuda:
        torch.cuda.synchronize()
