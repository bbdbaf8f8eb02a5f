"""A run, seen from outside: everything is read from its folder, nothing is held."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from ftkit.data.columnar import read_parquet
from ftkit.errors import RunError
from ftkit.recipe.strict_yaml import load_yaml_file
from ftkit.runs.control import ask
from ftkit.runs.events import NAME as EVENTS
from ftkit.runs.events import Follower, history
from ftkit.runs.files import read_json
from ftkit.runs.folder import RECIPE, find_run
from ftkit.runs.status import Status, read_status
from ftkit.shown import Shown


class Run(Shown):
    """A run in its folder; it may be going on in another process, on another machine, or be long over.

    Parameters
    ----------
    folder : str or Path
        The run folder.

    Attributes
    ----------
    folder : Path
    name : str
        The folder's name.

    Examples
    --------
    >>> run = Run("runs/digits-resnet-1")
    >>> run.name
    'digits-resnet-1'
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder).absolute()
        self.name = self.folder.name

    def __repr__(self) -> str:
        return f"Run '{self.name}' in {self.folder.parent}: {self.status.sentence}"

    @property
    def recipe(self) -> dict[str, Any]:
        """The recipe, as plain keys and values; empty where none was written."""
        return load_yaml_file(self.folder / RECIPE) if (self.folder / RECIPE).exists() else {}

    @property
    def status(self) -> Status:
        """What it is doing now."""
        return read_status(self.folder, Follower(self.folder / EVENTS).read())

    @property
    def state(self) -> str:
        """One of queued, running, paused, stopped, failed, done."""
        return self.status.state

    def events(self) -> list[dict[str, Any]]:
        """What happened, in order, without what a resumed run took back."""
        return history(Follower(self.folder / EVENTS).read())

    @property
    def metrics(self) -> list[dict[str, Any]]:
        """The metrics: dicts of name, split, value, low, high, method, n. Empty until the run is judged."""
        return read_json(self.folder / "metrics.json", [])

    @property
    def environment(self) -> dict[str, Any]:
        """Versions, hardware, git state, data fingerprint, command."""
        return read_json(self.folder / "environment.json", {})

    @property
    def preprocess(self) -> dict[str, Any]:
        """The state of the steps that turn rows into the model's input."""
        return read_json(self.folder / "model" / "preprocess.json", {})

    def predictions(self) -> dict[str, np.ndarray]:
        """The predictions for validation and test rows.

        Returns
        -------
        dict of str to array, (N,)
            ``row_id``, ``split``, ``label``, ``prediction``, and ``p_<class>`` for each class. Labels and predictions
            are class names, or numbers. Empty until the run is judged.
        """
        path = self.folder / "predictions.parquet"
        return read_parquet(path) if path.exists() else {}

    def log(self, lines: int = 20) -> str:
        """The end of the worker's log, as text.

        Parameters
        ----------
        lines : int, default 20
            At most so many.
        """
        path = self.folder / "worker.log"
        return (
            "\n".join(path.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:]) if path.exists() else ""
        )

    def pause(self) -> None:
        """Ask it to wait after the current step."""
        self._ask("pause")

    def resume(self) -> None:
        """Go on: after a pause, or from the last checkpoint of a run that stopped or failed.

        Raises
        ------
        RunError
            It is running, or done.
        """
        from ftkit.runs.start import resume

        resume(self)

    def stop(self) -> None:
        """Ask it to save a checkpoint, judge what was learned, and end."""
        self._ask("stop")

    def checkpoint(self) -> None:
        """Ask it to save a checkpoint now."""
        self._ask("checkpoint")

    def evaluate(self) -> None:
        """Ask it to judge by the validation rows now."""
        self._ask("evaluate")

    def set(
        self, *, learning_rate: float | None = None, batch_size: int | None = None, epochs: int | None = None
    ) -> None:
        """Ask it to go on with other numbers; each is obeyed at the next step, and is an event.

        Parameters
        ----------
        learning_rate : float over 0, optional
            The schedule's highest rate.
        batch_size : int from 2 on, optional
            Rows a step, from the next epoch on.
        epochs : int, optional
            Epochs in all: more go on for longer, fewer end earlier, but never before the end of this one.

        Raises
        ------
        RunError
            It is over, or a number is out of its range.
        """
        for name, value in (("learning_rate", learning_rate), ("batch_size", batch_size), ("epochs", epochs)):
            if value is not None:
                self._ask(name, value)

    def set_learning_rate(self, rate: float) -> None:
        """Ask it to go on with another highest learning rate.

        Parameters
        ----------
        rate : float
            Over 0.

        Raises
        ------
        RunError
            It is over, or the rate is not a positive number.
        """
        self._ask("learning_rate", rate)

    def set_batch_size(self, rows: int) -> None:
        """Ask it to take another number of rows a step, from the next epoch on.

        Parameters
        ----------
        rows : int
            From 2.

        Raises
        ------
        RunError
            It is over, or the number is none.
        """
        self._ask("batch_size", rows)

    def set_epochs(self, epochs: int) -> None:
        """Ask it to end after another number of epochs in all.

        Parameters
        ----------
        epochs : int
            From 1.

        Raises
        ------
        RunError
            It is over, or the number is none.
        """
        self._ask("epochs", epochs)

    def wait(self, timeout: float | None = None, tell: Callable[[Status], None] | None = None) -> Run:
        """Wait until it is over. An interrupt ends the waiting, not the run.

        Parameters
        ----------
        timeout : float, optional
            Seconds after which the waiting ends, whatever the run does.
        tell : callable, optional
            Called with the Status a few times a second.

        Returns
        -------
        Run
            Itself.

        Raises
        ------
        RunError
            It failed (its folder keeps what was written), or there is no such run.
        TimeoutError
            It is not over after ``timeout`` seconds.
        """
        if not self.folder.is_dir():
            raise RunError(f"run '{self.name}' is not in {self.folder.parent}.")
        began = time.monotonic()
        follower, seen = Follower(self.folder / EVENTS), []
        while True:
            seen += follower.read()
            status = read_status(self.folder, seen)
            if tell:
                tell(status)
            if status.state == "failed":
                raise RunError(f"run '{self.name}' {status.sentence}", self.folder)
            if status.over:
                return self
            if timeout is not None and time.monotonic() - began > timeout:
                raise TimeoutError(f"run '{self.name}' is not over after {timeout:g} s: {status.sentence}")
            time.sleep(0.2)

    def _ask(self, request: str, value: float | None = None) -> None:
        status = self.status
        if status.over:
            raise RunError(
                f"run '{self.name}' is over, so it cannot {request.replace('_', ' ')}: {status.sentence}", self.folder
            )
        ask(self.folder, request, value)


def open_run(name: str | Path, runs: str | Path | None = None) -> Run:
    """A run there is, by its name or its folder.

    Parameters
    ----------
    name : str or Path
        The run's name, or the path of its folder.
    runs : str or Path, optional
        The folder of runs: ``$FTKIT_RUNS`` or ``./runs`` without it.

    Returns
    -------
    Run

    Raises
    ------
    RunError
        There is no such run; the nearest name is said.

    Examples
    --------
    >>> open_run("digits-resnet-9")
    Traceback (most recent call last):
        ...
    ftkit.errors.RunError: run 'digits-resnet-9' is not in ...
    """
    return Run(find_run(name, runs))
