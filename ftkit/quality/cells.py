"""The cells of a table's columns as the checks look at them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ftkit.data import DatasetView, Texts
from ftkit.quality.evidence import Evidence
from ftkit.task import get_task

NUMBERS = ("number", "boolean")


@dataclass(frozen=True)
class Values:
    """A column of words.

    Attributes
    ----------
    codes : ndarray of int64, (N,)
        Which of ``names`` each cell is, -1 where it is missing.
    names : list of str
        The different cells.
    counts : ndarray of int64
        How often each comes.
    """

    codes: np.ndarray
    names: list[str]
    counts: np.ndarray


def numeric(view: DatasetView, roles: tuple[str, ...] = ("feature",)) -> list[str]:
    """The columns of numbers with some roles."""
    return [name for name, c in view.columns.items() if c.role in roles and c.kind == "number"]


def wordy(view: DatasetView, roles: tuple[str, ...] = ("feature",)) -> list[str]:
    """The columns of words with some roles."""
    return [name for name, c in view.columns.items() if c.role in roles and c.kind in ("category", "text", "date")]


def values_of(view: DatasetView, name: str) -> Values:
    """The different cells of a column of words."""
    cells = view.text_cells(name)
    texts = Texts(cells)
    codes = texts.codes()
    _, first, codes = np.unique(codes, return_index=True, return_inverse=True)
    codes = np.where(~cells.is_valid().to_numpy(), -1, codes)
    counts = np.bincount(codes[codes >= 0], minlength=len(first))
    return Values(codes, [texts[i] for i in first], counts)


def missing_of(view: DatasetView, name: str) -> np.ndarray:
    """Whether each cell of a column is missing."""
    return view.column(name).is_null(nan_is_null=True).to_numpy()


def target_of(evidence: Evidence) -> tuple[np.ndarray, bool] | None:
    """The labels and whether they are classes; None where there are none that can be learned."""
    view = evidence.view
    if view.target is None or view.task is None or get_task(view.task).predicts == "text":
        return None
    try:
        return view.labels, get_task(view.task).predicts == "class"
    except Exception:  # labels that cannot be used are another check's finding
        return None


def listed(names: list[str], most: int = 6) -> str:
    """Names in quotes, the first few."""
    shown = ", ".join(f"'{name}'" for name in names[:most])
    return f"{shown} and {len(names) - most:,} more" if len(names) > most else shown
