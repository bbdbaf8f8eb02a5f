"""What each row says, read from the source when it is asked for: never all of it at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import compress, islice

import numpy as np

from ftkit.data import DatasetView, Texts, turns_of

BETWEEN = "\n"


class RowTexts(Sequence[str]):
    r"""What some rows say: their columns of text, or the turns of their chats, one after the other.

    Parameters
    ----------
    columns : sequence of Texts
        One cell a row each; or one, the turns of all chats.
    starts : ndarray of int64, shape (N + 1,), optional
        Where the turns of each row begin, and end.
    rows : ndarray of int64, shape (M,), optional
        The rows that are meant, rising; all by default.

    Examples
    --------
    >>> texts = RowTexts([Texts(["red", "green"]), Texts(["apple", None])])
    >>> list(texts), texts.select(np.array([1]))[0]
    (['red\napple', 'green\n'], 'green\n')
    """

    def __init__(
        self, columns: Sequence[Texts], starts: np.ndarray | None = None, rows: np.ndarray | None = None
    ) -> None:
        self._columns, self._starts, self._rows = columns, starts, rows

    @property
    def _all(self) -> int:
        return len(self._columns[0]) if self._starts is None else len(self._starts) - 1

    def __len__(self) -> int:
        return self._all if self._rows is None else len(self._rows)

    def __getitem__(self, i: int) -> str:
        row = int(i if self._rows is None else self._rows[i])
        if self._starts is None:
            return BETWEEN.join(column[row] for column in self._columns)
        return BETWEEN.join(self._columns[0][turn] for turn in range(self._starts[row], self._starts[row + 1]))

    def __iter__(self) -> Iterator[str]:
        if self._rows is None:
            return self._said()
        wanted = np.zeros(self._all, dtype=bool)
        wanted[self._rows] = True
        return compress(self._said(), wanted.tolist())

    def _said(self) -> Iterator[str]:
        if self._starts is None:
            return map(BETWEEN.join, zip(*self._columns, strict=True))
        turns = iter(self._columns[0])
        return (BETWEEN.join(islice(turns, count)) for count in np.diff(self._starts).tolist())

    def select(self, rows: np.ndarray) -> RowTexts:
        """Some of the rows, at rising positions."""
        return RowTexts(self._columns, self._starts, rows if self._rows is None else self._rows[rows])


def row_texts(view: DatasetView) -> RowTexts:
    """What each row of a view says.

    Parameters
    ----------
    view : DatasetView

    Returns
    -------
    RowTexts
        Of the columns of text; of those of categories where there are none.

    Examples
    --------
    >>> import ftkit as ft
    >>> row_texts(ft.read({"text": ["a long story about a cat", "and another about a dog"], "y": ["a", "b"]}))[1]
    'and another about a dog'
    """
    if any(view.columns[name].role == "messages" for name in view.features):
        turns = turns_of(view)
        return RowTexts([turns.content], turns.starts)
    names = [name for name in view.features if view.columns[name].role == "text"]
    names = names or [name for name in view.features if view.columns[name].kind in ("text", "category")]
    return RowTexts([Texts(view.text_cells(name)) for name in names])
