"""Missing cells of a table, filled from what train rows say: fitted once, the same fills everywhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from ftkit.errors import DataError, nearest

STRATEGIES = ("median", "constant", "group", "knn", "iterative")
DONORS = 2000
NEIGHBOURS = 5
AT_ONCE = 2048  # rows whose distances to all donors are held, 32 MiB a matrix
ROUNDS = 10


class Columns(Protocol):
    """What the imputer asks of a view."""

    columns: Mapping[str, Any]

    def numbers(self, name: str) -> np.ndarray:
        """Float64 (N,), NaN where a cell is missing."""

    def strings(self, name: str) -> np.ndarray:
        """Objects (N,), None where a cell is missing."""


@dataclass(frozen=True)
class Imputer:
    """What missing cells are filled with.

    Attributes
    ----------
    strategy : {"median", "constant", "group", "knn", "iterative"}
    columns : dict of str to dict
        For each column ``kind`` ("number" or "category"), ``value`` (what is filled in where nothing else is known) and
        ``whole`` (whether train cells are whole numbers).
    details : dict
        What the strategy needs beyond: values by group, donors, regressions. JSON throughout.
    """

    strategy: str
    columns: dict[str, dict[str, Any]]
    details: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def fit(
        cls,
        view: Columns,
        strategy: str = "median",
        columns: Sequence[str] | None = None,
        *,
        value: Any = None,
        group: str | None = None,
        seed: int = 0,
    ) -> Imputer:
        """The imputer of these rows.

        Parameters
        ----------
        view : DatasetView
            Train rows only.
        strategy : str, default "median"
            ``median``: the median of numbers, the commonest category. ``constant``: ``value``. ``group``: the median or
            commonest of the rows with the same ``group``. ``knn``: of the 5 nearest train rows (at most 2,000 are
            kept), by the distance over the cells both have (Dixon, "Pattern recognition with partly missing data",
            1979). ``iterative``: each column of numbers regressed on the others in turn (van Buuren &
            Groothuis-Oudshoorn, "mice", 2011, as scikit-learn's IterativeImputer does), categories as in ``median``.
        columns : sequence of str, optional
            The columns to fill; all features that are numbers or categories by default.
        value : str or number, optional
            For ``constant``.
        group : str, optional
            A column, for ``group``.
        seed : int, default 0
            Chooses the donors where there are more than 2,000.

        Returns
        -------
        Imputer
            A column without any value in these rows is left out, unless a constant fills it.

        Raises
        ------
        DataError
            The strategy is not known or lacks its ``value`` or ``group``; a column is not there, or cannot be filled.

        Examples
        --------
        >>> import ftkit as ft
        >>> view = ft.read({"age": [1.0, 3.0, None], "y": ["a", "b", "a"]}, target="y")
        >>> Imputer.fit(view).fills(view)
        {'age': (array([2]), [2])}
        """
        _check(strategy, value, group)
        names = _columns(view, columns)
        if group is not None and group not in view.columns:
            raise DataError(f"there is no column '{group}' to group by; {nearest(group, view.columns)}.")
        known = {name: _column(view, name, value if strategy == "constant" else None) for name in names}
        known = {name: told for name, told in known.items() if told["value"] is not None}
        make = {"group": _groups, "knn": _donors, "iterative": _regressions}.get(strategy)
        details = {} if make is None else make(view, known, group, seed)
        return cls(strategy, known, details)

    def fills(self, view: Columns) -> dict[str, tuple[np.ndarray, list[Any]]]:
        """The missing cells of a view and what belongs there.

        Parameters
        ----------
        view : DatasetView
            Has the columns the imputer was fitted on.

        Returns
        -------
        dict of str to (ndarray of int, list)
            By column: positions of the rows, and their values. Columns without missing cells are left out.

        Raises
        ------
        DataError
            A column is not there.
        """
        gone = {name: _gone(view, name, told["kind"]) for name, told in self.columns.items()}
        gone = {name: rows for name, rows in gone.items() if len(rows)}
        if not gone:
            return {}
        make = {"group": _by_group, "knn": _by_donors, "iterative": _by_regression}.get(self.strategy)
        made = {} if make is None else make(self, view, gone)
        return {name: (rows, self._values(name, made.get(name, [None] * len(rows)))) for name, rows in gone.items()}

    def _values(self, name: str, made: Sequence[Any]) -> list[Any]:
        """Values as the column has them: whole numbers whole, None as the column's own value."""
        told = self.columns[name]
        filled = [told["value"] if value is None else value for value in made]
        if told["kind"] == "category":
            return filled
        if told["whole"] and self.strategy != "constant":
            return [int(np.rint(value)) for value in filled]
        return [float(value) for value in filled]

    def state(self) -> dict[str, Any]:
        """Everything as JSON; ``Imputer.from_state(state)`` gives it back."""
        return {"strategy": self.strategy, "columns": self.columns, "details": self.details}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Imputer:
        """The imputer whose ``state()`` this is."""
        return cls(state["strategy"], state["columns"], state["details"])


def _check(strategy: str, value: Any, group: str | None) -> None:
    if strategy not in STRATEGIES:
        raise DataError(f"strategy '{strategy}' is not known; {nearest(strategy, STRATEGIES)}.")
    if strategy == "constant" and value is None:
        raise DataError("strategy 'constant' needs value=, what missing cells are filled with.")
    if strategy == "group" and group is None:
        raise DataError("strategy 'group' needs group=, the column whose equal cells belong together.")


def _columns(view: Columns, asked: Sequence[str] | None) -> list[str]:
    """The columns to fill."""
    kinds = {name: c.kind for name, c in view.columns.items()}
    if asked is None:
        fit = ("number", "category", "boolean")
        return [name for name, c in view.columns.items() if c.role == "feature" and c.kind in fit]
    for name in asked:
        if name not in kinds:
            raise DataError(f"there is no column '{name}' to fill; {nearest(name, kinds, 'the columns are')}.")
        if kinds[name] not in ("number", "category", "boolean", "text"):
            raise DataError(f"column '{name}' holds {kinds[name]}, which cannot be filled.")
    return list(asked)


def _column(view: Columns, name: str, constant: Any) -> dict[str, Any]:
    """What is known of one column: its kind, its usual value, whether it is whole."""
    if view.columns[name].kind == "number":
        values = view.numbers(name)
        values = values[np.isfinite(values)]
        usual = float(np.median(values)) if len(values) else None
        whole = bool(len(values)) and bool((values == np.rint(values)).all())
        if constant is not None and (isinstance(constant, bool) or not isinstance(constant, (int, float))):
            raise DataError(f"column '{name}' holds numbers; {constant!r} cannot fill it. Name other columns.")
        return {"kind": "number", "value": usual if constant is None else constant, "whole": whole}
    usual = _commonest(view.strings(name)) if constant is None else str(constant)
    return {"kind": "category", "value": usual, "whole": False}


def _commonest(cells: Sequence[Any]) -> str | None:
    counts = Counter(cell for cell in cells if cell is not None)
    return min(counts, key=lambda cell: (-counts[cell], cell)) if counts else None


def _gone(view: Columns, name: str, kind: str) -> np.ndarray:
    cells = view.numbers(name) if kind == "number" else view.strings(name)
    missing = np.isnan(cells) if kind == "number" else np.array([cell is None for cell in cells], dtype=bool)
    return np.flatnonzero(missing)


def _groups(view: Columns, known: dict[str, dict], group: str, seed: int) -> dict[str, Any]:
    """The usual value of each column in each group."""
    cells = view.strings(group)
    values: dict[str, dict[str, Any]] = {}
    places: dict[str, list[int]] = {}
    for i, cell in enumerate(cells):
        if cell is not None:
            places.setdefault(cell, []).append(i)
    for name, told in known.items():
        column = view.numbers(name) if told["kind"] == "number" else view.strings(name)
        usual = {cell: _usual(column[rows], told["kind"]) for cell, rows in places.items()}
        values[name] = {cell: value for cell, value in usual.items() if value is not None}
    return {"group": group, "values": values}


def _usual(cells: np.ndarray, kind: str) -> Any:
    if kind == "category":
        return _commonest(cells)
    cells = cells[np.isfinite(cells)]
    return float(np.median(cells)) if len(cells) else None


def _by_group(imputer: Imputer, view: Columns, gone: dict[str, np.ndarray]) -> dict[str, list[Any]]:
    cells, values = view.strings(imputer.details["group"]), imputer.details["values"]
    return {name: [values[name].get(cells[row]) for row in rows] for name, rows in gone.items()}


def _donors(view: Columns, known: dict[str, dict], group: None, seed: int) -> dict[str, Any]:
    """Train rows to fill from: numbers as z-scores, categories as codes."""
    numbers = [name for name, told in known.items() if told["kind"] == "number"]
    words = [name for name, told in known.items() if told["kind"] == "category"]
    cells = {name: view.numbers(name) for name in numbers} | {name: view.strings(name) for name in words}
    rows = len(next(iter(cells.values()), ()))
    chosen = np.sort(np.random.default_rng(seed).permutation(rows)[:DONORS])
    scale = {}
    for name in numbers:
        finite = cells[name][np.isfinite(cells[name])]
        scale[name] = [float(finite.mean()), float(finite.std()) or 1.0]
    kept = {name: [None if np.isnan(v) else float(v) for v in cells[name][chosen]] for name in numbers}
    return {"scale": scale, "donors": kept | {name: cells[name][chosen].tolist() for name in words}}


def _by_donors(imputer: Imputer, view: Columns, gone: dict[str, np.ndarray]) -> dict[str, list[Any]]:
    """What the nearest donors that have the cell say: their mean, or the commonest; so many rows at a time."""
    cells = {n: view.numbers(n) if told["kind"] == "number" else view.strings(n) for n, told in imputer.columns.items()}
    rows = np.unique(np.concatenate(list(gone.values())))
    made: dict[str, list[Any]] = {name: [] for name in gone}
    for start in range(0, len(rows), AT_ONCE):
        some = rows[start : start + AT_ONCE]
        within = {name: at[np.isin(at, some)] for name, at in gone.items()}
        for name, values in _told_by_donors(imputer, cells, some, within).items():
            made[name] += values
    return made


def _told_by_donors(
    imputer: Imputer, cells: dict[str, np.ndarray], rows: np.ndarray, gone: dict[str, np.ndarray]
) -> dict[str, list[Any]]:
    donors, scale = imputer.details["donors"], imputer.details["scale"]
    distance = np.zeros((len(rows), len(next(iter(donors.values())))))
    seen = np.zeros(distance.shape)
    for name, told in imputer.columns.items():
        if told["kind"] == "number":
            mean, std = scale[name]
            here = (cells[name][rows] - mean) / std
            there = (np.array(donors[name], dtype=np.float64) - mean) / std
            apart = (here[:, None] - there) ** 2
        else:
            places: dict[Any, float] = {None: np.nan}
            here, there = (
                np.array([places.setdefault(c, float(len(places))) for c in words])
                for words in (cells[name][rows], donors[name])
            )
            apart = np.where(here[:, None] == there, 0.0, 2.0) + 0 * here[:, None] + 0 * there
        both = ~np.isnan(apart)
        distance += np.where(both, apart, 0)
        seen += both
    distance = np.where(seen > 0, distance / np.maximum(seen, 1), np.inf)
    place = {int(row): i for i, row in enumerate(rows)}
    return {
        name: [_told_by(distance[place[int(row)]], donors[name], imputer.columns[name]["kind"]) for row in at]
        for name, at in gone.items()
    }


def _told_by(distance: np.ndarray, cells: list[Any], kind: str) -> Any:
    there = np.array([cell is not None for cell in cells])
    ranked = [i for i in np.argsort(np.where(there, distance, np.inf), kind="stable")[:NEIGHBOURS] if there[i]]
    found = [cells[i] for i in ranked if np.isfinite(distance[i])]
    if not found:
        return None
    return float(np.mean(found)) if kind == "number" else _commonest(found)


def _regressions(view: Columns, known: dict[str, dict], group: None, seed: int) -> dict[str, Any]:
    """The regressions of scikit-learn's IterativeImputer on z-scores, in the order in which they are applied."""
    import warnings

    from sklearn.experimental import enable_iterative_imputer  # noqa: F401
    from sklearn.impute import IterativeImputer

    names = [name for name, told in known.items() if told["kind"] == "number"]
    if len(names) < 2:
        return {}
    table = np.stack([view.numbers(name) for name in names], axis=1)
    center, spread = np.nanmean(table, axis=0), np.nanstd(table, axis=0)
    table = (table - center) / np.where(spread > 0, spread, 1.0)
    low, high = np.nanmin(table, axis=0), np.nanmax(table, axis=0)
    fitted = IterativeImputer(max_iter=ROUNDS, random_state=seed, min_value=low, max_value=high, skip_complete=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it did not converge within ten rounds
        fitted.fit(table)
    steps = [
        {
            "column": int(step.feat_idx),
            "others": step.neighbor_feat_idx.tolist(),
            "weights": step.estimator.coef_.tolist(),
            "bias": float(step.estimator.intercept_),
        }
        for step in fitted.imputation_sequence_
    ]
    return {
        "columns": names,
        "mean": center.tolist(),
        "std": np.where(spread > 0, spread, 1.0).tolist(),
        "range": np.stack([low, high], axis=1).tolist(),
        "steps": steps,
    }


def _by_regression(imputer: Imputer, view: Columns, gone: dict[str, np.ndarray]) -> dict[str, list[Any]]:
    names, steps = imputer.details.get("columns", []), imputer.details.get("steps", [])
    wanted = [name for name in gone if name in names]
    if not wanted:
        return {}
    center, spread = np.array(imputer.details["mean"]), np.array(imputer.details["std"])
    table = (np.stack([view.numbers(name) for name in names], axis=1) - center) / spread
    missing = np.isnan(table)
    table = np.where(missing, 0.0, table)
    for step in steps:
        rows, column = missing[:, step["column"]], step["column"]
        guess = table[np.ix_(rows, step["others"])] @ np.array(step["weights"]) + step["bias"]
        table[rows, column] = np.clip(guess, *imputer.details["range"][column])
    whole = table * spread + center
    return {name: whole[gone[name], names.index(name)].tolist() for name in wanted}
