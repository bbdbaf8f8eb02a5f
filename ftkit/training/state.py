"""The state of a training as named tensors: weights, the optimiser's moments, averages, the best, the numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from ftkit.errors import FtkitError
from ftkit.training.average import Average
from ftkit.training.loss_scale import LossScale
from ftkit.training.processes import gathered, parted, whole
from ftkit.training.progress import Progress, from_tensors, to_tensors
from ftkit.training.tally import Tally


@dataclass
class State:
    """Everything that changes while a training goes on.

    Attributes
    ----------
    model : torch.nn.Module
    optimizer : torch.optim.Optimizer
    at : Progress
    passes : torch.nn.Module
        What forward passes go through: the model, or what sums its gradients over processes.
    tally : Tally
    average : Average or None
        Where a moving average is kept.
    loss_scale : LossScale or None
        Where the precision is fp16.
    best : dict of str to Tensor
        The weights with the best score, where the training may end early.
    """

    model: nn.Module
    optimizer: torch.optim.Optimizer
    at: Progress
    passes: nn.Module
    tally: Tally = field(default_factory=Tally)
    average: Average | None = None
    loss_scale: LossScale | None = None
    best: dict[str, Tensor] = field(default_factory=dict)

    def keep_best(self) -> None:
        """Remember the weights of this moment as the best."""
        held = self.model.state_dict()
        self.best = {name: whole(value.detach()).to("cpu", copy=True) for name, value in held.items()}

    def put_best(self) -> None:
        """Put the best weights into the model."""
        like = self.model.state_dict()
        self.model.load_state_dict({name: parted(value, like[name]) for name, value in self.best.items()})

    def write(self) -> dict[str, Tensor]:
        """Named tensors: ``model.<name>``, ``optimizer.<name>.<moment>``, ``average.``, ``best.``, and numbers.

        No generator state: there is none.
        """
        state = {f"model.{name}": value for name, value in self.model.state_dict().items()}
        for name, parameter in self.model.named_parameters():
            for moment, value in self.optimizer.state.get(parameter, {}).items():
                # bitsandbytes counts steps with a plain number, which is told by its type: int64.
                state[f"optimizer.{name}.{moment}"] = value if isinstance(value, Tensor) else torch.tensor(value)
        state |= {f"average.{name}": value for name, value in (self.average.state() if self.average else {}).items()}
        state |= {f"best.{name}": value for name, value in self.best.items()}
        state |= {f"loss_scale.{name}": value for name, value in (self.loss_scale or {}).items()}
        state |= to_tensors(self.at, "progress") | to_tensors(self.tally, "tally")
        return {name: gathered(value.detach()) for name, value in state.items()}

    def read(self, state: dict[str, Tensor]) -> None:
        """Go on from a state that was written.

        Raises
        ------
        FtkitError
            It is of another model, or of a training with other parts.
        """
        try:
            like = self.model.state_dict()
            weights = _part(state, "model")
            self.model.load_state_dict({n: parted(v, like[n]) if n in like else v for n, v in weights.items()})
        except RuntimeError as error:
            raise FtkitError(f"the checkpoint is of another model: {str(error).splitlines()[-1].strip()}") from error
        for name, parameter in self.model.named_parameters():
            moments = {key: _moment(value, parameter) for key, value in _part(state, f"optimizer.{name}").items()}
            if moments:
                self.optimizer.state[parameter] = moments
        for part, wanted in (("average", self.average), ("loss_scale", self.loss_scale)):
            if wanted is not None and not (held := _part(state, part)):
                raise FtkitError(f"the checkpoint has no {part}: it is of a training with other settings.")
            if wanted is not None:
                wanted.load(held)
        self.best = _part(state, "best")
        try:
            from_tensors(self.at, "progress", state)
            from_tensors(self.tally, "tally", state)
        except KeyError as error:
            raise FtkitError(f"the checkpoint does not say its {error}: it is of another version of ftkit.") from error


def _part(state: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {k.removeprefix(f"{prefix}."): v for k, v in state.items() if k.startswith(f"{prefix}.")}


def _moment(value: Tensor, parameter: nn.Parameter) -> Any:
    if value.ndim == 0 and value.dtype == torch.int64:
        return int(value)
    # A copy: the state may be another training's own memory, and is changed in place.
    return parted(value.to(parameter.device, copy=True), parameter)
