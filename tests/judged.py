"""Runs that were judged, written by hand: a folder with answers, without the time that training takes."""

from __future__ import annotations

import json

import numpy as np

import ftkit as ft
from ftkit.data.columnar import to_parquet
from ftkit.runs.events import EventLog
from ftkit.runs.process import identity


def write_run(folder, view, answers, data="iris"):
    """A run of this folder: every other row is a test row, the others are validation rows.

    ``answers`` are probabilities (N, K), or numbers (N,).
    """
    folder.mkdir(parents=True)
    (folder / "recipe.yaml").write_text(f"version: 1\ndata: {data}\ntask: {view.task}\n")
    log = EventLog(folder)
    log.write("started", **identity())
    log.write("state", state="done")
    split = np.array(["test", "validation"] * len(view), dtype=object)[: len(view)]
    columns = {"row_id": view.ids.astype(object), "split": split}
    if answers.ndim == 2:
        names = np.array(view.classes, dtype=object)
        columns |= {"label": names[view.labels], "prediction": names[answers.argmax(1)]}
        columns |= {f"p_{name}": answers[:, k] for k, name in enumerate(view.classes)}
        name, value = "accuracy", float((answers.argmax(1) == view.labels)[split == "test"].mean())
    else:
        columns |= {"label": view.labels.astype(float), "prediction": answers}
        name, value = "r2", 0.9
    (folder / "predictions.parquet").write_bytes(to_parquet(columns))
    score = {"name": name, "split": "test", "value": value, "low": value - 0.05, "high": value, "n": len(view) // 2}
    (folder / "metrics.json").write_text(json.dumps([score]))
    return folder


def shares(view, sure=3.0, wrong=(), seed=0):
    """Probabilities that name the true class of all rows but some."""
    rng = np.random.default_rng(seed)
    scores = rng.normal(size=(len(view), len(view.classes)))
    scores[np.arange(len(view)), view.labels] += sure
    for row, named in wrong:
        scores[row] = 0
        scores[row, named] = 6
    raised = np.exp(scores)
    return raised / raised.sum(axis=1, keepdims=True)


def write_running(folder):
    """A run that is half through, with its losses and evaluations."""
    folder.mkdir()
    (folder / "recipe.yaml").write_text("version: 1\ndata: iris\n")
    log = EventLog(folder)
    log.write("started", **identity())
    log.write("state", state="running")
    log.write("plan", steps=100, epochs=1)
    for n in range(1, 50):
        log.write("step", step=n, epoch=n / 50, loss=1 / n, learning_rate=1e-3, rows_per_second=9.0, gradient_norm=1)
        if n % 10 == 0:
            log.write("evaluation", step=n, epoch=n / 50, split="validation", loss=1.2 / n, accuracy=0.8)
    return ft.Run(folder)
