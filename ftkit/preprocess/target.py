"""The number a regression predicts, scaled so that a network learns it easily."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class TargetScaler:
    """Z-score of the target: mean and deviation of the train rows.

    Attributes
    ----------
    mean, std : float
        In the target's own unit.
    """

    mean: float
    std: float

    @classmethod
    def fit(cls, values: np.ndarray) -> TargetScaler:
        """The scaler of these values.

        Parameters
        ----------
        values : float array, (N,)
            Targets of train rows, no NaN.

        Returns
        -------
        TargetScaler

        Examples
        --------
        >>> scaler = TargetScaler.fit(np.array([1.0, 3.0]))
        >>> scaler.inverse_transform(scaler.transform(np.array([2.5])))
        array([2.5])
        """
        std = float(np.std(values))
        return cls(float(np.mean(values)), std if std > 0 else 1.0)

    def transform(self, values: np.ndarray) -> np.ndarray:
        """The values in deviations from the mean."""
        return (values - self.mean) / self.std

    def inverse_transform(self, values: np.ndarray) -> np.ndarray:
        """The values in their own unit again."""
        return values * self.std + self.mean

    def state(self) -> dict[str, Any]:
        """Everything as JSON; ``TargetScaler(**state)`` gives it back."""
        return asdict(self)
