"""Rows in the form the loop asks for: a batch by positions, on the training device."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ftkit.augment.transfer import send

# More bytes than this stay on the host and travel batch by batch.
ON_DEVICE = 2 << 30

Augmenter = Callable[..., Tensor]


@dataclass
class ImageRows:
    """Images as one uint8 tensor; augmentation happens after fetching, on the device.

    Parameters
    ----------
    pixels : uint8 array, (M, H, W, C)
        Of all rows, shared by the parts of a split; may be a ``np.memmap``.
    where : int64 array, (N,)
        Positions of these rows in ``pixels``.
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
    where: np.ndarray
    labels: np.ndarray
    keys: np.ndarray
    augment: Augmenter
    plain: Augmenter
    device: torch.device

    def __post_init__(self) -> None:
        self._pixels = torch.from_numpy(self.pixels)
        self._labels = send(self.labels, self.device)
        if self.device.type != "cpu" and len(self.where) * self.pixels[0].nbytes <= ON_DEVICE:
            self._pixels = send(self.pixels[self.where], self.device)
            self.where = np.arange(len(self.where))

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def numbers_a_row(self) -> int:
        """How many numbers a row holds, for the size of a batch."""
        return int(np.prod(self.pixels.shape[1:]))

    def batch(self, positions: np.ndarray, epoch: int | None) -> tuple[Tensor, Tensor]:
        """Inputs and labels of these rows; augmented for that epoch, or plain where it is None."""
        stored = send(self.where[positions], self._pixels.device)
        pixels = send(self._pixels[stored], self.device)
        make = self.plain if epoch is None else self.augment
        inputs = make(pixels, self.keys[positions], epoch or 0)
        return inputs.contiguous(memory_format=torch.channels_last), self._labels[send(positions, self.device)]


@dataclass
class TableRows:
    """Encoded table rows.

    Parameters
    ----------
    features : float32 array, (N, F)
    labels : int64 or float32 array, (N,)
    keys : int64 array, (N,)
    device : torch.device
    augment : callable, optional
        ``augment(rows, keys=…, epoch=…)`` gives the batch (n, F) to train on.
    """

    features: np.ndarray
    labels: np.ndarray
    keys: np.ndarray
    device: torch.device
    augment: Augmenter | None = None

    def __post_init__(self) -> None:
        self._features = send(self.features, self.device)
        self._labels = send(self.labels, self.device)

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def numbers_a_row(self) -> int:
        """How many numbers a row holds, for the size of a batch."""
        return self.features.shape[1]

    def batch(self, positions: np.ndarray, epoch: int | None) -> tuple[Tensor, Tensor]:
        """Inputs and labels of these rows; augmented for that epoch, or plain where it is None."""
        where = send(positions, self.device)
        inputs = self._features[where]
        if epoch is not None and self.augment:
            inputs = self.augment(inputs, keys=self.keys[positions], epoch=epoch)
        return inputs, self._labels[where]
