"""Categories as what their rows' targets are on average: for train rows, the targets of other rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ftkit.preprocess.categories import coded

FOLDS = 5


@dataclass(frozen=True)
class TargetMeans:
    """The mean target of each category, drawn towards the mean of all rows where rows are few.

    Micci-Barreca, "A preprocessing scheme for high-cardinality categorical attributes", 2001, with the empirical Bayes
    weights of scikit-learn's TargetEncoder. Missing cells are a category of their own; the unseen get the mean of all.

    Attributes
    ----------
    categories : tuple of str
    means : tuple of tuple of float, (categories + 2, K)
        A row for each category, then for missing and for unseen; K is the number of classes, 1 for two classes or
        numbers.
    """

    categories: tuple[str, ...]
    means: tuple[tuple[float, ...], ...]
    kind = "target"

    @classmethod
    def fit(cls, cells: Any, labels: np.ndarray, classes: int = 0) -> TargetMeans:
        """The means of these rows.

        Parameters
        ----------
        cells : sequence of str or None, (N,)
            Of train rows only.
        labels : int or float array, (N,)
            Class codes, or numbers.
        classes : int, default 0
            How many classes there are; 0 for numbers.

        Returns
        -------
        TargetMeans

        Examples
        --------
        >>> means = TargetMeans.fit(["a", "a", "b", "b"] * 50, np.array([0.0, 0.0, 1.0, 1.0] * 50))
        >>> means.transform(["a", "b", "unseen"]).tolist()
        [[0.0], [1.0], [0.5]]
        """
        words, codes = coded(cells)
        categories = sorted(words)
        rank = {word: i for i, word in enumerate(categories)}
        table = np.array([*(rank[word] for word in words), len(words)], dtype=np.int64)
        return cls(tuple(categories), _listed(_means(table[codes], _targets(labels, classes), len(words) + 1)))

    @property
    def names(self) -> list[str]:
        """What the columns stand for."""
        width = len(self.means[0])
        return ["mean"] if width == 1 else [f"mean of class {k}" for k in range(width)]

    def transform(self, cells: Any, out: np.ndarray | None = None) -> np.ndarray:
        """Float32 (N, K), for rows that were not fitted on; written to ``out`` where that is given."""
        made = np.array(self.means, dtype=np.float32)[self._where(cells)]
        if out is None:
            return made
        out[:] = made
        return out

    def transform_train(
        self, cells: Any, labels: np.ndarray, folds: np.ndarray, classes: int = 0, out: np.ndarray | None = None
    ) -> np.ndarray:
        """The same for the rows that were fitted on, each by the rows of the other folds: no row sees its own target.

        Parameters
        ----------
        cells, labels, classes
            As they were fitted on.
        folds : int array, (N,)
            The fold of each row.
        out : float32 array, (N, K), optional

        Returns
        -------
        float32 array, (N, K)
        """
        where, targets = self._where(cells), _targets(labels, classes)
        out = np.empty((len(where), targets.shape[1]), dtype=np.float32) if out is None else out
        for fold in np.unique(folds):
            here = folds == fold
            others = _means(where[~here], targets[~here], len(self.categories) + 1) if (~here).any() else self.means
            out[here] = np.asarray(others)[where[here]]
        return out

    def inverse_transform(self, block: np.ndarray) -> np.ndarray:
        """The category whose mean is nearest, as objects: exact where no two have the same mean; None for missing."""
        means = np.array(self.means, dtype=np.float32)[:-1]
        _, first, back = np.unique(np.round(block, 6), axis=0, return_index=True, return_inverse=True)
        nearest = [int(((means - block[i]) ** 2).sum(axis=1).argmin()) for i in first]
        return np.array([*self.categories, None], dtype=object)[np.array(nearest)[back.ravel()]]

    def state(self) -> dict[str, Any]:
        """Everything as JSON; ``TargetMeans.from_state(state)`` gives it back."""
        return {"categories": list(self.categories), "means": [list(row) for row in self.means]}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> TargetMeans:
        """The means whose ``state()`` this is."""
        return cls(tuple(state["categories"]), _listed(state["means"]))

    def _where(self, cells: Any) -> np.ndarray:
        """The place of each cell among the categories; then come missing and unseen."""
        words, codes = coded(cells)
        place = {word: i for i, word in enumerate(self.categories)}
        table = np.array([*(place.get(word, len(place) + 1) for word in words), len(place)], dtype=np.int64)
        return table[codes]


def _targets(labels: np.ndarray, classes: int) -> np.ndarray:
    """Float64 (N, K): numbers, whether it is the second of two classes, or one of each of more."""
    if classes <= 2:
        return np.asarray(labels, dtype=np.float64)[:, None]
    return (np.asarray(labels)[:, None] == np.arange(classes)).astype(np.float64)


def _means(where: np.ndarray, targets: np.ndarray, places: int) -> np.ndarray:
    """Float64 (places + 1, K): the shrunken mean of each place, and the mean of all at the end."""
    overall, spread = targets.mean(axis=0), targets.var(axis=0)
    counts = np.bincount(where, minlength=places)[:, None]
    sums = np.stack([np.bincount(where, column, places) for column in targets.T], axis=1)
    means = np.divide(sums, counts, out=np.zeros_like(sums), where=counts > 0)
    apart = (targets - means[where]) ** 2
    within = np.stack([np.bincount(where, column, places) for column in apart.T], axis=1)
    # The weight of a category's own mean: near 1 where its rows agree and are many (TargetEncoder, smooth="auto").
    bottom = spread * counts + np.divide(within, counts, out=np.zeros_like(within), where=counts > 0)
    weight = np.divide(spread * counts, bottom, out=np.zeros_like(bottom), where=bottom > 0)
    return np.concatenate([weight * means + (1 - weight) * overall, overall[None]])


def _listed(rows: Sequence[Sequence[float]] | np.ndarray) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(float(value) for value in row) for row in rows)
