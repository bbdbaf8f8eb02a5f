"""The state of a training as named tensors: weights, the optimiser's moments, the step, a changed learning rate."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from ftkit.errors import FtkitError


def write_state(
    model: nn.Module, optimizer: torch.optim.Optimizer, step: int, rate_scale: float = 1.0
) -> dict[str, Tensor]:
    """Everything a training needs to go on.

    Parameters
    ----------
    model : torch.nn.Module
    optimizer : torch.optim.Optimizer
        Made by ``make_optimizer`` for this model.
    step : int
        Steps taken.
    rate_scale : float, default 1.0
        What somebody's change of the learning rate multiplies the schedule with.

    Returns
    -------
    dict of str to Tensor
        ``model.<name>``, ``optimizer.<name>.<moment>``, ``step`` and ``rate_scale``; no generator state, there is none.
    """
    state = {f"model.{name}": value for name, value in model.state_dict().items()}
    for name, parameter in model.named_parameters():
        for moment, value in optimizer.state.get(parameter, {}).items():
            state[f"optimizer.{name}.{moment}"] = value
    state["step"] = torch.tensor(step)
    state["rate_scale"] = torch.tensor(rate_scale, dtype=torch.float64)
    return {name: value.detach() for name, value in state.items()}


def read_state(state: dict[str, Tensor], model: nn.Module, optimizer: torch.optim.Optimizer) -> tuple[int, float]:
    """Put a saved state into model and optimiser; the number of steps it was saved after, and the rate's scale.

    Raises
    ------
    FtkitError
        The state is of another model.
    """
    own = {name.removeprefix("model."): v for name, v in state.items() if name.startswith("model.")}
    try:
        model.load_state_dict(own)
    except RuntimeError as error:
        raise FtkitError(f"the checkpoint is of another model: {str(error).splitlines()[-1].strip()}") from error
    for name, parameter in model.named_parameters():
        prefix = f"optimizer.{name}."
        moments: dict[str, Any] = {
            key.removeprefix(prefix): value.to(parameter.device)
            for key, value in state.items()
            if key.startswith(prefix)
        }
        if moments:
            optimizer.state[parameter] = moments
    return int(state["step"]), float(state["rate_scale"])
