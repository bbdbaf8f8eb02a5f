"""From a view to rows the loop can train on: split, fitted preprocessing, tensors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from ftkit.augment import make_mixer, row_keys
from ftkit.data import DatasetView, Split
from ftkit.errors import DataError, nearest
from ftkit.preprocess import ImageInput, TableEncoder, TableForm, TargetScaler
from ftkit.preprocess.target_means import FOLDS
from ftkit.recipe import Recipe
from ftkit.runs.files import read_json
from ftkit.runs.image import form_of, read_images
from ftkit.runs.inputs import image_rows
from ftkit.runs.memory import Rows
from ftkit.runs.remember import Remembering, remembering
from ftkit.runs.series import cut_of
from ftkit.runs.splits import split_of
from ftkit.runs.table_augmentation import augmented_rows
from ftkit.runs.windows import Windows, windows_of
from ftkit.task import Task
from ftkit.training import TableRows
from ftkit.training.data_workers import DataWorkers, Fetched
from ftkit.training.device import Place
from ftkit.training.mixed import MixedRows

Tell = Callable[..., None]


@dataclass
class Prepared:
    """Everything the loop and the judgement need.

    Attributes
    ----------
    split : Split
        Train, validation and test views.
    rows : dict of str to ImageRows, TableRows or SeriesRows
        By split name.
    state : dict
        What ``preprocess.json`` holds.
    model : dict
        Arguments of ``build_model`` that follow from the rows.
    view : DatasetView
        What was split.
    scaler : TargetScaler or None
        For regression.
    windows : dict of str to Windows
        Of series, by split name.
    remembering : Remembering or None
        Where the run learns on from another, or is to be learned on from.
    workers : DataWorkers or None
        Where rows are read while the training goes on: see ``close``.
    """

    split: Split
    rows: dict[str, Any]
    state: dict[str, Any]
    model: dict[str, Any]
    view: DatasetView
    scaler: TargetScaler | None = None
    windows: dict[str, Windows] = field(default_factory=dict)
    remembering: Remembering | None = None
    workers: DataWorkers | None = None

    def close(self) -> None:
        """End the data workers, if there are any."""
        if self.workers:
            self.workers.close()

    def name_of(self, position: int) -> str:
        """The id of a train row by its place in ``rows``; of a window that of its first step ahead."""
        ids = self.split.train.ids
        if self.windows:
            return str(self.view.ids[self.windows["train"].ahead[position, 0]])
        return str(ids[position]) if position < len(ids) else "a row that was made or remembered"


def prepare(recipe: Recipe, view: DatasetView, task: Task, place: Place, tell: Tell) -> Prepared:
    """Split the rows and turn them into tensors; whatever is fitted is fitted on train rows only.

    Parameters
    ----------
    recipe : Recipe
    view : DatasetView
    task : Task
    place : Place
    tell : callable
        ``tell(event, **fields)`` writes an event.

    Returns
    -------
    Prepared

    Raises
    ------
    DataError
        No image can be read; the split leaves no train or no test rows.
    """
    make = {"image": _prepare_images, "series": _prepare_series}.get(task.kind, _prepare_table)
    if task.kind != "image" and recipe.training.data_workers not in ("auto", 0):
        tell("note", message="Data workers read images only: these rows are held in memory.")
    prepared = make(recipe, view, task, place, tell)
    shared = {"version": 1, "task": task.name, "target": view.target, "classes": list(view.classes)}
    prepared.state = shared | prepared.state
    if prepared.remembering:
        _remember(prepared, tell)
    tell("split", rule=prepared.split.rule, counts=prepared.split.counts())
    return prepared


def _remember(prepared: Prepared, tell: Tell) -> None:
    """Put what is seen again among the train rows, and have the head grow instead of being replaced."""
    how = prepared.remembering
    for note in how.notes():
        tell("note", message=note)
    prepared.rows["train"] = how.rows(prepared.rows["train"])
    if how.teacher is not None:
        prepared.model |= {"before": how.teacher, "known": how.classes[: len(how.classes) - len(how.fresh)]}


def _rows_of(part: DatasetView, inputs: np.ndarray) -> Rows:
    """The rows of a part as they may be remembered."""
    return Rows(inputs, part.labels, tuple(map(str, part.ids)))


def _split(recipe: Recipe, view: DatasetView, tell: Tell) -> Split:
    """The recipe's split; leaks that were allowed are told, and so are in the report."""
    split, leaks = split_of(recipe, view)
    if leaks:
        tell("leak", leaks=leaks)
    for said in leaks:
        tell("note", message=f"Leak, allowed by split.allow_leak: {said}")
    return split


def _prepare_images(recipe: Recipe, view: DatasetView, task: Task, place: Place, tell: Tell) -> Prepared:
    tell("stage", stage="reading images")
    form, given = form_of(recipe, view)
    pixels, unreadable = read_images(recipe, view, form, tell)
    if unreadable:
        ids = view.ids
        tell("skipped", rows={str(ids[i]): why for i, why in unreadable.items()})
    readable = np.setdiff1d(np.arange(len(view)), np.fromiter(unreadable, np.int64, len(unreadable)))
    if not len(readable):
        raise DataError(
            f"{view.name}: none of the {len(view):,} images can be read; the first: {next(iter(unreadable.values()))}."
        )
    split = _split(recipe, view.select(readable), tell)
    places = {name: _places(view, part) for name, part in _parts(split).items()}
    normal = given or ImageInput.fit(pixels, (form.height, form.width), places["train"])
    form = replace(form, mean=normal.mean, std=normal.std)
    told = (form, recipe.augment, recipe.seed, place.device)
    rows = {
        name: image_rows(pixels, where, view.labels[where], row_keys(view.ids[where]), *told)
        for name, where in places.items()
    }
    prepared = Prepared(
        split,
        rows,
        {"input": {"kind": "image", **form.state()}, "processor": form.to_processor()},
        {"image": (form.height, form.width, form.channels), "outputs": len(view.classes), "classes": view.classes},
        view,
    )
    if isinstance(pixels, Fetched):
        prepared.workers = pixels.workers
    if recipe.training.remember:
        part = pixels.part if prepared.workers else pixels.__getitem__
        prepared.remembering = remembering(
            recipe, task, place, classes=view.classes,
            train=_rows_of(split.train, part(places["train"])),
            test=_rows_of(split.test, part(places["test"])),
            make=lambda some, keys: image_rows(some.inputs, np.arange(len(some)), some.labels, keys, *told),
        )  # fmt: skip
    mixer = make_mixer(recipe.augment, seed=recipe.seed, classes=len(view.classes))
    if mixer:
        rows["train"] = MixedRows(rows["train"], mixer)
    return prepared


def _prepare_table(recipe: Recipe, view: DatasetView, task: Task, place: Place, tell: Tell) -> Prepared:
    tell("stage", stage="encoding the table")
    split = _split(recipe, view, tell)
    before = _before(recipe, view)
    scaler = None
    if task.predicts == "number":
        scaler = before[1] if before and before[1] else TargetScaler.fit(split.train.labels)
    labels = {
        name: scaler.transform(part.labels).astype(np.float32) if scaler else part.labels
        for name, part in _parts(split).items()
    }
    encoder = before[0] if before else _encoder(recipe, split.train, labels["train"])
    if not encoder.names:
        raise DataError(f"{view.name}: no column but the target '{view.target}' can be learned from.")
    for note in (*encoder.notes, *_left_out(view)):
        tell("note", message=note)
    rows = {}
    for name, part in _parts(split).items():
        keys = row_keys(part.ids)
        if name == "train" and not before:
            matrix = encoder.transform_train(part, labels[name], keys % FOLDS, len(view.classes))
        else:
            matrix = encoder.transform(part, len(part))
        rows[name] = TableRows(matrix, labels[name], keys, place.device)
    if recipe.augment:
        features = [i for i, step in enumerate(encoder.steps) for _ in step.names]
        rows["train"] = augmented_rows(rows["train"], recipe.augment, features, recipe.seed, len(view.classes))
    state: dict[str, Any] = {"input": {"kind": "table", **encoder.state()}}
    if scaler:
        state["target_scaler"] = scaler.state()
    outputs = {"outputs": len(view.classes), "classes": view.classes} if task.predicts == "class" else {"outputs": 1}
    model = {"features": [len(step.names) for step in encoder.steps], **outputs}
    prepared = Prepared(split, rows, state, model, view, scaler)
    asked = recipe.training.remember
    if asked:
        make = partial(_table_rows, augment=getattr(rows["train"], "augment", None), place=place)
        train, test = (_rows_of(getattr(split, name), rows[name].features) for name in ("train", "test"))
        prepared.remembering = remembering(recipe, task, place, classes=view.classes, train=train, test=test, make=make)
    return prepared


def _table_rows(some: Rows, keys: np.ndarray, augment: Any, place: Place) -> TableRows:
    return TableRows(some.inputs, some.labels, keys, place.device, augment)


def _prepare_series(recipe: Recipe, view: DatasetView, task: Task, place: Place, tell: Tell) -> Prepared:
    tell("stage", stage="cutting windows")
    split = _split(recipe, view, tell)
    cut = cut_of(recipe, view, split)
    windows, notes = windows_of(view, split, cut, place, recipe)
    size = f"{cut.context:,} steps of the past, {cut.horizon:,} ahead, {cut.season:,} a season"
    for note in (f"{len(windows['train'].rows):,} windows to train on: {size}.", *notes):
        tell("note", message=note)
    rows = {name: part.rows for name, part in windows.items()}
    model = {"context": cut.context, "outputs": cut.horizon}
    return Prepared(split, rows, {"input": cut.state()}, model, view, windows=windows)


def _encoder(recipe: Recipe, train: DatasetView, labels: np.ndarray) -> TableEncoder:
    """The encoder the recipe asks for, fitted on train rows."""
    wanted = recipe.preprocess
    form = TableForm(**{name.name: getattr(wanted, name.name) for name in fields(TableForm)})
    kinds = {name: train.columns[name].kind for name in train.features}
    by_kind = (("number",), ("category", "boolean", "text"), ("date",))
    numbers, categories, dates = ([n for n, kind in kinds.items() if kind in some] for some in by_kind)
    return TableEncoder.fit(train, numbers, categories, dates, form=form, labels=labels, classes=len(train.classes))


def _left_out(view: DatasetView) -> list[str]:
    """One sentence for each column that holds nothing, or nothing a table model reads."""
    others = [name for name, column in view.columns.items() if column.role == "ignored" and column.kind == "other"]
    empty = {name for name in others if view.missing(name) == len(view)}
    return [f"Column '{n}' {'is empty' if n in empty else 'holds no table cells'}; it is left out." for n in others]


def _before(recipe: Recipe, view: DatasetView) -> tuple[TableEncoder, TargetScaler | None] | None:
    """What rows went through before pre-trained weights of a table saw them: they mean nothing after anything else."""
    if not recipe.model.weights:
        return None
    path = Path(recipe.model.weights) / "preprocess.json"
    state = read_json(path, {})
    if state.get("input", {}).get("kind") != "table":
        raise DataError(f"{path}: does not say what the table's columns went through, so the weights cannot be used.")
    encoder = TableEncoder.from_state(state["input"])
    lost = [step.column for step in encoder.steps if step.column not in view.columns]
    if lost:
        raise DataError(
            f"{view.name} has no column '{lost[0]}', which the weights read; {nearest(lost[0], view.columns)}."
        )
    scaler = TargetScaler(**state["target_scaler"]) if "target_scaler" in state else None
    return encoder, scaler


def _parts(split: Split) -> dict[str, DatasetView]:
    return {"train": split.train, "validation": split.validation, "test": split.test}


def _places(view: DatasetView, part: DatasetView) -> np.ndarray:
    """Positions of a part's rows in the view it was taken from."""
    order = np.argsort(view.source_rows, kind="stable")
    return order[np.searchsorted(view.source_rows[order], part.source_rows)]
