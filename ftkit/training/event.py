"""What a training tells: small frozen records, in the order in which things happen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Step:
    """Some steps were taken: their mean loss.

    Attributes
    ----------
    step : int
        Steps taken so far.
    epoch : float
        Epochs done so far.
    loss : float
    learning_rate : float
        Of the last step.
    rows_per_second : float
        Over these steps.
    gradient_norm : float
        Of the last step, before clipping.
    skipped : int
        Steps among these that were not taken, because a gradient was not finite.
    """

    step: int
    epoch: float
    loss: float
    learning_rate: float
    rows_per_second: float
    gradient_norm: float
    skipped: int = 0


@dataclass(frozen=True)
class NotFinite:
    """A step was not taken, because its loss or its gradient is not finite.

    Attributes
    ----------
    step : int
        The step it would have been.
    positions : list of int
        Of the rows in its batch, among the train rows.
    layer : str
        The parameter with the largest gradient.
    loss : float
    gradient_norm : float
    """

    step: int
    positions: list[int]
    layer: str
    loss: float
    gradient_norm: float


@dataclass(frozen=True)
class Epoch:
    """An epoch ended, or an evaluation was asked for: the moment to evaluate."""

    step: int
    epoch: float
    asked: bool = False


@dataclass(frozen=True)
class Checkpoint:
    """The moment to save ``state``: tensors by name, to be read before the loop goes on.

    ``best`` says whether these weights have the best score so far.
    """

    step: int
    epoch: float
    state: dict[str, Any]
    best: bool = False


@dataclass(frozen=True)
class Paused:
    """Waiting for ``continue`` or ``stop``."""

    step: int
    epoch: float


@dataclass(frozen=True)
class Continued:
    """Going on after a pause."""

    step: int
    epoch: float


@dataclass(frozen=True)
class Changed:
    """A request, a plateau or a lack of memory changed the training from this step on."""

    step: int
    epoch: float
    name: str
    value: float


@dataclass(frozen=True)
class Note:
    """Something was found out that people may want to know."""

    step: int
    epoch: float
    message: str


@dataclass(frozen=True)
class Stopped:
    """Ended early, because it was asked to."""

    step: int
    epoch: float


@dataclass(frozen=True)
class Settled:
    """Ended early, because nothing better came for so long; the model has the weights of ``best_step``."""

    step: int
    epoch: float
    best_step: int
    score: float


@dataclass(frozen=True)
class Finished:
    """All steps are taken."""

    step: int
    epoch: float


Event = Step | NotFinite | Epoch | Checkpoint | Paused | Continued | Changed | Note | Stopped | Settled | Finished
