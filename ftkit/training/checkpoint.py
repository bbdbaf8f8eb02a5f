"""Checkpoints on disk: whole or not there.

A checkpoint is a folder ``step-00000120`` with ``state.safetensors`` and ``manifest.json``, which holds the sha256 of
the former. It is written under another name, flushed to the disk and renamed; loading takes the newest whose sum is
right.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

KEPT = 2


def save_checkpoint(
    folder: Path,
    step: int,
    state: dict[str, Tensor],
    keep: int = KEPT,
    best: bool = False,
    about: dict[str, Any] | None = None,
) -> Path:
    """The folder the state was saved in.

    Parameters
    ----------
    folder : Path
        The run's ``checkpoints`` folder; made if it is not there.
    step : int
        Steps taken.
    state : dict of str to Tensor
    keep : int, default 2
        Older checkpoints than the newest so many, and the best, are deleted, after the new one is whole.
    best : bool, default False
        Whether this one has the best score so far; it is kept until a better one comes.
    about : dict, optional
        What else its manifest is to say, as JSON.

    Returns
    -------
    Path

    Raises
    ------
    OSError
        The disk is full or the folder cannot be written; nothing half-written stays.
    """
    target = folder / f"step-{step:08d}"
    building = folder / f".{target.name}.{os.getpid()}"
    building.mkdir(parents=True, exist_ok=True)
    try:
        tensors = {name: value.contiguous().cpu() for name, value in state.items()}
        with disk_errors():
            save_file(tensors, building / "state.safetensors")
        manifest = {**(about or {}), "step": step, "best": best, "sha256": _sha256(building / "state.safetensors")}
        (building / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
        for path in building.iterdir():
            flush(path)
        shutil.rmtree(target, ignore_errors=True)  # one of the same step, left by a run that was taken back
        building.replace(target)
        flush(folder)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    # Later ones are of steps that were taken back; they are not newer.
    before = [path for path in sorted(folder.glob("step-*"), reverse=True) if path.name < target.name]
    later = [path for path in folder.glob("step-*") if path.name > target.name]
    spared = target if best else next((path for path in before if about_checkpoint(path).get("best")), None)
    for old in [*before[keep - 1 :], *later]:
        if old != spared:
            shutil.rmtree(old, ignore_errors=True)
    return target


def step_of(checkpoint: Path) -> int:
    """The step a checkpoint was saved after."""
    return int(checkpoint.name.removeprefix("step-"))


def sweep(folder: Path) -> None:
    """Delete what a process that was killed while saving has left half-written."""
    for path in folder.glob(".step-*"):
        shutil.rmtree(path, ignore_errors=True)


def newest_checkpoint(folder: Path) -> Path | None:
    """The newest checkpoint that is whole, or None."""
    return next(_whole(folder), None)


def load_checkpoint(path: Path) -> dict[str, Tensor]:
    """The state saved in a checkpoint folder."""
    return load_file(path / "state.safetensors")


@contextmanager
def disk_errors() -> Iterator[None]:
    """Turn safetensors' own error, which is what a full disk gives, into an OSError."""
    try:
        yield
    except SafetensorError as error:
        number = int(found[1]) if (found := re.search(r"os error (\d+)", str(error))) else errno.EIO
        raise OSError(number, os.strerror(number)) from error


def _whole(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.glob("step-*"), reverse=True):
        try:
            if about_checkpoint(path).get("sha256") == _sha256(path / "state.safetensors"):
                yield path
        except OSError:
            continue


def about_checkpoint(path: Path) -> dict[str, Any]:
    """What a checkpoint says of itself; empty where that is damaged."""
    try:
        manifest = json.loads((path / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return manifest if isinstance(manifest, dict) else {}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def flush(path: Path) -> None:
    """Wait until a file or folder is on the disk itself."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
