"""A run's model on other rows: read, put through the saved preprocessing, predicted; nothing is fitted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ftkit.augment import parse
from ftkit.data import DatasetView, frame, read
from ftkit.data.columnar import to_parquet
from ftkit.errors import DataError, RecipeError, RunError
from ftkit.models.saved import load_saved
from ftkit.preprocess import TargetScaler
from ftkit.recipe import Recipe, read_recipe
from ftkit.runs.files import write_bytes
from ftkit.runs.folder import RECIPE
from ftkit.runs.forecasts import forecast
from ftkit.runs.inputs import named, read_inputs
from ftkit.runs.run import Run, open_run
from ftkit.task import Task, get_task
from ftkit.training import choose_device
from ftkit.training import predict as answer
from ftkit.training.device import Place, threads_set

# Columns of a recipe's data section that new rows may lack.
ROLES = ("target", "text", "group", "time", "id")
MOST_TIMES = 1000
FORMS = ("header", "separator", "missing")


@dataclass(frozen=True)
class Predictions:
    """What a run's model says of some rows.

    Attributes
    ----------
    columns : dict of str to array, (N,)
        ``row_id``, ``prediction``, and ``p_<class>`` for each class. Predictions are class names, or numbers in the
        target's unit. Forecasts are of rows that are not there yet: their ids are series and time, and ``series``,
        ``time`` and ``step`` say so apart.
    skipped : dict of str to str
        Row id to why the row could not be read; such rows have no prediction.
    notes : tuple of str
        What was noticed while reading the rows, one sentence each.
    run : str
        The run's name.
    """

    columns: dict[str, np.ndarray]
    skipped: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    run: str = ""

    def __len__(self) -> int:
        return len(self.columns["row_id"])

    def __repr__(self) -> str:
        skipped = f", {len(self.skipped):,} skipped" if self.skipped else ""
        return f"Predictions of run '{self.run}' for {len(self):,} rows{skipped}\n{self.frame()}"

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes, in the order of their probabilities; () for numbers."""
        return tuple(name.removeprefix("p_") for name in self.columns if name.startswith("p_"))

    def frame(self) -> Any:
        """The columns as a polars DataFrame."""
        return frame(self.columns)

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON: ``rows`` is a list of ``{"row_id", "prediction", "probabilities"}``."""
        probabilities = [self.columns[f"p_{name}"].tolist() for name in self.classes]
        told = zip(self.columns["row_id"].tolist(), self.columns["prediction"].tolist(), strict=True)
        rows: list[dict[str, Any]] = [{"row_id": row, "prediction": value} for row, value in told]
        for name, values in zip(self.classes, probabilities, strict=True):
            for row, value in zip(rows, values, strict=True):
                row.setdefault("probabilities", {})[name] = value
        return {"run": self.run, "rows": rows, "skipped": self.skipped, "notes": list(self.notes)}

    def write(self, path: str | Path) -> Path:
        """Write the columns as a Parquet file, whole or not at all.

        Parameters
        ----------
        path : str or Path
            A file in a folder that is there.

        Returns
        -------
        Path
            The same path.

        Raises
        ------
        DataError
            It cannot be written there.
        """
        try:
            return write_bytes(Path(path).expanduser(), to_parquet(self.columns))
        except OSError as error:
            raise DataError(f"{path}: cannot be written: {error.strerror or error}.") from None


def predict(
    run: Run | str | Path,
    source: Any,
    *,
    augment: Any = None,
    times: int | None = None,
    runs: str | Path | None = None,
) -> Predictions:
    """What a run's model says of the rows of a source.

    The rows go through what the run saved with its model, so the numbers the model sees are, bit for bit, those it
    would have seen in training.

    Parameters
    ----------
    run : Run, str or Path
        A run that has a model: its name, or its folder.
    source : path, str, DatasetView or object
        What ``ft.read`` takes. A target is not needed. Text tables are read as the run's own rows were (header,
        separator, words for missing cells); pass a view to read them otherwise.
    augment : list, optional
        What to augment the rows with, see ``times``: the run's own augmentations without it. Steps that mix rows are
        left out.
    times : int, 0 to 1000, optional
        How often each row is augmented, and its probabilities averaged (test-time augmentation): as often as when the
        run was judged (``training.tta``) without it; 0 predicts the row as it is.
    runs : str or Path, optional
        The folder of runs, for a run given by name: ``$FTKIT_RUNS`` or ``./runs`` without it.

    Returns
    -------
    Predictions
        In the order of the rows; images that cannot be read are named in ``skipped``. Of series it is the next
        horizon, from the end of each.

    Raises
    ------
    RunError
        There is no such run, or it has no model yet.
    DataError
        The rows cannot be read, or lack a column that the model reads, or hold something else in it.
    RecipeError
        ``augment`` or ``times`` has a fault, or there is nothing to augment with.

    Examples
    --------
    >>> import ftkit as ft
    >>> ft.predict("digits-resnet-9", "digits")
    Traceback (most recent call last):
        ...
    ftkit.errors.RunError: run 'digits-resnet-9' is not in ...
    """
    run = run if isinstance(run, Run) else open_run(run, runs)
    state = run.preprocess
    if not state:
        raise RunError(f"run '{run.name}' has no model to predict with: {run.status.sentence}")
    recipe, task = read_recipe(run.folder / RECIPE), get_task(state["task"])
    steps, drawn = _drawn(augment, times, recipe, task, run.name)
    view = _read(source, recipe)
    if task.kind == "series":
        return _forecast(run, recipe, view, state)
    inputs = read_inputs(state, steps, recipe.seed)
    inputs.check(view, run.name)
    with threads_set(None if recipe.training.threads == "auto" else recipe.training.threads):
        place = _place(recipe)
        model = load_saved(run.folder / "model", task.kind).to(place.device)
        values, skipped = _answers(model, view, inputs, place, task, drawn)
    if "target_scaler" in state:
        values = TargetScaler(**state["target_scaler"]).inverse_transform(values)
    ids = view.ids
    kept = np.setdiff1d(np.arange(len(view)), np.fromiter(skipped, np.int64, len(skipped)))
    columns = {"row_id": np.asarray(ids[kept], object)} | named(values, state["classes"], task)
    return Predictions(columns, {str(ids[i]): why for i, why in skipped.items()}, inputs.notes(view), run.name)


def _forecast(run: Run, recipe: Recipe, view: DatasetView, state: dict[str, Any]) -> Predictions:
    with threads_set(None if recipe.training.threads == "auto" else recipe.training.threads):
        place = _place(recipe)
        model = load_saved(run.folder / "model", "series").to(place.device)
        columns, notes = forecast(model, view, state, run.name, place)
    return Predictions(columns, {}, tuple(notes), run.name)


def _drawn(augment: Any, times: int | None, recipe: Recipe, task: Task, run: str) -> tuple[tuple[Any, ...], int]:
    """What rows are augmented with, and how often."""
    steps = parse(recipe.augment if augment is None else augment, kind=task.kind, where="predict")
    wanted = recipe.training.tta if times is None else times
    if isinstance(wanted, bool) or not isinstance(wanted, (int, np.integer)) or not 0 <= wanted <= MOST_TIMES:
        raise RecipeError([f"times: {wanted!r} is not a whole number from 0 to {MOST_TIMES:,}."], "predict")
    if augment is not None and not wanted:
        raise RecipeError(["times: augment is given, but it is not said how often. Say so, such as 8."], "predict")
    if wanted and not steps:
        fault = f"augment: run '{run}' was trained without augmentations, so there is nothing to draw. Give some."
        raise RecipeError([fault], "predict")
    return (steps, int(wanted)) if wanted else ((), 0)


def _answers(
    model: Any, view: DatasetView, inputs: Any, place: Place, task: Task, times: int
) -> tuple[np.ndarray, dict[int, str]]:
    """What the model answers, part by part, so that any number of rows fits; and the rows that cannot be read."""
    values, skipped = [], {}
    for start, part in _parts(view, inputs.rows_at_once):
        rows, unreadable = inputs.rows(part, place.device)
        skipped |= {start + i: why for i, why in unreadable.items()}
        values.append(answer(model, rows, place, task.predicts, times=times))
    if len(skipped) == len(view):
        first = next(iter(skipped.values()))
        raise DataError(f"{view.name}: none of the {len(view):,} rows can be read; the first: {first}.")
    return np.concatenate(values), skipped


def _parts(view: DatasetView, size: int) -> Iterator[tuple[int, DatasetView]]:
    for start in range(0, len(view), size):
        yield start, view[start : start + size]


def _place(recipe: Recipe) -> Place:
    """Where the run was trained, or the best there is here: a model may be carried to another machine."""
    try:
        return choose_device(recipe.training.device, recipe.training.precision)
    except DataError:
        return choose_device("auto", recipe.training.precision)


def _read(source: Any, recipe: Recipe) -> DatasetView:
    """The rows, read as the run's own were; roles only for columns that are there."""
    if isinstance(source, DatasetView):
        return _not_empty(source)
    told = recipe.data.model_dump(exclude_none=True)
    # A target of another name would make a class of the rows out of what the model reads as a feature.
    view = read(source, **{name: told[name] for name in FORMS if name in told})
    roles = {name: told[name] for name in ROLES if told.get(name) in view.columns}
    return _not_empty(read(view, **roles) if roles else view)


def _not_empty(view: DatasetView) -> DatasetView:
    if not len(view):
        raise DataError(f"{view.name}: there is no row to predict.")
    return view
