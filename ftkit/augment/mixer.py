"""Rows mixed with their partners, labels too."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import one_hot

from ftkit.augment.counter import STREAMS, uniform
from ftkit.augment.fields import Step
from ftkit.augment.form import parse
from ftkit.augment.mixing import MixingStep
from ftkit.augment.transfer import send


@dataclass(frozen=True)
class Mixer:
    """The mixing steps of a list, on batches.

    A row is mixed by one step at most: the first whose chance comes up. What it becomes is a function of (seed, epoch,
    row id) and of the rows there are, not of the batch.

    Parameters
    ----------
    steps : tuple of steps
        All steps of the recipe; those that do not mix are left to :class:`Augmenter`.
    seed : int, default 0
    classes : int, optional
        How many; without it labels are numbers.

    Examples
    --------
    >>> from ftkit.augment import MixUp
    >>> mixer = Mixer((MixUp(alpha=1),), classes=2)
    >>> pair = torch.zeros(1, 1, 2, 2), torch.tensor([0]), torch.ones(1, 1, 2, 2), torch.tensor([1])
    >>> inputs, labels = mixer(*pair, np.array([5]), epoch=0)
    >>> bool(torch.isclose(inputs.mean(), labels[0, 1]))
    True
    """

    steps: tuple[Step, ...]
    seed: int = 0
    classes: int | None = None

    def __call__(
        self, inputs: Tensor, labels: Tensor, others: Tensor, their_labels: Tensor, keys: np.ndarray, epoch: int
    ) -> tuple[Tensor, Tensor]:
        """The mixed batch.

        Parameters
        ----------
        inputs, others : float tensors (N, …)
            Rows and their partners, as the model sees them: pictures (N, C, H, W), or encoded table rows (N, F).
        labels, their_labels : int64 tensors (N,), or float32 ones without classes
        keys : int64 array (N,)
            Of the rows.
        epoch : int

        Returns
        -------
        (tensor, tensor)
            Inputs, and labels: float32 (N, classes) that sum to 1, or (N,).
        """
        own, boxes = self.draw(keys, epoch, tuple(inputs.shape[1:]))
        share = send(own.astype(np.float32), inputs.device)
        blended = np.where(boxes.any(axis=1), 1.0, own)
        weight = send(blended.astype(np.float32), inputs.device).view(-1, *[1] * (inputs.ndim - 1))
        mixed = inputs * weight + others * (1.0 - weight)
        if boxes.any():
            mixed = torch.where(_inside(boxes, inputs), others, mixed)
        if self.classes is None:
            return mixed, labels * share + their_labels * (1.0 - share)
        first, second = (one_hot(each, self.classes).float() for each in (labels, their_labels))
        return mixed, first * share[:, None] + second * (1.0 - share[:, None])

    def draw(self, keys: np.ndarray, epoch: int, size: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
        """The rows' own shares, float64 (N,), and boxes, int64 (N, 4); an empty box where there is none."""
        share, boxes = np.ones(len(keys)), np.zeros((len(keys), 4), dtype=np.int64)
        free = np.ones(len(keys), dtype=bool)
        for i, step in enumerate(self.steps):
            if not isinstance(step, MixingStep):
                continue
            streams = [i * STREAMS + j for j in (*range(step.draws), STREAMS - 1)]
            u = uniform(self.seed, epoch, keys, streams)
            hit = free & (u[:, -1] < step.p)
            own, box = step.mix(u[:, :-1], size)
            share = np.where(hit, own, share)
            if box is not None:
                boxes = np.where(hit[:, None], box, boxes)
            free &= ~hit
        return share, boxes


def make_mixer(steps: Iterable[Any], *, seed: int = 0, classes: int | None = None) -> Mixer | None:
    """The mixing steps of a recipe as one function of a batch, or None where it has none.

    Parameters
    ----------
    steps : iterable
        Steps, or their form in a recipe.
    seed : int, default 0
    classes : int, optional
        How many; without it labels are numbers.

    Returns
    -------
    Mixer or None

    Raises
    ------
    RecipeError
        A step has a fault.

    Examples
    --------
    >>> make_mixer(["rotate"]) is None, make_mixer(["rotate", "cut_mix"]).seed
    (True, 0)
    """
    parsed = parse(steps)
    return Mixer(parsed, seed, classes) if any(isinstance(step, MixingStep) for step in parsed) else None


def _inside(boxes: np.ndarray, pictures: Tensor) -> Tensor:
    """Which pixels of (N, C, H, W) lie in the rows' boxes."""
    top, left, bottom, right = send(boxes, pictures.device).T[..., None]
    down, across = (torch.arange(side, device=pictures.device) for side in pictures.shape[-2:])
    return ((down >= top) & (down < bottom))[:, None, :, None] & ((across >= left) & (across < right))[:, None, None]
