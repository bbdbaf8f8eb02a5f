"""Checks for rows unlike the others."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from ftkit.data import DatasetView
from ftkit.quality.check import Check, SkipCheckError
from ftkit.quality.finding import Finding, Severity
from ftkit.quality.outlier_scores import deviation, false_discoveries, strangeness, tail_p
from ftkit.quality.scratch import said_anything, taken
from ftkit.quality.strange_vectors import classes_of, vector_views
from ftkit.quality.table_vectors import robust
from ftkit.quality.vectors import kind_of

if TYPE_CHECKING:
    from ftkit.quality.evidence import Evidence

FALSE_SHARE = 0.05
FALSE_VECTORS = 0.1
FEWEST = 30
MOST = 1000
FAR = 3.0
SEEN = (
    "similarity to the nearest rows is",
    "similarity to the mean of its class is",
    "the share of it in common with the others is",
    "the familiarity of its runs of characters is",
)


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
    odd = evidence.odd_rows
    rows, wrong = _worst(odd.wrong, odd.strange, FALSE_SHARE), odd.wrong
    if not len(rows):
        return []
    names = _numbers(view)
    cells = np.stack([view.numbers(name) for name in names], axis=1)
    scaled = np.abs(np.stack([robust(_filled(column)) for column in cells.T], axis=1))
    reasons = [_reason(cells, names, scaled[row], row) for row in rows]
    return [_finding(view, check, "warning", rows, wrong[rows], int((wrong <= FALSE_SHARE).sum()), reasons)]


def strange_vectors(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """Images or texts unlike all others, or unlike the others of their class, the strangest first.

    How: each row as a vector (of the pre-trained model that was given, else of a built-in descriptor). The distance to
    the nearest rows (10 to 100, by the number of rows; Ramaswamy et al. 2000), that to the mean of the row's class,
    what 32 principal components leave unexplained and, for texts, how rare its runs of characters are: each is held
    against its own tail, continued beyond the 95th percentile, and rows are listed until one in ten would be a false
    one, shared among the views (Benjamini and Hochberg 1995). The score is one minus that false share. Above 10,000
    rows neighbours are sought among 5,000 of them. At most 1,000 rows are listed.

    Do: look at them: photographs of something else, texts in another language, broken files that still decode. Rare and
    right rows are worth more than others: keep them.
    """
    odd = evidence.odd_rows
    least = odd.wrong
    rows = _worst(least, odd.strange, FALSE_VECTORS)
    if not len(rows):
        return []
    reasons = [
        f"{SEEN[number]} {1 - far:.2f}; half the rows have above {1 - odd.usual[number]:.2f}"
        for number, far in zip(odd.way[rows], odd.far[rows], strict=True)
    ]
    return [_finding(view, check, "info", rows, least[rows], int((least <= FALSE_VECTORS).sum()), reasons)]


@dataclass(frozen=True)
class OddRows:
    """How unlike the others each row is.

    Attributes
    ----------
    wrong : ndarray of float64, shape (N,)
        The share of false ones among the rows that are at least as strange (Benjamini and Hochberg 1995).
    strange : ndarray of float64, shape (N,)
        The strangest first, by this.
    way : ndarray of int64, shape (N,)
        Of images and texts: the way of looking (``SEEN``) by which the row is strangest.
    far : ndarray of float64, shape (N,)
        How far it is by that way.
    usual : list of float
        How far half the rows are, for each way.
    """

    wrong: np.ndarray
    strange: np.ndarray
    way: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    far: np.ndarray = field(default_factory=lambda: np.zeros(0))
    usual: list[float] = field(default_factory=list)


def odd_rows_of(evidence: Evidence) -> OddRows:
    """How unlike the others each row is: by its numbers in a table, by its vector elsewhere.

    Raises
    ------
    SkipCheckError
        There are too few rows, or none says anything.
    """
    return _odd_numbers(evidence) if kind_of(evidence.view) == "table" else _odd_vectors(evidence)


def _odd_numbers(evidence: Evidence) -> OddRows:
    view, names = evidence.view, _numbers(evidence.view)
    if not names:
        raise SkipCheckError("there are no columns of numbers that are known for half the rows")
    if len(view) < FEWEST:
        raise SkipCheckError(f"there are fewer than {FEWEST} rows")
    filled = np.stack([_filled(view.numbers(name)) for name in names], axis=1)
    found = strangeness(filled, evidence.seed)
    return OddRows(false_discoveries(found.p), found.score)


def _odd_vectors(evidence: Evidence) -> OddRows:
    view = evidence.view
    if len(view) < FEWEST:
        raise SkipCheckError(f"there are fewer than {FEWEST} rows")
    vectors = evidence.vectors.values
    said = np.flatnonzero(said_anything(vectors))
    if len(said) < FEWEST:
        raise SkipCheckError(f"fewer than {FEWEST} rows say anything")
    familiar = evidence.vectors.familiar
    views = vector_views(
        taken(vectors, said), classes_of(view)[said], None if familiar is None else familiar[said], evidence.seed
    )
    wrong = np.ones((len(views), len(view)))
    strange = np.zeros((len(views), len(view)))
    for number, one in enumerate(views):
        wrong[number, said] = np.minimum(1, len(views) * false_discoveries(tail_p(one)))
        strange[number, said] = deviation(one)
    way, far = np.where(wrong <= FALSE_VECTORS, strange, -1).argmax(axis=0), np.zeros(len(view))
    for number, one in enumerate(views):
        far[said] = np.where(way[said] == number, one, far[said])
    return OddRows(wrong.min(axis=0), strange.max(axis=0), way, far, [float(np.median(one)) for one in views])


def _numbers(view: DatasetView) -> list[str]:
    """The columns of numbers that are known for half the rows."""
    kinds = {name: view.columns[name].kind for name in view.features}
    names = [name for name, kind in kinds.items() if kind in ("number", "boolean", "date")]
    return [name for name in names if 2 * view.missing(name) <= len(view)]


def _finding(
    view: DatasetView,
    check: Check,
    severity: Severity,
    rows: np.ndarray,
    wrong: np.ndarray,
    count: int,
    reasons: list[str],
) -> Finding:
    ids = [str(row) for row in view.ids[rows]]
    shown = f" The strangest {MOST:,} are listed." if count > MOST else ""
    worst = f"{ids[0][:60]!r}: {reasons[0]}"
    verb = "is" if count == 1 else "are"
    message = f"{count:,} of {len(view):,} rows {verb} unlike the others, most of all {worst}.{shown}"
    suggest = {"op": "drop", "because": check.code}
    return Finding(check.code, check.name, severity, message, ids, (1 - wrong).round(4).tolist(), suggest, reasons)


def _worst(wrong: np.ndarray, strange: np.ndarray, share: float) -> np.ndarray:
    """The rows to list, the strangest first."""
    rows = np.flatnonzero(wrong <= share)
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
