"""``search``: which numbers make a recipe better, tried by workers in the background."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ftkit.errors import RecipeError, RunError
from ftkit.evaluate import find_metric
from ftkit.recipe import Recipe
from ftkit.runs.check import check_data
from ftkit.runs.files import read_json, write_json
from ftkit.runs.folder import new_folder, runs_folder
from ftkit.runs.process import alive, start_process
from ftkit.runs.run import Run
from ftkit.runs.searcher import NAME, STOP
from ftkit.runs.searcher import work as work_on
from ftkit.runs.space import check_space, with_values
from ftkit.runs.start import placed
from ftkit.runs.study import WORKERS, Study, TrialRow

_children: list[Any] = []  # kept, so that a worker that ends is not left as a zombie


class Search:
    """A search in its folder: workers may be going on in other processes, on other machines, or be long over.

    Parameters
    ----------
    folder : str or Path

    Attributes
    ----------
    folder : Path
        Holds ``search.json``, Optuna's journal and a run folder a trial.
    name : str

    Raises
    ------
    RunError
        The folder holds no search.
    MissingDependency
        Optuna is not installed.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder).absolute()
        self.name = self.folder.name
        about = read_json(self.folder / NAME, None)
        if about is None:
            raise RunError(f"{self.folder}: there is no {NAME}; make one with ft.search.")
        self.recipe, self.space, self.metric = Recipe(**about["recipe"]), about["space"], about["metric"]
        self.wanted = about["trials"]
        self._study = Study(self.folder, self.space, self.wanted, self.recipe.seed, about["pruning"])

    def __repr__(self) -> str:
        rows = self.trials
        finished = sum(row.state in ("done", "pruned", "failed") for row in rows)
        best = self.best
        told = f"; best {self.metric} {self._unsigned(best.value):.4g} with {best.params}" if best else ""
        return f"Search '{self.name}' {self.state}: {finished} of {self.wanted} trials finished{told}"

    @property
    def trials(self) -> list[TrialRow]:
        """Every trial there is."""
        return self._study.rows()

    @property
    def best(self) -> TrialRow | None:
        """The finished trial with the best score, by the rows held out; None before the first. Lower is better."""
        done = [row for row in self.trials if row.state == "done"]
        return min(done, key=lambda row: row.value, default=None)

    @property
    def best_recipe(self) -> Recipe:
        """The recipe with the best trial's values.

        Raises
        ------
        RunError
            No trial is finished yet.
        """
        if self.best is None:
            raise RunError(f"search '{self.name}' has no finished trial yet.", self.folder)
        return with_values(self.recipe, self.best.params)

    @property
    def state(self) -> str:
        """One of running, stopped, done; ``idle`` where trials are left and no worker of this machine is there."""
        if self._study.over():
            return "done"
        if (self.folder / STOP).exists():
            return "stopped"
        workers = [read_json(path, {}) for path in (self.folder / WORKERS).glob("*.json")]
        going = [worker for worker in workers if worker and alive(worker) is not False]
        return "running" if going or any(child.poll() is None for child in self._own()) else "idle"

    def run(self, trial: TrialRow) -> Run:
        """The run of a trial."""
        return Run(self.folder / trial.run)

    def frame(self) -> Any:
        """The trials as a polars DataFrame: number, state, the metric, each value that was tried, run."""
        from ftkit.data.convert import frame

        rows = self.trials
        columns = {
            "trial": [row.number for row in rows],
            "state": [row.state for row in rows],
            self.metric: [None if row.value is None else self._unsigned(row.value) for row in rows],
            **{name: [_cell(row.params.get(name)) for row in rows] for name in self.space},
            "run": [row.run for row in rows],
        }
        return frame(columns)

    def wait(self, timeout: float | None = None) -> Search:
        """Wait until as many trials are finished as wanted, or it is stopped. An interrupt ends the waiting only.

        Parameters
        ----------
        timeout : float, optional
            Seconds.

        Returns
        -------
        Search
            Itself.

        Raises
        ------
        RunError
            Trials are left, and no worker is there.
        TimeoutError
            It is not over after ``timeout`` seconds.
        """
        began = time.monotonic()
        while (state := self.state) == "running" or (state == "stopped" and self._busy()):
            if timeout is not None and time.monotonic() - began > timeout:
                raise TimeoutError(f"search '{self.name}' is not over after {timeout:g} s: {self!r}")
            time.sleep(0.5)
        if state == "idle":
            raise RunError(f"search '{self.name}' has trials left and no worker; go on with .resume().", self.folder)
        return self

    def stop(self) -> None:
        """Ask the workers to end; trials under way go back into the queue, and their runs keep what was learned."""
        (self.folder / STOP).touch()

    def resume(self, workers: int = 1) -> Search:
        """Go on with so many more workers on this machine; 0 works here and now."""
        (self.folder / STOP).unlink(missing_ok=True)
        if workers == 0:
            work_on(self.folder)
        for _ in range(workers):
            _children.append(start_process("ftkit.runs.searcher", self.folder))
            _children[-1].folder = self.folder
        return self

    def _own(self) -> list[Any]:
        return [child for child in _children if child.folder == self.folder]

    def _busy(self) -> bool:
        return any(child.poll() is None for child in self._own())

    def _unsigned(self, value: float) -> float:
        return -value if self.metric != "loss" and find_metric(self.metric).greater_is_better else value


def search(
    recipe: Recipe | dict[str, Any],
    space: Mapping[str, Any],
    *,
    trials: int = 30,
    workers: int = 1,
    metric: str | None = None,
    pruning: bool = True,
    runs: str | Path | None = None,
    name: str | None = None,
) -> Search:
    """Search the values of a recipe that make it best by rows held out; it goes on in processes of its own.

    Each trial is a run in the search's folder. A worker that is killed loses nothing: its trial goes back into the
    queue, and its run goes on from its last checkpoint. Workers on other machines join with
    ``python -m ftkit.runs.searcher FOLDER``, where they see the folder.

    Parameters
    ----------
    recipe : Recipe or dict
        What is not searched. Where its split is one of folds, each trial trains them all.
    space : mapping of str to list or dict
        A parameter's name (``learning_rate``) or path to a list of choices, or to ``{"low": …, "high": …}``, with
        ``"log": True`` or ``"step"``.
    trials : int from 1 on, default 30
    workers : int, default 1
        Processes on this machine; 0 works here and now, and returns when it is over.
    metric : str, optional
        What is made better: ``loss`` or a metric's name, of the validation rows; for folds, of the rows held out.
        ``training.monitor`` without it, and for folds the task's first metric instead of ``loss``.
    pruning : bool, default True
        End trials whose score is worse than the median of the others' at the same epoch or fold.
    runs : str or Path, optional
        The folder of runs: ``$FTKIT_RUNS`` or ``./runs`` without it.
    name : str, optional
        The search's folder there; ``search-1``, ``-2``, … without it.

    Returns
    -------
    Search
        At once; ``.wait()`` waits, ``.best`` is the best trial so far.

    Raises
    ------
    RecipeError
        The recipe or the space has faults; all of them are listed.
    DataError
        The rows do not fit it.
    MissingDependency
        Optuna is not installed.

    References
    ----------
    Akiba et al. 2019, "Optuna"; Bergstra et al. 2011 (TPE), "Algorithms for Hyper-Parameter Optimization".

    Examples
    --------
    >>> import tempfile
    >>> rates = {"learning_rate": {"low": 1e-4, "high": 1e-1, "log": True}}
    >>> plain = {"data": "iris", "training": {"epochs": 2}}
    >>> found = search(plain, rates, trials=2, workers=0, runs=tempfile.mkdtemp())
    >>> found.state, len(found.trials)
    ('done', 2)
    """
    recipe = recipe if isinstance(recipe, Recipe) else Recipe(**recipe)
    check_space(recipe, space)
    faults = [
        f"{k}: {v}; asked is at least {least}."
        for k, v, least in (("trials", trials, 1), ("workers", workers, 0))
        if v < least
    ]
    folded = recipe.split.method != "holdout" and recipe.split.fold is None
    if not folded and recipe.split.validation == 0:
        faults.append("split.validation: is 0, so trials cannot be told apart; give it a share.")
    if faults:
        raise RecipeError(faults, "search")
    view, task = check_data(recipe.replace(split={"fold": 1}) if folded else recipe)
    metric = metric or recipe.training.monitor
    if folded and metric == "loss":
        metric = task.metrics[0]
    if metric != "loss":
        find_metric(metric)
        if not folded:
            recipe = recipe.replace(training={"monitor": metric})
    folder = new_folder(runs_folder(runs), name, stem="search")
    about = {
        "recipe": placed(recipe.replace(task=task.name), view, folder).to_dict(whole=False),
        "space": dict(space),
        "trials": trials,
        "metric": metric,
        "pruning": pruning,
    }
    write_json(folder / NAME, about)
    return Search(folder).resume(workers)


def open_search(name: str | Path, runs: str | Path | None = None) -> Search:
    """A search there is, by its name or its folder.

    Parameters
    ----------
    name : str or Path
        The search's name, or the path of its folder.
    runs : str or Path, optional
        The folder of runs: ``$FTKIT_RUNS`` or ``./runs`` without it.

    Returns
    -------
    Search

    Raises
    ------
    RunError
        There is none.

    Examples
    --------
    >>> open_search("search-99")
    Traceback (most recent call last):
        ...
    ftkit.errors.RunError: ...: there is no search.json; make one with ft.search.
    """
    root = runs_folder(runs) / str(name)
    return Search(root if root.exists() else Path(name).expanduser())


def _cell(value: Any) -> Any:
    return value if value is None or isinstance(value, (int, float, str, bool)) else str(value)
