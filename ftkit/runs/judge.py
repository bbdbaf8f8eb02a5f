"""The judgement of a trained model: predictions by row id, metrics with intervals, the model in plain form."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np

from ftkit.data.columnar import to_parquet
from ftkit.evaluate import evaluate, find_metric
from ftkit.models.weights import quiet
from ftkit.recipe import Recipe
from ftkit.runs.files import write_bytes, write_json
from ftkit.runs.forecasts import forecasts, judge_forecasts, watch_forecasts
from ftkit.runs.inputs import named
from ftkit.runs.prepare import Prepared
from ftkit.task import Task
from ftkit.training import predict
from ftkit.training.checkpoint import disk_errors, flush
from ftkit.training.device import Place
from ftkit.training.losses import Loss


def wanted_metrics(recipe: Recipe, task: Task) -> list[str]:
    """The metrics to report: those asked for, or the task's own with each class's F1."""
    names = list(recipe.metrics or task.metrics)
    return names if recipe.metrics or task.predicts == "number" else [*names, "f1"]


def answers(model: Any, prepared: Prepared, name: str, place: Place, task: Task, times: int = 0) -> np.ndarray:
    """Probabilities (N, K), or numbers (N,) in the target's own unit; means over so many augmentations, if any."""
    values = predict(model, prepared.rows[name], place, task.predicts, times=times)
    return prepared.scaler.inverse_transform(values) if prepared.scaler else values


def watch(
    recipe: Recipe, prepared: Prepared, model: Any, place: Place, task: Task, loss: Loss
) -> dict[str, float | None]:
    """Loss and metrics of the validation rows at one moment of the training, without the cost of intervals per class.

    Raises
    ------
    DataError
        The model's answers cannot be judged.
    """
    names = [m for m in wanted_metrics(recipe, task) if not find_metric(m).per_class]
    if recipe.training.monitor not in ("loss", *names):
        names.append(recipe.training.monitor)
    if prepared.windows:
        return watch_forecasts(model, prepared, place, loss, names)
    view, scaler = prepared.split.validation, prepared.scaler
    values = answers(model, prepared, "validation", place, task)
    both = (scaler.transform(values), scaler.transform(view.labels)) if scaler else (values, view.labels)
    rows = evaluate(view.labels, values, metrics=names, split="validation", classes=view.classes or None)
    return {"loss": loss.of_predictions(*both)} | {row["name"]: row["value"] for row in rows}


def judge(
    recipe: Recipe, prepared: Prepared, model: Any, place: Place, task: Task, folder: Path
) -> list[dict[str, Any]]:
    """Write ``predictions.parquet`` and ``metrics.json``; the metrics.

    Parameters
    ----------
    recipe : Recipe
    prepared : Prepared
    model : torch.nn.Module
    place : Place
    task : Task
    folder : Path
        The run folder.

    Returns
    -------
    list of dict
        ``{"name", "split", "value", "low", "high", "method", "n"}``, test before validation.

    Raises
    ------
    OSError
        The disk is full: neither file is there then, or the old ones are.
    """
    tables, metrics = [], []
    for name in ("test", "validation"):
        view = getattr(prepared.split, name)
        if not len(view):
            continue
        wanted = wanted_metrics(recipe, task)
        if prepared.windows:
            tables.append(forecasts(model, prepared, name, place))
            metrics += judge_forecasts(tables[-1], wanted, name)
            continue
        values = answers(model, prepared, name, place, task, recipe.training.tta)
        metrics += evaluate(view.labels, values, metrics=wanted, split=name, classes=view.classes or None)
        tables.append(_table(view, values, name, task))
    if prepared.remembering:
        metrics += prepared.remembering.judge(model)
    joined = {column: np.concatenate([table[column] for table in tables]) for column in tables[0]}
    if place.processes.rank == 0:
        write_bytes(folder / "predictions.parquet", to_parquet(joined))
        write_json(folder / "metrics.json", metrics)
    return metrics


def _table(view: Any, values: np.ndarray, split: str, task: Task) -> dict[str, np.ndarray]:
    head = {"row_id": np.asarray(view.ids, object), "split": np.full(len(view), split, object)}
    if task.predicts == "number":
        return head | {"label": view.labels} | named(values, (), task)
    label = np.array(view.classes, dtype=object)[view.labels]
    return head | {"label": label} | named(values, view.classes, task)


def save_model(prepared: Prepared, model: Any, folder: Path) -> None:
    """Write ``model/``: weights and config as plain transformers loads them, and what rows go through before.

    Written beside and renamed, so that a half-written model is never there.
    """
    building, target = folder / ".model", folder / "model"
    with disk_errors(), quiet():
        model.save_pretrained(building)
    state = dict(prepared.state)
    processor = state.pop("processor", None)
    if processor:
        write_json(building / "preprocessor_config.json", processor)
    write_json(building / "preprocess.json", state)
    if prepared.remembering:
        prepared.remembering.keep(model, building)
    for path in building.iterdir():
        flush(path)
        path.chmod(0o644)
    shutil.rmtree(target, ignore_errors=True)  # one that a stopped run judged before it went on
    building.replace(target)
