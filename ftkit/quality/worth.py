"""What edits are worth: a probe's score on held-out rows with and without them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ftkit.data import DatasetView
from ftkit.errors import DataError, nearest
from ftkit.quality.evidence import Evidence
from ftkit.quality.folds import FOLDS, folds_of
from ftkit.quality.linear import fit_ridge, fit_softmax, softmax, strength_for, with_constant
from ftkit.quality.probe import probe_vectors

REPEATS = 5
LEVEL = 0.95
MOST = 20_000


@dataclass(frozen=True)
class Worth:
    """What a group of edits changes on rows held out.

    Attributes
    ----------
    group : str
        What the edits have in common, such as the check that asked for them.
    change : float
        Accuracy (or R²) with the edits less that without them; nan where it could not be measured.
    low, high : float
        Its interval.
    n : int
        The edits measured.
    reason : str
        Why it could not be measured; else empty.
    metric : {"accuracy", "R²"}
        What is measured.
    """

    group: str
    change: float
    low: float
    high: float
    n: int
    reason: str = ""
    metric: str = "accuracy"

    def __repr__(self) -> str:
        return f"Worth of {self.group} ({self.n:,} edit{'s' * (self.n != 1)}): {self.told}"

    @property
    def measured(self) -> bool:
        """Whether it could be measured."""
        return not np.isnan(self.change)

    @property
    def told(self) -> str:
        """The change with its interval in words, or why there is none."""
        if not self.measured:
            return f"not measured: {self.reason}"
        scale, unit = (100, "points") if self.metric == "accuracy" else (1, self.metric)
        digits = 1 if self.metric == "accuracy" else 3
        change, low, high = (f"{value * scale:+.{digits}f}" for value in (self.change, self.low, self.high))
        return f"{change} {unit} ({low} to {high})"

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON; None for what could not be measured."""
        values = {key: None if value != value else value for key, value in vars(self).items()}
        return {**values, "told": self.told}

    @property
    def helps(self) -> bool:
        """Whether the whole interval is above 0."""
        return self.low > 0


def worth(
    source: Any,
    edits: Iterable[Any],
    *,
    group: Callable[[Any], str] | None = None,
    apply: Callable[[DatasetView, list[Any]], DatasetView] | None = None,
    repeats: int = REPEATS,
    level: float = LEVEL,
    seed: int = 0,
) -> list[Worth]:
    """What each group of edits is worth, the most valuable first.

    A linear probe is fitted with and without the edits applied to its train rows, five folds, several times, and both
    are measured on the same rows held out. Rows that a group edits do not count in its measurement: their labels are
    what is in doubt.

    Parameters
    ----------
    source : Inspection or DatasetView
        The labelled rows; above 20,000 a sample is looked at.
    edits : iterable of Edit or dict
        With ``row``, ``op``, ``column``, ``value`` and ``because``.
    group : callable, optional
        Edit to the name of its group; ``because`` by default.
    apply : callable, optional
        View and edits to a view with the same rows, for edits other than ``drop`` and ``relabel``; without it groups
        with none of these are not measured.
    repeats : int, default 5
    level : float, default 0.95
    seed : int, default 0

    Returns
    -------
    list of Worth

    Raises
    ------
    DataError
        An edit names no row of the view or relabels to no class, or there are fewer than 20 labelled rows.

    References
    ----------
    Nadeau and Bengio (2003), "Inference for the generalization error", Machine Learning 52, section 3, for the interval
    of a difference over repeated folds.

    Examples
    --------
    >>> import ftkit as ft
    >>> [one.n for one in worth(ft.read("iris"), [{"row": ft.read("iris").ids[0], "op": "drop", "because": "me"}])]
    [1]
    """
    evidence = source.evidence if hasattr(source, "evidence") else Evidence(getattr(source, "view", source), seed=seed)
    bench = _Bench(evidence, repeats, level, seed)
    groups: dict[str, list[Any]] = defaultdict(list)
    for edit in edits:
        groups[str(group(edit) if group else _of(edit, "because"))].append(edit)
    measured = [bench.measure(name, some, apply) for name, some in groups.items()]
    return sorted(measured, key=lambda one: (np.isnan(one.change), -one.change))


class _Bench:
    """The rows, the folds and the probe that all groups are measured with."""

    def __init__(self, evidence: Evidence, repeats: int, level: float, seed: int) -> None:
        self.view, self.level, self.seed, self.model = evidence.view, level, seed, evidence.model
        labels = self.view.labels
        known = np.flatnonzero(labels >= 0 if labels.dtype.kind == "i" else np.isfinite(labels))
        if len(known) < 4 * FOLDS:
            raise DataError(f"worth is measured on {4 * FOLDS} labelled rows or more; there are {len(known)}.")
        if len(known) > MOST:
            known = np.sort(np.random.default_rng(seed).choice(known, MOST, replace=False))
        self.rows, self.labels, self.classes = known, labels[known], len(self.view.classes) or None
        self.x = with_constant(probe_vectors(evidence)[known])
        self.folds = [folds_of(self.view, labels, seed=seed + i)[known] for i in range(repeats)]
        self.strength = strength_for(self.x, self.labels, self.folds[0] == 0, self.classes)
        place = {row: i for i, row in enumerate(self.view.ids.tolist())}
        inside = {int(row): i for i, row in enumerate(known)}
        self.place = {row: inside.get(i) for row, i in place.items()}
        self.said = [self._said(self.x, self.labels, np.ones(len(known), dtype=bool), folds) for folds in self.folds]

    def measure(self, name: str, edits: list[Any], apply: Callable | None) -> Worth:
        """One group's worth."""
        edits = [edit for edit in edits if _of(edit, "op") != "keep"]
        others = [edit for edit in edits if not self._on_labels(edit)]
        if others and apply is None and len(others) == len(edits):
            ops = ", ".join(sorted({str(_of(edit, "op")) for edit in others}))
            return self._unmeasured(name, len(edits), f"{ops} changes rows, not labels: it has to be applied")
        labels, kept, touched = self._edited(edits)
        if not touched.any():
            return self._unmeasured(name, 0, "none of the edited rows has a label or is in the sample")
        x = self.x
        if others and apply is not None:
            after = probe_vectors(Evidence(apply(self.view, others), self.model, seed=self.seed))[self.rows]
            x = with_constant(after)
        differences = []
        for folds, before in zip(self.folds, self.said, strict=True):
            after = self._said(x, labels, kept, folds)
            for fold in range(FOLDS):
                held = (folds == fold) & ~touched
                if held.sum() > 1:
                    differences.append(self._score(after, held) - self._score(before, held))
        change = _corrected(np.array(differences), self.level)
        if np.isnan(change[0]):
            return self._unmeasured(name, int(touched.sum()), "no row is left to measure by: all of them are edited")
        return Worth(name, *change, int(touched.sum()), metric=self.metric)

    @property
    def metric(self) -> str:
        """What is measured."""
        return "accuracy" if self.classes is not None else "R²"

    def _unmeasured(self, name: str, edits: int, reason: str) -> Worth:
        return Worth(name, *[float("nan")] * 3, edits, reason, self.metric)

    def _on_labels(self, edit: Any) -> bool:
        op, column = _of(edit, "op"), _of(edit, "column")
        return op == "drop" or (op in ("relabel", "fill") and column in (None, self.view.target))

    def _edited(self, edits: list[Any]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The labels after the edits, which rows are kept, which are touched."""
        labels, kept = self.labels.copy(), np.ones(len(self.labels), dtype=bool)
        touched = np.zeros(len(labels), dtype=bool)
        codes = {name: i for i, name in enumerate(self.view.classes)}
        for edit in edits:
            row = str(_of(edit, "row"))
            if row not in self.place:
                raise DataError(f"an edit names row '{row}', which is not among the {len(self.view):,} rows.")
            at = self.place[row]
            if at is None:
                continue
            touched[at] = True
            if _of(edit, "op") == "drop":
                kept[at] = False
            elif self._on_labels(edit):
                labels[at] = self._code(_of(edit, "value"), codes, row)
        return labels, kept, touched

    def _code(self, value: Any, codes: dict[str, int], row: str) -> Any:
        if self.classes is None:
            try:
                return float(value)
            except (TypeError, ValueError):
                raise DataError(f"an edit relabels row '{row}' to '{value}', which is no number.") from None
        if str(value) not in codes:
            raise DataError(f"an edit relabels row '{row}' to '{value}'; {nearest(str(value), list(codes))}.")
        return codes[str(value)]

    def _said(self, x: np.ndarray, labels: np.ndarray, kept: np.ndarray, folds: np.ndarray) -> np.ndarray:
        """What probes fitted on the kept rows of the other folds say of each row.

        Vectors after an edit are made anew for all rows, in axes of their own: rows that are not edited are judged by
        theirs too.
        """
        out = np.zeros(len(labels))
        for fold in range(FOLDS):
            train, held = (folds != fold) & kept, folds == fold
            if self.classes is None:
                out[held] = x[held] @ fit_ridge(x[train], labels[train], self.strength)
            else:
                weights = fit_softmax(x[train], labels[train], self.classes, self.strength)
                out[held] = softmax(x[held] @ weights).argmax(axis=1)
        return out

    def _score(self, said: np.ndarray, held: np.ndarray) -> float:
        wanted = self.labels[held]
        if self.classes is not None:
            return float(np.mean(said[held] == wanted))
        return float(1 - np.mean((said[held] - wanted) ** 2) / max(np.var(self.labels), 1e-30))


def _corrected(differences: np.ndarray, level: float) -> tuple[float, float, float]:
    """The mean of differences over repeated folds and its interval, corrected for train rows they share."""
    from scipy.stats import t

    count = len(differences)
    if count < 2:
        return float("nan"), float("nan"), float("nan")
    error = np.sqrt(differences.var(ddof=1) * (1 / count + 1 / (FOLDS - 1)))
    reach = float(t.ppf((1 + level) / 2, count - 1) * error)
    middle = float(differences.mean())
    return middle, middle - reach, middle + reach


def _of(edit: Any, name: str) -> Any:
    """A field of an edit, which is a dict or an object."""
    return edit.get(name) if isinstance(edit, dict) else getattr(edit, name, None)
