"""``failures``: where a run is wrong. Cells that open their rows, top losses, slices, errors and findings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from ftkit.data import DatasetView
from ftkit.errors import DataError, nearest
from ftkit.evaluate.slices import Slice, find_slices
from ftkit.quality.evidence import Evidence
from ftkit.quality.row_texts import row_texts
from ftkit.quality.vectors import kind_of
from ftkit.runs.check import read_rows
from ftkit.runs.comparison import Judged, judged_rows
from ftkit.runs.run import Run, open_run
from ftkit.shown import Shown

if TYPE_CHECKING:
    from ftkit.quality import Inspection

# Findings about labels are told together: the question is how many errors are the label's.
LABELS = ("LAB201", "LAB202", "LAB203")
CLUSTERS, TOP = 8, 50


@dataclass(frozen=True)
class Link:
    """How often a wrong row has a finding, and how often any row has.

    Attributes
    ----------
    finding : str
        What was found, such as "label errors".
    rows : list of str
        Ids of the wrong rows that have it.
    of_errors, of_all : float
        Shares of the wrong rows and of all test rows that have it.
    p : float
        That wrong rows have it no more often than others.
    """

    finding: str
    rows: list[str]
    of_errors: float
    of_all: float
    p: float

    def sentence(self) -> str:
        """The link in words."""
        return (
            f"{self.of_errors:.0%} of the errors are rows with {self.finding} "
            f"({self.of_all:.1%} of all test rows have them)."
        )


@dataclass(frozen=True, repr=False)
class Failures(Shown):
    """Where a run is wrong, with the ids of the rows.

    Attributes
    ----------
    run : str
    classes : tuple of str
        () for numbers.
    ids : str array (N,)
        The test rows.
    labels, predictions : arrays (N,)
        Codes of the classes, or numbers.
    losses : float64 array (N,)
        Negative logarithm of the true class's probability, or the absolute error.
    slices : list of Slice
        Where errors are more frequent (or larger) than elsewhere.
    tried : int
        Slices that were looked at.
    links : list of Link
        Findings that go with errors.
    """

    run: str
    classes: tuple[str, ...]
    ids: np.ndarray
    labels: np.ndarray
    predictions: np.ndarray
    losses: np.ndarray
    slices: list[Slice] = field(default_factory=list)
    tried: int = 0
    links: list[Link] = field(default_factory=list)

    @property
    def wrong(self) -> np.ndarray:
        """Which rows are predicted wrongly, bool (N,); all of them where numbers are predicted."""
        return self.labels != self.predictions if self.classes else np.ones(len(self.ids), dtype=bool)

    def table(self) -> np.ndarray:
        """The confusion table, int64 (K, K): true down, predicted across."""
        from ftkit.evaluate import confusion

        return confusion(self.labels, self.predictions, len(self.classes))

    def rows(self, true: str, predicted: str) -> list[str]:
        """The ids behind a cell of the confusion table, the least sure of the truth first.

        Parameters
        ----------
        true, predicted : str
            Names of classes.

        Raises
        ------
        DataError
            A class is not known.
        """
        codes = []
        for name in (true, predicted):
            if name not in self.classes:
                raise DataError(f"class '{name}' is not known; {nearest(name, self.classes)}.")
            codes.append(self.classes.index(name))
        at = np.flatnonzero((self.labels == codes[0]) & (self.predictions == codes[1]))
        return self.ids[at[np.argsort(-self.losses[at], kind="stable")]].tolist()

    def top(self, most: int = TOP) -> list[dict[str, Any]]:
        """The rows with the highest losses: id, loss, true, predicted.

        Parameters
        ----------
        most : int, default 50
        """
        at = np.argsort(-self.losses, kind="stable")[:most]
        name = (lambda v: self.classes[v]) if self.classes else float
        return [
            {
                "row": str(self.ids[i]),
                "loss": float(self.losses[i]),
                "true": name(self.labels[i]),
                "predicted": name(self.predictions[i]),
            }
            for i in at
        ]

    def cells(self) -> list[dict[str, Any]]:
        """Every cell of the confusion table that has rows: true, predicted, rows' ids. What a panel opens."""
        found = np.argwhere(self.table() > 0) if self.classes else []
        names = [(self.classes[t], self.classes[p]) for t, p in found]
        return [{"true": t, "predicted": p, "rows": self.rows(t, p)} for t, p in names]

    def to_dict(self) -> dict[str, Any]:
        """The same as plain values, ready for JSON and for panels."""
        return {
            "run": self.run,
            "classes": list(self.classes),
            "cells": self.cells(),
            "top": self.top(),
            "slices": [
                {**{k: v for k, v in vars(one).items() if k != "rows"}, "rows": self.ids[one.rows].tolist()}
                for one in self.slices
            ],
            "tried": self.tried,
            "links": [vars(link) | {"sentence": link.sentence()} for link in self.links],
        }


def failures(
    run: Run | str,
    view: DatasetView | None = None,
    inspection: Inspection | None = None,
    *,
    runs: str | None = None,
    level: float = 0.95,
) -> Failures:
    """Where a run is wrong on its test rows.

    Parameters
    ----------
    run : Run, name or path
        A run that was judged.
    view : DatasetView, optional
        The rows it was trained and tested on; read anew by its recipe without it.
    inspection : Inspection, optional
        What ``ft.inspect`` found in them: errors are linked to the findings.
    runs : str, optional
        The folder of runs, where ``run`` is a name.
    level : float, default 0.95
        Slices and links are told where p, corrected for all that were tried, is below 1 - level.

    Returns
    -------
    Failures
        It shows itself in a notebook; its ids are those of the view.

    Raises
    ------
    RunError
        There is no such run, or it was not judged.
    DataError
        The rows are not those the run was judged by.

    Examples
    --------
    >>> import tempfile
    >>> import ftkit as ft
    >>> run = ft.train({"data": "iris", "training": {"epochs": 2}}, runs=tempfile.mkdtemp(), process=False)
    >>> found = failures(run)
    >>> len(found.ids), found.table().sum().item()
    (30, 30)
    """
    run = run if isinstance(run, Run) else open_run(run, runs)
    judged = judged_rows(run)
    predicted, losses, errors = losses_of(judged)
    at = rows_of(run, judged.ids, view)
    slices, tried = find_slices(errors, features_of(*at), level=level) if at else ([], 0)
    links = _links(judged.ids, errors, inspection, level) if inspection and judged.classes else []
    return Failures(run.name, judged.classes, judged.ids, judged.labels, predicted, losses, slices, tried, links)


def losses_of(judged: Judged) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What was predicted, the loss, and the error (0 or 1; how far off where numbers are predicted), each (N,)."""
    if not judged.classes:
        off = np.abs(judged.answers - judged.labels)
        return judged.answers, off, off
    predicted = judged.answers.argmax(axis=1)
    losses = -np.log(judged.answers[np.arange(len(predicted)), judged.labels].clip(1e-12))
    return predicted, losses, (predicted != judged.labels).astype(float)


def rows_of(run: Run, ids: np.ndarray, view: DatasetView | None = None) -> tuple[DatasetView, np.ndarray] | None:
    """The rows of a run and where those with some ids are among them; None where they have moved.

    Raises
    ------
    DataError
        There are rows, but not those with these ids.
    """
    if view is None:
        from ftkit.recipe import read_recipe
        from ftkit.runs.folder import RECIPE

        try:
            view = read_rows(read_recipe(run.folder / RECIPE))
        except (DataError, OSError):
            return None
    order = np.argsort(view.ids, kind="stable")
    found = np.searchsorted(view.ids[order], ids).clip(0, len(order) - 1)
    at = order[found]
    if not np.array_equal(view.ids[at], ids):
        lost = int((view.ids[at] != ids).sum())
        raise DataError(f"{lost:,} of {len(ids):,} rows that '{run.name}' was judged by are not among these rows.")
    return view, at


def features_of(view: DatasetView, at: np.ndarray | None = None) -> dict[str, np.ndarray]:
    """What rows can be sliced by: their columns; length; brightness, sharpness and size; clusters of likeness.

    Parameters
    ----------
    view : DatasetView
    at : int array (M,), optional
        Positions of the rows; all without it.

    Returns
    -------
    dict of str to array (M,)
    """
    rows = view if at is None else view.select(at)
    out: dict[str, np.ndarray] = {}
    for name, column in rows.columns.items():
        if column.role in ("feature", "group") and column.kind in ("number", "date"):
            out[name] = rows.numbers(name)
        elif column.role in ("feature", "group", "ignored") and column.kind in ("category", "boolean"):
            out[name] = rows.strings(name)
    kind = kind_of(rows)
    if kind == "image":
        from ftkit.data import look

        seen = look(rows)
        out |= {"brightness": seen.mean, "contrast": seen.contrast, "sharpness": seen.edges}
        out["width"] = np.array(seen.scan.width, dtype=float)
    if kind == "text":
        out["length"] = np.array([len(text) for text in row_texts(rows)], dtype=float)
    if kind != "table" and len(rows) >= 10 * CLUSTERS:
        out["likeness"] = _clusters(rows)
    return out


def _clusters(rows: DatasetView) -> np.ndarray:
    """Clusters of the rows' vectors, by name."""
    from ftkit.evaluate.clusters import cluster

    found = cluster(Evidence(rows).vectors.values, CLUSTERS)
    return np.array([f"cluster {k + 1}" for k in found])


def _links(ids: np.ndarray, errors: np.ndarray, inspection: Inspection, level: float) -> list[Link]:
    """Findings whose rows are wrong more often than others."""
    from scipy.stats import hypergeom

    named: dict[str, set[str]] = {}
    for found in inspection.findings:
        named.setdefault(found.check, set()).update(map(str, found.rows))
        if found.code in LABELS:
            named.setdefault("label findings", set()).update(map(str, found.rows))
    wrong, out = errors > 0, []
    for name, rows in named.items():
        has = np.isin(ids, list(rows)) if rows else np.zeros(len(ids), dtype=bool)
        both = int((has & wrong).sum())
        if not both:
            continue
        p = float(hypergeom.sf(both - 1, len(ids), int(has.sum()), int(wrong.sum())))
        out.append(Link(name, ids[has & wrong].tolist(), both / wrong.sum(), has.mean(), min(p * len(named), 1.0)))
    told = [link for link in out if link.p < 1 - level]
    return sorted(told, key=lambda link: -link.of_errors)
