"""Whether the rows fit the recipe: asked before anything is started or written."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np

from ftkit.data import DatasetView, read
from ftkit.errors import DataError, MissingDependency, nearest
from ftkit.models import check_model
from ftkit.recipe import Recipe
from ftkit.runs.memory import known_classes
from ftkit.runs.mirrors import check_mirrors
from ftkit.runs.splits import split_of
from ftkit.task import TASKS, Task, get_task

FEWEST_ROWS = 10


def read_rows(recipe: Recipe) -> DatasetView:
    """The rows of a recipe: its view, or what its ``data`` section says, under its edits."""
    view = recipe.view
    if view is None:
        arguments = recipe.data.model_dump(exclude_none=True)
        view = read(arguments.pop("path"), task=recipe.task, **arguments)
    known = known_classes(recipe)
    if known:  # a head grows at its end
        view = read(view, classes=[*known, *(name for name in view.classes if name not in known)])
    return view if recipe.edits is None else view.apply(recipe.edits)


def check_data(recipe: Recipe) -> tuple[DatasetView, Task]:
    """The rows and the task, after all that can be known without decoding is known to fit.

    Parameters
    ----------
    recipe : Recipe

    Returns
    -------
    (DatasetView, Task)

    Raises
    ------
    DataError
        The rows cannot be read, have no target, one class, too few rows, or are of a task that cannot be trained; or
        the split, the device or the weights that are asked for are not to be had.
    RecipeError
        Metrics or augmentations do not fit the task.
    MissingDependency
        The optimiser or a mirror needs a package that is not installed.
    """
    view = read_rows(recipe)
    name = recipe.task or view.task
    if view.target is None:
        raise DataError(
            f"{view.name}: no target is given and none was found; there are the columns "
            f"{_listed(list(view.columns))}. Say which one to predict: target=…, or -p target NAME."
        )
    task = get_task(name or "")
    if not task.trainable:
        can = _listed([t.name for t in TASKS.values() if t.trainable])
        raise DataError(
            f"{view.name}: {task.name} cannot be trained by this version, which trains {can}. ({view.task_reason})"
        )
    check_model(recipe.model.name, task, why=view.task_reason)
    if recipe.training.remember:
        from ftkit.runs.memory import check_remember

        check_remember(recipe, task)
    recipe.replace(task=task.name)  # names of metrics and augmentations that do not fit this task are told now
    _check_split(recipe, view)
    _check_columns(recipe, view)
    _check_training(recipe, view, task)
    _check_machine(recipe)
    known = np.isfinite(view.labels) if task.predicts == "number" else view.labels >= 0
    if known.sum() < FEWEST_ROWS:
        raise DataError(
            f"{view.name}: {int(known.sum())} rows have a target; at least {FEWEST_ROWS} are needed to train and judge."
        )
    if len(np.unique(view.labels[known])) < 2:
        raise DataError(f"{view.name}: '{view.target}' is the same in all of these rows; there is nothing to learn.")
    split, _ = split_of(recipe, view)  # what leaks is told before anything is started
    if task.kind == "series":
        from ftkit.runs.series import check_series

        check_series(recipe, view, split)
    return view, task


def _check_columns(recipe: Recipe, view: DatasetView) -> None:
    """Whether the columns that get a step of their own are there."""
    features = [name for name in view.features if view.columns[name].role == "feature"]
    for name in recipe.preprocess.columns:
        if name not in features:
            raise DataError(f"preprocess.columns: {view.name} has no feature '{name}'; {nearest(name, features)}.")


def _check_split(recipe: Recipe, view: DatasetView) -> None:
    """Whether rows are left to learn from and to judge by."""
    given = view.given_split
    if recipe.split.method == "holdout" and recipe.split.test == 0 and (given is None or not (given == "test").any()):
        raise DataError(f"{view.name}: split.test is 0 and no test set came with the data: no row is left to judge by.")
    for group in (recipe.split.group, recipe.data.group):
        if group is not None and group not in view.columns:
            raise DataError(f"{view.name} has no column '{group}' to group by; {nearest(group, view.columns)}.")


def _check_training(recipe: Recipe, view: DatasetView, task: Task) -> None:
    """Whether the training's keys fit these rows."""
    wanted = recipe.training
    if wanted.batch_size != "auto" and wanted.batch_size > len(view):
        raise DataError(
            f"training.batch_size: {wanted.batch_size:,} is more than the {len(view):,} rows of {view.name}. "
            "Give a smaller one, or auto."
        )
    for name in wanted.class_weights if isinstance(wanted.class_weights, dict) else ():
        if name not in view.classes:
            raise DataError(f"training.class_weights: '{name}' is no class; {nearest(name, view.classes)}.")
    given = view.given_split
    watched = recipe.split.validation or (given is not None and (given == "validation").any())
    for key, asked in (("early_stopping", wanted.early_stopping), ("schedule", wanted.schedule == "plateau")):
        if asked and not watched:
            raise DataError(f"training.{key} goes by validation rows, but split.validation is 0. Set it above 0.")


def _check_machine(recipe: Recipe) -> None:
    """Whether device and weights are there; torch is loaded only where a device is asked for."""
    weights = recipe.model.weights
    if weights and (weights.startswith((".", "/", "~")) or Path(weights).exists()):
        path = Path(weights).expanduser()
        config = path / "config.json"
        if not (path.is_file() or config.exists()):
            raise DataError(f"weights '{weights}': there is no {config}. Give a folder that save_pretrained wrote.")
    if recipe.training.optimizer == "adamw8bit" and find_spec("bitsandbytes") is None:
        raise MissingDependency("bitsandbytes", "quantized")
    check_mirrors(recipe.training.mirror)
    if recipe.training.device not in ("auto", "cpu"):
        from ftkit.training import choose_device

        choose_device(recipe.training.device)


def _listed(names: list[str]) -> str:
    shown = ", ".join(f"'{name}'" for name in names[:12])
    return shown + (f" and {len(names) - 12} more" if len(names) > 12 else "")
