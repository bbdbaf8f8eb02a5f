"""A table's columns as one float32 matrix, each column through the step that its kind, or the user, asks for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from ftkit.errors import DataError, nearest
from ftkit.preprocess.categories import Hashed, OneHot, Ordinal, unseen
from ftkit.preprocess.dates import Dates
from ftkit.preprocess.impute import Imputer
from ftkit.preprocess.numbers import Numbers
from ftkit.preprocess.table_form import LEAVE_OUT, TableForm, Transform, fit_step, narrowed, nearly_numbers
from ftkit.preprocess.target_means import TargetMeans

KINDS: dict[str, Any] = {kind.kind: kind for kind in (Numbers, Dates, OneHot, Ordinal, Hashed, TargetMeans)}


class Columns(Protocol):
    """What the encoder asks of a view: cells of a column as numbers or as text."""

    def __len__(self) -> int:
        """N."""

    def numbers(self, name: str) -> np.ndarray:
        """Float64 (N,), NaN where a cell is missing."""

    def text_cells(self, name: str) -> Any:
        """Arrow strings (N,), null where a cell is missing."""


@dataclass(frozen=True)
class Step:
    """One column of the table and its transform.

    Attributes
    ----------
    column : str
    transform : Numbers, Dates, OneHot, Ordinal, Hashed or TargetMeans
    """

    column: str
    transform: Transform

    @property
    def names(self) -> list[str]:
        """The matrix's columns, such as ``age`` and ``city=北京``."""
        return [f"{self.column}={name}" if name else self.column for name in self.transform.names]

    def cells(self, view: Columns) -> Any:
        """The column as the transform takes it."""
        by_number = isinstance(self.transform, (Numbers, Dates))
        return view.numbers(self.column) if by_number else view.text_cells(self.column)


@dataclass(frozen=True)
class TableEncoder:
    """Columns to one matrix, the same numbers at prediction time as at training time.

    Attributes
    ----------
    steps : tuple of Step
        In the order of the matrix's columns.
    imputer : Imputer or None
        What fills missing numbers by what the other columns say; without it each column fills its own.
    notes : tuple of str
        What was said while fitting.
    """

    steps: tuple[Step, ...]
    imputer: Imputer | None = None
    notes: tuple[str, ...] = field(default=(), compare=False)

    @classmethod
    def fit(
        cls,
        view: Columns,
        numbers: Sequence[str],
        categories: Sequence[str],
        dates: Sequence[str] = (),
        *,
        form: TableForm | None = None,
        labels: np.ndarray | None = None,
        classes: int = 0,
    ) -> TableEncoder:
        """The encoder of these rows.

        Parameters
        ----------
        view : DatasetView
            Train rows only.
        numbers, categories, dates : sequence of str
            Feature columns by kind. A column without any value in these rows is left out, and a note says so.
        form : TableForm, optional
            What becomes of them: z-scores, one-hot, cycles by default.
        labels : array, (N,), optional
            Class codes or scaled numbers, for target encoding.
        classes : int, default 0
            How many classes there are; 0 for numbers.

        Returns
        -------
        TableEncoder

        Raises
        ------
        DataError
            A column of ``form.columns`` is not there; a cell is no number where numbers are wanted.

        Examples
        --------
        >>> import ftkit as ft
        >>> view = ft.read({"age": [20, 40], "city": ["北京", "北京"], "y": ["a", "b"]}, target="y")
        >>> encoder = TableEncoder.fit(view, ["age"], ["city"])
        >>> encoder.names
        ['age', 'city=北京', 'city=missing', 'city=other']
        """
        form = form or TableForm()
        usual = dict.fromkeys(numbers, form.numbers) | dict.fromkeys(categories, form.categories)
        usual |= dict.fromkeys(dates, form.dates if form.dates != "none" else "dates none")
        for name in form.columns:
            if name not in usual:
                raise DataError(f"preprocess.columns: there is no feature '{name}'; {nearest(name, usual)}.")
        wanted = {name: form.method(name, method) for name, method in usual.items()}
        steps, notes = {}, []
        for name, method in wanted.items():
            if method == LEAVE_OUT:
                continue
            made = fit_step(view, name, method, form, labels, classes)
            if made is None:
                notes.append(f"Column '{name}' has no value that is in two train rows; it is left out.")
            else:
                steps[name] = made
        notes += filter(None, (nearly_numbers(view, n) for n in categories if not isinstance(steps.get(n), Numbers)))
        steps, said = narrowed(steps, len(view), form)
        imputer = _imputer(view, steps, form)
        return cls(tuple(Step(n, made) for n, made in steps.items()), imputer, tuple(notes + said))

    @property
    def names(self) -> list[str]:
        """The matrix's columns, such as ``age`` and ``city=北京``."""
        return [name for step in self.steps for name in step.names]

    def transform(self, view: Columns, rows: int, out: np.ndarray | None = None) -> np.ndarray:
        """The matrix of a view's rows.

        Parameters
        ----------
        view : DatasetView
            Has at least the columns the encoder was fitted on.
        rows : int
            Its length.
        out : float32 array, (rows, len(names)), optional
            Where to write, such as a ``np.memmap``.

        Returns
        -------
        float32 array, (rows, len(names))
            One column is held beside it at a time.

        Raises
        ------
        DataError
            A column is not there, or a cell is no number where numbers are wanted.
        """
        out = np.empty((rows, len(self.names)), dtype=np.float32) if out is None else out
        filled = self._filled(view)
        for step, block in self._blocks(out):
            cells = step.cells(view)
            if step.column in filled:
                at, values = filled[step.column]
                whole = cells.copy()
                whole[at] = values
                step.transform.transform(cells, block, whole)
            else:
                step.transform.transform(cells, block)
        return out

    def transform_train(self, view: Columns, labels: np.ndarray, folds: np.ndarray, classes: int = 0) -> np.ndarray:
        """The same for the rows the encoder was fitted on: target means are those of the other folds' rows.

        Parameters
        ----------
        view : DatasetView
        labels : array, (N,)
            As they were fitted on.
        folds : int array, (N,)
            The fold of each row.
        classes : int, default 0

        Returns
        -------
        float32 array, (N, len(names))
        """
        out = self.transform(view, len(labels))
        for step, block in self._blocks(out):
            if isinstance(step.transform, TargetMeans):
                step.transform.transform_train(step.cells(view), labels, folds, classes, out=block)
        return out

    def inverse_transform(self, matrix: np.ndarray) -> dict[str, np.ndarray]:
        """The cells of each column, by name; see each transform for how exactly. Hashed columns are left out."""
        told = ((step, block) for step, block in self._blocks(matrix) if not isinstance(step.transform, Hashed))
        return {step.column: step.transform.inverse_transform(block) for step, block in told}

    def unseen(self, view: Columns) -> tuple[str, ...]:
        """One sentence for each column that holds categories the train rows did not have."""
        said = []
        for step in self.steps:
            if not isinstance(step.transform, (OneHot, Ordinal, TargetMeans)):
                continue
            count, some = unseen(view.text_cells(step.column), step.transform.categories)
            if count:
                listed = ", ".join(f"'{word}'" for word in some)
                said.append(
                    f"Column '{step.column}': {count:,} cells hold categories that were not learned ({listed}); the "
                    "model takes them for 'other'."
                )
        return tuple(said)

    def state(self) -> dict[str, Any]:
        """Everything as JSON; ``TableEncoder.from_state(state)`` gives it back."""
        steps = [{"column": s.column, "kind": s.transform.kind, **s.transform.state()} for s in self.steps]
        return {"steps": steps} | ({"imputer": self.imputer.state()} if self.imputer else {})

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> TableEncoder:
        """The encoder whose ``state()`` this is."""
        steps = (Step(told["column"], KINDS[told["kind"]].from_state(told)) for told in state["steps"])
        return cls(tuple(steps), Imputer.from_state(state["imputer"]) if "imputer" in state else None)

    def _blocks(self, matrix: np.ndarray) -> Iterator[tuple[Step, np.ndarray]]:
        """Each step with its columns of the matrix."""
        start = 0
        for step in self.steps:
            end = start + len(step.names)
            yield step, matrix[:, start:end]
            start = end

    def _filled(self, view: Columns) -> dict[str, tuple[np.ndarray, list[Any]]]:
        return self.imputer.fills(view) if self.imputer else {}


def _imputer(view: Columns, steps: dict[str, Any], form: TableForm) -> Imputer | None:
    """What fills numbers by the other columns, where that is asked for and train rows miss any."""
    names = [name for name, made in steps.items() if isinstance(made, Numbers)]
    if form.missing not in ("knn", "iterative") or not any(steps[name].flag_missing for name in names):
        return None
    return Imputer.fit(view, form.missing, names)
