"""Rows of tokens for the loop: one flat array, padded or packed when a batch is asked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ftkit.augment.transfer import send
from ftkit.training.data_workers import Fetched
from ftkit.training.losses import IGNORED


@dataclass
class TokenRows:
    """Texts as token ids.

    Parameters
    ----------
    tokens : int array, (T,), or Fetched
        Of all rows, one after the other; or what reads them from disk when they are asked for, one array a row: where
        each token has a label, an array (2, L) of both.
    lengths : int64 array, (N,)
        Tokens of each row, at least 1.
    labels : array
        int64 (N,), float32 (N,) or (N, K): one answer a row. Or int64 (T,): for a causal model the label of each
        token is the one after it, -100 where it does not count; see ``next_tokens``. Empty where they are read with
        the tokens.
    keys : int64 array, (N,)
    device : torch.device
    pad : int, default 0
        The token that fills rows up.
    packing : bool, default False
        For causal models: the rows of a batch share sequences as long as the longest of them, with position ids of
        their own and a mask that keeps attention inside each row.
    """

    tokens: np.ndarray | Fetched
    lengths: np.ndarray
    labels: np.ndarray
    keys: np.ndarray
    device: torch.device
    pad: int = 0
    packing: bool = False

    def __post_init__(self) -> None:
        self._labels = torch.from_numpy(self.labels)
        if not isinstance(self.tokens, Fetched):
            self._starts = np.cumsum(self.lengths) - self.lengths
            self._tokens = torch.from_numpy(self.tokens.astype(np.int64, copy=False))

    def __len__(self) -> int:
        return len(self.lengths)

    @property
    def numbers_a_row(self) -> int:
        """How many numbers a row holds at most, for the size of a batch."""
        return int(self.lengths.max(initial=1))

    def batch(self, positions: np.ndarray, epoch: int | None) -> tuple[dict[str, Any], Tensor]:
        """Inputs and labels of these rows, padded to the longest of them, or packed."""
        tokens, labels, starts = self._flat(positions)
        if self.packing:
            return self._packed(positions, tokens, labels, starts)
        lengths = torch.from_numpy(self.lengths[positions])
        places = torch.arange(int(lengths.max()))
        mask = places < lengths[:, None]
        where = torch.where(mask, torch.from_numpy(starts)[:, None] + places, 0)
        inputs = {
            "input_ids": send(torch.where(mask, tokens[where], self.pad), self.device),
            "attention_mask": send(mask.long(), self.device),
        }
        if len(self.labels) == len(self):
            answers = self._labels[torch.from_numpy(positions)]
        else:
            answers = torch.where(mask, labels[where], IGNORED)
        return inputs, send(answers, self.device)

    def ahead(self, batches: Iterable[np.ndarray], epoch: int | None) -> None:
        """Which batches will be asked for; data workers, if there are any, read them ahead."""
        if isinstance(self.tokens, Fetched):
            self.tokens.ahead(batches)

    def _flat(self, positions: np.ndarray) -> tuple[Tensor, Tensor, np.ndarray]:
        """Tokens one after the other, the label of each, and where among them each of these rows begins."""
        if not isinstance(self.tokens, Fetched):
            return self._tokens, self._labels, self._starts[positions]
        rows = torch.from_numpy(np.concatenate(self.tokens.rows(positions), axis=-1))
        tokens, labels = rows if rows.ndim == 2 else (rows, self._labels)
        return tokens, labels, np.cumsum(self.lengths[positions]) - self.lengths[positions]

    def _packed(
        self, positions: np.ndarray, tokens: Tensor, labels: Tensor, starts: np.ndarray
    ) -> tuple[dict[str, Any], Tensor]:
        bins = pack(self.lengths[positions])
        width = int(self.lengths[positions].max())
        where = np.zeros((len(bins), width), dtype=np.int64)
        owner = np.full((len(bins), width), -1)  # which row a place belongs to
        ids = np.zeros((len(bins), width), dtype=np.int64)
        for line, members in enumerate(bins):
            begin = 0
            for member in members:
                row = positions[member]
                end = begin + self.lengths[row]
                ids[line, begin:end] = np.arange(self.lengths[row])
                where[line, begin:end] = starts[member] + ids[line, begin:end]
                owner[line, begin:end] = row
                begin = end
        held = torch.from_numpy(owner) >= 0
        places = torch.from_numpy(where)
        inputs = {
            "input_ids": send(torch.where(held, tokens[places], self.pad), self.device),
            "position_ids": send(ids, self.device),
            "attention_mask": block_mask(send(owner, self.device)),
            "use_cache": False,  # a cache makes transformers ignore where rows begin
        }
        return inputs, send(torch.where(held, labels[places], IGNORED), self.device)


def pack(lengths: np.ndarray) -> list[list[int]]:
    """Rows put together into sequences no longer than the longest row: first fit, longest first.

    Examples
    --------
    >>> pack(np.array([3, 9, 5, 4]))
    [[1], [2, 3], [0]]
    """
    room: list[int] = []
    bins: list[list[int]] = []
    for row in np.argsort(-lengths, kind="stable").tolist():
        fitting = next((i for i, free in enumerate(room) if free >= lengths[row]), None)
        if fitting is None:
            room.append(int(lengths.max()))
            bins.append([])
            fitting = len(room) - 1
        bins[fitting].append(row)
        room[fitting] -= int(lengths[row])
    return bins


def block_mask(owner: Tensor) -> Tensor:
    """What is added to the attention of each place to each other: 0 to those before it of its own row, else -max.

    Places that belong to no row look at themselves, because a softmax over nothing is not a number.

    Parameters
    ----------
    owner : int64 tensor, (B, L)
        The row of each place, -1 for none.

    Returns
    -------
    float tensor, (B, 1, L, L)
    """
    length = owner.shape[1]
    same = (owner[:, :, None] == owner[:, None, :]) & (owner >= 0)[:, :, None]
    earlier = torch.ones(length, length, dtype=torch.bool, device=owner.device).tril()
    itself = torch.eye(length, dtype=torch.bool, device=owner.device)
    seen = (same & earlier) | itself
    return torch.where(seen, 0.0, torch.finfo(torch.float32).min)[:, None]


def next_tokens(tokens: np.ndarray, lengths: np.ndarray, counted: np.ndarray | None = None) -> np.ndarray:
    """The labels of a causal model: the token after each, -100 at the end of a row and where it does not count.

    Parameters
    ----------
    tokens : int array, (T,)
    lengths : int array, (N,)
    counted : bool array, (T,), optional
        Which tokens are to be learned, such as those of the answers; all without it.

    Returns
    -------
    int64 array, (T,)

    Examples
    --------
    >>> next_tokens(np.array([5, 6, 7, 8, 9]), np.array([3, 2])).tolist()
    [6, 7, -100, 9, -100]
    """
    labels = np.append(tokens[1:], IGNORED).astype(np.int64)
    if counted is not None:
        labels[~np.append(np.asarray(counted, dtype=bool)[1:], False)] = IGNORED
    labels[np.cumsum(lengths) - 1] = IGNORED
    return labels
