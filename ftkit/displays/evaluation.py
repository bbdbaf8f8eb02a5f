"""The whole evaluation of a run in one page: metrics, curves, calibration, confusions with the rows behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ftkit.displays.blocks import Block, Histogram, Line, LineChart, Note, Paragraph, Table
from ftkit.displays.display import Display
from ftkit.displays.metrics import class_names, codes, show_confusion, show_metrics, test_rows
from ftkit.displays.text import elide, number, plural
from ftkit.errors import DataError
from ftkit.evaluate import (
    apply_temperature,
    evaluate,
    fit_temperature,
    precision_recall_curve,
    reliability,
    roc_curve,
)

if TYPE_CHECKING:
    from ftkit.runs import Run

# Curves of so many classes can be told apart; of more, those with the lowest areas are drawn.
CURVES = 4
BAD_ECE = 0.05


class EvaluationDisplay(Display):
    """The evaluation of a run, as a display like any other."""


def show_evaluation(run: Run) -> EvaluationDisplay:
    """Everything that can be said of a run's answers: metrics, curves, calibration, confusions.

    Parameters
    ----------
    run : Run
        A run that was judged.

    Returns
    -------
    EvaluationDisplay
        Its ``html()`` stands alone.

    Examples
    --------
    >>> from ftkit.runs import Run
    >>> show_evaluation(Run("runs/not-begun")).title
    'Evaluation'
    """
    blocks: list[Block] = list(show_metrics(run).blocks)
    rows, _ = test_rows(run)
    if len(rows["row_id"]):
        blocks += [*show_curves(run).blocks, *show_calibration(run).blocks, *show_confusion(run).blocks]
    return EvaluationDisplay("Evaluation", blocks)


def show_curves(run: Run) -> Display:
    """ROC and precision-recall curves of the test rows, each class against the rest.

    Parameters
    ----------
    run : Run
        A run that predicts classes.

    Returns
    -------
    Display

    Examples
    --------
    >>> from ftkit.runs import Run
    >>> show_curves(Run("runs/not-begun")).blocks[0].level
    'info'
    """
    labels, shares, names, split = _answers(run)
    if not names:
        return Display("Curves", [Note("There are no probabilities to draw curves of.", "info")])
    asked = ["roc_auc_by_class", "average_precision_by_class"]
    told = evaluate(labels, shares, metrics=asked, split=split, classes=names)
    areas = [{r["label"]: r for r in told if r["name"] == name and r["value"] is not None} for name in asked]
    chosen = sorted(areas[0], key=lambda name: areas[0][name]["value"])
    chosen = [names[1]] if len(names) == 2 and names[1] in areas[0] else chosen[:CURVES]
    if not chosen:
        return Display("Curves", [Note(str(told[0]["reason"]), "warning")])
    roc, precision = [], []
    for name in chosen:
        k = names.index(name)
        fpr, tpr = roc_curve((labels == k).astype(int), shares[:, k])
        held, found = precision_recall_curve((labels == k).astype(int), shares[:, k])
        areas_of = [number(part[name]["value"]) for part in areas]
        roc.append(Line(f"{elide(name, 9)} {areas_of[0]}", fpr, tpr))
        precision.append(Line(f"{elide(name, 9)} {areas_of[1]}", found, held))
    if len(chosen) < len(names) and len(names) > 2:
        head = f"The {len(chosen)} classes of {len(names)} with the lowest areas are drawn, each against the rest."
    else:
        head = f"Class '{chosen[0]}' against the rest." if len(chosen) == 1 else "Each class against the rest."
    columns = {"class": list(areas[0])}
    for title, found in (("ROC AUC", areas[0]), ("average precision", areas[1])):
        columns[title] = [found[name]["value"] for name in areas[0]]
        columns[f"95% interval of {title}"] = [
            f"{number(found[n]['low'])} to {number(found[n]['high'])}" for n in areas[0]
        ]
    return Display(
        "Curves",
        [
            Paragraph(head),
            LineChart(roc, "share of the others taken for it", "share found", "ROC curve", last=False),
            LineChart(
                precision, "share found (recall)", "share right (precision)", "Precision-recall curve", last=False
            ),
            Table(columns, caption="Areas under the curves", limit=30),
        ],
    )


def show_calibration(run: Run) -> Display:
    """Whether the stated probabilities can be believed: reliability, its error, and the temperature that mends it.

    Parameters
    ----------
    run : Run
        A run that predicts classes.

    Returns
    -------
    Display

    Examples
    --------
    >>> from ftkit.runs import Run
    >>> show_calibration(Run("runs/not-begun")).blocks[0].level
    'info'
    """
    labels, shares, names, split = _answers(run)
    if not names or not len(labels):
        return Display("Calibration", [Note("There are no probabilities to hold against what was true.", "info")])
    seen = reliability(labels, shares)
    [row] = evaluate(labels, shares, metrics=["ece"], split=split)
    drawn = Line("share right", seen.confidence, seen.accuracy, seen.low, seen.high)
    chart = LineChart(
        [Line("if calibrated", [float(seen.confidence.min()), 1.0], [float(seen.confidence.min()), 1.0]), drawn],
        "stated probability", "share right", f"Reliability of the {plural(len(labels), f'{split} row')}", last=False,
    )  # fmt: skip
    counts = np.zeros(len(seen.edges) - 1, dtype=int)
    counts[seen.bins] = seen.rows
    first = int(seen.bins.min())
    histogram = Histogram(seen.edges[first:], counts[first:], "How sure it is", "stated probability of its answer")
    return Display("Calibration", [*_verdict(run, row, names), chart, histogram])


def _verdict(run: Run, row: dict, names: list[str]) -> list[Block]:
    """The calibration error in words, and what a temperature from the validation rows would do."""
    error = f"Calibration error (ECE) {number(row['value'])} ({number(row['low'])} to {number(row['high'])})."
    said = f"{error} {row['note'][:1].upper() + row['note'][1:]}" if row.get("note") else error
    level = "warning" if row["low"] > BAD_ECE else "info"
    held = _answers(run, "validation")
    if row["low"] <= 0 or len(held[0]) < 50:
        return [Note(said, level)]
    temperature = fit_temperature(held[0], held[1])
    labels, shares, _, split = _answers(run)
    [after] = evaluate(labels, apply_temperature(shares, temperature), metrics=["ece"], split=split)
    way = "too sure" if temperature > 1 else "not sure enough"
    mended = f"It is {way}: a temperature of {temperature:.2f}, fitted to the validation rows, makes that error "
    return [
        Note(f"{said} {mended}{number(after['value'])} ({number(after['low'])} to {number(after['high'])}).", level)
    ]


def _answers(run: Run, split: str | None = None) -> tuple[np.ndarray, np.ndarray, list[str], str]:
    """Codes and probabilities of a split's rows that have a label; no names where numbers are predicted."""
    rows, best = test_rows(run)
    if split is not None:
        columns = run.predictions()
        at = np.asarray(columns["split"]).astype(str) == split
        rows, best = {k: np.asarray(v)[at] for k, v in columns.items()}, split
    names = class_names(rows)
    if not names or not len(rows["row_id"]):
        return np.zeros(0, dtype=int), np.zeros((0, len(names))), names, best
    labels = codes(rows["label"], names)
    shares = np.stack([np.asarray(rows[f"p_{name}"], dtype=float) for name in names], axis=1)
    known = labels >= 0
    if not known.any():
        raise DataError("no predicted row has a label.")
    return labels[known], shares[known], names, best
