"""A table's columns as one float32 matrix: numbers as z-scores, categories as one-hot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

# A category seen less often than this has no column of its own: it shares "other" with the unseen.
RAREST = 2
MOST_CATEGORIES = 256
# Deviations beyond this say "far out" and no more: one typing error must not rule a network.
FARTHEST = 10.0


class Columns(Protocol):
    """What the encoder asks of a view: cells of a column as numbers or as text."""

    def numbers(self, name: str) -> np.ndarray:
        """Float64 (N,), NaN where a cell is missing."""

    def strings(self, name: str) -> np.ndarray:
        """Objects (N,), None where a cell is missing."""


@dataclass(frozen=True)
class NumberStep:
    """Z-score of one column; a missing cell is the mean, and says so in a column of its own.

    Attributes
    ----------
    column : str
    mean, std : float
        Of the train rows that have a value.
    flag_missing : bool
        Whether train rows miss values, so that the missing flag is worth a column.
    """

    column: str
    mean: float
    std: float
    flag_missing: bool

    @property
    def names(self) -> list[str]:
        """The matrix columns this step writes."""
        return [self.column, f"{self.column}=missing"] if self.flag_missing else [self.column]

    def write(self, view: Columns, out: np.ndarray) -> None:
        """Fill ``out`` (N, 1 or 2)."""
        values = view.numbers(self.column)
        known = np.isfinite(values)
        scaled = np.where(known, (values - self.mean) / self.std, 0.0)
        out[:, 0] = np.clip(scaled, -FARTHEST, FARTHEST)
        if self.flag_missing:
            out[:, 1] = ~known


@dataclass(frozen=True)
class CategoryStep:
    """One-hot of one column; missing and unseen categories have a place.

    Attributes
    ----------
    column : str
    categories : tuple of str
        In the order of their columns; then come "missing" and "other".
    """

    column: str
    categories: tuple[str, ...]

    @property
    def names(self) -> list[str]:
        """The matrix columns this step writes."""
        return [f"{self.column}={c}" for c in self.categories] + [f"{self.column}=missing", f"{self.column}=other"]

    def write(self, view: Columns, out: np.ndarray) -> None:
        """Fill ``out`` (N, categories + 2)."""
        place = {category: i for i, category in enumerate(self.categories)}
        missing, other = len(place), len(place) + 1
        cells, inverse = _unique(view.strings(self.column))
        where = np.array([missing if cell is None else place.get(cell, other) for cell in cells], dtype=np.int64)
        out[:] = 0
        out[np.arange(len(inverse)), where[inverse]] = 1


@dataclass(frozen=True)
class TableEncoder:
    """Columns to one matrix, the same numbers at prediction time as at training time.

    Attributes
    ----------
    steps : tuple of NumberStep or CategoryStep
        One a feature, in the order of the matrix's columns.
    """

    steps: tuple[NumberStep | CategoryStep, ...]

    @classmethod
    def fit(cls, view: Columns, numbers: Sequence[str], categories: Sequence[str]) -> TableEncoder:
        """The encoder of these rows.

        Parameters
        ----------
        view : DatasetView
            Train rows only.
        numbers, categories : sequence of str
            Feature columns of either kind. A column without any value in these rows is left out.

        Returns
        -------
        TableEncoder
        """
        fitted = [_fit_number(view, name) for name in numbers] + [_fit_category(view, name) for name in categories]
        return cls(tuple(step for step in fitted if step is not None))

    @property
    def names(self) -> list[str]:
        """The matrix's columns, such as ``age`` and ``city=北京``."""
        return [name for step in self.steps for name in step.names]

    def transform(self, view: Columns, rows: int) -> np.ndarray:
        """The matrix of a view's rows.

        Parameters
        ----------
        view : DatasetView
            Has at least the columns the encoder was fitted on.
        rows : int
            Its length.

        Returns
        -------
        float32 array, (rows, len(names))

        Raises
        ------
        DataError
            A column is not there.
        """
        out = np.empty((rows, len(self.names)), dtype=np.float32)
        start = 0
        for step in self.steps:
            end = start + len(step.names)
            step.write(view, out[:, start:end])
            start = end
        return out

    def state(self) -> dict[str, Any]:
        """Everything as JSON; ``TableEncoder.from_state(state)`` gives it back."""
        kinds = {NumberStep: "z-score", CategoryStep: "one-hot"}
        return {"steps": [{"kind": kinds[type(step)], **vars(step)} for step in self.steps]}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> TableEncoder:
        """The encoder whose ``state()`` this is."""
        return cls(tuple(_read_step(dict(step)) for step in state["steps"]))


def _read_step(state: dict[str, Any]) -> NumberStep | CategoryStep:
    if state.pop("kind") == "z-score":
        return NumberStep(**state)
    return CategoryStep(state["column"], tuple(state["categories"]))


def _fit_number(view: Columns, name: str) -> NumberStep | None:
    values = view.numbers(name)
    known = values[np.isfinite(values)]
    if not len(known):
        return None
    std = float(known.std())
    return NumberStep(name, float(known.mean()), std if std > 0 else 1.0, len(known) < len(values))


def _fit_category(view: Columns, name: str) -> CategoryStep | None:
    cells, inverse = _unique(view.strings(name))
    counts = np.bincount(inverse, minlength=len(cells))
    common = [(count, cell) for cell, count in zip(cells, counts, strict=True) if cell is not None and count >= RAREST]
    if not common:
        return None
    common.sort(key=lambda pair: (-pair[0], pair[1]))
    return CategoryStep(name, tuple(sorted(cell for _, cell in common[:MOST_CATEGORIES])))


def _unique(cells: np.ndarray) -> tuple[list[str | None], np.ndarray]:
    """The distinct cells in order of appearance, and each cell's place among them."""
    place: dict[str | None, int] = {}
    inverse = np.fromiter((place.setdefault(cell, len(place)) for cell in cells), np.int64, len(cells))
    return list(place), inverse
