"""How series are cut into windows, told without training anything: context, horizon, season, origins."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ftkit.data import DatasetView, Split
from ftkit.data.series import Series, one_clock, season_of, series_of, time_of
from ftkit.errors import DataError
from ftkit.recipe import Recipe
from ftkit.runs.files import read_json

SEASONS, HORIZONS, FALLBACK = 3, 3, 12
PARTS = ("train", "validation", "test")


@dataclass(frozen=True)
class Cut:
    """How series are cut into windows: what ``preprocess.json`` holds under ``input``.

    Attributes
    ----------
    context, horizon, season : int
    scale : {"zscore", "last", "none"}
    moments : (float, float)
        Mean and deviation of the train steps.
    time : str
        The column of times.
    group : str or None
        The column that tells series apart.
    """

    context: int
    horizon: int
    season: int
    scale: str
    moments: tuple[float, float]
    time: str
    group: str | None

    def state(self) -> dict[str, Any]:
        """Everything as JSON; ``Cut.from_state(state)`` gives it back."""
        return {**vars(self), "moments": list(self.moments), "kind": "series"}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Cut:
        """The cut whose ``state()`` this is."""
        told = {k: v for k, v in state.items() if k != "kind"}
        return cls(**told | {"moments": tuple(told["moments"])})


def cut_of(recipe: Recipe, view: DatasetView, split: Split) -> Cut:
    """How the recipe's series are cut, every ``auto`` decided: by weights, else by season and length.

    Raises
    ------
    DataError
        No series is long enough.
    """
    wanted, given = recipe.preprocess, _of_weights(recipe)
    series = series_of(split.train)
    season = wanted.season if wanted.season != "auto" else season_of(series, one_clock(view))
    longest = max(len(one) for one in series)
    horizon = (
        wanted.horizon if wanted.horizon != "auto" else given.get("horizon") or (season if season > 1 else FALLBACK)
    )
    context = wanted.context
    if context == "auto":
        context = given.get("context") or max(
            2, min(max(HORIZONS * horizon, SEASONS * season), (longest - horizon) // 2)
        )
    if longest < context + horizon:
        raise DataError(
            f"{view.name}: the longest series has {longest:,} steps to train on; a context of {context:,} and a "
            f"horizon of {horizon:,} need {context + horizon:,}. Make preprocess.context or preprocess.horizon smaller."
        )
    scale = wanted.window_scale if wanted.window_scale != "auto" else given.get("scale", "zscore")
    known = np.concatenate([one.values for one in series])
    known = known[np.isfinite(known)]
    return Cut(context, horizon, season, scale, (float(known.mean()), float(known.std()) or 1.0), *_columns_of(view))


def _columns_of(view: DatasetView) -> tuple[str, str | None]:
    return time_of(view), next((name for name, column in view.columns.items() if column.role == "group"), None)


def _of_weights(recipe: Recipe) -> dict[str, Any]:
    """What pre-trained weights were trained with; empty where there are none."""
    if not recipe.model.weights:
        return {}
    told = read_json(Path(recipe.model.weights) / "preprocess.json", {}).get("input", {})
    if told.get("kind") == "series":
        return told
    config = read_json(Path(recipe.model.weights) / "config.json", {})
    return {"context": config.get("context_length"), "horizon": config.get("prediction_length")}


def check_series(recipe: Recipe, view: DatasetView, split: Split) -> None:
    """Whether there are windows to train on and to judge by.

    Raises
    ------
    DataError
        There are none, or the series cannot be told apart.
    """
    series = series_of(view)
    filled(series)
    origins_of(view, series, parts_of(view, split), cut_of(recipe, view, split))


def origins_of(view: DatasetView, series: list[Series], parts: np.ndarray, cut: Cut) -> dict[str, list[np.ndarray]]:
    """The first steps ahead of the windows of train, validation and test, for each series.

    Train has a window at every step whose horizon lies in train whole; the others are forecast from rolling origins,
    a horizon apart, from the first step of the part on, each from all that came before.

    Parameters
    ----------
    view : DatasetView
    series : list of Series
        Its series.
    parts : int64 array (N,)
        As ``parts_of`` gives them.
    cut : Cut

    Returns
    -------
    dict of str to list of int64 array
        Steps within the series.

    Raises
    ------
    DataError
        No window is left to train on, or none to judge by.
    """
    found = {
        name: [_origins(one, parts[one.rows] == code, cut, name == "train") for one in series]
        for code, name in enumerate(PARTS, 1)
    }
    for name in ("train", "test"):
        if not any(map(len, found[name])):
            raise DataError(
                f"{view.name}: no window of {cut.context:,} + {cut.horizon:,} steps is left for {name}. Make "
                "preprocess.context or preprocess.horizon smaller."
            )
    return found


def parts_of(view: DatasetView, split: Split) -> np.ndarray:
    """1 for the train rows of a view, 2 for validation, 3 for test, 0 for what is in none."""
    parts = np.zeros(len(view), dtype=np.int64)
    order = np.argsort(view.source_rows, kind="stable")
    for code, part in enumerate((split.train, split.validation, split.test), 1):
        parts[order[np.searchsorted(view.source_rows[order], part.source_rows)]] = code
    return parts


def filled(series: list[Series]) -> tuple[list[np.ndarray], list[str]]:
    """Values with the last known one in the place of those that are missing; what is missing first has the first.

    Raises
    ------
    DataError
        A series has no value.
    """
    whole, lost = [], 0
    for one in series:
        known = np.isfinite(one.values)
        if not known.any():
            raise DataError(f"{one.where} has no value at all. Drop it.")
        lost += int((~known).sum())
        last = np.maximum.accumulate(np.where(known, np.arange(len(one)), -1))
        whole.append(one.values[np.where(last < 0, np.flatnonzero(known)[0], last)])
    said = f"{lost:,} missing values: the last known one stands for them in the past, and none is learned or judged."
    return whole, [said] if lost else []


def _origins(one: Series, of_part: np.ndarray, cut: Cut, train: bool) -> np.ndarray:
    """The first steps ahead of a series' windows."""
    if not train:
        inside = np.flatnonzero(of_part)
        if not len(inside):
            return inside
        origins = np.arange(max(inside[0], 1), inside[-1] + 1, cut.horizon)
        return origins[[of_part[o : o + cut.horizon].any() for o in origins]]
    # A window needs its past, and its horizon whole, all in train and all known.
    good = np.concatenate([[0], np.cumsum(of_part & np.isfinite(one.values))])
    origins = np.arange(cut.context, len(one) - cut.horizon + 1)
    return origins[good[origins + cut.horizon] - good[origins] == cut.horizon]
