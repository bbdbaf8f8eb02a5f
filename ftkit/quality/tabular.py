"""Checks of tables."""

from __future__ import annotations

import numpy as np

from ftkit.data import DatasetView
from ftkit.quality.check import Check, has_table
from ftkit.quality.evidence import Evidence
from ftkit.quality.finding import Finding

ROWS = 1000
MUCH = 0.2


def missing_values(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """Columns with missing cells.

    How: Cells that are empty, null or NaN, in columns of features and text. From 20% of the rows on it is a warning.

    Do: Find out why they are missing before filling them; fill them with the median, by group, by neighbours or by
    regression (``ftkit.fill_missing``), fitted on train rows only, drop the rows, or leave them: tables are trained
    with a flag for missing cells.
    """
    found = []
    for name in _features(view):
        count = view.missing(name)
        if not count:
            continue
        share = count / len(view)
        gone = view.column(name).is_null(nan_is_null=True).to_numpy()
        rows = view.ids[np.flatnonzero(gone)[:ROWS]].tolist()
        shown = f" The first {ROWS:,} are listed." if count > ROWS else ""
        message = f"Column '{name}' is missing in {count:,} of {len(view):,} rows ({share:.1%}).{shown}"
        found.append(check.finding("warning" if share >= MUCH else "info", message, rows))
    return found


def constant_columns(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """Columns that say the same in every row.

    How: A feature, or a column left out, that has one value, or none, in all of the rows.

    Do: Leave the column out; if it should vary, look at how the rows were exported.
    """
    found = []
    for name, column in view.columns.items():
        if column.role not in ("feature", "ignored") or column.kind in ("text", "image"):
            continue
        values = set(view.column(name).unique().slice(0, 3).to_pylist())
        if len(values) == 1 and len(view) > 1:
            value = values.pop()
            said = "is empty in every row" if value is None else f"is {str(value)[:60]!r} in every row"
            found.append(check.finding("info", f"Column '{name}' {said}, so it says nothing."))
    return found


def _features(view: DatasetView) -> list[str]:
    return [name for name, column in view.columns.items() if column.role in ("feature", "text")]


CHECKS = (
    Check("TAB101", "missing values", "cheap", has_table, missing_values),
    Check("TAB102", "constant columns", "cheap", has_table, constant_columns),
)
