"""Checks of a table's columns beside each other: the same twice, and those that give the target away."""

from __future__ import annotations

import numpy as np

from ftkit.data import DatasetView, mix
from ftkit.quality.cells import listed, numeric, target_of, values_of, wordy
from ftkit.quality.check import Check, SkipCheckError, has_table, has_target
from ftkit.quality.evidence import Evidence
from ftkit.quality.finding import Finding

ROWS = 50_000  # rows a column is judged by, drawn at random from more
FEWEST = 60
BINS = 256


def twin_columns(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """Columns that say the same as another: equal cells, equal up to scale, or other words for the same.

    How: columns whose cells are equal in all rows; numbers that are equal after scaling, to five digits; words that
    stand for each other one to one (at least three of them).

    Do: leave all but one out: they add nothing, and split what a model says of their weight.
    """
    numbers = {name: view.numbers(name) for name in numeric(view)}
    keyed: dict[tuple, list[str]] = {}
    for name, values in numbers.items():
        keyed.setdefault(_scaled(values), []).append(name)
    words = {name: values_of(view, name) for name in wordy(view)}
    for name, cells in words.items():
        if 3 <= len(cells.names) < 0.5 * len(view):
            keyed.setdefault(("words", _renumbered(cells.codes)), []).append(name)
    for name, values in numbers.items():
        key = ("words", _renumbered(_as_codes(values)))
        if key in keyed and all(other in words for other in keyed[key]):
            keyed[key].append(name)
    out = []
    for names in keyed.values():
        if len(names) > 1:
            said = "are equal" if _equal(view, names) else "say the same in other words or units"
            out.append(check.finding("info", f"Columns {listed(names)} {said}: one of them is enough."))
    return out


def _scaled(values: np.ndarray) -> tuple:
    """What columns that are equal up to scale and shift have in common."""
    known = np.isfinite(values)
    spread = values[known].std() if known.any() else 0.0
    if not spread:
        return ("constant", id(values))
    scaled = np.round((values - values[known].mean()) / spread, 5)
    return ("numbers", np.where(known, scaled + 0.0, np.inf).tobytes())  # + 0.0: no negative zero


def _as_codes(values: np.ndarray) -> np.ndarray:
    known = np.isfinite(values)
    codes = np.unique(np.where(known, values, 0.0), return_inverse=True)[1]
    return np.where(known, codes, -1)


def _renumbered(codes: np.ndarray) -> bytes:
    """Codes in the order of their first cells, so that only which cells are equal counts."""
    _, first, place = np.unique(codes, return_index=True, return_inverse=True)
    order = np.argsort(np.argsort(first))
    return int(mix(order[place].astype(np.uint64) ^ mix(np.arange(len(codes), dtype=np.uint64))).sum()).to_bytes(
        8, "big"
    )


def _equal(view: DatasetView, names: list[str]) -> bool:
    first = view.column(names[0])
    return all(first.type == view.column(n).type and first.equals(view.column(n)) for n in names[1:])


def giveaways(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """Columns that alone tell the target nearly without error.

    How: for each column, a table of its values (256 bins of a number) learned on half of the rows tells the target of
    the other half; flagged where it errs in at most 1 % of the rows and a tenth of what the commonest class errs, or
    where it or a straight line explains 99.5 % of a number's variance. Of more than 50,000 rows that many are drawn.

    Do: ask whether the column is known at the time of prediction. What is written down afterwards (a diagnosis code, a
    date of cancelling) must be left out.
    """
    known = target_of(evidence)
    if known is None:
        raise SkipCheckError("the labels cannot be used")
    labels, classes = known
    rows = np.flatnonzero(labels >= 0 if classes else np.isfinite(labels))
    if len(rows) < FEWEST:
        raise SkipCheckError(f"{len(rows)} rows are too few to judge single columns by")
    by_content = rows[np.argsort(view.content()[rows], kind="stable")]
    rows = np.random.default_rng(evidence.seed).permutation(by_content)[:ROWS]
    out = []
    for name in [*numeric(view), *wordy(view), *_flags(view)]:
        codes = _coded(view, name, rows)
        judged = _tells_class(codes, labels[rows]) if classes else _tells_number(codes, labels[rows])
        if not classes and view.columns[name].kind == "number":
            judged = judged or _in_line(view.numbers(name)[rows], labels[rows])
        if judged is not None:
            message = f"Column '{name}' alone tells '{view.target}' {judged}: is it known when a prediction is made?"
            out.append(Finding(check.code, check.name, "warning", message))
    return out


def _flags(view: DatasetView) -> list[str]:
    return [name for name, c in view.columns.items() if c.role == "feature" and c.kind == "boolean"]


def _coded(view: DatasetView, name: str, rows: np.ndarray) -> np.ndarray:
    """The cells as few codes: values where they are few, else bins of about equal size; 0 is missing."""
    if view.columns[name].kind in ("number", "boolean"):
        values = view.numbers(name)[rows]
        known = np.isfinite(values)
        cuts = np.unique(values[known])
        bins = max(8, min(BINS, len(rows) // 8))
        if len(cuts) > bins:
            cuts = np.unique(np.quantile(values[known], np.linspace(0, 1, bins + 1)))
        return np.where(known, np.searchsorted(cuts, np.where(known, values, 0.0), side="left") + 1, 0)
    return values_of(view, name).codes[rows] + 1


def _tells_class(codes: np.ndarray, labels: np.ndarray) -> str | None:
    half = len(codes) // 2
    shape = (int(codes.max()) + 1, int(labels.max()) + 1)
    if shape[0] * shape[1] > 5_000_000:
        return None
    table = np.bincount(codes[:half] * shape[1] + labels[:half], minlength=shape[0] * shape[1]).reshape(shape)
    counts = np.bincount(labels)
    common, base = int(counts.argmax()), 1 - counts.max() / len(labels)
    best = np.where(table.sum(axis=1) > 0, table.argmax(axis=1), common)
    error = float((best[codes[half:]] != labels[half:]).mean())
    if error <= 0.01 and error <= 0.1 * base and base > 0:
        return f"right in {1 - error:.1%} of the rows (the commonest class: {1 - base:.1%})"
    return None


def _tells_number(codes: np.ndarray, labels: np.ndarray) -> str | None:
    half = len(codes) // 2
    counts = np.bincount(codes[:half], minlength=int(codes.max()) + 1)
    sums = np.bincount(codes[:half], weights=labels[:half], minlength=len(counts))
    mean = labels[:half].mean()
    told = np.where(counts > 0, sums / np.maximum(counts, 1), mean)[codes[half:]]
    total = ((labels[half:] - labels[half:].mean()) ** 2).sum()
    explained = 1 - ((labels[half:] - told) ** 2).sum() / total if total > 0 else 0.0
    return f"({explained:.2%} of its variance)" if explained >= 0.995 else None


def _in_line(values: np.ndarray, labels: np.ndarray) -> str | None:
    known = np.isfinite(values)
    if known.sum() < FEWEST or not values[known].std() or not labels[known].std():
        return None
    explained = float(np.corrcoef(values[known], labels[known])[0, 1] ** 2)
    return f"({explained:.2%} of its variance)" if explained >= 0.995 else None


CHECKS = (
    Check("TAB203", "columns that say the same", "cheap", has_table, twin_columns),
    Check("TAB204", "columns that give the target away", "cheap", lambda v: has_table(v) or has_target(v), giveaways),
)
