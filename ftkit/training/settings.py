"""The numbers a training is steered by."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """What the loop is told; a recipe's ``training`` section, with every ``auto`` resolved.

    Attributes
    ----------
    epochs : int
        Times every train row is seen.
    batch_size : int
        Rows a step.
    learning_rate : float
        The highest rate of the schedule.
    schedule : {"cosine", "linear", "constant"}
        How the rate falls after the warm-up: to 0, to 0, or not at all.
    warmup : float in [0, 1)
        Share of all steps over which the rate rises from 0.
    weight_decay : float
        Decoupled (AdamW), on matrices only: not on norms and biases.
    l1 : float
        Weight of the sum of absolute values of the matrices, added to the loss.
    clip_norm : float
        Gradients longer than this are shortened to it; 0 leaves them.
    seed : int
        All randomness is a function of (seed, epoch, row id) or (seed, step).
    log_every : int
        Steps between two step events.
    checkpoint_every : int
        Steps between two checkpoints; 0 saves at the end of each epoch.
    """

    epochs: int = 10
    batch_size: int = 64
    learning_rate: float = 1e-3
    schedule: str = "cosine"
    warmup: float = 0.05
    weight_decay: float = 0.01
    l1: float = 0.0
    clip_norm: float = 1.0
    seed: int = 0
    log_every: int = 10
    checkpoint_every: int = 0
