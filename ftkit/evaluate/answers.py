"""Labels and what was answered to them, checked, with what several metrics share."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ftkit.evaluate import intervals, tables
from ftkit.evaluate.estimate import Estimate


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What every kind of answer has: how intervals are made, what rows weigh and which belong together."""

    level: float = 0.95
    seed: int = 0
    weights: np.ndarray | None = None
    groups: np.ndarray | None = None

    @property
    def plain(self) -> bool:
        """Whether rows are independent and weigh the same."""
        return self.weights is None and self.groups is None

    def mean(self, values: np.ndarray, note: str | None = None) -> Estimate:
        """The mean of one number of at least 0 a row."""
        n = len(values)
        weights, total = (1.0, n) if self.weights is None else (self.weights, self.weights.sum())
        value = float((weights * values).sum() / total)
        return Estimate(
            value,
            n,
            lambda: weights * (values - value) / total,
            lambda: intervals.mean_of_positive(values, self.level),
            note=note or intervals.heaviest(values),
        )


@dataclass(frozen=True)
class Answers(Asked):
    """Labels (N,) of K classes and the probabilities (N, K) given to them."""

    labels: np.ndarray
    probabilities: np.ndarray
    classes: tuple[str, ...]

    @cached_property
    def predicted(self) -> np.ndarray:
        """The most probable class, (N,)."""
        if self.probabilities.shape[1] == 2:
            return (self.probabilities[:, 1] > self.probabilities[:, 0]).astype(np.int64)
        return self.probabilities.argmax(axis=1)

    @cached_property
    def right(self) -> np.ndarray:
        """Whether it is the true one, (N,)."""
        return self.predicted == self.labels

    @cached_property
    def table(self) -> np.ndarray:
        """The confusion table of rows, (K, K)."""
        return tables.confusion(self.labels, self.predicted, len(self.classes))

    @cached_property
    def counts(self) -> tables.Margins:
        """Its margins, in rows."""
        return tables.margins(self.table)

    @cached_property
    def margins(self) -> tables.Margins:
        """The margins in what rows weigh."""
        if self.weights is None:
            return self.counts
        return tables.margins(tables.confusion(self.labels, self.predicted, len(self.classes), self.weights))

    def named(self, mask: np.ndarray) -> str:
        """The classes of a mask, as a sentence lists them."""
        names = [self.classes[i] for i in np.flatnonzero(mask)]
        return ", ".join(f"'{name}'" for name in names[:5]) + (
            f" and {len(names) - 5:,} more" if len(names) > 5 else ""
        )

    def left_out(self, met: np.ndarray) -> str | None:
        """Which classes a mean over classes leaves out."""
        return None if met.all() else f"left out of the mean, because no row has it: {self.named(~met)}."


@dataclass(frozen=True)
class Residuals(Asked):
    """Labels and predicted numbers (N,), how far they are apart, and of forecasts what that is a multiple of."""

    labels: np.ndarray
    predictions: np.ndarray
    scales: np.ndarray | None = None

    @cached_property
    def errors(self) -> np.ndarray:
        """True minus predicted."""
        return self.labels - self.predictions

    @cached_property
    def squares(self) -> np.ndarray:
        """Squared errors."""
        return self.errors**2
