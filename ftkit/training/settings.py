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
    micro_batch_size : int
        Rows a forward pass holds at most; a step sums the gradients of its micro-batches. 0 is the whole batch.
    bucketing : bool
        Batches of rows of like length, where rows have lengths.
    optimizer : {"adamw", "adam", "sgd", "adafactor", "adamw8bit"}
        What takes the steps.
    momentum : float in [0, 1)
        Of ``sgd``.
    nesterov : bool
        Of ``sgd``: look ahead along the momentum.
    learning_rate : float
        The highest rate of the schedule.
    head_rate : float
        What the head's rate is a multiple of: the highest rate.
    layer_decay : float in (0, 1]
        Each layer below the head learns so much slower than the one above it.
    unfreeze_every : int
        The head learns alone at first, and with every so many epochs one more layer from the top; 0: all at once.
    schedule : {"cosine", "linear", "constant", "one_cycle", "inverse_sqrt", "plateau"}
        How the rate falls after the warm-up.
    warmup : float in [0, 1)
        Share of all steps over which the rate rises.
    plateau_patience : int
        Evaluations without a better score after which ``plateau`` lowers the rate.
    plateau_factor : float in (0, 1)
        What ``plateau`` multiplies the rate with.
    weight_decay : float
        Decoupled (AdamW, Adafactor) or added to the gradient (Adam, SGD), on matrices only: not on norms and biases.
    l1, l2 : float
        Weights of the sums of absolute values and of squares of the matrices, added to the loss.
    clip_norm : float
        Gradients longer than this are shortened to it; 0 leaves them.
    ema : float in [0, 1)
        Decay of the moving average of the weights that is judged and kept; 0 keeps the weights themselves.
    early_stopping : int
        Evaluations without a better score after which the training ends, with the best weights; 0 never.
    not_finite : {"skip", "rollback", "stop"}
        Where a gradient is not finite the step is not taken. ``stop`` ends the training; ``rollback`` leaves it to
        whoever listens to go back to a checkpoint, and begins with one.
    compile : bool or "auto"
        Whether forward passes go through ``torch.compile``; ``auto`` times it on a GPU and keeps it where it pays back.
    seed : int
        All randomness is a function of (seed, epoch, row id) or (seed, step).
    log_every : int
        Steps between two step events.
    checkpoint_every : int
        Steps between two checkpoints; 0 saves at the end of each epoch.
    """

    epochs: int = 10
    batch_size: int = 64
    micro_batch_size: int = 0
    bucketing: bool = True
    optimizer: str = "adamw"
    momentum: float = 0.9
    nesterov: bool = True
    learning_rate: float = 1e-3
    head_rate: float = 1.0
    layer_decay: float = 1.0
    unfreeze_every: int = 0
    schedule: str = "cosine"
    warmup: float = 0.05
    plateau_patience: int = 2
    plateau_factor: float = 0.3
    weight_decay: float = 0.01
    l1: float = 0.0
    l2: float = 0.0
    clip_norm: float = 1.0
    ema: float = 0.0
    early_stopping: int = 0
    not_finite: str = "skip"
    compile: bool | str = "auto"
    seed: int = 0
    log_every: int = 10
    checkpoint_every: int = 0
