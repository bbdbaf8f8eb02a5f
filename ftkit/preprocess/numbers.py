"""One column of numbers for a network: filled where missing, scaled, held within reach, missing cells flagged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ftkit.preprocess.scaling import Scaler, all_known, is_known

# Deviations beyond this say "far out" and no more: one typing error must not rule a network.
FARTHEST = 10.0
LARGEST = 3e38  # of float32


@dataclass(frozen=True)
class Numbers:
    """A column of numbers.

    Attributes
    ----------
    scaler : Scaler
        Of one column.
    fill : float
        What stands in for a missing cell, in the column's own unit, where nothing better is known.
    flag_missing : bool
        Whether train rows miss values, so that the missing flag is worth a column.
    """

    scaler: Scaler
    fill: float
    flag_missing: bool
    kind = "number"

    @classmethod
    def fit(cls, values: np.ndarray, method: str = "zscore", fill: float | None = None) -> Numbers | None:
        """The form of these numbers.

        Parameters
        ----------
        values : float64 array, (N,)
            Of train rows only; NaN, infinity and what is beyond 1e150 are missing.
        method : str, default "zscore"
            See ``Scaler.fit``.
        fill : float, optional
            For missing cells; the median by default.

        Returns
        -------
        Numbers or None
            None where there is no value.

        Examples
        --------
        >>> column = Numbers.fit(np.array([1.0, 3.0, np.nan]))
        >>> column.transform(np.array([3.0, np.nan])).tolist()
        [[1.0, 0.0], [0.0, 1.0]]
        """
        known = values if all_known(values) else values[is_known(values)]
        if not len(known):
            return None
        fill = float(np.median(known)) if fill is None else float(fill)
        return cls(Scaler.fit(known[:, None], method), fill, len(known) < len(values))

    @property
    def names(self) -> list[str]:
        """What the columns stand for."""
        return ["", "missing"] if self.flag_missing else [""]

    def transform(
        self, values: np.ndarray, out: np.ndarray | None = None, filled: np.ndarray | None = None
    ) -> np.ndarray:
        """Float32 (N, 1 or 2).

        Parameters
        ----------
        values : float64 array, (N,)
        out : float32 array, (N, 1 or 2), optional
            Where to write.
        filled : float64 array, (N,), optional
            The same values with missing cells filled by what the other columns say.

        Returns
        -------
        float32 array, (N, 1 or 2)
            Scaled values are held within 10; with method ``none`` they are not.
        """
        if out is None:
            out = np.empty((len(values), len(self.names)), dtype=np.float32)
        known = None if all_known(values) else is_known(values)
        whole = values if filled is None else filled
        if known is not None:
            whole = np.where(is_known(whole), whole, self.fill)
        scaled = self.scaler.transform(whole[:, None])[:, 0]
        if self.scaler.method == "none":
            np.clip(scaled, -LARGEST, LARGEST, out=out[:, 0], casting="same_kind")
        else:
            np.clip(scaled, -FARTHEST, FARTHEST, out=out[:, 0], casting="same_kind")
        if self.flag_missing:
            out[:, 1] = 0 if known is None else ~known
        return out

    def inverse_transform(self, block: np.ndarray) -> np.ndarray:
        """The numbers, float64: within 1e-5 of the column's spread (a power: 1e-3) up to 10 deviations; NaN where
        flagged as missing.
        """
        values = self.scaler.inverse_transform(block[:, :1].astype(np.float64))[:, 0]
        return np.where(block[:, 1] > 0.5, np.nan, values) if self.flag_missing else values

    def state(self) -> dict[str, Any]:
        """Everything as JSON; ``Numbers.from_state(state)`` gives it back."""
        return {"scaler": self.scaler.state(), "fill": self.fill, "flag_missing": self.flag_missing}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Numbers:
        """The form whose ``state()`` this is."""
        return cls(Scaler.from_state(state["scaler"]), state["fill"], state["flag_missing"])
