"""How far augmented rows move from the data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Moved:
    """Distances of changed rows to the nearest plain row, in units of the usual distance between neighbours.

    Attributes
    ----------
    distances : ndarray of float64, shape (N,)
        1 is as far as a plain row usually is from its nearest.
    unit : float
        The median distance of a plain row to its nearest other, in the space of ``source``.
    source : str
        What the distances are measured in.
    """

    distances: np.ndarray
    unit: float
    source: str

    @property
    def outside(self) -> float:
        """The share of changed rows that are farther from the data than its rows usually are from each other."""
        return float((self.distances > 1).mean())


class Measured:
    """Rows and what measures how far they move.

    Parameters
    ----------
    view : DatasetView
        Images, texts or a table.
    seed : int, default 0

    Raises
    ------
    DataError
        The rows are of another kind, or cannot be read.
    """

    def __init__(self, view: Any, seed: int = 0) -> None:
        from ftkit.quality.changed_rows import ROWS
        from ftkit.quality.vectors import kind_of

        kind = kind_of(view)
        self.rows = ROWS[{"table": "tabular"}.get(kind, kind)](view, seed)
        self.plain = self.rows.describe().astype(np.float64)
        apart = _to_nearest(self.plain, self.plain, others=True)
        self.unit = float(np.median(apart[apart > 0])) if (apart > 0).any() else 1.0

    def moved(self, steps: Sequence[Any]) -> Moved:
        """Where the steps bring the rows."""
        after, _ = self.rows.change(tuple(steps))
        return Moved(_to_nearest(after.astype(np.float64), self.plain) / self.unit, self.unit, self.rows.source)


def _to_nearest(rows: np.ndarray, data: np.ndarray, others: bool = False) -> np.ndarray:
    """The distance of each row to the nearest of the data, (N,); itself not counted where rows are the data."""
    square = (rows * rows).sum(axis=1)[:, None] + (data * data).sum(axis=1)[None] - 2 * rows @ data.T
    if others:
        np.fill_diagonal(square, np.inf)
    return np.sqrt(np.maximum(square.min(axis=1), 0))
