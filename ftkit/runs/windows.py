"""The windows of a run's series, on the device: what is trained on, and what is forecast and judged."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from ftkit.augment import change_series, parse, row_keys
from ftkit.data import DatasetView, Split
from ftkit.data.series import Series, series_of
from ftkit.recipe import Recipe
from ftkit.runs.series import Cut, filled, origins_of, parts_of
from ftkit.training import SeriesRows
from ftkit.training.device import Place


@dataclass(frozen=True)
class Windows:
    """The windows of one part of a split.

    Attributes
    ----------
    rows : SeriesRows
    series : int64 array (N,)
        Which series each window is of.
    ahead : int64 array (N, horizon), of train (N, 1)
        Positions in the view of the steps ahead; -1 for those that are not of this part, or have no value.
    scales : float64 array (N,)
        Mean absolute error of the seasonal naive in the series' past, before this part; NaN where it has none.
    naive : float64 array (N, horizon), of train (N, 1)
        What the seasonal naive forecasts.
    """

    rows: SeriesRows
    series: np.ndarray
    ahead: np.ndarray
    scales: np.ndarray
    naive: np.ndarray


def windows_of(
    view: DatasetView, split: Split, cut: Cut, place: Place, recipe: Recipe
) -> tuple[dict[str, Windows], list[str]]:
    """The windows of train, validation and test, and what there is to say about them.

    Parameters
    ----------
    view : DatasetView
        All rows, in any order.
    split : Split
    cut : Cut
    place : Place
    recipe : Recipe

    Returns
    -------
    (dict of str to Windows, list of str)

    Raises
    ------
    DataError
        No window is left to train on, or none to judge by.
    """
    series, parts = series_of(view), parts_of(view, split)
    whole, notes = filled(series)
    offsets = np.concatenate([[0], np.cumsum([len(v) for v in whole])])
    values = np.concatenate(whole)
    made = {
        name: _windows(found, series, values, offsets, parts, code, cut, place, view, recipe)
        for code, (name, found) in enumerate(origins_of(view, series, parts, cut).items(), 1)
    }
    short = sum(1 for one in series if (parts[one.rows] == 1).sum() < cut.context + cut.horizon)
    if short:
        notes.append(f"{short:,} of {len(series):,} series are too short to train on; they are forecast all the same.")
    others = [name for name in view.features if view.columns[name].role == "feature"]
    if others:
        listed = ", ".join(f"'{name}'" for name in others[:8]) + (" …" if others[8:] else "")
        notes.append(f"Forecasts are made from the past of '{view.target}' alone; not read: {listed}.")
    return made, notes


def _windows(
    found: list[np.ndarray], series: list[Series], values: np.ndarray, offsets: np.ndarray, parts: np.ndarray,
    code: int, cut: Cut, place: Place, view: DatasetView, recipe: Recipe,
) -> Windows:  # fmt: skip
    counts = [len(origins) for origins in found]
    of = np.repeat(np.arange(len(series)), counts)
    local = np.concatenate(found).astype(np.int64)
    told = 1 if code == 1 else cut.horizon  # train windows are many, and only named
    ahead = np.full((len(of), told), -1)
    scales = np.full(len(series), np.nan)
    for i, (one, origins, end) in enumerate(zip(series, found, np.cumsum(counts), strict=True)):
        if not len(origins):
            continue
        steps = origins[:, None] + np.arange(told)
        inside = np.minimum(steps, len(one) - 1)
        rows = one.rows[inside]
        known = (steps < len(one)) & (parts[rows] == code) & np.isfinite(one.values[inside])
        ahead[end - len(origins) : end] = np.where(known, rows, -1)
        past = one.values[: origins[0]]
        errors = np.abs(past[cut.season :] - past[: -cut.season])
        scales[i] = np.nanmean(errors) if np.isfinite(errors).any() else np.nan
    origins, starts = offsets[of] + local, offsets[of]
    # The same step of the last season that was whole at the origin.
    back = np.maximum(origins[:, None] - cut.season + np.arange(told) % cut.season, starts[:, None])
    keys = row_keys(view.ids[np.concatenate([one.rows[o] for one, o in zip(series, found, strict=True)])])
    steps = parse(recipe.augment, kind="series") if code == 1 else ()
    rows = SeriesRows(
        values, starts, origins, cut.context, cut.horizon, keys, place.device, cut.scale, cut.moments,
        partial(_augmented, steps=steps, seed=recipe.seed) if steps else None,
    )  # fmt: skip
    return Windows(rows, of, ahead, scales[of], values[back])


def _augmented(windows: Any, *, keys: np.ndarray, epoch: int, steps: Any, seed: int) -> Any:
    return change_series(windows[:, :, None], steps, keys, seed=seed, epoch=epoch)[:, :, 0]
