"""A search's trials on disk: Optuna's journal in a folder that several workers, and machines, share.

Optuna's journal does not notice a worker that was killed: its trial would stay "running" for ever. So each trial says
who works on it; whoever finds that process gone gives the trial up and puts it back into the queue, with its run, which
goes on from its last checkpoint.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ftkit.errors import MissingDependency
from ftkit.runs.process import alive, identity
from ftkit.runs.space import shown
from ftkit.runs.status import SILENT_SECONDS

JOURNAL = "journal.log"
WORKERS = "workers"
# A trial whose worker ended without a word so often is given up: it may be the trial that ends them.
MOST_TRIES = 3


@dataclass(frozen=True)
class TrialRow:
    """One trial: its number, state (waiting, running, done, pruned, failed), values, score and its run's name."""

    number: int
    state: str
    params: dict[str, Any]
    value: float | None
    run: str
    tries: int
    error: str = ""


class Study:
    """The trials of a search.

    Parameters
    ----------
    folder : Path
        The search's folder.
    space : dict
    trials : int
        How many are to be finished.
    seed : int
    pruning : bool

    Raises
    ------
    MissingDependency
        Optuna is not installed.
    """

    def __init__(self, folder: Path, space: dict[str, Any], trials: int, seed: int, pruning: bool = True) -> None:
        if find_spec("optuna") is None:
            raise MissingDependency("optuna", "hpo")
        import optuna
        from optuna.storages import journal

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)
        self.optuna, self.folder, self.space, self.wanted = optuna, folder, space, trials
        path = str(folder / JOURNAL)
        self._claiming = journal.JournalFileOpenLock(str(folder / "claim"))
        backend = journal.JournalFileBackend(path, journal.JournalFileOpenLock(path))
        self._storage = optuna.storages.JournalStorage(backend)
        # Workers draw other numbers than each other, and others when they go on.
        drawn = seed * 1009 + identity()["pid"]
        prune = optuna.pruners.MedianPruner(n_startup_trials=4, n_warmup_steps=1) if pruning else None
        self.study = optuna.create_study(
            storage=self._storage,
            study_name="search",
            sampler=optuna.samplers.TPESampler(seed=drawn, n_startup_trials=8, multivariate=True, constant_liar=True),
            pruner=prune or optuna.pruners.NopPruner(),
            load_if_exists=True,
        )

    def rows(self) -> list[TrialRow]:
        """The trials; one that was put back into the queue counts once, as what it came to."""
        names = {"COMPLETE": "done", "PRUNED": "pruned", "FAIL": "failed", "RUNNING": "running", "WAITING": "waiting"}
        rows = []
        for trial in self.study.get_trials(deepcopy=False):
            about = trial.user_attrs
            if not about.get("given_up"):
                rows.append(
                    TrialRow(
                        trial.number,
                        names[trial.state.name],
                        shown(_params(trial), self.space),
                        about.get("score"),
                        about.get("run", f"trial-{trial.number}"),
                        about.get("tries", 1),
                        about.get("error", ""),
                    )
                )
        return rows

    def claim(self) -> Any | None:
        """The next trial to work on, marked with who does; None where as many are finished or under way as wanted."""
        with self._alone():
            self._give_up_dead()
            rows = self.rows()
            if len(rows) - sum(row.state == "waiting" for row in rows) >= self.wanted:
                return None
            trial = self.study.ask()
            trial.set_user_attr("worker", identity())
            if "run" not in trial.user_attrs:
                trial.set_user_attr("run", f"trial-{trial.number}")
            return trial

    def finish(self, trial: Any, state: str, value: float | None, error: str = "") -> None:
        """Write down what a trial came to: ``done``, ``pruned`` or ``failed``."""
        if value is not None:
            trial.set_user_attr("score", value)
        if error:
            trial.set_user_attr("error", error)
        states = self.optuna.trial.TrialState
        if state == "done":
            self.study.tell(trial, value)
        else:
            self.study.tell(trial, state=states.PRUNED if state == "pruned" else states.FAIL)

    def put_back(self, number: int) -> None:
        """Put a trial that was not finished back into the queue; its run goes on where it was."""
        with self._alone():
            self._requeue(next(t for t in self.study.get_trials(deepcopy=False) if t.number == number), again=0)

    def over(self) -> bool:
        """Whether as many trials are finished as wanted."""
        return sum(row.state in ("done", "pruned", "failed") for row in self.rows()) >= self.wanted

    def _give_up_dead(self) -> None:
        running = (self.optuna.trial.TrialState.RUNNING,)
        for trial in self.study.get_trials(deepcopy=False, states=running):
            if self._is_gone(trial):
                self._requeue(trial, again=1)

    def _requeue(self, trial: Any, again: int) -> None:
        about, tries = trial.user_attrs, trial.user_attrs.get("tries", 1)
        if tries < MOST_TRIES or not again:
            kept = {"run": about.get("run", f"trial-{trial.number}"), "tries": tries + again}
            if _params(trial):
                self.study.enqueue_trial(_params(trial), user_attrs=kept)
            self._storage.set_trial_user_attr(trial._trial_id, "given_up", True)
        else:
            said = f"its worker ended without a word {tries} times"
            self._storage.set_trial_user_attr(trial._trial_id, "error", said)
        self.study.tell(trial.number, state=self.optuna.trial.TrialState.FAIL, skip_if_finished=True)

    def _is_gone(self, trial: Any) -> bool:
        """Whether the process that works on a trial is not there; on another host, whether it has long been silent."""
        who = trial.user_attrs.get("worker")
        if who is None:  # killed between asking and saying who
            return time.time() - trial.datetime_start.timestamp() > SILENT_SECONDS
        there = alive(who)
        if there is not None:
            return not there
        try:
            beat = worker_file(self.folder, who).stat().st_mtime
        except OSError:
            beat = trial.datetime_start.timestamp()
        return time.time() - beat > SILENT_SECONDS

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self._claiming.acquire()
        try:
            yield
        finally:
            self._claiming.release()


def _params(trial: Any) -> dict[str, Any]:
    """What a trial drew, or is to draw: one that was put back has not drawn again yet."""
    return trial.params or trial.system_attrs.get("fixed_params", {})


def worker_file(folder: Path, who: dict[str, Any]) -> Path:
    """The file a worker touches every few seconds."""
    return folder / WORKERS / f"{who['host']}-{who['pid']}.json"
