"""``measure_latency``: how long a run's model takes to answer, from rows to predictions."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ftkit.data import DatasetView
from ftkit.errors import DataError, RunError
from ftkit.models.saved import load_saved
from ftkit.recipe import read_recipe
from ftkit.runs.check import read_rows
from ftkit.runs.files import read_json, write_json
from ftkit.runs.folder import RECIPE
from ftkit.runs.inputs import read_inputs
from ftkit.runs.run import Run, open_run
from ftkit.shown import Shown
from ftkit.task import get_task
from ftkit.training import choose_device
from ftkit.training import predict as answer
from ftkit.training.device import threads_set

NAME = "latency.json"
WARM_UP, SECONDS = 3, 5.0

_COLD = """
import sys, time, json
start = time.perf_counter()
import ftkit
from ftkit.runs.latency import open_model, first_rows
run = ftkit.open_run(sys.argv[1])
ask = open_model(run)
loaded = time.perf_counter()
ask(first_rows(run, 1))
done = time.perf_counter()
import resource
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
print(json.dumps({"load": loaded - start, "first_answer": done - start, "peak": peak}))
"""


@dataclass(frozen=True)
class Timing:
    """Answers to batches of one size: milliseconds a batch at three quantiles, and rows a second."""

    batch_size: int
    times: int
    p50: float
    p95: float
    p99: float
    rows_per_second: float


@dataclass(frozen=True, repr=False)
class Latency(Shown):
    """How long a run's model takes.

    Attributes
    ----------
    run : str
    device : str
        What it was measured on, in words.
    timings : list of Timing
        One a batch size.
    load, first_answer : float or None
        Seconds from the start of a fresh process until the model is loaded and until it has answered one row.
    peak : int or None
        Bytes of memory that process took at most.
    parameters : int
    model_bytes : int
        Of the weights on disk.
    """

    run: str
    device: str
    timings: list[Timing]
    load: float | None
    first_answer: float | None
    peak: int | None
    parameters: int
    model_bytes: int

    def __repr__(self) -> str:
        told = [f"{t.batch_size} rows: {t.p50:.1f} ms (p99 {t.p99:.1f})" for t in self.timings]
        return f"Latency of {self.run} on {self.device}: " + ", ".join(told)

    def to_dict(self) -> dict[str, Any]:
        """The same as plain values, ready for JSON."""
        return asdict(self)


def measure_latency(
    run: Run | str | Path,
    view: DatasetView | None = None,
    *,
    batch_sizes: Sequence[int] = (1, 8, 32),
    times: int = 200,
    cold: bool = True,
    runs: str | Path | None = None,
) -> Latency:
    """Milliseconds from rows to predictions, by batch size: reading, preprocessing and the model together.

    Parameters
    ----------
    run : Run, name or path
        A run that has a model.
    view : DatasetView, optional
        Rows to ask about; those of its recipe without it.
    batch_sizes : sequence of int, default (1, 8, 32)
    times : int, default 200
        Batches of each size, 20 at least; fewer where they take over 5 seconds together.
    cold : bool, default True
        Also start a fresh process that loads the model and answers one row.
    runs : str or Path, optional
        The folder of runs, where ``run`` is a name.

    Returns
    -------
    Latency
        Also written to ``latency.json`` in the run folder.

    Raises
    ------
    RunError
        There is no such run, or it has no model.
    DataError
        The rows cannot be read, a batch size is below 1, or the run forecasts series.

    Examples
    --------
    >>> import tempfile
    >>> import ftkit as ft
    >>> run = ft.train({"data": "iris", "training": {"epochs": 2}}, runs=tempfile.mkdtemp(), process=False)
    >>> found = measure_latency(run, batch_sizes=[1], times=20, cold=False)
    >>> 0 < found.timings[0].p50 <= found.timings[0].p99
    True
    """
    run = run if isinstance(run, Run) else open_run(run, runs)
    if not batch_sizes or min(batch_sizes) < 1:
        raise DataError(f"batch sizes are {list(batch_sizes)}; each must be at least 1.")
    recipe = read_recipe(run.folder / RECIPE)
    with threads_set(None if recipe.training.threads == "auto" else recipe.training.threads):
        ask = open_model(run)
        rows = first_rows(run, max(batch_sizes), view)
        timings = [_time(ask, rows, size, max(times, 20)) for size in batch_sizes]
    weights = run.folder / "model" / "model.safetensors"
    first = _cold(run) if cold else {}
    found = Latency(
        run.name,
        ask.place.why,
        timings,
        first.get("load"),
        first.get("first_answer"),
        first.get("peak"),
        ask.parameters,
        weights.stat().st_size if weights.exists() else 0,
    )
    write_json(run.folder / NAME, found.to_dict())
    return found


def read_latency(run: Run) -> Latency | None:
    """What was measured of a run before; None where nothing was."""
    told = read_json(run.folder / NAME, None)
    return None if told is None else Latency(**{**told, "timings": [Timing(**t) for t in told["timings"]]})


class open_model:  # noqa: N801 - read as a verb: a callable that holds the loaded model
    """A run's model, loaded once: called with a view, it gives probabilities (N, K) or numbers (N,).

    Parameters
    ----------
    run : Run

    Raises
    ------
    RunError
        The run has no model.
    DataError
        It answers for series, not for rows.
    """

    def __init__(self, run: Run) -> None:
        state = run.preprocess
        if not state:
            raise RunError(f"run '{run.name}' has no model to measure: {run.status.sentence}", run.folder)
        recipe, self.task = read_recipe(run.folder / RECIPE), get_task(state["task"])
        if self.task.kind == "series":
            raise DataError(
                f"run '{run.name}' forecasts series, and answers are timed by rows. Time ft.predict itself."
            )
        try:
            self.place = choose_device(recipe.training.device, recipe.training.precision)
        except DataError:
            self.place = choose_device("auto", recipe.training.precision)
        self.inputs = read_inputs(state, (), recipe.seed)
        self.model = load_saved(run.folder / "model", self.task.kind).to(self.place.device)
        self.parameters = sum(parameter.numel() for parameter in self.model.parameters())

    def __call__(self, view: DatasetView) -> np.ndarray:
        """The answers to the rows of a view."""
        rows, _ = self.inputs.rows(view, self.place.device)
        return answer(self.model, rows, self.place, self.task.predicts)


def first_rows(run: Run, count: int, view: DatasetView | None = None) -> DatasetView:
    """So many rows to ask about, repeated where there are fewer."""
    view = view if view is not None else read_rows(read_recipe(run.folder / RECIPE))
    return view.select(np.arange(count) % len(view))


def _time(ask: Callable[[DatasetView], Any], rows: DatasetView, size: int, times: int) -> Timing:
    batch = rows[:size]
    for _ in range(WARM_UP):
        ask(batch)
    took: list[float] = []
    while len(took) < times and (len(took) < 20 or sum(took) < SECONDS):
        start = time.perf_counter()
        ask(batch)
        took.append(time.perf_counter() - start)
    p50, p95, p99 = (1000 * float(q) for q in np.quantile(took, [0.5, 0.95, 0.99]))
    return Timing(size, len(took), p50, p95, p99, size * len(took) / sum(took))


def _cold(run: Run) -> dict[str, Any]:
    """A fresh process that loads the model and answers one row."""
    done = subprocess.run(
        [sys.executable, "-c", _COLD, str(run.folder)], capture_output=True, text=True, check=False, timeout=600
    )
    if done.returncode:
        raise RunError(f"run '{run.name}': a fresh process could not answer: {done.stderr.strip()[-300:]}", run.folder)
    return json.loads(done.stdout.strip().splitlines()[-1])
