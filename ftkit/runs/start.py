"""Starting runs, and going on with them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ftkit.data import EMBEDDED, DatasetView
from ftkit.errors import RunError
from ftkit.models import check_model
from ftkit.models.names import AUTO
from ftkit.recipe import Recipe, read_recipe
from ftkit.runs.check import check_data
from ftkit.runs.control import ask, written
from ftkit.runs.environment import typed_command
from ftkit.runs.events import EventLog
from ftkit.runs.files import write_bytes, write_json
from ftkit.runs.folder import EDITS, RECIPE, new_folder
from ftkit.runs.journal import write_journal
from ftkit.runs.process import identity, start_worker
from ftkit.runs.run import Run
from ftkit.runs.together import train_together
from ftkit.shown import show_live
from ftkit.training.launch import check_launch, launched

_children: list[Any] = []  # kept, so that a worker that ends is not left as a zombie


def train(
    recipe: Recipe | dict[str, Any],
    *,
    runs: str | Path | None = None,
    name: str | None = None,
    process: bool = True,
) -> Run:
    """Start a run; it goes on in a process of its own, whatever becomes of this one. JupyterLab shows it live.

    Parameters
    ----------
    recipe : Recipe or dict
        What is to be done.
    runs : str or Path, optional
        The folder of runs: ``$FTKIT_RUNS`` or ``./runs`` without it.
    name : str, optional
        The run's name; the first free of ``<data>-<model>-1``, ``-2``, … without it.
    process : bool, default True
        False trains here and now, and returns when it is over; the folder is the same. So do processes that torchrun
        started: they train one run together.

    Returns
    -------
    Run
        At once; ``run.wait()`` waits.

    Raises
    ------
    RecipeError
        The recipe has faults.
    DataError
        The rows do not fit it; nothing was started.
    RunError
        The folder cannot be made, or ``process=False`` and the training failed.

    Examples
    --------
    >>> import tempfile
    >>> run = train({"data": "iris", "training": {"epochs": 2}}, runs=tempfile.mkdtemp(), process=False)
    >>> run.state
    'done'
    """
    recipe = recipe if isinstance(recipe, Recipe) else Recipe(**recipe)
    check_launch(recipe.training.processes, recipe.training.parallel)
    if launched():
        return train_together(recipe.training, lambda: _begun(*make_run(recipe, runs, name)))
    run, full = make_run(recipe, runs, name)
    _begin(run, process, full)
    if process:
        show_live(run)
    return run


def make_run(recipe: Recipe, runs: str | Path | None = None, name: str | None = None) -> tuple[Run, Recipe]:
    """A new run that has not begun, and its recipe with everything placed; see ``train``."""
    view, task = check_data(recipe)
    recipe = recipe.replace(task=task.name, model={"name": check_model(recipe.model.name, task, recipe.model.weights)})
    folder = new_folder(runs, name, stem=f"{Path(view.name).stem}-{_called(recipe)}")
    run = Run(folder)
    full = placed(recipe, view, folder)
    write_json(folder / "environment.json", {"command": typed_command()})
    # The recipe comes last: a folder is a run from then on.
    write_bytes(folder / RECIPE, full.to_yaml().encode())
    return run, full


def resume(run: Run) -> Run:
    """Go on with a run: after a pause, or from its last whole checkpoint.

    Parameters
    ----------
    run : Run
        Paused, stopped or failed.

    Returns
    -------
    Run
        The same, going on.

    Raises
    ------
    RunError
        It is running, or done.
    """
    status = run.status
    if not run.recipe:
        raise RunError(
            f"run '{run.name}' has no recipe: it had not begun to train. Run its notebook again.", run.folder
        )
    if status.state == "paused":
        ask(run.folder, "continue")
    elif not status.over:
        raise RunError(f"run '{run.name}' is going on already: {status.sentence}", run.folder)
    elif status.state == "done":
        raise RunError(f"run '{run.name}' is done; start another to train further.", run.folder)
    elif launched():
        training = read_recipe(run.folder / RECIPE).training
        check_launch(training.processes, training.parallel)
        return train_together(training, lambda: _begun(run))
    else:
        _begin(run, process=True)
    return run


def replay(run: Run, *, runs: str | Path | None = None, name: str | None = None, process: bool = True) -> Run:
    """A new run that repeats another with nobody at hand: its recipe, and each request at the step it was obeyed.

    Parameters
    ----------
    run : Run
        Over, or at least begun.
    runs : str or Path, optional
        The folder of runs: that of ``run`` without it.
    name : str, optional
        The new run's name; the first free of ``<run>-replay-1``, … without it.
    process : bool, default True
        False trains here and now.

    Returns
    -------
    Run
        Its weights are bitwise those of ``run``, on the same machine, threads and versions.

    Raises
    ------
    RunError
        ``run`` has no recipe, or the folder cannot be made.
    """
    if not run.recipe:
        raise RunError(f"run '{run.name}' has no recipe: there is nothing to repeat.", run.folder)
    folder = new_folder(runs or run.folder.parent, name, stem=f"{run.name}-replay")
    write_json(folder / "environment.json", {"command": typed_command(), "replay_of": run.name})
    write_journal(run.events(), folder)
    write_bytes(folder / RECIPE, (run.folder / RECIPE).read_bytes())
    again = Run(folder)
    _begin(again, process)
    return again


def _begun(run: Run, recipe: Recipe | None = None) -> tuple[Path, Recipe | None]:
    """A run that the processes which a launcher started take up."""
    EventLog(run.folder).write("state", state="queued", control=written(run.folder))
    return run.folder, recipe


def _begin(run: Run, process: bool, recipe: Recipe | None = None) -> None:
    # Requests from now on are for the process that takes the run up, however long it takes to start.
    EventLog(run.folder).write("state", state="queued", control=written(run.folder))
    if not process:
        from ftkit.runs.job import execute

        execute(run.folder, recipe=recipe)
        return
    worker = start_worker(run.folder)
    _children.append(worker)
    EventLog(run.folder).write("spawned", **identity(worker.pid))


def _called(recipe: Recipe) -> str:
    """What the run's folder calls the model: its name, or its weights'."""
    return recipe.model.name if recipe.model.name != AUTO else Path(str(recipe.model.weights)).stem


def placed(recipe: Recipe, view: DatasetView, folder: Path) -> Recipe:
    """The recipe with paths that hold from any folder; rows that were only in memory are kept in the run folder.

    So are edits, whether a file held them or not: what a run was trained on must not change with that file.
    """
    edits = str(view.edits.save(folder / EDITS)) if view.edits else None
    origin = view.unedited.origin
    if origin is None:  # the snapshot holds the rows as the edits left them
        path = view.save(folder / "data.parquet")
        return Recipe(**{**recipe.to_dict(whole=False), "data": {"path": str(path)}, "edits": None})
    if edits:
        recipe = recipe.replace(edits=edits)
    for key in ("path", "test"):
        value = origin.get(key)
        if isinstance(value, str) and value not in EMBEDDED and Path(value).expanduser().exists():
            origin[key] = str(Path(value).expanduser().absolute())
    return recipe.replace(data={k: v for k, v in origin.items() if k != "task"})
