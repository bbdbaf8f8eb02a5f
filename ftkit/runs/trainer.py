"""The training of a run: what the loop tells is written down, judged and saved."""

from __future__ import annotations

import errno
import shutil
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ftkit.errors import DataError, FtkitError, RunError
from ftkit.evaluate import find_metric
from ftkit.recipe import Recipe
from ftkit.runs.control import Requests
from ftkit.runs.events import NAME as EVENTS
from ftkit.runs.events import EventLog, Follower, history
from ftkit.runs.journal import requests_to_come
from ftkit.runs.judge import watch
from ftkit.runs.prepare import Prepared
from ftkit.runs.resolve import resolve, resolve_loss
from ftkit.task import Task
from ftkit.training import load_checkpoint, newest_checkpoint, save_checkpoint, train
from ftkit.training.checkpoint import about_checkpoint, step_of
from ftkit.training.device import Place
from ftkit.training.event import Changed, Checkpoint, Continued, Epoch, Note, NotFinite, Paused, Settled, Step, Stopped
from ftkit.training.plan import steps_per_epoch

MOST_ROLLBACKS = 3
ROWS_TOLD = 64
FULL = (errno.ENOSPC, errno.EDQUOT)
POLL_SECONDS = 0.5
DECIDING = ("split", "preprocess", "model", "training")
WITHOUT_EFFECT = {
    f"training.{key}"
    for key in (
        "compile", "device", "parallel", "processes", "threads", "data_workers", "mirror", "checkpoint_every", "keep",
        "log_every", "tta",
    )
}  # fmt: skip


class Trainer:
    """One training, from its checkpoint or its beginning to its end.

    Parameters
    ----------
    folder : Path
        The run folder.
    recipe : Recipe
    task : Task
    prepared : Prepared
    model : torch.nn.Module
        On ``place.device``.
    place : Place
    log : EventLog
    requests : Requests
    """

    def __init__(
        self,
        folder: Path,
        recipe: Recipe,
        task: Task,
        prepared: Prepared,
        model: Any,
        place: Place,
        log: EventLog,
        requests: Requests,
    ) -> None:
        self.folder, self.recipe, self.task, self.prepared = folder, recipe, task, prepared
        self.model, self.place, self.log, self.requests = model, place, log, requests
        self.settings = resolve(recipe, len(prepared.rows["train"]))
        self.loss = resolve_loss(recipe, task, prepared.split.train)
        self.score: float | None = None
        self.rolled = 0

    def run(self) -> bool:
        """Train to the end; whether it was stopped before it."""
        rows, settings, how = self.prepared.rows["train"], self.settings, self.prepared.remembering
        loss = how.loss(self.loss, self.model) if how else self.loss
        steps = steps_per_epoch(len(rows), settings.batch_size) * settings.epochs
        self.log.write("plan", steps=steps, **asdict(settings))
        state = self._state_to_go_on_from()
        self.place.processes.wait()  # all have read what there is
        self.log.write("stage", stage="training")
        for _ in range(MOST_ROLLBACKS + 1):
            loop = train(
                self.model,
                rows,
                loss,
                settings,
                self.place,
                control=self.requests,
                score=lambda: self.score,
                state=state,
            )
            for event in loop:
                self._note_refused()
                if isinstance(event, NotFinite) and self.recipe.training.not_finite == "rollback":
                    self._tell(event)
                    break
                if isinstance(event, Stopped):
                    return True
                self._tell(event)
            else:
                return False
            loop.close()
            state = self._roll_back(event.step)
        raise FtkitError(
            f"step {event.step}: the gradient is not finite after going back {MOST_ROLLBACKS} times, with the rate at "
            f"{settings.learning_rate / 2**MOST_ROLLBACKS:g}. Look at the rows of that batch in events.jsonl."
        )

    def _roll_back(self, step: int) -> dict[str, Any]:
        """The newest checkpoint's state with half the rate; the steps since are taken back."""
        self.place.processes.wait()
        checkpoint = newest_checkpoint(self.folder / "checkpoints")
        if checkpoint is None:
            raise FtkitError(
                f"step {step}: the gradient is not finite, and there is no whole checkpoint to go back to."
            )
        state = load_checkpoint(checkpoint)
        # Each return halves once more, also where the checkpoint is the same as before.
        self.rolled += 1
        state["progress.rate_scale"] = state["progress.rate_scale"] * 0.5**self.rolled
        back = step_of(checkpoint)
        rate = self.settings.learning_rate * float(state["progress.rate_scale"])
        before = history(Follower(self.folder / EVENTS).read())
        self.requests.journal = requests_to_come(self.folder, before, {"event": "resumed", "step": back})
        self.log.write("resumed", step=back, checkpoint=checkpoint.name)
        self.log.write(
            "note",
            step=back,
            message=f"Step {step:,} had no finite gradient: back to step {back:,}, with the rate at {rate:g}.",
        )
        return state

    def _tell(self, event: Any) -> None:
        """Write an event down, and do what it is the moment for."""
        match event:
            case Step():
                self.log.write("step", **asdict(event))
            case NotFinite():
                self._tell_rows(event)
            case Epoch():
                self._watch(event)
            case Checkpoint():
                self._save(event)
            case Paused():
                self.log.write("state", state="paused", step=event.step)
            case Continued():
                self.log.write("state", state="running", step=event.step)
            case Changed():
                self.log.write("changed", **asdict(event))
            case Note():
                self.log.write("note", step=event.step, message=event.message)
            case Settled():
                self.log.write("settled", **asdict(event))

    def _note_refused(self) -> None:
        while self.requests.refused:
            self.log.write("note", message=f"A request was not followed: {self.requests.refused.pop(0)}")

    def _state_to_go_on_from(self) -> dict[str, Any] | None:
        """The newest whole checkpoint's state, or None; what a process before this one did after it is taken back."""
        folder = self.folder / "checkpoints"
        before = history(Follower(self.folder / EVENTS).read())
        checkpoint = newest_checkpoint(folder)
        for damaged in sorted(p.name for p in folder.glob("step-*") if checkpoint is None or p.name > checkpoint.name):
            whole = f"going on from {checkpoint.name}" if checkpoint else "there is no whole one: beginning again"
            self.log.write("note", message=f"Checkpoint {damaged} is damaged; {whole}.")
        again = sum(event["event"] == "started" for event in before) > 1
        resumed = {"event": "resumed", "step": step_of(checkpoint) if checkpoint else 0}
        self.requests.journal = requests_to_come(self.folder, before, resumed if checkpoint or again else None)
        if checkpoint is None:
            if again:
                self.log.write("resumed", step=0)
            return None
        self._compare_recipes(checkpoint)
        if not any(e["event"] == "checkpoint" and e["step"] == resumed["step"] for e in before):
            # Killed between the saving and the saying.
            self.log.write("checkpoint", step=resumed["step"], folder=checkpoint.name)
        self.log.write("resumed", step=resumed["step"], checkpoint=checkpoint.name)
        return load_checkpoint(checkpoint)

    def _compare_recipes(self, checkpoint: Path) -> None:
        """A checkpoint is gone on from by the recipe it was saved under: another gives another training."""
        then = about_checkpoint(checkpoint).get("recipe", {})
        now = self._recipe_keys()
        differing = [key for key in now if key in then and then[key] != now[key]]
        if differing:
            listed = "; ".join(f"{key} was {then[key]!r} and is {now[key]!r}" for key in differing)
            raise RunError(
                f"run '{self.folder.name}' cannot go on from {checkpoint.name}: its recipe changed since. {listed}. "
                "Put that back, or start a new run.",
                self.folder,
            )

    def _recipe_keys(self) -> dict[str, Any]:
        """The recipe's keys that decide what the training comes to, flat."""
        sections = self.recipe.to_dict()
        flat = {f"{s}.{k}": v for s in DECIDING if isinstance(sections[s], dict) for k, v in sections[s].items()}
        flat |= {key: sections[key] for key in ("task", "augment", "seed")}
        return {key: value for key, value in flat.items() if key not in WITHOUT_EFFECT}

    def _watch(self, event: Epoch) -> None:
        """Judge by the validation rows and write it down; the score is what early stopping and plateau go by."""
        self.score = None
        if not len(self.prepared.rows["validation"]):
            return
        began = time.perf_counter()
        try:
            values = watch(self.recipe, self.prepared, self.model, self.place, self.task, self.loss)
        except DataError as error:
            self.log.write("note", step=event.step, message=f"The validation rows cannot be judged: {error}")
            return
        self.score = self._score(values)
        seconds = round(time.perf_counter() - began, 3)
        told = {"step": event.step, "epoch": event.epoch, "split": "validation"}
        told |= {"asked": True} if event.asked else {}
        self.log.write("evaluation", **told, seconds=seconds, **values)

    def _score(self, values: dict[str, float | None]) -> float | None:
        """The value that is watched, so that lower is better."""
        name = self.recipe.training.monitor
        value = values[name]
        return -value if value is not None and name != "loss" and find_metric(name).greater_is_better else value

    def _save(self, event: Checkpoint) -> None:
        """Save a checkpoint. A full disk pauses the run until there is room; another fault is said and passed over."""
        if self.place.processes.rank:
            return
        folder, training = self.folder / "checkpoints", self.recipe.training
        about = {"recipe": self._recipe_keys()}
        while True:
            try:
                path = save_checkpoint(folder, event.step, event.state, training.keep, event.best, about)
            except OSError as error:
                if error.errno in FULL and self._wait_for_room(event, error):
                    continue
                fault = f"Checkpoint of step {event.step:,} not saved: {error.strerror or error}."
                self.log.write("note", step=event.step, message=fault)
                return
            self.log.write("checkpoint", step=event.step, folder=path.name)
            return

    def _wait_for_room(self, event: Checkpoint, error: OSError) -> bool:
        """Pause until the disk has room for a checkpoint or somebody says to go on; False where it is to stop."""
        needed = sum(value.nbytes for value in event.state.values())
        fault = f"{error.strerror}: no room for the checkpoint of step {event.step:,} ({needed:,} bytes)"
        self.log.write("state", state="paused", step=event.step, error=fault)
        going_on = True
        while True:
            asked = [request["request"] for request in self.requests(event.step)]
            if "stop" in asked:
                self.requests.add("stop")
                going_on = False
            time.sleep(POLL_SECONDS)
            if {"stop", "continue"} & set(asked) or shutil.disk_usage(self.folder).free > 2 * needed:
                self.log.write("state", state="running", step=event.step)
                return going_on

    def _tell_rows(self, event: NotFinite) -> None:
        ids = [self.prepared.name_of(i) for i in event.positions]
        self.log.write(
            "not_finite",
            step=event.step,
            rows=ids[:ROWS_TOLD],
            count=len(ids),
            layer=event.layer,
            loss=str(event.loss),
            gradient_norm=str(event.gradient_norm),
            message=f"Step {event.step:,} was not taken: its loss is {event.loss:g}, its gradient's length "
            f"{event.gradient_norm:g}, largest in {event.layer}.",
        )
