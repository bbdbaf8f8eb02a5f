"""Rows in the form the loop asks for: a batch by positions, on the training device."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ftkit.augment.transfer import send
from ftkit.training.data_workers import Fetched
from ftkit.training.memory import OF_DEVICE, fits, free_memory

Augmenter = Callable[..., Tensor]


@dataclass
class ImageRows:
    """Images as one uint8 tensor, or read ahead by data workers; augmentation happens after that, on the device.

    Parameters
    ----------
    pixels : uint8 array, (M, H, W, C), or Fetched
        Of all rows, shared by the parts of a split.
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

    pixels: np.ndarray | Fetched
    where: np.ndarray
    labels: np.ndarray
    keys: np.ndarray
    augment: Augmenter
    plain: Augmenter
    device: torch.device

    def __post_init__(self) -> None:
        self._labels = send(self.labels, self.device)
        if isinstance(self.pixels, Fetched):
            return
        self._pixels = torch.from_numpy(self.pixels)
        needed = len(self.where) * self.pixels[0].nbytes
        # Others stay on the host and travel batch by batch.
        if self.device.type != "cpu" and fits(needed, free_memory(self.device), OF_DEVICE):
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
        make = self.plain if epoch is None else self.augment
        inputs = make(send(self._stored(self.where[positions]), self.device), self.keys[positions], epoch or 0)
        return inputs.contiguous(memory_format=torch.channels_last), self._labels[send(positions, self.device)]

    def ahead(self, batches: Iterable[np.ndarray], epoch: int | None) -> None:
        """Which batches will be asked for; data workers, if there are any, read them ahead."""
        if isinstance(self.pixels, Fetched):
            self.pixels.ahead(self.where[positions] for positions in batches)

    def _stored(self, where: np.ndarray) -> Tensor | np.ndarray:
        """Their pixels, wherever those are."""
        return (
            self.pixels[where] if isinstance(self.pixels, Fetched) else self._pixels[send(where, self._pixels.device)]
        )


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
