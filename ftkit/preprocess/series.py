"""Series as windows of the past with what follows, and as columns of earlier values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ftkit.errors import DataError
from ftkit.preprocess.scaling import Scaler


@dataclass(frozen=True)
class Windows:
    """Windows over a series, in the order of time.

    Attributes
    ----------
    length : int
        Steps of the past that a model sees.
    horizon : int
        Steps that follow, to be forecast.
    stride : int
        Steps between two windows.
    scaler : Scaler
        Of the train part of the series.
    """

    length: int
    horizon: int
    stride: int
    scaler: Scaler

    @classmethod
    def fit(cls, values: np.ndarray, length: int, horizon: int = 1, stride: int = 1, method: str = "zscore") -> Windows:
        """The windows for a series.

        Parameters
        ----------
        values : float array, (T, F) or (T,)
            The train part only, in the order of time; NaN is missing.
        length : int
            At least 1.
        horizon : int, default 1
            At least 0.
        stride : int, default 1
            From 1 to ``length``, so that no step is lost between two windows.
        method : str, default "zscore"
            See ``Scaler.fit``.

        Returns
        -------
        Windows

        Raises
        ------
        DataError
            A number is out of its range, or the series is shorter than one window and what follows.

        Examples
        --------
        >>> windows = Windows.fit(np.arange(6.0), length=3, horizon=1, method="none")
        >>> past, future = windows.transform(np.arange(6.0))
        >>> past[:, :, 0].tolist(), future[:, :, 0].tolist()
        ([[0.0, 1.0, 2.0], [1.0, 2.0, 3.0], [2.0, 3.0, 4.0]], [[3.0], [4.0], [5.0]])
        """
        if length < 1 or horizon < 0 or not 1 <= stride <= length:
            raise DataError(
                f"windows of length {length}, horizon {horizon}, stride {stride}: asked is a length of at least 1, a "
                f"horizon of at least 0, and a stride from 1 to the length."
            )
        made = cls(length, horizon, stride, Scaler.fit(_columns(values), method))
        made._check(len(values))
        return made

    def transform(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The windows and what follows each.

        Parameters
        ----------
        values : float array, (T, F) or (T,)

        Returns
        -------
        (float32 array, (n, length, F), float32 array, (n, horizon, F))
            Scaled; views into one scaled series, not copies of it.

        Raises
        ------
        DataError
            The series is shorter than one window and what follows.
        """
        values = _columns(values)
        self._check(len(values))
        scaled = self.scaler.transform(values, np.empty(values.shape, np.float32))
        whole = sliding_window_view(scaled, self.length + self.horizon, axis=0)[:: self.stride]
        whole = np.moveaxis(whole, 2, 1)
        return whole[:, : self.length], whole[:, self.length :]

    def inverse_transform(self, past: np.ndarray, future: np.ndarray) -> np.ndarray:
        """The series, float64 (T, F), up to the end of the last window: within 1e-6 of its spread."""
        whole = np.concatenate([past, future], axis=1)
        out = np.empty(((len(whole) - 1) * self.stride + whole.shape[1], whole.shape[2]))
        for i, window in enumerate(whole):
            out[i * self.stride : i * self.stride + len(window)] = window
        return self.scaler.inverse_transform(out, out)

    def state(self) -> dict[str, Any]:
        """Everything as JSON; ``Windows.from_state(state)`` gives it back."""
        sizes = {"length": self.length, "horizon": self.horizon, "stride": self.stride}
        return sizes | {"scaler": self.scaler.state()}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Windows:
        """The windows whose ``state()`` this is."""
        return cls(state["length"], state["horizon"], state["stride"], Scaler.from_state(state["scaler"]))

    def _check(self, steps: int) -> None:
        if steps < self.length + self.horizon:
            raise DataError(
                f"the series has {steps:,} steps; a window of {self.length:,} and {self.horizon:,} that follow need "
                f"{self.length + self.horizon:,}. Take a shorter window."
            )


@dataclass(frozen=True)
class Lags:
    """Earlier values of a series as columns beside it.

    Attributes
    ----------
    lags : tuple of int
        Steps back, each at least 1.
    """

    lags: tuple[int, ...]

    @classmethod
    def fit(cls, values: np.ndarray, lags: Sequence[int] = (1, 2, 3)) -> Lags:
        """The lags of a series: nothing is learned from its values.

        Parameters
        ----------
        values : float array, (T,)
            The train part.
        lags : sequence of int, default (1, 2, 3)
            Steps back.

        Returns
        -------
        Lags

        Raises
        ------
        DataError
            A lag is below 1 (it would show the future), or not shorter than the series.

        Examples
        --------
        >>> Lags.fit(np.arange(4.0), (1, 3)).transform(np.arange(4.0)).tolist()
        [[nan, nan], [0.0, nan], [1.0, nan], [2.0, 0.0]]
        """
        lags = tuple(int(lag) for lag in lags)
        if not lags or min(lags) < 1 or max(lags) >= len(values):
            raise DataError(
                f"lags {list(lags)}: asked are steps back from 1, so that nothing shows the future, to "
                f"{len(values) - 1:,}, as the series has {len(values):,} steps."
            )
        return cls(lags)

    def transform(self, values: np.ndarray) -> np.ndarray:
        """Float64 (T, lags): NaN where the series had not begun."""
        out = np.full((len(values), len(self.lags)), np.nan)
        for j, lag in enumerate(self.lags):
            out[lag:, j] = values[: len(values) - lag]
        return out

    def inverse_transform(self, matrix: np.ndarray) -> np.ndarray:
        """The series, float64 (T,): exact, but for its last steps, as many as the shortest lag, which are NaN."""
        out = np.full(len(matrix), np.nan)
        for j in np.argsort(self.lags)[::-1]:
            lag = self.lags[j]
            out[: len(matrix) - lag] = matrix[lag:, j]
        return out

    def state(self) -> dict[str, Any]:
        """Everything as JSON; ``Lags.from_state(state)`` gives it back."""
        return {"lags": list(self.lags)}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Lags:
        """The lags whose ``state()`` this is."""
        return cls(tuple(state["lags"]))


def _columns(values: np.ndarray) -> np.ndarray:
    values = np.asarray(values, dtype=np.float64)
    return values[:, None] if values.ndim == 1 else values
