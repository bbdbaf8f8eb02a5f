"""Learning on without forgetting: what is added to the loss, and which rows are kept to be seen again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ftkit.models.frozen import head_of
from ftkit.training.data_workers import announce
from ftkit.training.device import Place
from ftkit.training.gradient import forward
from ftkit.training.losses import Loss
from ftkit.training.prediction import rows_a_batch


def anchored(loss: Loss, model: nn.Module, importance: dict[str, Tensor], weight: float) -> Loss:
    """The loss, and a pull of each weight back to what it is now, as strong as it mattered (elastic weights).

    Parameters
    ----------
    loss : Loss
    model : torch.nn.Module
        As it was before the new rows.
    importance : dict of str to Tensor
        By parameter name, in its shape: see ``importance_of``.
    weight : float
        Of the pull.

    Returns
    -------
    Loss

    References
    ----------
    Kirkpatrick et al. (2017), "Overcoming catastrophic forgetting in neural networks", equation 3; with the running sum
    of Schwarz et al. (2018), "Progress & Compress", section 4.
    """
    held = [(p, p.detach().clone(), importance[n].to(p)) for n, p in model.named_parameters() if n in importance]

    def total(outputs: Tensor, labels: Tensor) -> Tensor:
        pull = sum((much * (p - before).square()).sum() for p, before, much in held)
        # A micro-batch adds its share of the pull, so that a step adds it once.
        return loss.total(outputs, labels) + weight / 2 * pull * loss.weight(labels)

    return Loss(total, loss.weight)


def taught(loss: Loss, known: int, weight: float, temperature: float) -> Loss:
    """The loss, and how far the answers for known classes are from the teacher's (learning without forgetting).

    Its labels are those of ``TaughtRows``.

    Parameters
    ----------
    loss : Loss
    known : int
        Classes the teacher knows: the first.
    weight : float
        Of what the teacher says.
    temperature : float over 0
        Higher ones make more of the classes the teacher thinks little of.

    Returns
    -------
    Loss

    References
    ----------
    Li and Hoiem (2016), "Learning without Forgetting", section 3, with Hinton's factor of the squared temperature.
    """

    def total(outputs: Tensor, labels: Tensor) -> Tensor:
        own, said = _apart(labels, known)
        ours = (outputs[:, :known] / temperature).log_softmax(1)
        apart = -(ours * (said / temperature).softmax(1)).sum()
        return loss.total(outputs, own) + weight * temperature**2 * apart * loss.weight(own) / len(own)

    return Loss(total, lambda labels: loss.weight(_apart(labels, known)[0]))


def _apart(labels: Tensor, known: int) -> tuple[Tensor, Tensor]:
    """The labels themselves, and what the teacher said."""
    own, said = labels[:, :-known], labels[:, -known:]
    return (own[:, 0].long() if own.shape[1] == 1 else own), said


@dataclass
class TaughtRows:
    """Rows whose labels also hold what a teacher says of them, as they are seen: augmented.

    Parameters
    ----------
    rows : ImageRows, TableRows or MixedRows
    teacher : torch.nn.Module
        On the device; it does not learn.
    place : Place
    """

    rows: Any
    teacher: nn.Module
    place: Place

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def keys(self) -> np.ndarray:
        """One a row, from its id."""
        return self.rows.keys

    @property
    def numbers_a_row(self) -> int:
        """How many numbers a row holds, for the size of a batch."""
        return self.rows.numbers_a_row

    def ahead(self, batches: Iterable[np.ndarray], epoch: int | None) -> None:
        """Which batches will be asked for, so that they are read ahead."""
        announce(self.rows, batches, epoch)

    @torch.no_grad()
    def batch(self, positions: np.ndarray, epoch: int | None) -> tuple[Tensor, Tensor]:
        """Inputs; labels float (n, 1 + K) or (n, K' + K): the rows' own, then the teacher's logits of its K classes."""
        inputs, labels = self.rows.batch(positions, epoch)
        with self.place.autocast():
            said = forward(self.teacher, inputs).float()
        own = labels if labels.ndim > 1 else labels[:, None]
        return inputs, torch.cat([own.to(said), said], dim=1)


@dataclass
class JoinedRows:
    """Rows of two sources, those of the second after those of the first.

    Parameters
    ----------
    first, second : ImageRows or TableRows
        Of the same inputs and classes.
    """

    first: Any
    second: Any

    def __len__(self) -> int:
        return len(self.first) + len(self.second)

    @property
    def keys(self) -> np.ndarray:
        """One a row, from its id."""
        return np.concatenate([self.first.keys, self.second.keys])

    @property
    def numbers_a_row(self) -> int:
        """How many numbers a row holds, for the size of a batch."""
        return self.first.numbers_a_row

    def batch(self, positions: np.ndarray, epoch: int | None) -> tuple[Tensor, Tensor]:
        """Inputs and labels of these rows: those of the first source, then those of the second."""
        old = positions >= len(self.first)
        parts = [(self.first, positions[~old]), (self.second, positions[old] - len(self.first))]
        inputs, labels = zip(*(rows.batch(at, epoch) for rows, at in parts if len(at)), strict=True)
        if len(inputs) == 1:
            return inputs[0], labels[0]
        both = torch.cat(inputs)
        return both.contiguous(memory_format=torch.channels_last) if both.ndim == 4 else both, torch.cat(labels)

    def ahead(self, batches: Iterable[np.ndarray], epoch: int | None) -> None:
        """Which batches will be asked for, so that the rows of both sources are read ahead."""
        batches, first = list(batches), len(self.first)
        parts = [
            (self.first, [at[at < first] for at in batches]),
            (self.second, [at[at >= first] - first for at in batches]),
        ]
        for rows, own in parts:
            announce(rows, [at for at in own if len(at)], epoch)


def importance_of(model: nn.Module, rows: Any, place: Place, *, most: int = 300, seed: int = 0) -> dict[str, Tensor]:
    """How much each weight matters for the model's answers: the diagonal of the Fisher information.

    For each of some rows a class is drawn from what the model answers; the mean square of the gradient of its log
    probability is the diagonal (Kirkpatrick et al. 2017, section 2.1).

    Parameters
    ----------
    model : torch.nn.Module
    rows : ImageRows or TableRows
    place : Place
    most : int, default 300
        At most so many rows, evenly over all.
    seed : int, default 0
        What classes are drawn by.

    Returns
    -------
    dict of str to float32 Tensor
        By the name of each parameter that learns, on the CPU.
    """
    model.eval()
    learning = {n: p for n, p in model.named_parameters() if p.requires_grad}
    sums = {n: torch.zeros_like(p, dtype=torch.float32) for n, p in learning.items()}
    chosen = np.unique(np.linspace(0, len(rows) - 1, min(most, len(rows))).astype(np.int64))
    draw = torch.Generator().manual_seed(seed)
    for at in chosen:
        logs = forward(model, rows.batch(np.array([at]), None)[0]).float().log_softmax(1)[0]
        drawn = int(torch.multinomial(logs.detach().exp().cpu(), 1, generator=draw))
        for name, gradient in zip(learning, _gradients(logs[drawn], list(learning.values())), strict=True):
            if gradient is not None:
                sums[name] += gradient.detach().float().square()
    return {name: (value / len(chosen)).cpu() for name, value in sums.items()}


def grown(importance: np.ndarray, shape: tuple[int, ...]) -> Tensor:
    """What was worked out for smaller weights: what they have grown by mattered for nothing.

    Examples
    --------
    >>> grown(np.ones((1, 2), np.float32), (2, 2))
    tensor([[1., 1.],
            [0., 0.]])
    """
    whole = torch.zeros(shape)
    whole[tuple(slice(0, n) for n in importance.shape)] = torch.from_numpy(importance)
    return whole


def _gradients(value: Tensor, parameters: list[nn.Parameter]) -> tuple[Tensor | None, ...]:
    return torch.autograd.grad(value, parameters, allow_unused=True)


@torch.no_grad()
def features_of(model: nn.Module, rows: Any) -> np.ndarray:
    """What the head is given for each row, float64 (N, d)."""
    model.eval()
    seen: list[Tensor] = []
    handle = head_of(model).register_forward_pre_hook(
        lambda _, inputs: seen.append(inputs[0].flatten(1).cpu().double())
    )
    size = rows_a_batch(rows.numbers_a_row)
    try:
        for start in range(0, len(rows), size):
            forward(model, rows.batch(np.arange(start, min(start + size, len(rows))), None)[0])
    finally:
        handle.remove()
    return torch.cat(seen).numpy()


def herd(features: np.ndarray, count: int) -> np.ndarray:
    """Rows whose mean is nearest to the mean of all, the most telling first (herding).

    Parameters
    ----------
    features : float array, (N, d)
        Of the rows of one class.
    count : int

    Returns
    -------
    int64 array, (min(count, N),)
        Positions.

    References
    ----------
    Rebuffi et al. (2017), "iCaRL: Incremental Classifier and Representation Learning", algorithm 4.

    Examples
    --------
    >>> herd(np.array([[0.0, 1.0], [1.0, 0.0], [1.0, 0.9]]), 1).tolist()
    [2]
    """
    unit = features / np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-12)
    mean, total = unit.mean(axis=0), np.zeros(unit.shape[1])
    free, chosen = np.ones(len(unit), dtype=bool), []
    for k in range(min(count, len(unit))):
        apart = np.linalg.norm(mean - (total + unit) / (k + 1), axis=1)
        at = int(np.where(free, apart, np.inf).argmin())
        chosen.append(at)
        free[at], total = False, total + unit[at]
    return np.array(chosen, dtype=np.int64)
