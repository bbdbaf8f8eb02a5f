"""Where a training runs and with which precision, chosen by the hardware and said."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass

import torch

from ftkit.errors import DataError
from ftkit.training.processes import ALONE, Processes


@dataclass(frozen=True)
class Place:
    """A device, a precision, and the sentence that says why.

    Attributes
    ----------
    device : torch.device
    precision : {"fp32", "bf16", "fp16"}
        Of the matrix products; weights are always float32.
    why : str
    processes : Processes
        Those that train one model together; this one alone, if not said.
    """

    device: torch.device
    precision: str
    why: str
    processes: Processes = ALONE

    def autocast(self) -> AbstractContextManager:
        """The context in which the forward pass runs."""
        if self.precision == "fp32":
            return nullcontext()
        return torch.autocast(self.device.type, torch.bfloat16 if self.precision == "bf16" else torch.float16)


def choose_device(device: str = "auto", precision: str = "auto", processes: Processes = ALONE) -> Place:
    """The device and precision to train with.

    Parameters
    ----------
    device : str, default "auto"
        ``auto`` takes a CUDA device if there is one, then Apple's, then the CPU; otherwise a torch device name.
    precision : {"auto", "fp32", "bf16", "fp16"}, default "auto"
        ``auto`` is bf16 on GPUs that have it, fp16 on older ones, and fp32 elsewhere.
    processes : Processes, optional
        Those that train together: each takes the GPU of its place on the machine.

    Returns
    -------
    Place

    Raises
    ------
    DataError
        The device asked for is not there.

    Examples
    --------
    >>> choose_device("cpu").precision
    'fp32'
    """
    name = device if device != "auto" else _best_device()
    if processes.count > 1 and name == "cuda":
        name = f"cuda:{os.environ.get('LOCAL_RANK', '0')}"
    kind = name.split(":", maxsplit=1)[0]
    there = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if not there.get(kind, False):
        found = ", ".join(k for k, ok in there.items() if ok)
        raise DataError(f"training.device: '{device}' is not there; this machine has {found}. Use 'auto'.")
    chosen = torch.device(name)
    if kind == "cuda" and chosen.index is not None:
        torch.cuda.set_device(chosen)  # streams, recordings and kernels of our own are made on the current one
    picked, why = (precision, "as asked") if precision != "auto" else _best_precision(kind)
    many = f", {processes.count} processes ({processes.kind})" if processes.count > 1 else ""
    return Place(chosen, picked, f"{_device_name(chosen)}, {picked} ({why}){many}", processes)


def _best_precision(kind: str) -> tuple[str, str]:
    if kind != "cuda":
        return "fp32", "the precision of this device"
    if torch.cuda.is_bf16_supported(including_emulation=False):
        return "bf16", "the GPU has it"
    return "fp16", "the GPU is too old for bf16"


def _best_device() -> str:
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def _device_name(device: torch.device) -> str:
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return (
        f"{device.type} with {torch.get_num_threads()} of {os.cpu_count()} threads" if device.type == "cpu" else "mps"
    )


def device_failed(error: BaseException) -> bool:
    """Whether it is the device that failed, and not the program: after that its driver answers this process no more.

    Examples
    --------
    >>> [device_failed(RuntimeError(said)) for said in ("CUDA error: unspecified launch failure", "shapes differ")]
    [True, False]
    """
    return isinstance(error, RuntimeError) and str(error).startswith(("CUDA error", "HIP error"))


def choose_kernels(place: Place) -> None:
    """Let cuDNN time its convolutions once for each shape of batch, and take the fastest."""
    if place.device.type == "cuda":
        torch.backends.cudnn.benchmark = True


@contextmanager
def threads_set(threads: int | None = None) -> Iterator[None]:
    """``set_threads`` for a while: a prediction in a notebook leaves the notebook's own setting as it was."""
    before = torch.get_num_threads()
    set_threads(threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def set_threads(threads: int | None = None) -> int:
    """Use so many CPU threads: by default all cores but one, which is left to the notebook's kernel."""
    chosen = threads or max(1, cores() - 1)
    torch.set_num_threads(chosen)
    return chosen


def cores() -> int:
    """CPU cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
