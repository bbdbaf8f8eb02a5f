"""Rows that are mixed with others while they are trained on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ftkit.augment import Mixer
from ftkit.augment.counter import epoch_order
from ftkit.augment.transfer import send
from ftkit.training.data_workers import announce


@dataclass
class MixedRows:
    """Train rows, each mixed with a partner, with labels that say in which shares.

    A row's partner is the one that comes next in the epoch's order, all around: a function of (seed, epoch, row id) and
    of the rows there are. So a row's mixture is bitwise the same in a batch of any size and order, a resumed run meets
    the very same ones, and yet a batch of B rows needs only one row more, because its rows follow each other in that
    order.

    Parameters
    ----------
    rows : ImageRows or TableRows
    mixer : Mixer
    """

    rows: Any
    mixer: Mixer
    _partners: tuple[int, np.ndarray] = field(default=(-1, np.zeros(0, np.int64)), init=False, repr=False)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def keys(self) -> np.ndarray:
        """One a row, from its id."""
        return self.rows.keys

    @property
    def labels(self) -> np.ndarray:
        """The labels before anything is mixed."""
        return self.rows.labels

    @property
    def numbers_a_row(self) -> int:
        """How many numbers a row holds, for the size of a batch."""
        return self.rows.numbers_a_row

    def partners(self, epoch: int) -> np.ndarray:
        """The position of each row's partner in an epoch, int64 (N,)."""
        if self._partners[0] != epoch:
            order = epoch_order(self.mixer.seed, epoch, self.keys)
            partners = np.empty_like(order)
            partners[order] = np.roll(order, -1)
            self._partners = (epoch, partners)
        return self._partners[1]

    def batch(self, positions: np.ndarray, epoch: int | None) -> tuple[Tensor, Tensor]:
        """Inputs and soft labels of these rows; plain ones where the epoch is None."""
        if epoch is None:
            return self.rows.batch(positions, None)
        wanted, at = self._with_partners(positions, epoch)
        inputs, labels = self.rows.batch(wanted, epoch)
        own, other = send(at, inputs.device).split(len(positions))
        mixed = self.mixer(inputs[own], labels[own], inputs[other], labels[other], self.keys[positions], epoch)
        return mixed[0].contiguous(memory_format=torch.channels_last) if inputs.ndim == 4 else mixed[0], mixed[1]

    def ahead(self, batches: Iterable[np.ndarray], epoch: int | None) -> None:
        """Which batches will be asked for, so that they are read ahead with the partners of their rows."""
        if epoch is not None:
            batches = (self._with_partners(positions, epoch)[0] for positions in batches)
        announce(self.rows, batches, epoch)

    def _with_partners(self, positions: np.ndarray, epoch: int) -> tuple[np.ndarray, np.ndarray]:
        """The rows and their partners, each once, and where among them the rows and then the partners are."""
        both = np.concatenate([positions, self.partners(epoch)[positions]])
        return np.unique(both, return_inverse=True)
