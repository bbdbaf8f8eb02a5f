"""The random steps for tables, on encoded rows on their device, and the new rows of rare classes.

An encoded row is z-scores of numbers and one-hot blocks of categories; ``Layout`` says which column is what, so that a
category is never half of one and half of another.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ftkit.augment.counter import GAMMA, branch, mix, state, uniform
from ftkit.augment.fields import Step, number, whole
from ftkit.augment.transfer import send

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Layout:
    """Which columns of the matrix are numbers, and which belong to one feature.

    Attributes
    ----------
    numeric : tuple of F bool
        Whether a column is a z-score.
    feature : tuple of F int
        The feature each column belongs to, from 0, in order.
    """

    numeric: tuple[bool, ...]
    feature: tuple[int, ...]

    @classmethod
    def numbers(cls, columns: int) -> Layout:
        """The layout of a matrix of numbers, each a feature."""
        return cls((True,) * columns, tuple(range(columns)))

    @classmethod
    def of(cls, features: Sequence[int], matrix: np.ndarray) -> Layout:
        """The layout of an encoded matrix: numbers are the columns that hold more than 0 and 1.

        Parameters
        ----------
        features : sequence of F int
            The feature each is from.
        matrix : ndarray, shape (N, F)
            Train rows.
        """
        flags = ((matrix == 0) | (matrix == 1)).all(axis=0) if len(matrix) else np.zeros(len(features), dtype=bool)
        return cls(tuple((~flags).tolist()), tuple(features))


class TableStep(Step):
    """A step for tables: one that acts on encoded rows, one by one, has ``change(rows, states, layout)``."""

    kinds = ("tabular",)


def _numbers(states: torch.Tensor, count: int, stream: int) -> torch.Tensor:
    """Uniform numbers (N, count) of each row, whatever the batch."""
    import torch

    places = torch.arange(1, count + 1, device=states.device)
    z = mix(mix(states + (stream + 1) * 7)[:, None] + places * GAMMA)
    return ((z >> 11) & ((1 << 53) - 1)).double() * 2.0**-53


@dataclass(frozen=True)
class Jitter(TableStep):
    """Add Gaussian noise to every number, in units of its column's deviation.

    Parameters
    ----------
    std : float, 0 to 3, default 0.05
        Its deviation, where the deviation of the column (for series: of the window's channel) is 1.

    Raises
    ------
    RecipeError
        ``std`` is not such a number.

    References
    ----------
    Um et al. (2017), "Data augmentation of wearable sensor data for Parkinson's disease monitoring", section 3.2;
    Bishop (1995), "Training with noise is equivalent to Tikhonov regularization", section 2.

    Examples
    --------
    >>> Jitter(0.1)
    Jitter(std=0.1)
    """

    std: float = number(0.05, 0, 3)
    kinds = ("tabular", "series")
    keeps = "Labels keep while the noise is small beside what tells the classes apart; counts and codes get fractions."

    def change(self, rows: torch.Tensor, states: torch.Tensor, layout: Layout) -> torch.Tensor:
        """The rows after the step; categories and marks of missing cells stay."""
        import torch

        from ftkit.augment.noise import normal

        mask = send(torch.tensor(layout.numeric, dtype=rows.dtype), rows.device)
        return rows + self.std * mask * normal(states, rows.shape[1]).to(rows.dtype)

    def bend(self, series: torch.Tensor, states: torch.Tensor) -> torch.Tensor:
        """The series (N, T, C) after the step."""
        from ftkit.augment.noise import normal

        spread = series.double().std(dim=1, keepdim=True, correction=0).to(series.dtype)
        noise = normal(states, series.shape[1] * series.shape[2]).reshape(series.shape)
        return series + self.std * spread * noise.to(series.dtype)


@dataclass(frozen=True)
class FeatureDropout(TableStep):
    """Take features away, whole.

    Parameters
    ----------
    rate : float, 0 to 1, default 0.1
        The share of the features of a row that become nothing: a number its mean, a category none of those known.

    Raises
    ------
    RecipeError
        ``rate`` is not such a number.

    References
    ----------
    Vincent et al. (2008), "Extracting and composing robust features with denoising autoencoders", section 2.3.

    Examples
    --------
    >>> FeatureDropout()
    FeatureDropout(rate=0.1)
    """

    rate: float = number(0.1, 0, 1)
    keeps = "Labels keep where features say much of the same; where one feature is the label, its rows lose it."

    def change(self, rows: torch.Tensor, states: torch.Tensor, layout: Layout) -> torch.Tensor:
        """The rows after the step."""
        import torch

        feature = send(torch.tensor(layout.feature), rows.device)
        kept = _numbers(states, max(layout.feature, default=-1) + 1, 1) >= self.rate
        return rows.masked_fill(~kept[:, feature], 0)


@dataclass(frozen=True)
class Smote(TableStep):
    """Make new train rows of rare classes, between rows that are there.

    Parameters
    ----------
    balance : float, 0 to 1, default 1
        The rows a class has afterwards, as a share of the largest class's.
    neighbours : int, 1 to 50, default 5
        A new row lies between a row and one of so many nearest of its class.

    Raises
    ------
    RecipeError
        A parameter is not such a number.

    References
    ----------
    Chawla et al. (2002), "SMOTE: synthetic minority over-sampling technique", section 4.2; section 6.1 (SMOTE-NC) for
    categories, which a new row takes from the majority of the neighbours.

    Examples
    --------
    >>> Smote(0.5)
    Smote(balance=0.5, neighbours=5)
    """

    balance: float = number(1.0, 0, 1)
    neighbours: int = whole(5, 1, 50)
    keeps = "Labels keep where a class is one cloud; between two clouds of one class new rows may lie in another's."

    def new_rows(
        self, rows: np.ndarray, labels: np.ndarray, layout: Layout, seed: int = 0
    ) -> tuple[np.ndarray, np.ndarray]:
        """New rows float32 (M, F) and their labels int64 (M,), a function of the rows and the seed."""
        counts = np.bincount(labels[labels >= 0])
        wanted = np.maximum(np.ceil(self.balance * counts.max()).astype(int) - counts, 0)
        made = [
            (_between(rows[labels == c], int(wanted[c]), self.neighbours, layout, seed + int(c)), c)
            for c in np.flatnonzero((wanted > 0) & (counts > 1))
        ]
        if not made:
            return rows[:0], labels[:0]
        new = [np.full(len(some), c, dtype=labels.dtype) for some, c in made]
        return np.concatenate([some for some, _ in made]), np.concatenate(new)


def _between(rows: np.ndarray, count: int, neighbours: int, layout: Layout, seed: int) -> np.ndarray:
    """New rows between rows of one class and their nearest."""
    numeric = np.array(layout.numeric)
    # Two categories that differ are two one-hot columns apart: SMOTE-NC counts one deviation squared.
    scaled = rows * np.where(numeric, 1.0, 0.5**0.5).astype(rows.dtype)
    near = _nearest(scaled, min(neighbours, len(rows) - 1))
    keys = np.arange(count, dtype=np.int64)
    u = uniform(seed, 0, keys, (0, 1, 2))
    base = keys % len(rows)
    other = near[base, (u[:, 1] * near.shape[1]).astype(np.int64)]
    out = rows[base] + (rows[other] - rows[base]) * u[:, 2:3].astype(rows.dtype)
    # Categories are those of most neighbours, a feature as a whole; of equals the first.
    votes = rows[near[base]][:, :, ~numeric].mean(axis=1) + 1e-3 * rows[base][:, ~numeric]
    out[:, ~numeric] = _most(votes, np.array(layout.feature)[~numeric])
    return out.astype(rows.dtype)


def _nearest(rows: np.ndarray, count: int) -> np.ndarray:
    """The nearest other rows of each, int64 (N, count)."""
    square = (rows * rows).sum(axis=1)
    out = np.empty((len(rows), count), dtype=np.int64)
    for start in range(0, len(rows), 1024):
        part = rows[start : start + 1024]
        apart = square[None] - 2 * part @ rows.T
        apart[np.arange(len(part)), start + np.arange(len(part))] = np.inf
        out[start : start + 1024] = np.argpartition(apart, count - 1, axis=1)[:, :count]
    return out


def _most(votes: np.ndarray, feature: np.ndarray) -> np.ndarray:
    """One-hot blocks of the column with most votes in each feature; single columns are rounded."""
    out = np.zeros_like(votes)
    for f in np.unique(feature):
        block = np.flatnonzero(feature == f)
        if len(block) == 1:
            out[:, block[0]] = votes[:, block[0]] > 0.5
        else:
            some = votes[:, block].any(axis=1)
            out[np.flatnonzero(some), block[votes[some][:, block].argmax(axis=1)]] = 1
    return out


def change_table(
    rows: Any, steps: Iterable[Any], keys: np.ndarray, layout: Layout, *, seed: int = 0, epoch: int = 0
) -> Any:
    """Encoded rows after the steps that act on rows one by one, each a function of (seed, epoch, its key).

    Parameters
    ----------
    rows : float tensor or array, shape (N, F)
    steps : iterable of steps
        Steps that need other rows are passed over: MixUp and Smote, see :class:`Mixer` and :meth:`Smote.new_rows`.
    keys : ndarray of int64, shape (N,)
        See :func:`ftkit.augment.row_keys`.
    layout : Layout
    seed, epoch : int, default 0

    Returns
    -------
    tensor or array like ``rows``

    Raises
    ------
    RecipeError
        A step has a fault or is for other rows.

    Examples
    --------
    >>> change_table(np.ones((1, 2), np.float32), [FeatureDropout(1)], np.array([3]), Layout.numbers(2)).tolist()
    [[0.0, 0.0]]
    """
    import torch

    from ftkit.augment.form import parse

    out = torch.as_tensor(rows)
    states = state(seed, epoch, np.asarray(keys, dtype=np.int64))
    for i, step in enumerate(parse(steps, kind="tabular")):
        if hasattr(step, "change"):
            own = send(branch(states, i), out.device)
            out = step.change(out, own, layout)
    return out if isinstance(rows, torch.Tensor) else out.numpy()


STEPS = (Jitter, FeatureDropout, Smote)
