"""What is predicted, as a network learns it: class names as codes, numbers scaled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from ftkit.errors import DataError, nearest


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


@dataclass(frozen=True)
class LabelEncoder:
    """Class names as codes.

    Attributes
    ----------
    classes : tuple of str
        In the order of their codes.
    """

    classes: tuple[str, ...]

    @classmethod
    def fit(cls, labels: Sequence[str]) -> LabelEncoder:
        """The encoder of these labels, its classes sorted.

        Parameters
        ----------
        labels : sequence of str, (N,)
            Of train rows.

        Returns
        -------
        LabelEncoder

        Examples
        --------
        >>> LabelEncoder.fit(["rust", "blight", "rust"]).transform(["rust", "blight"])
        array([1, 0])
        """
        return cls(tuple(sorted(set(labels))))

    def transform(self, labels: Sequence[str]) -> np.ndarray:
        """The code of each label, int64 (N,).

        Raises
        ------
        DataError
            A label is none of the classes; the nearest is named.
        """
        place = {name: code for code, name in enumerate(self.classes)}
        strange = next((label for label in labels if label not in place), None)
        if strange is not None:
            known = nearest(strange, self.classes)
            raise DataError(f"label '{strange}' is not one of the {len(self.classes)} classes; {known}.")
        return np.fromiter(map(place.__getitem__, labels), np.int64, len(labels))

    def inverse_transform(self, codes: np.ndarray) -> np.ndarray:
        """The class name of each code, as objects: exactly what ``transform`` was given."""
        return np.array(self.classes, dtype=object)[codes]

    def state(self) -> dict[str, Any]:
        """Everything as JSON; ``LabelEncoder.from_state(state)`` gives it back."""
        return {"classes": list(self.classes)}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> LabelEncoder:
        """The encoder whose ``state()`` this is."""
        return cls(tuple(state["classes"]))
