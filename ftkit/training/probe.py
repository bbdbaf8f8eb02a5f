"""What a training takes, measured on a few of its steps: memory by a straight line, seconds by another."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ftkit.models.frozen import train_mode
from ftkit.training.device import Place
from ftkit.training.event import Checkpoint, Step
from ftkit.training.gradient import batch_gradient, divide
from ftkit.training.loop import train
from ftkit.training.losses import Loss
from ftkit.training.plan import plan, size_of
from ftkit.training.settings import Settings

STEPS, SECONDS = 12, 10.0


@dataclass(frozen=True)
class Probe:
    """What a few steps of a training told.

    Attributes
    ----------
    activations : int
        Bytes that the widest micro-batch keeps for its backward pass.
    temporary : int
        Bytes that the backward pass takes beside them at its fullest; 0 where the system does not say.
    process : int
        Bytes that the process, or the device, held when half of that micro-batch was at its fullest; 0 likewise.
    half : float
        The share of the micro-batch that ``process`` is of.
    state : dict of str to Tensor
        A checkpoint's.
    epoch_seconds : float
        Of the steps of one epoch.
    number_seconds : float
        Of one row, or of one token where rows have lengths.
    steps : int
        Timed.
    """

    activations: int
    temporary: int
    process: int
    half: float
    state: dict[str, Tensor]
    epoch_seconds: float
    number_seconds: float
    steps: int


def probe(model: nn.Module, rows: Any, loss: Loss, settings: Settings, place: Place) -> Probe:
    """Measure a training on a few of its steps; the model is changed by them.

    Two forward passes, of a quarter and a half of the widest micro-batch, give the memory of activations as a straight
    line in rows, so that a batch that does not fit is known without trying it. Up to 12 steps of the loop itself, for
    10 seconds at most, give its time as a straight line in rows, or in tokens where rows differ in length.

    Parameters
    ----------
    model : torch.nn.Module
        On ``place.device``.
    rows : ImageRows, TableRows or TokenRows
    loss : Loss
    settings : Settings
    place : Place

    Returns
    -------
    Probe
    """
    lengths = getattr(rows, "lengths", None)
    bucketed = lengths if settings.bucketing else None
    batches = plan(rows.keys, settings.batch_size, 0, settings.seed, bucketed)
    sizes = np.array([size_of(batch, lengths) for batch in batches], dtype=float)
    memory = _memory(model, rows, batches[int(sizes.argmax())], loss, settings, place)
    seconds, state = _timed(model, rows, loss, settings, place, len(batches))
    timed = sizes[1 : len(seconds) + 1]
    if np.ptp(timed) > 0.2 * timed.mean() and len(timed) > 3:
        slope, start = np.polyfit(timed, seconds, 1)
        slope, start = max(slope, 0.0), max(start, 0.0)
    else:
        slope, start = np.median(seconds) / timed.mean(), 0.0
    return Probe(*memory, state, float((start + slope * sizes).sum()), float(slope), len(seconds))


def _memory(
    model: nn.Module, rows: Any, widest: np.ndarray, loss: Loss, settings: Settings, place: Place
) -> tuple[int, int, int, float]:
    """What the backward pass of the widest micro-batch takes, by lines through two smaller ones."""
    whole = max(divide(widest, settings.micro_batch_size, least=2), key=len)
    few, some = (max(2, len(whole) // part) for part in (4, 2))
    train_mode(model)
    kept, peaks = [], []
    for count in (few, some):
        with peak(place) as held:
            kept.append(_kept(model, rows, whole[:count], loss, place))
        peaks.append(held[0])

    def line(small: int, large: int) -> float:
        return large / some if some == few else (large - small) / (some - few)

    activations = kept[1] + line(*kept) * (len(whole) - some)
    grown = line(*peaks) * len(whole) if some > few else 0
    return round(activations), max(0, round(grown - activations)), peaks[1], some / len(whole)


@contextmanager
def peak(place: Place) -> Iterator[list[int]]:
    """The most bytes that are held while something is done: of the device, or of this process; 0 where not known.

    Yields
    ------
    list of one int
        Right after the ``with``.
    """
    held = [0]
    if place.device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(place.device)
        yield held
        held[0] = torch.cuda.max_memory_allocated(place.device)
        return
    try:
        Path("/proc/self/clear_refs").write_text("5")  # Linux: the peak counts from now
    except OSError:
        yield held
        return
    yield held
    lines = Path("/proc/self/status").read_text().splitlines()
    held[0] = next(int(line.split()[1]) << 10 for line in lines if line.startswith("VmHWM"))


def _kept(model: nn.Module, rows: Any, part: np.ndarray, loss: Loss, place: Place) -> int:
    """Bytes of what a forward pass keeps for its backward pass, each memory once, without the weights."""
    own = {p.untyped_storage().data_ptr() for p in model.parameters()}
    held: dict[int, int] = {}

    def pack(tensor: Tensor) -> Tensor:
        memory = tensor.untyped_storage()
        if memory.data_ptr() not in own:
            held[memory.data_ptr()] = memory.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        batch_gradient(model, [rows.batch(part, 0)], loss, place, None)
    model.zero_grad(set_to_none=True)
    return sum(held.values())


def _timed(
    model: nn.Module, rows: Any, loss: Loss, settings: Settings, place: Place, batches: int
) -> tuple[list[float], dict[str, Tensor]]:
    """Seconds of each step of the loop but the first, which warms up; the state it ends with."""
    began, marks, state = time.perf_counter(), [], {}
    most = min(STEPS, batches)

    def until(step: int) -> list[dict[str, str]]:
        over = step >= most or (step >= 3 and time.perf_counter() - began > SECONDS)
        return [{"request": "stop"}] if over else []

    short = replace(
        settings, log_every=1, checkpoint_every=0, epochs=max(2, settings.epochs), not_finite="skip", compile=False
    )
    for event in train(model, rows, loss, short, place, control=until):
        if isinstance(event, Step):
            marks.append(time.perf_counter())
        elif isinstance(event, Checkpoint):
            state = event.state
    took = np.diff(marks)[: most - 1]
    return (took.tolist() or [marks[0] - began]), state
