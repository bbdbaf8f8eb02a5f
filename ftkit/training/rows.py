"""Rows in the form the loop asks for: a batch by positions, on the training device."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

# More bytes than this stay on the host and travel batch by batch.
ON_DEVICE = 2 << 30

Augmenter = Callable[..., Tensor]


@dataclass
class ImageRows:
    """Images as one uint8 tensor; augmentation happens after fetching, on the device.

    Parameters
    ----------
    pixels : uint8 array, (N, H, W, C)
        May be a ``np.memmap``.
    labels : int64 array, (N,)
    keys : int64 array, (N,)
        One a row, from its id: what the random numbers of its augmentation are drawn from.
    augment : callable
        ``augment(pixels, keys, epoch)`` gives the normalised float batch (n, C, height, width) to train on.
    plain : callable
        The same without chance, to predict on.
    device : torch.device
    """

    pixels: np.ndarray
    labels: np.ndarray
    keys: np.ndarray
    augment: Augmenter
    plain: Augmenter
    device: torch.device

    def __post_init__(self) -> None:
        self._pixels = torch.from_numpy(self.pixels)
        self._labels = torch.from_numpy(self.labels).to(self.device)
        if self.device.type != "cpu" and self.pixels.nbytes <= ON_DEVICE:
            self._pixels = self._pixels.to(self.device)

    def __len__(self) -> int:
        return len(self.labels)

    def batch(self, positions: np.ndarray, epoch: int | None) -> tuple[Tensor, Tensor]:
        """Inputs and labels of these rows; augmented for that epoch, or plain where it is None."""
        where = torch.from_numpy(positions)
        pixels = self._pixels[where.to(self._pixels.device)].to(self.device, non_blocking=True)
        make = self.plain if epoch is None else self.augment
        inputs = make(pixels, self.keys[positions], epoch or 0)
        return inputs.contiguous(memory_format=torch.channels_last), self._labels[where.to(self.device)]


@dataclass
class TableRows:
    """Encoded table rows.

    Parameters
    ----------
    features : float32 array, (N, F)
    labels : int64 or float32 array, (N,)
    keys : int64 array, (N,)
    device : torch.device
    """

    features: np.ndarray
    labels: np.ndarray
    keys: np.ndarray
    device: torch.device

    def __post_init__(self) -> None:
        self._features = torch.from_numpy(self.features).to(self.device)
        self._labels = torch.from_numpy(self.labels).to(self.device)

    def __len__(self) -> int:
        return len(self.labels)

    def batch(self, positions: np.ndarray, epoch: int | None) -> tuple[Tensor, Tensor]:
        """Inputs and labels of these rows."""
        where = torch.from_numpy(positions).to(self.device)
        return self._features[where], self._labels[where]
