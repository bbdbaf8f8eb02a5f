"""Several processes that train one model: which rows are whose, and what is summed over all of them.

A step's batch is the same however many processes there are; each takes its share of the rows of every micro-batch, and
the losses' parts add up (``ftkit.training.losses``). So one process with the same batch trains the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.distributed.tensor import DTensor, distribute_tensor

from ftkit.errors import FtkitError
from ftkit.models.frozen import layers_of
from ftkit.training.launch import launched


@dataclass(frozen=True)
class Processes:
    """The processes of a training, as one of them sees them.

    Attributes
    ----------
    rank : int
        Which one this is; 0 writes the run folder.
    count : int
    kind : {"ddp", "fsdp"}
        ``ddp``: each holds the whole model. ``fsdp``: each holds a part of every layer.
    """

    rank: int = 0
    count: int = 1
    kind: str = "ddp"

    def wrap(self, model: nn.Module) -> nn.Module:
        """What forward passes go through; the model itself keeps its names."""
        if self.count == 1:
            return model
        if self.kind == "fsdp":
            return model  # ``split`` has made it one
        from torch.nn.parallel import DistributedDataParallel

        on = [p.device for p in model.parameters() if p.requires_grad][:1]
        return DistributedDataParallel(model, device_ids=on if on and on[0].type == "cuda" else None)

    def split(self, model: nn.Module) -> None:
        """Leave this process its part of every layer (Zhao et al. 2023, "PyTorch FSDP"); of ``fsdp``."""
        if self.count == 1 or self.kind != "fsdp":
            return
        from torch.distributed.fsdp import fully_shard

        for name in layers_of(model):
            layer = model.get_submodule(name)
            if any(True for _ in layer.children()):  # a single module would be split with the rest
                fully_shard(layer)
        fully_shard(model)

    def joined_again(self, model: nn.Module, plain: nn.Module) -> nn.Module:
        """The whole model in ``plain``, where each process holds a part of it; the model itself otherwise."""
        if self.count == 1 or self.kind != "fsdp":
            return model
        plain.load_state_dict({name: whole(value) for name, value in model.state_dict().items()})
        return plain

    def share(self, positions: np.ndarray) -> np.ndarray:
        """The rows of a micro-batch that are for this process."""
        return positions if self.count == 1 else np.array_split(positions, self.count)[self.rank]

    def total(self, value: Tensor | float, device: torch.device) -> Tensor | float:
        """The sum over all processes."""
        if self.count == 1:
            return value
        summed = torch.as_tensor(value, dtype=torch.float32, device=device).clone()
        dist.all_reduce(summed)
        return summed

    def gather(self, own: Tensor) -> Tensor:
        """What all processes have, one behind the other; each has as many rows."""
        if self.count == 1:
            return own
        parts = [torch.empty_like(own) for _ in range(self.count)]
        dist.all_gather(parts, own.contiguous())
        return torch.cat(parts)

    def tell(self, value: Any) -> Any:
        """What process 0 has, in all of them."""
        if self.count == 1:
            return value
        held = [value]
        dist.broadcast_object_list(held)
        return held[0]

    def wait(self) -> None:
        """Go on when all are here."""
        if self.count > 1:
            dist.barrier()

    def same_buffers(self, model: nn.Module) -> None:
        """Give all of them the buffers of process 0, such as the statistics of batch norms."""
        if self.count > 1:
            for buffer in model.buffers():
                dist.broadcast(buffer, 0)

    def before_last(self, model: nn.Module) -> AbstractContextManager:
        """Around the backward pass of all but the last micro-batch: gradients are summed over processes once."""
        return model.no_sync() if self.count > 1 and hasattr(model, "no_sync") else nullcontext()


ALONE = Processes()


@contextmanager
def joined(kind: str = "auto") -> Iterator[Processes]:
    """The processes a launcher has started, joined for a while; this one alone without a launcher.

    Parameters
    ----------
    kind : {"auto", "ddp", "fsdp"}
        ``auto`` is ``ddp``.

    Raises
    ------
    FtkitError
        Not all of them found each other.
    """
    count = launched()
    if not count:
        yield ALONE
        return
    dist.init_process_group("cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "gloo")
    try:
        if dist.get_world_size() != count:
            raise FtkitError(f"{count} processes were started, and {dist.get_world_size()} found each other.")
        yield Processes(dist.get_rank(), count, "ddp" if kind == "auto" else kind)
    finally:
        dist.destroy_process_group()


def whole(value: Tensor) -> Tensor:
    """A tensor that may be parted among processes, whole; all of them have to ask."""
    return value.full_tensor() if isinstance(value, DTensor) else value


def gathered(value: Tensor) -> Tensor:
    """The same in the memory of the host where it was parted: of all tensors the device holds one whole at a time."""
    return value.full_tensor().cpu() if isinstance(value, DTensor) else value


def parted(value: Tensor, like: Tensor) -> Tensor:
    """A whole tensor, parted as another is; all processes have to ask."""
    if not isinstance(like, DTensor) or value.shape != like.shape:
        return value
    return distribute_tensor(value.to(like.device), like.device_mesh, like.placements)
