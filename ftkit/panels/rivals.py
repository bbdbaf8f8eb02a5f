"""Runs that were judged by the same rows as another, and which of two is better."""

from __future__ import annotations

from pathlib import Path
from typing import TypedDict

import numpy as np

from ftkit.data.columnar import read_parquet
from ftkit.errors import DataError, nearest
from ftkit.panels.judged import Answers
from ftkit.runs import Run
from ftkit.runs.comparison import compare, judged_rows
from ftkit.runs.folder import list_runs
from ftkit.runs.wrong import losses_of

MOST = 200  # runs that are looked at, the newest first
PARTS = ("first", "second", "neither")


class Pair(TypedDict):
    """The other run minus this one by one metric; ``better`` is a, b or nothing."""

    metric: str
    value: float | None
    low: float | None
    high: float | None
    points: bool
    better: str | None


class Contest(TypedDict):
    """Two runs on the same rows: sentences, differences, and how many rows only one of them names rightly."""

    sentences: list[str]
    notes: list[str]
    pairs: list[Pair]
    parts: dict[str, int]


def rivals(answers: Answers) -> list[str]:
    """The runs beside this one that were judged by the same rows, the newest first."""
    own = answers.run.folder
    ids = np.sort(answers.ids)
    return [f.name for f in reversed(list_runs(own.parent)[-MOST:]) if f != own and _same(f, ids)]


def _same(folder: Path, ids: np.ndarray) -> bool:
    try:
        found = read_parquet(folder / "predictions.parquet", ["row_id", "split"])
    except (OSError, ValueError, KeyError):
        return False
    test = np.asarray(found["split"]).astype(str) == "test"
    return np.array_equal(np.sort(np.asarray(found["row_id"]).astype(str)[test]), ids)


def contest(answers: Answers, other: str) -> Contest:
    """A run against another, paired row by row."""
    found = compare(answers.run, _rival(answers, other))
    pairs = [
        Pair(metric=d.metric, value=d.difference, low=d.low, high=d.high, points=d.points, better=d.better)
        for _, _, d in found.pairs
    ]
    parts = {part: len(apart(answers, other, part)) for part in PARTS} if answers.classes else {}
    return Contest(sentences=found.sentences(), notes=list(found.notes), pairs=pairs, parts=parts)


def apart(answers: Answers, other: str, part: str) -> np.ndarray:
    """The rows that only this run, only the other, or neither names rightly."""
    if part not in PARTS:
        raise DataError(f"part '{part}' is not known; {nearest(part, PARTS)}.")
    theirs = judged_rows(_rival(answers, other))
    order = np.searchsorted(theirs.ids, answers.ids)
    mine, second = answers.errors == 0, losses_of(theirs)[2][order] == 0
    return np.flatnonzero({"first": mine & ~second, "second": second & ~mine, "neither": ~(mine | second)}[part])


def _rival(answers: Answers, name: str) -> Run:
    known = rivals(answers)
    if name not in known:
        raise DataError(f"run '{name}' was not judged by the same rows; {nearest(name, known)}.")
    return Run(answers.run.folder.parent / name)
