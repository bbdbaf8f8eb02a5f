"""The work of a run, in the process that does it: read, split, train, judge, write.

Everything that happens is an event; every file is whole or not there.
"""

from __future__ import annotations

import contextlib
import shutil
import threading
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ftkit.errors import FtkitError, RunError
from ftkit.models import Built, build_model, check_model
from ftkit.models.lora import merge_lora
from ftkit.recipe import Recipe, read_recipe
from ftkit.runs.check import check_data
from ftkit.runs.control import Requests
from ftkit.runs.environment import describe_environment
from ftkit.runs.events import EventLog, SilentLog
from ftkit.runs.files import read_json, write_json
from ftkit.runs.folder import RECIPE
from ftkit.runs.judge import judge, save_model
from ftkit.runs.mirror import start_mirrors
from ftkit.runs.prepare import Prepared, prepare
from ftkit.runs.process import identity
from ftkit.runs.resolve import resolve_dropout
from ftkit.runs.together import SharedRequests
from ftkit.runs.trainer import Trainer
from ftkit.task import Task
from ftkit.training import choose_device, newest_checkpoint
from ftkit.training.checkpoint import sweep
from ftkit.training.device import Place, choose_kernels, device_failed, set_threads
from ftkit.training.processes import ALONE, Processes

try:
    import fcntl
except ImportError:  # Windows: two workers are told apart by their identity alone
    fcntl = None


def execute(
    folder: Path, requests: Requests | None = None, recipe: Recipe | None = None, processes: Any = None
) -> None:
    """Do the work of a run folder; from its newest whole checkpoint, if there is one.

    Parameters
    ----------
    folder : Path
        Holds ``recipe.yaml``.
    requests : Requests, optional
        Where requests come from: the folder's ``control.jsonl`` without it.
    recipe : Recipe, optional
        The folder's own, with its view, where the caller has it already.
    processes : Processes, optional
        Those that train together; all but the first write nothing.

    Raises
    ------
    FtkitError
        What is wrong with rows, recipe or training; the run's state says so too.
    """
    processes = processes or ALONE
    if processes.rank:
        _work(folder, recipe, SilentLog(), SharedRequests(requests, processes), processes)
        return
    with _alone(folder):
        _execute(folder, requests, recipe, processes)


def _execute(folder: Path, requests: Requests | None, recipe: Recipe | None, processes: Processes) -> None:
    requests = requests or Requests.for_run(folder)
    if processes.count > 1:
        requests = SharedRequests(requests, processes)
    log = EventLog(folder)
    log.reserve()
    log.write("started", **identity())
    log.write("state", state="running")
    _sweep(folder)
    try:
        recipe = recipe or read_recipe(folder / RECIPE)
        start_mirrors(folder, recipe.training.mirror)
        with _heartbeat(log):
            ended = _work(folder, recipe, log, requests, processes)
        log.write("state", state=ended)
    except FtkitError as error:
        log.write("state", state="failed", error=str(error))
        raise
    except KeyboardInterrupt:
        log.write("state", state="failed", error=f"interrupted. Go on with: ftkit resume {folder.name}")
        raise
    except OSError as error:
        fault = f"{error.filename or folder}: {error.strerror or error}. Mend that, then: ftkit resume {folder.name}"
        log.write("state", state="failed", error=fault)
        raise RunError(fault, folder) from error
    except BaseException as error:
        traceback.print_exc()
        if device_failed(error):
            log.write("state", state="failed", error=_gone(error, folder))
            raise RunError(_gone(error, folder), folder) from error
        log.write("state", state="failed", error=f"{type(error).__name__}: {error} (the traceback is in worker.log)")
        raise
    finally:
        log.close()


def _gone(error: BaseException, folder: Path) -> str:
    said = str(error).strip().splitlines()[0]
    return (
        f"the GPU failed, or is no longer there ({said}). Nothing up to the last checkpoint is lost. When it "
        f"answers again: ftkit resume {folder.name}. A notebook that trained by itself restarts its kernel first."
    )


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the run: of two processes that take it up at once, one is told so and leaves."""
    with (folder / RECIPE).open("rb") as file:
        if fcntl is not None:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise RunError(f"run '{folder.name}' is being worked on by another process already.", folder) from None
        yield


def _sweep(folder: Path) -> None:
    """Delete what a process that was killed has left half-written."""
    sweep(folder / "checkpoints")
    shutil.rmtree(folder / ".model", ignore_errors=True)


def _work(folder: Path, recipe: Recipe, log: EventLog, requests: Requests, processes: Processes) -> str:
    """The stages of a run, in order; its last state."""
    threads = set_threads(None if recipe.training.threads == "auto" else recipe.training.threads)
    place = choose_device(recipe.training.device, recipe.training.precision, processes)
    choose_kernels(place)
    log.write("stage", stage="reading rows")
    view, task = check_data(recipe)
    log.write("note", message=view.task_reason)
    log.write("note", message=f"Training on {place.why}.")
    with contextlib.closing(prepare(recipe, view, task, place, log.write)) as prepared:
        if processes.rank == 0:
            _write_environment(folder, place, threads, view.fingerprint)
        return _train_and_judge(folder, recipe, task, prepared, place, log, requests)


def _train_and_judge(
    folder: Path, recipe: Recipe, task: Task, prepared: Prepared, place: Place, log: EventLog, requests: Requests
) -> str:
    processes = place.processes
    built = build(recipe, task, prepared, place)
    for note in built.notes:
        log.write("note", message=note)
    model = built.model
    processes.split(model)
    stopped = Trainer(folder, recipe, task, prepared, model, place, log, requests).run()
    log.write("stage", stage="judging")
    if processes.kind == "fsdp":
        model = processes.joined_again(model, build(recipe, task, prepared, place).model)
    if recipe.model.lora:
        merge_lora(model)
    metrics = judge(recipe, prepared, model, place, task, folder)
    if processes.rank == 0:
        save_model(prepared, model, folder)
    for row in metrics:
        if row["split"] == "test" and "label" not in row:
            log.write("metric", **{k: row.get(k) for k in ("name", "split", "value", "low", "high", "n")})
    return "stopped" if stopped else "done"


def build(recipe: Recipe, task: Task, prepared: Prepared, place: Place) -> Built:
    """The recipe's model, on its device."""
    built = build_model(
        check_model(recipe.model.name, task, recipe.model.weights),
        **prepared.model,
        weights=recipe.model.weights,
        freeze=recipe.model.freeze,
        lora=recipe.model.lora and recipe.model.lora.model_dump(),
        dropout=resolve_dropout(recipe, task),
        seed=recipe.seed,
    )
    built.model.to(place.device)
    return built


def _write_environment(folder: Path, place: Place, threads: int, fingerprint: str) -> None:
    """Complete ``environment.json``; going on from a checkpoint, the rows must be those it was trained on."""
    path = folder / "environment.json"
    before = read_json(path, {})
    known = before.get("data", {}).get("fingerprint", fingerprint)
    if known != fingerprint and newest_checkpoint(folder / "checkpoints"):
        raise RunError(
            f"run '{folder.name}' cannot go on: its rows changed since it started (fingerprint {known} then, "
            f"{fingerprint} now). Start a new run with the same recipe.",
            folder,
        )
    write_json(path, before | describe_environment(place.why, threads, fingerprint))


@contextlib.contextmanager
def _heartbeat(log: EventLog) -> Iterator[None]:
    """Signs of life while the work goes on, whatever it waits for."""
    over = threading.Event()
    thread = threading.Thread(target=log.beat, args=(over,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
