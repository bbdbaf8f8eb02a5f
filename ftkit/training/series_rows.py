"""Windows of series in the form the loop asks for: pasts and what followed, each measured by its own past."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ftkit.augment.transfer import send

SCALES = ("zscore", "last", "none")
# A past that hardly moves is measured by this share of its size, so that what follows is no astronomical number.
LEAST = 1e-3


@dataclass
class SeriesRows:
    """Windows over series.

    Parameters
    ----------
    values : float64 array, (V,)
        All series, one after the other; none missing.
    starts : int64 array, (N,)
        Where the series of each window begins: a past that would begin before it repeats its first value.
    origins : int64 array, (N,)
        The first step ahead of each window.
    context, horizon : int
        Steps of the past, and steps ahead. What follows the end of a series means nothing.
    keys : int64 array, (N,)
    device : torch.device
    scale : {"zscore", "last", "none"}
        What a window is measured by: its past's mean and deviation; its last value and deviation; ``moments``.
    moments : (float, float), default (0, 1)
        Mean and deviation of the train steps.
    augment : callable, optional
        ``augment(windows, keys=…, epoch=…)`` gives the windows (n, context + horizon) to train on.
    """

    values: np.ndarray
    starts: np.ndarray
    origins: np.ndarray
    context: int
    horizon: int
    keys: np.ndarray
    device: torch.device
    scale: str = "zscore"
    moments: tuple[float, float] = (0.0, 1.0)
    augment: Callable[..., Tensor] | None = None

    def __len__(self) -> int:
        return len(self.origins)

    @property
    def numbers_a_row(self) -> int:
        """How many numbers a row holds, for the size of a batch."""
        return self.context + self.horizon

    def windows(self, positions: np.ndarray) -> np.ndarray:
        """Past and what follows, float64 (n, context + horizon), in the series' own unit."""
        at = self.origins[positions][:, None] + np.arange(-self.context, self.horizon)
        return self.values[np.clip(at, self.starts[positions][:, None], len(self.values) - 1)]

    def measure(self, past: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """What is subtracted from windows, and what they are divided by, (n, 1) each; from the past alone.

        Parameters
        ----------
        past : float64 array, (n, context)

        Returns
        -------
        (float64 array, float64 array)
        """
        if self.scale == "none":
            return np.full((len(past), 1), self.moments[0]), np.full((len(past), 1), self.moments[1])
        centre = past[:, -1:] if self.scale == "last" else past.mean(axis=1, keepdims=True)
        least = LEAST * np.abs(past).mean(axis=1, keepdims=True)
        spread = np.maximum(past.std(axis=1, keepdims=True), least)
        return centre, np.where(spread > 0, spread, 1.0)

    def batch(self, positions: np.ndarray, epoch: int | None) -> tuple[Tensor, Tensor]:
        """Pasts (n, context) and what followed (n, horizon); augmented for that epoch, or plain where it is None."""
        windows = self.windows(positions)
        centre, spread = self.measure(windows[:, : self.context])
        scaled = send(((windows - centre) / spread).astype(np.float32), self.device)
        if epoch is not None and self.augment:
            scaled = self.augment(scaled, keys=self.keys[positions], epoch=epoch)
        return scaled[:, : self.context], scaled[:, self.context :]

    def unscaled(self, forecasts: np.ndarray) -> np.ndarray:
        """Forecasts (N, horizon) of all rows in the series' own unit again."""
        centre, spread = self.measure(self.windows(np.arange(len(self)))[:, : self.context])
        return forecasts.reshape(len(self), self.horizon) * spread + centre
