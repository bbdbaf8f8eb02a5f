"""The work of a run, in the process that does it: read, split, train, judge, write.

Everything that happens is an event; every file is whole or not there.
"""

from __future__ import annotations

import contextlib
import shutil
import threading
import time
import traceback
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from ftkit.errors import DataError, FtkitError, RunError
from ftkit.models import build_model, check_model
from ftkit.models.lora import merge_lora
from ftkit.recipe import Recipe, read_recipe
from ftkit.runs.check import check_data
from ftkit.runs.control import Requests
from ftkit.runs.environment import describe_environment
from ftkit.runs.events import NAME as EVENTS
from ftkit.runs.events import EventLog, Follower
from ftkit.runs.files import read_json, write_json
from ftkit.runs.folder import RECIPE
from ftkit.runs.judge import answers, judge, save_model, watch_metric
from ftkit.runs.prepare import Prepared, prepare
from ftkit.runs.process import identity
from ftkit.task import Task
from ftkit.training import Settings, choose_device, load_checkpoint, newest_checkpoint, save_checkpoint, train
from ftkit.training.checkpoint import sweep
from ftkit.training.device import Place, set_threads
from ftkit.training.event import Changed, Checkpoint, Continued, Epoch, Paused, Step, Stopped
from ftkit.training.loop import mean_loss
from ftkit.training.plan import steps_per_epoch

try:
    import fcntl
except ImportError:  # Windows: two workers are told apart by their identity alone
    fcntl = None


def execute(folder: Path, requests: Requests | None = None, recipe: Recipe | None = None) -> None:
    """Do the work of a run folder; from its newest whole checkpoint, if there is one.

    Parameters
    ----------
    folder : Path
        Holds ``recipe.yaml``.
    requests : Requests, optional
        Where requests come from: the folder's ``control.jsonl`` without it.
    recipe : Recipe, optional
        The folder's own, with its view, where the caller has it already.

    Raises
    ------
    FtkitError
        What is wrong with rows, recipe or training; the run's state says so too.
    """
    with _alone(folder):
        _execute(folder, requests, recipe)


def _execute(folder: Path, requests: Requests | None, recipe: Recipe | None) -> None:
    requests = requests or Requests.for_run(folder)
    log = EventLog(folder)
    log.reserve()
    log.write("started", **identity())
    log.write("state", state="running")
    _sweep(folder)
    try:
        with _heartbeat(log):
            ended = _work(folder, recipe or read_recipe(folder / RECIPE), log, requests)
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
        log.write("state", state="failed", error=f"{type(error).__name__}: {error} (the traceback is in worker.log)")
        raise
    finally:
        (folder / "pixels.npy").unlink(missing_ok=True)
        log.close()


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
    (folder / "pixels.npy").unlink(missing_ok=True)


def _work(folder: Path, recipe: Recipe, log: EventLog, requests: Requests) -> str:
    """The stages of a run, in order; its last state."""
    threads = set_threads(None if recipe.training.threads == "auto" else recipe.training.threads)
    place = choose_device(recipe.training.device, recipe.training.precision)
    log.write("stage", stage="reading rows")
    view, task = check_data(recipe)
    log.write("note", message=view.task_reason)
    log.write("note", message=f"Training on {place.why}.")
    prepared = prepare(recipe, view, task, place, folder, log.write)
    _write_environment(folder, place, threads, view.fingerprint)
    model = _build(recipe, task, prepared, place, log)
    settings = resolve(recipe, len(prepared.rows["train"]))
    stopped = _train(folder, recipe, task, prepared, model, settings, place, log, requests)
    log.write("stage", stage="judging")
    if recipe.model.lora:
        merge_lora(model)
    metrics = judge(recipe, prepared, model, place, task, folder)
    save_model(prepared, model, folder)
    for row in metrics:
        if row["split"] == "test" and "label" not in row:
            log.write("metric", **{k: row.get(k) for k in ("name", "split", "value", "low", "high", "n")})
    return "stopped" if stopped else "done"


def resolve(recipe: Recipe, rows: int) -> Settings:
    """The loop's settings, with every ``auto`` made a number.

    Parameters
    ----------
    recipe : Recipe
    rows : int
        Train rows.

    Returns
    -------
    Settings
        ``batch_size`` auto: the power of two below rows / 120, from 16 to 256. ``learning_rate`` auto: 3e-4 where
        pre-trained weights are changed, 2e-3 from scratch, for a head alone or for adapters.
    """
    wanted = recipe.training
    batch = wanted.batch_size
    if batch == "auto":
        batch = next(size for size in (256, 128, 64, 32, 16) if size <= max(16, rows / 120))
    rate = wanted.learning_rate
    if rate == "auto":
        rate = 3e-4 if recipe.model.weights and not (recipe.model.freeze or recipe.model.lora) else 2e-3
    names = ("epochs", "schedule", "warmup", "weight_decay", "l1", "clip_norm", "log_every", "checkpoint_every")
    return Settings(
        batch_size=batch, learning_rate=rate, seed=recipe.seed, **{name: getattr(wanted, name) for name in names}
    )


def _build(recipe: Recipe, task: Task, prepared: Prepared, place: Place, log: EventLog) -> Any:
    built = build_model(
        check_model(recipe.model.name, task, recipe.model.weights),
        **prepared.model,
        weights=recipe.model.weights,
        freeze=recipe.model.freeze,
        lora=recipe.model.lora and recipe.model.lora.model_dump(),
        dropout=_dropout(recipe, task),
        seed=recipe.seed,
    )
    for note in built.notes:
        log.write("note", message=note)
    return built.model.to(place.device)


def _dropout(recipe: Recipe, task: Task) -> float:
    """``auto`` is 0.2 for tables, where a network learns by heart otherwise (docs/LOG.md), and 0 for images."""
    wanted = recipe.training.dropout
    return wanted if wanted != "auto" else (0.2 if task.kind == "tabular" else 0.0)


def _train(
    folder: Path,
    recipe: Recipe,
    task: Task,
    prepared: Prepared,
    model: Any,
    settings: Settings,
    place: Place,
    log: EventLog,
    requests: Requests,
) -> bool:
    """Run the loop and write down what it tells; whether it was stopped early."""
    steps = steps_per_epoch(len(prepared.rows["train"]), settings.batch_size) * settings.epochs
    log.write("plan", steps=steps, **asdict(settings))
    state = _state_to_go_on_from(folder, log)
    log.write("stage", stage="training")
    loop = train(
        model, prepared.rows["train"], mean_loss(task.predicts), settings, place, control=requests, state=state
    )
    for event in loop:
        while requests.refused:
            log.write("note", message=f"A request was not followed: {requests.refused.pop(0)}")
        match event:
            case Step():
                log.write("step", **asdict(event))
            case Epoch():
                _watch(recipe, task, prepared, model, place, event, log)
            case Checkpoint():
                _save(folder, event, log)
            case Paused():
                log.write("state", state="paused", step=event.step)
            case Continued():
                log.write("state", state="running", step=event.step)
            case Changed():
                log.write("changed", **asdict(event))
            case Stopped():
                return True
    return False


def _state_to_go_on_from(folder: Path, log: EventLog) -> dict[str, Any] | None:
    """The newest whole checkpoint's state, or None; what a process before this one did after it is taken back."""
    again = sum(event["event"] == "started" for event in Follower(folder / EVENTS).read()) > 1
    checkpoint = newest_checkpoint(folder / "checkpoints")
    if checkpoint is None:
        if again:
            log.write("resumed", step=0)
        return None
    state = load_checkpoint(checkpoint)
    log.write("resumed", step=int(state["step"]), checkpoint=checkpoint.name)
    for damaged in sorted(p.name for p in (folder / "checkpoints").glob("step-*") if p.name > checkpoint.name):
        log.write("note", message=f"Checkpoint {damaged} is damaged; going on from {checkpoint.name}.")
    return state


def _watch(
    recipe: Recipe, task: Task, prepared: Prepared, model: Any, place: Place, event: Epoch, log: EventLog
) -> None:
    """Judge by the validation rows and write it down."""
    if not len(prepared.split.validation):
        return
    began = time.perf_counter()
    values = answers(model, prepared, "validation", place, task)
    try:
        metrics = watch_metric(recipe, prepared, values, task)
    except DataError as error:
        log.write("note", step=event.step, message=f"The validation rows cannot be judged: {error}")
        return
    loss = _validation_loss(prepared, values, task)
    seconds = round(time.perf_counter() - began, 3)
    log.write(
        "evaluation", step=event.step, epoch=event.epoch, split="validation", loss=loss, seconds=seconds, **metrics
    )


def _validation_loss(prepared: Prepared, values: Any, task: Task) -> float:
    """The loss the training minimises, on the validation rows: comparable with the steps' loss."""
    labels = prepared.split.validation.labels
    if task.predicts == "class":
        chosen = values[np.arange(len(labels)), labels]
        return float(-np.log(chosen.clip(1e-12)).mean())
    return float((((values - labels) / prepared.scaler.std) ** 2).mean())


def _save(folder: Path, event: Checkpoint, log: EventLog) -> None:
    """Save a checkpoint; one that cannot be written is said, and the training goes on."""
    try:
        path = save_checkpoint(folder / "checkpoints", event.step, event.state)
    except OSError as error:
        log.write(
            "note", step=event.step, message=f"Checkpoint of step {event.step:,} not saved: {error.strerror or error}."
        )
        return
    log.write("checkpoint", step=event.step, folder=path.name)


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
