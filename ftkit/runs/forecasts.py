"""Forecasts of a run: judged from rolling origins beside the seasonal naive, and made for what is still to come."""

from __future__ import annotations

from typing import Any

import numpy as np

from ftkit.augment import row_keys
from ftkit.data import DatasetView
from ftkit.data.series import one_clock, said_time, series_of, time_of, times_after
from ftkit.errors import DataError, nearest
from ftkit.evaluate import evaluate
from ftkit.evaluate.rolling import independent
from ftkit.runs.prepare import Prepared
from ftkit.runs.series import Cut, filled
from ftkit.training import SeriesRows, predict
from ftkit.training.device import Place
from ftkit.training.losses import Loss

BASE = "seasonal naive"

Columns = dict[str, np.ndarray]
Metrics = list[dict[str, Any]]


def forecasts(model: Any, prepared: Prepared, name: str, place: Place) -> Columns:
    """What is forecast for each step of a part that has a value, one row each.

    Parameters
    ----------
    model : torch.nn.Module
    prepared : Prepared
    name : {"validation", "test"}
    place : Place

    Returns
    -------
    dict of str to array, (M,)
        ``row_id``, ``split``, ``label``, ``prediction``; ``series`` and ``time``; ``window``, from 0, and ``step`` in
        it, from 1; ``naive``: the seasonal naive's forecast; ``scale``: its mean absolute error in the past.
    """
    windows, view = prepared.windows[name], prepared.view
    values = windows.rows.unscaled(predict(model, windows.rows, place, "number"))
    window, step = np.nonzero(windows.ahead >= 0)
    rows = windows.ahead[window, step]
    part, dates = view.select(rows), one_clock(view)
    times = part.numbers(time_of(view))
    return {
        "row_id": np.asarray(part.ids, object),
        "split": np.full(len(rows), name, object),
        "label": part.labels,
        "prediction": values[window, step],
        "series": np.asarray(part.group if view.group is not None else np.full(len(rows), ""), object),
        "time": np.array([said_time(time, dates) for time in times], object),
        "window": window,
        "step": step + 1,
        "naive": windows.naive[window, step],
        "scale": windows.scales[window],
    }


def watch_forecasts(
    model: Any, prepared: Prepared, place: Place, loss: Loss, metrics: list[str]
) -> dict[str, float | None]:
    """Loss and metrics of the validation windows at one moment of the training."""
    columns = forecasts(model, prepared, "validation", place)
    windows = prepared.windows["validation"]
    _, spread = windows.rows.measure(windows.rows.windows(np.arange(len(windows.rows)))[:, : windows.rows.context])
    apart = (columns["prediction"] - columns["label"]) / spread[columns["window"], 0]
    # A loss of numbers depends on the difference alone, so that the label may be 0.
    value = loss.of_predictions(apart, np.zeros(len(apart)))
    return {"loss": value} | {
        row["name"]: row["value"] for row in _metrics(columns, "prediction", metrics, "validation")
    }


def judge_forecasts(columns: Columns, metrics: list[str], split: str) -> Metrics:
    """The metrics of some forecasts, those of the seasonal naive, and ``mase`` and ``mae`` of each step ahead.

    Parameters
    ----------
    columns : dict
        As ``forecasts`` gives them.
    metrics : list of str
    split : str

    Returns
    -------
    list of dict
        With "label" ``seasonal naive`` or ``step 3`` where they are not of all forecasts. Intervals take series to be
        independent; of a single series its windows.
    """
    found = _metrics(columns, "prediction", metrics, split)
    found += [row | {"label": BASE} for row in _metrics(columns, "naive", metrics, split)]
    for step in np.unique(columns["step"]):
        at = columns["step"] == step
        some = {name: values[at] for name, values in columns.items()}
        steps = _metrics(some, "prediction", [m for m in ("mase", "mae") if m in metrics], split)
        found += [row | {"label": f"step {step}"} for row in steps]
    return found


def _metrics(columns: Columns, of: str, metrics: list[str], split: str) -> Metrics:
    groups = independent(columns["series"], columns["window"])
    given = {"groups": groups, "scales": np.nan_to_num(columns["scale"])}  # 0 is what MASE cannot divide by
    return evaluate(columns["label"], columns[of], metrics=metrics, split=split, **given)


def forecast(model: Any, view: DatasetView, state: dict[str, Any], run: str, place: Place) -> tuple[Columns, list[str]]:
    """The next horizon of every series, from the end of each.

    Parameters
    ----------
    model : torch.nn.Module
    view : DatasetView
        What is known, up to now.
    state : dict
        The run's ``preprocess.json``.
    run : str
        Its name, for messages.
    place : Place

    Returns
    -------
    (dict of str to array, list of str)
        ``row_id`` (series and time), ``prediction``, ``series``, ``time``, ``step``; and what there is to say.

    Raises
    ------
    DataError
        The columns that the run reads are not there.
    """
    view = _with_roles(view, state, run)
    cut, dates = Cut.from_state(state["input"]), one_clock(view)
    series = series_of(view)
    values, notes = filled(series)
    ends = np.cumsum([len(one) for one in values])
    rows = SeriesRows(
        np.concatenate(values), np.concatenate([[0], ends[:-1]]), ends, cut.context, cut.horizon,
        row_keys(one.name for one in series), place.device, cut.scale, cut.moments,
    )  # fmt: skip
    short = sum(len(one) < cut.context for one in series)
    if short:
        notes.append(f"{short:,} of {len(series):,} series are shorter than the context of {cut.context:,} steps.")
    ahead = rows.unscaled(predict(model, rows, place, "number"))
    times = [said_time(t, dates) for one in series for t in times_after(one, cut.horizon, dates)]
    names = np.repeat(np.array([one.name for one in series], object), cut.horizon)
    return {
        "row_id": np.array([f"{name} {time}".strip() for name, time in zip(names, times, strict=True)], object),
        "prediction": ahead.ravel(),
        "series": names,
        "time": np.array(times, object),
        "step": np.tile(np.arange(1, cut.horizon + 1), len(series)),
    }, notes


def _with_roles(view: DatasetView, state: dict[str, Any], run: str) -> DatasetView:
    from ftkit.data import read

    roles = {"target": state["target"], "time": state["input"]["time"], "group": state["input"]["group"]}
    for role, name in roles.items():
        if name is not None and name not in view.columns:
            raise DataError(
                f"{view.name} has no column '{name}', which run '{run}' reads as its {role}; "
                f"{nearest(name, view.columns, 'it has')}."
            )
    return read(view, task="time-series-forecasting", **{k: v for k, v in roles.items() if v is not None})
