"""From the host's memory to the device's, without the host waiting."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch
    from torch import Tensor

# Less than this goes along with the command; more would wait until the device has it, unless its pages are pinned.
PINNED_FROM = 1 << 16


def send(values: np.ndarray | Tensor, device: torch.device) -> Tensor:
    """Values as a tensor on a device; on a GPU they arrive in the order of its work, and nothing waits for it.

    Parameters
    ----------
    values : array or tensor
        On the host, or on the device already. An array may be changed as soon as this returns, unless the device is
        the CPU, where it is the same memory.
    device : torch.device

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import torch
    >>> send(np.arange(3), torch.device("cpu"))
    tensor([0, 1, 2])
    """
    import torch

    tensor = torch.from_numpy(values) if isinstance(values, np.ndarray) else values
    if device.type != "cuda" or tensor.is_cuda:
        return tensor.to(device)
    if tensor.nbytes > PINNED_FROM:
        tensor = tensor.pin_memory()
    return tensor.to(device, non_blocking=True)
