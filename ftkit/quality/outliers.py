"""Checks for rows unlike the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ftkit.data import DatasetView
from ftkit.quality.check import Check, SkipCheckError
from ftkit.quality.finding import Finding
from ftkit.quality.outlier_scores import false_discoveries, strangeness, tail_p
from ftkit.quality.table_vectors import robust
from ftkit.quality.vectors import kind_of

if TYPE_CHECKING:
    from ftkit.quality.evidence import Evidence

FALSE_SHARE = 0.05
FEWEST = 30
MOST = 1000
FEWEST_OF_A_CLASS = 10
FAR = 3.0


def strange_rows(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """Rows of a table that are unlike all others, the strangest first, each with the column that is most unusual.

    How: four views of the numbers, scaled by their medians and quartiles: the distance to the tenth neighbour
    (Ramaswamy et al. 2000), an isolation forest (Liu et al. 2008), how full the bins of the values are (HBOS, Goldstein
    and Dengel 2012) and how far out in the tails they lie (ECOD, Li et al. 2022). Their mean is held against its own
    tail, continued beyond the 95th percentile, and rows are listed until one in twenty would be a false one (Benjamini
    and Hochberg 1995): no share of outliers has to be guessed. The score is one minus that false share. Above 20,000
    rows neighbours are sought among 5,000 of them. At most 1,000 rows are listed.

    Do: correct what is a slip (a wrong unit, a shifted comma); keep what is rare and true, and scale robustly; drop
    what does not belong.
    """
    kinds = {name: view.columns[name].kind for name in view.features}
    names = [name for name, kind in kinds.items() if kind in ("number", "boolean", "date")]
    names = [name for name in names if 2 * view.missing(name) <= len(view)]
    if not names:
        raise SkipCheckError("there are no columns of numbers that are known for half the rows")
    if len(view) < FEWEST:
        raise SkipCheckError(f"there are fewer than {FEWEST} rows")
    cells = np.stack([view.numbers(name) for name in names], axis=1)
    filled = np.stack([_filled(column) for column in cells.T], axis=1)
    found = strangeness(filled, evidence.seed)
    wrong = false_discoveries(found.p)
    rows = _worst(wrong, found.score)
    if not len(rows):
        return []
    scaled = np.abs(np.stack([robust(column) for column in filled.T], axis=1))
    reasons = [_reason(cells, names, scaled[row], row) for row in rows]
    return [_finding(view, check, rows, wrong, reasons)]


def strange_vectors(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """Images or texts unlike all others, or unlike the others of their class, the strangest first.

    How: each row as a vector (of the pre-trained model that was given, else of a built-in descriptor). Two distances,
    to the ten nearest rows (Ramaswamy et al. 2000) and to the mean of the row's class, are averaged and held against
    their own tail, continued beyond the 95th percentile; rows are listed until one in twenty would be a false one
    (Benjamini and Hochberg 1995). The score is one minus that false share. At most 1,000 rows are listed.

    Do: look at them: photographs of something else, texts in another language, broken files that still decode. Rare and
    right rows are worth more than others: keep them.
    """
    if len(view) < FEWEST:
        raise SkipCheckError(f"there are fewer than {FEWEST} rows")
    vectors = evidence.vectors.values
    near = evidence.neighbours.similarity.mean(axis=1).astype(np.float64)
    said = np.abs(vectors).max(axis=1) > 0
    away = 1 - near[said]
    beside = 1 - _to_own_class(vectors, _classes(view))[said]
    p = np.ones(len(view))
    p[said] = tail_p(0.5 * _scaled(away) + 0.5 * _scaled(beside))
    wrong = false_discoveries(p)
    rows = _worst(wrong, -p)
    if not len(rows):
        return []
    usual = f"half the rows have above {np.median(near[said]):.2f}"
    reasons = [f"similarity to its nearest rows is {near[row]:.2f}; {usual}" for row in rows]
    return [_finding(view, check, rows, wrong, reasons)]


def _finding(view: DatasetView, check: Check, rows: np.ndarray, wrong: np.ndarray, reasons: list[str]) -> Finding:
    count = int((wrong <= FALSE_SHARE).sum())
    ids = [str(row) for row in view.ids[rows]]
    shown = f" The strangest {MOST:,} are listed." if count > MOST else ""
    message = (
        f"{count:,} of {len(view):,} rows are unlike the others, most of all {ids[0][:60]!r}: {reasons[0]}.{shown}"
    )
    suggest = {"op": "drop", "because": check.code}
    scores = (1 - wrong[rows]).round(4).tolist()
    return Finding(check.code, check.name, "warning", message, ids, scores, suggest, reasons)


def _worst(wrong: np.ndarray, strange: np.ndarray) -> np.ndarray:
    """The rows to list, the strangest first."""
    rows = np.flatnonzero(wrong <= FALSE_SHARE)
    return rows[np.argsort(-strange[rows], kind="stable")][:MOST]


def _filled(column: np.ndarray) -> np.ndarray:
    """The median where nothing is known."""
    there = np.isfinite(column)
    return np.where(there, column, np.median(column[there]) if there.any() else 0.0)


def _reason(cells: np.ndarray, names: list[str], scaled: np.ndarray, row: int) -> str:
    """What is unusual about a row, in words."""
    first, *more = np.argsort(-scaled, kind="stable")[:3]
    column = cells[:, first]
    value, there = column[row], np.isfinite(column)
    if scaled[first] < FAR:
        together = ", ".join(f"{names[i]} {cells[row, i]:,.6g}" for i in (first, *more))
        return f"an unusual combination of {together}"
    if value > np.median(column[there]):
        return f"{names[first]} is {value:,.6g}; 99% are below {np.quantile(column[there], 0.99):,.6g}"
    return f"{names[first]} is {value:,.6g}; 99% are above {np.quantile(column[there], 0.01):,.6g}"


def _classes(view: DatasetView) -> np.ndarray:
    """The class of each row; one class where there are none."""
    from ftkit.quality.labels import has_classes, labels_of

    if has_classes(view) is not None:
        return np.zeros(len(view), dtype=np.int64)
    try:
        return labels_of(view)
    except SkipCheckError:
        return np.zeros(len(view), dtype=np.int64)


def _to_own_class(vectors: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """The similarity of each row to the mean of its class; to the mean of all where the class is small."""
    out = np.empty(len(vectors))
    small = np.zeros(len(vectors), dtype=bool)
    for code in np.unique(classes):
        own = classes == code
        out[own] = vectors[own] @ _unit(vectors[own].mean(axis=0))
        small |= own & (own.sum() < FEWEST_OF_A_CLASS)
    out[small] = vectors[small] @ _unit(vectors.mean(axis=0))
    return out


def _unit(vector: np.ndarray) -> np.ndarray:
    return vector / max(float(np.linalg.norm(vector)), 1e-12)


def _scaled(values: np.ndarray) -> np.ndarray:
    middle, high = np.quantile(values, (0.5, 0.9))
    return (values - middle) / max(high - middle, 1e-9)


def has_numbers(view: DatasetView) -> str | None:
    """Applies to tables."""
    return None if view.features and kind_of(view) == "table" else "the rows are no table"


def has_vectors(view: DatasetView) -> str | None:
    """Applies to images, texts and chats."""
    return None if kind_of(view) != "table" else "the rows are neither images nor texts"


CHECKS = (
    Check("OUT201", "outliers of tables", "model", has_numbers, strange_rows),
    Check("OUT202", "outliers of images and texts", "model", has_vectors, strange_vectors),
)
