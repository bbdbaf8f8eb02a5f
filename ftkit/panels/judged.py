"""A run's answers to its test rows, as its panel shows them; rows are named by their place, the highest loss first."""

from __future__ import annotations

from functools import cached_property
from typing import Any, TypedDict

import numpy as np

from ftkit.data import DatasetView, read
from ftkit.data.browsing import window
from ftkit.displays.text import number
from ftkit.errors import DataError, FtkitError, nearest
from ftkit.evaluate import confusion, evaluate, find_slices
from ftkit.panels.rows import MOST, About, ColumnFacts, Query, Rows
from ftkit.runs import Run
from ftkit.runs.comparison import Judged, judged_rows
from ftkit.runs.wrong import features_of, losses_of, rows_of

MOST_CLASSES = 40  # in a matrix that can still be read; of more, those with the most errors
AREAS = ["roc_auc_by_class", "average_precision_by_class"]
MOST_PAIRS, MOST_POINTS, MOST_SHARES, BARS = 12, 1500, 5, 21


class Matrix(TypedDict):
    """Confusions: true down, predicted across; the worst pairs of all classes."""

    classes: list[str]
    counts: list[list[int]]
    left_out: int
    pairs: list[list[str]]


class Residuals(TypedDict):
    """Rows by place with their true and predicted number; how many rows are how far off, by bins between edges."""

    places: list[int]
    true: list[float]
    predicted: list[float]
    edges: list[float]
    counts: list[int]


class Answers:
    """The answers of a judged run and the rows they were given for.

    Parameters
    ----------
    run : Run
    view : DatasetView, optional
        The rows; read anew by the run's recipe without it.

    Raises
    ------
    RunError
        It was not judged.
    DataError
        It has no test rows, or those given are others.
    """

    def __init__(self, run: Run, view: DatasetView | None = None) -> None:
        judged = judged_rows(run)
        if not len(judged.ids):
            raise DataError(f"run '{run.name}' was judged by no test rows, so there is nothing to look at.")
        predicted, losses, errors = losses_of(judged)
        order = np.argsort(-losses, kind="stable")
        self.run, self.classes = run, list(judged.classes)
        self.ids, self.labels, self.answers = judged.ids[order], judged.labels[order], judged.answers[order]
        self.predicted, self.losses, self.errors = predicted[order], losses[order], errors[order]
        found = self._rows(view)
        self.view, self.bare = (self._bare(), True) if found is None else (found, False)

    def _rows(self, view: DatasetView | None) -> DatasetView | None:
        """The test rows in the order of their losses; None where they have moved and none were given."""
        try:
            found = rows_of(self.run, self.ids, view)
        except (FtkitError, OSError, KeyError):
            if view is not None:
                raise
            found = None
        return found and found[0].select(found[1])

    def _bare(self) -> DatasetView:
        """Rows of which no more is known than what the run wrote down."""
        rows = read({"id": self.ids, "true": np.array(self.named(self.labels))}, id="id", target="true")
        return rows.select(np.arange(len(rows)))

    @cached_property
    def held(self) -> Judged:
        """The answers to the validation rows; there may be none."""
        return judged_rows(self.run, "validation")

    @cached_property
    def areas(self) -> dict[str, list[list[float]]]:
        """Of each class the areas under ROC and precision-recall curve, each with its interval."""
        told = evaluate(self.labels, self.answers, metrics=AREAS, split="test", classes=self.classes)
        return {c: [[r["value"], r["low"], r["high"]] for r in told if r.get("label") == c] for c in self.classes}

    def named(self, values: np.ndarray) -> list[Any]:
        """Classes by name; numbers as they are."""
        return [self.classes[k] for k in values] if self.classes else values.astype(float).tolist()

    @cached_property
    def matrix(self) -> Matrix:
        """Confusions, with their worst pairs."""
        counts = confusion(self.labels, self.predicted, len(self.classes))
        off = counts - np.diag(np.diag(counts))
        busy = np.argsort(-(off.sum(0) + off.sum(1)), kind="stable")[:MOST_CLASSES]
        kept = np.sort(busy)
        worst = np.argsort(-off, axis=None, kind="stable")[:MOST_PAIRS]
        pairs = [divmod(int(at), len(self.classes)) for at in worst if off.flat[at]]
        return Matrix(
            classes=[self.classes[k] for k in kept],
            counts=counts[np.ix_(kept, kept)].tolist(),
            left_out=len(self.classes) - len(kept),
            pairs=[[self.classes[t], self.classes[p], str(counts[t, p])] for t, p in pairs],
        )

    def code(self, name: str) -> int:
        """The code of a class."""
        if name not in self.classes:
            raise DataError(f"class '{name}' is not known; {nearest(name, self.classes)}.")
        return self.classes.index(name)

    def cell(self, true: str, predicted: str) -> np.ndarray:
        """The rows of one confusion."""
        return np.flatnonzero((self.labels == self.code(true)) & (self.predicted == self.code(predicted)))

    @cached_property
    def _edges(self) -> np.ndarray:
        """Ends of the bins of the residuals; the farthest hundredth does not make all others one bar."""
        off = self.answers - self.labels
        reach = float(np.quantile(np.abs(off), 0.99)) or float(np.abs(off).max()) or 1.0
        return np.linspace(-reach, reach, BARS + 1)

    @cached_property
    def _bins(self) -> np.ndarray:
        return np.digitize(self.answers - self.labels, self._edges[1:-1])

    def residuals(self) -> Residuals:
        """True and predicted numbers, at most 1,500, the farthest off among them; and how many are how far off."""
        n = len(self.ids)
        places = np.arange(n) if n <= MOST_POINTS else np.unique(np.linspace(0, n - 1, MOST_POINTS).astype(int))
        return Residuals(
            places=places.tolist(),
            true=self.labels[places].tolist(),
            predicted=self.answers[places].tolist(),
            edges=self._edges.tolist(),
            counts=np.bincount(self._bins, minlength=BARS).tolist(),
        )

    def behind_residual(self, at: int) -> np.ndarray:
        """The rows in a bin of the residuals."""
        return np.flatnonzero(self._bins == at)

    def slices(self) -> tuple[list[Any], int]:
        """Where errors are more frequent, or larger, than elsewhere, and how many slices were tried."""
        if self.bare:
            raise DataError("the rows are not where the run read them, so they cannot be sliced; give them: rows=….")
        return find_slices(self.errors, features_of(self.view))


class JudgedRows(Rows):
    """The test rows with what was answered, and how wrong that is, before their own columns.

    Parameters
    ----------
    answers : Answers
    """

    def __init__(self, answers: Answers) -> None:
        super().__init__(answers.view, [])
        words = ("predicted", "loss") if answers.classes else ("predicted", "off by")
        self.answers, self.off = answers, answers.losses if answers.classes else answers.answers - answers.labels
        values = (np.array(answers.named(answers.predicted)), self.off)
        self.told = dict(zip((_free(word, answers.view) for word in words), values, strict=True))

    def about(self) -> About:
        """What a page is told once."""
        kinds = ["category" if self.answers.classes else "number", "number"]
        told = [ColumnFacts(name=n, kind=k, role="answer", missing=0) for n, k in zip(self.told, kinds, strict=True)]
        about = super().about()
        return {**about, "columns": [*told, *about["columns"]]}

    def order(self, column: str, down: bool) -> np.ndarray:
        """The places of all rows, sorted by a column."""
        if column not in self.told:
            return super().order(column, down)
        places = np.argsort(self.told[column], kind="stable")
        return places[::-1] if down else places

    def window(self, query: Query, first: int, count: int, marks: dict[str, str]) -> tuple[int, bytes]:
        """How many rows are meant, and a few of them as an Arrow stream."""
        places = self.places(query)
        shown = places[max(0, first) : max(0, first) + min(count, MOST)]
        ids = self.view.ids[shown].tolist()
        more = {"place": shown.tolist(), "id": ids, "mark": [marks.get(row, "") for row in ids]}
        if self.answers.classes:
            true, said = (self.answers.named(k[shown]) for k in (self.answers.labels, self.answers.predicted))
            more["caption"] = [a if a == b else f"{a} → {b}" for a, b in zip(true, said, strict=True)]
        more |= {f"c{at}": [_said(values[i]) for i in shown] for at, values in enumerate(self.told.values())}
        return len(places), window(self.view, shown, self.names, more, len(self.told))

    def row(self, place: int) -> dict[str, Any]:
        """One row in full: what was answered, how sure, and its cells."""
        told = super().row(place)
        said = {name: _said(values[place]) for name, values in self.told.items()}
        shares = self.answers.answers[place] if self.answers.classes else []
        likely = np.argsort(-np.asarray(shares), kind="stable")[:MOST_SHARES]
        said |= {f"p({self.answers.classes[k]})": _said(shares[k]) for k in likely}
        return {**told, "cells": {**said, **told["cells"]}}


def _free(name: str, view: DatasetView) -> str:
    """The name, or one like it that no column of the rows has."""
    return name if name not in view.columns else _free(f"{name} ", view)


def _said(value: Any) -> str:
    return str(value) if isinstance(value, str) else number(float(value))
