"""What the metrics of a run look like: values with their intervals, what was confused with what, residuals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ftkit.displays.blocks import BarChart, Block, Heatmap, Note, Scatter, Table
from ftkit.displays.data import histogram
from ftkit.displays.display import Display
from ftkit.displays.text import number
from ftkit.evaluate import METRICS

if TYPE_CHECKING:
    from ftkit.runs import Run

Rows = list[dict[str, Any]]
SPLITS = ("test", "validation", "train")


def show_metrics(run: Run) -> Display:
    """The metrics of a run with their 95% intervals, as a chart and as a table.

    Parameters
    ----------
    run : Run
        A run that has been evaluated.

    Returns
    -------
    Display

    Examples
    --------
    >>> from ftkit.runs import Run
    >>> show_metrics(Run("runs/not-begun")).title
    'Metrics'
    """
    rows = list(run.metrics)
    if not rows:
        return Display("Metrics", [Note("There are no metrics: the run has not been evaluated.", "warning")])
    whole = table([r for r in rows if not r.get("label")])
    return Display("Metrics", [*leaks(run), *overall(rows), whole, *undefined(rows)])


def leaks(run: Run) -> list[Block]:
    """What train knew of the rows held out, where that was allowed: it stands before the figures."""
    told = [said for event in run.events() if event["event"] == "leak" for said in event["leaks"]]
    return [Note(f"The figures are too good: {said} (allowed by split.allow_leak)", "error") for said in told]


def overall(rows: Rows) -> list[Block]:
    """The metrics that 1 bounds as a chart."""
    split, known = _charted(rows)
    whole = [r for r in known if not r.get("label") and (r["name"] not in METRICS or METRICS[r["name"]].range[1] == 1)]
    return [_bars(whole, "name", f"On the {split} rows, with 95% intervals")] if whole else []


def each_class(rows: Rows) -> list[Block]:
    """F1 of each class as a chart."""
    split, known = _charted(rows)
    each = [r for r in known if r.get("label") and r["name"] == "f1"]
    return [_bars(each, "label", f"F1 of each class on the {split} rows, with 95% intervals")] if each else []


def _charted(rows: Rows) -> tuple[str, Rows]:
    """The test rows' metrics between 0 and 1, or those of the best split there is."""
    split = next((s for s in SPLITS if any(r["split"] == s for r in rows)), "test")
    return split, [r for r in rows if r["split"] == split and r["value"] is not None and 0 <= r["value"] <= 1]


def _bars(rows: Rows, label: str, title: str) -> BarChart:
    values, low, high = ([r.get(k) for r in rows] for k in ("value", "low", "high"))
    return BarChart([r[label] for r in rows], values, low, high, title)


def table(rows: Rows) -> Table:
    """Every metric, one a line."""
    ordered = sorted(rows, key=lambda r: SPLITS.index(r["split"]) if r["split"] in SPLITS else 9)
    return Table(
        {
            "metric": [r["name"] for r in ordered],
            "rows of": [r["split"] for r in ordered],
            "value": [r["value"] for r in ordered],
            "95% interval": [_interval(r) for r in ordered],
            "rows": [r.get("n") for r in ordered],
            "method of the interval": [r.get("method") for r in ordered],
        },
        caption="All metrics",
    )


def _interval(row: dict[str, Any]) -> str:
    if row.get("low") is None or row.get("high") is None:
        return "–"
    return f"{number(row['low'])} to {number(row['high'])}"


def undefined(rows: Rows) -> list[Block]:
    """Why a metric has no value."""
    return [
        Note(
            f"{r['name']}{' of ' + str(r['label']) if r.get('label') else ''} ({r['split']}): {r['reason']}", "warning"
        )
        for r in rows
        if r["value"] is None and r.get("reason")
    ]


def show_confusion(run: Run) -> Display:
    """What the run took for what on the test rows; for numbers, predicted against true.

    Parameters
    ----------
    run : Run
        A run with predictions.

    Returns
    -------
    Display

    Examples
    --------
    >>> from ftkit.runs import Run
    >>> show_confusion(Run("runs/not-begun")).title
    'Predictions'
    """
    rows, split = test_rows(run)
    if not len(rows["row_id"]):
        return Display("Predictions", [Note("The run has no predictions yet.", "warning")])
    names = class_names(rows)
    if not names:
        return Display("Predictions", residuals(rows, split))
    true, predicted = codes(rows["label"], names), codes(rows["prediction"], names)
    kept = (true >= 0) & (predicted >= 0)
    counts = np.zeros((len(names), len(names)), dtype=int)
    np.add.at(counts, (true[kept], predicted[kept]), 1)
    matrix = Heatmap(names, counts, f"Confusion matrix of the {split} rows")
    return Display("Confusions", [matrix, *each_class(list(run.metrics))])


def residuals(rows: dict[str, np.ndarray], split: str) -> list[Block]:
    """Predicted against true, and how far off."""
    true, predicted = (np.asarray(rows[k], dtype=float) for k in ("label", "prediction"))
    return [
        Scatter(true, predicted, title=f"Predicted against true, {split} rows"),
        histogram(predicted - true, f"How far off, {split} rows", "predicted − true"),
    ]


def test_rows(run: Run) -> tuple[dict[str, np.ndarray], str]:
    """The predictions of the test rows, or of the validation rows where there are no others, and which."""
    columns = run.predictions() or {"row_id": np.array([]), "split": np.array([])}
    splits = np.asarray(columns["split"]).astype(str)
    split = next((s for s in SPLITS if (splits == s).any()), "test")
    return {k: np.asarray(v)[splits == split] for k, v in columns.items()}, split


def class_names(rows: dict[str, np.ndarray]) -> list[str]:
    """The classes, in the order of their probabilities; none where numbers are predicted."""
    return [k.removeprefix("p_") for k in rows if k.startswith("p_")]


def codes(labels: np.ndarray, names: list[str]) -> np.ndarray:
    """Class names, or codes, as positions in ``names``; -1 where there is none."""
    if np.issubdtype(labels.dtype, np.integer):
        return labels.astype(int)
    known = {name: i for i, name in enumerate(names)}
    return np.array([known.get(str(v), -1) for v in labels], dtype=int)
