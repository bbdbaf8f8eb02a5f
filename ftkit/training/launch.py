"""Whether a launcher, such as torchrun, has started this process as one of several; loads nothing heavy."""

from __future__ import annotations

import os

from ftkit.errors import RecipeError

HOW = "torchrun --nproc-per-node {} -m ftkit train recipe.yaml"


def launched() -> int:
    """How many processes a launcher has started; 0 without one."""
    if not {"RANK", "WORLD_SIZE", "MASTER_ADDR"} <= os.environ.keys():
        return 0
    count = int(os.environ["WORLD_SIZE"])
    return count if count > 1 else 0


def check_launch(asked: int | str, kind: str) -> None:
    """Whether there are as many processes as a recipe asks for.

    Parameters
    ----------
    asked : int or "auto"
        ``training.processes``.
    kind : {"auto", "ddp", "fsdp"}
        ``training.parallel``.

    Raises
    ------
    RecipeError
        There are more or fewer, or a single one for what takes several.
    """
    there = launched() or 1
    faults = []
    if asked not in ("auto", there):
        verb = "is" if there == 1 else "are"
        faults.append(f"training.processes: {asked} are asked for, and {there} {verb} there. Use: {HOW.format(asked)}")
    elif there == 1 and kind != "auto":
        faults.append(f"training.parallel: {kind} takes several processes, and there is one. Use: {HOW.format(2)}")
    if faults:
        raise RecipeError(faults)
