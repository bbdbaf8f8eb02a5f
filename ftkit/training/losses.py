"""What a training makes small: losses of classes and of numbers.

A loss answers with a sum over rows and says apart what the sum is divided by, so that the micro-batches of a step, or
the processes of a training, add up to the very gradient of the whole batch.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np
import torch
from torch import Tensor, nn

from ftkit.errors import DataError, nearest

IGNORED = -100
CLASS_LOSSES = ("cross_entropy", "focal")
NUMBER_LOSSES = ("mse", "mae", "huber", "quantile")


@dataclass(frozen=True)
class Loss:
    """A loss in two parts.

    Attributes
    ----------
    total : callable
        ``total(outputs, labels)``: the summed loss of a batch.
    weight : callable
        ``weight(labels)``: what the sum is divided by for the mean: rows, or the weights of their classes.
    """

    total: Callable[[Tensor, Tensor], Tensor]
    weight: Callable[[Tensor], Tensor | float]

    def mean(self, outputs: Tensor, labels: Tensor) -> Tensor:
        """The mean loss of a batch."""
        return self.total(outputs, labels) / self.weight(labels)

    def of_predictions(self, values: np.ndarray, labels: np.ndarray) -> float:
        """The mean loss of predictions: probabilities (N, K), or numbers (N,) in the unit of the labels."""
        answers = torch.from_numpy(np.ascontiguousarray(values, dtype=np.float64))
        outputs = answers.clamp_min(1e-12).log() if answers.ndim > 1 else answers[:, None]
        return float(self.mean(outputs, torch.from_numpy(np.ascontiguousarray(labels))))


def make_loss(
    name: str = "auto",
    predicts: str = "class",
    *,
    class_weights: np.ndarray | None = None,
    label_smoothing: float = 0.0,
    focal_gamma: float = 2.0,
    huber_delta: float = 1.0,
    quantile: float = 0.5,
) -> Loss:
    """A loss by name.

    Parameters
    ----------
    name : {"auto", "cross_entropy", "focal", "mse", "mae", "huber", "quantile"}, default "auto"
        ``auto`` is ``cross_entropy`` for classes and ``mse`` for numbers.
    predicts : {"class", "number"}, default "class"
        Classes take logits (n, K) or (n, T, K) and labels int64, with -100 for those that do not count, or class
        probabilities float (n, K). Numbers take outputs (n, 1) and labels float (n,), or of forecasts both (n, H).
    class_weights : float array, (K,), optional
        What each class counts; all the same without it.
    label_smoothing : float in [0, 1), default 0.0
        Share of each label spread over all classes (Szegedy et al. 2016, "Rethinking the Inception Architecture",
        section 7).
    focal_gamma : float, default 2.0
        How much less a row counts that is answered well (Lin et al. 2017, "Focal Loss", section 3).
    huber_delta : float over 0, default 1.0
        Error from which on the loss grows linearly, in standard deviations of the target (Huber 1964).
    quantile : float in (0, 1), default 0.5
        The quantile that is predicted (Koenker and Bassett 1978).

    Returns
    -------
    Loss

    Raises
    ------
    DataError
        There is no such loss for what is predicted.

    Examples
    --------
    >>> make_loss("mae", "number").mean(torch.tensor([[1.0], [4.0]]), torch.tensor([2.0, 2.0]))
    tensor(1.5000)
    """
    there = CLASS_LOSSES if predicts == "class" else NUMBER_LOSSES
    name = there[0] if name == "auto" else name
    if name not in there:
        raise DataError(f"loss '{name}' is not one of a {predicts}; {nearest(name, there)}.")
    if predicts == "class":
        weights = None if class_weights is None else torch.from_numpy(np.asarray(class_weights, dtype=np.float32))
        total = partial(_focal, gamma=focal_gamma) if name == "focal" else _cross_entropy
        return Loss(partial(total, weights=weights, smoothing=label_smoothing), partial(_class_weight, weights=weights))
    total = {
        "mse": lambda error: error.square(),
        "mae": lambda error: error.abs(),
        "huber": lambda error: nn.functional.huber_loss(
            error, torch.zeros_like(error), reduction="none", delta=huber_delta
        ),
        "quantile": lambda error: torch.maximum(-quantile * error, (1 - quantile) * error),
    }[name]
    return Loss(
        lambda outputs, labels: total(outputs.reshape(labels.shape) - labels).sum(), lambda labels: labels.numel()
    )


def balanced(counts: np.ndarray) -> np.ndarray:
    """Weights with which every class counts the same in all, 1 on average over the rows.

    Parameters
    ----------
    counts : int array, (K,)
        Train rows of each class; a class without rows gets 0.

    Returns
    -------
    float array, (K,)

    Examples
    --------
    >>> balanced(np.array([30, 10]))
    array([0.66666667, 2.        ])
    """
    there = counts > 0
    return np.where(there, counts.sum() / (there.sum() * np.maximum(counts, 1)), 0.0)


def _cross_entropy(logits: Tensor, labels: Tensor, weights: Tensor | None, smoothing: float) -> Tensor:
    if not labels.is_floating_point() and logits.ndim > 2:
        logits, labels = logits.flatten(0, -2), labels.flatten()
    return nn.functional.cross_entropy(
        logits,
        labels.to(logits.dtype) if labels.is_floating_point() else labels,
        weight=None if weights is None else _on(weights, logits.device),
        label_smoothing=smoothing,
        reduction="sum",
        ignore_index=IGNORED,
    )


def _focal(logits: Tensor, labels: Tensor, weights: Tensor | None, smoothing: float, gamma: float) -> Tensor:
    logits, counted = logits.flatten(0, -2), None
    if not labels.is_floating_point():
        labels = labels.flatten()
        # Rows that do not count get shares of 0, because to leave them out the host would have to know how many.
        counted = (labels != IGNORED)[:, None]
        labels = nn.functional.one_hot(labels.clamp_min(0), logits.shape[-1])
    shares = labels.to(logits.dtype) * (1 - smoothing) + smoothing / logits.shape[-1]
    logs = logits.log_softmax(-1)
    terms = shares * (1 - logs.exp()) ** gamma * -logs
    terms = terms if weights is None else terms * _on(weights, logits.device)
    return terms.sum() if counted is None else torch.where(counted, terms, 0).sum()


def _class_weight(labels: Tensor, weights: Tensor | None) -> Tensor | float:
    """What a batch counts: its rows or tokens, or the weights of their classes."""
    if labels.is_floating_point():
        return len(labels) if weights is None else (labels.float() @ _on(weights, labels.device)).sum()
    if weights is not None:
        weights = _on(weights, labels.device)
        return torch.where(labels == IGNORED, 0, weights[labels.clamp_min(0)]).sum()
    return len(labels) if labels.ndim == 1 else (labels != IGNORED).sum()


@lru_cache(maxsize=8)
def _on(weights: Tensor, device: torch.device) -> Tensor:
    """Class weights on a device: sent once, not with every step."""
    return weights.to(device)
