"""What an estimate looks like: memory, time and disk before a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftkit.displays.blocks import Note, Table, Tile, Tiles
from ftkit.displays.display import Display

if TYPE_CHECKING:
    from ftkit.runs import Estimate

HELD = {
    "weights": "weights",
    "gradients": "gradients",
    "optimizer": "state of the optimiser",
    "copies": "copies of the weights (average, best)",
    "activations": "activations of the widest micro-batch",
    "temporary": "what a backward pass takes beside them",
    "rows": "rows",
    "process": "Python and its libraries",
}


def show_estimate(found: Estimate) -> Display:
    """Key figures, what takes the memory, what takes the time.

    Parameters
    ----------
    found : Estimate
        What ``ft.estimate`` gave.

    Returns
    -------
    Display
    """
    folds = f", {found.folds} folds" if found.folds > 1 else ""
    tiles = [
        Tile("memory", size(sum(found.memory.values())), "at its fullest"),
        Tile("time", duration(sum(found.seconds.values())), f"{found.steps:,} steps{folds}"),
        Tile("disk", size(found.disk), f"{size(found.checkpoint)} a checkpoint"),
        Tile("parameters", f"{found.parameters:,}", f"{found.learning:,} learn"),
    ]
    notes = []
    if found.fits is False:
        lower = "Lower training.micro_batch_size, which leaves the result as it is."
        notes.append(Note(f"This does not fit: {size(found.free)} are free. {lower}", "warning"))
    held = Table(
        {
            "memory": [HELD[name] for name in found.memory],
            "of it": [size(count) for count in found.memory.values()],
        },
        caption=f"On {found.device}" + (f"; {size(found.free)} are free" if found.free is not None else ""),
    )
    spent = Table(
        {"time": list(found.seconds), "of it": [duration(seconds) for seconds in found.seconds.values()]},
        caption="Measured on a few steps; whatever else this machine does makes it longer",
    )
    return Display("What this run will take", [Tiles(tiles), *notes, held, spent])


def size(count: float) -> str:
    """Bytes in the unit that reads best.

    Examples
    --------
    >>> size(1_500), size(3 << 30)
    ('1.5 KiB', '3.0 GiB')
    """
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if count < 1024 or unit == "GiB":
            break
        count /= 1024
    return f"{count:,.0f} bytes" if unit == "bytes" else f"{count:,.1f} {unit}"


def duration(seconds: float) -> str:
    """Seconds in the unit that reads best.

    Examples
    --------
    >>> duration(4.2), duration(200), duration(9_000)
    ('4.2 s', '3.3 min', '2.5 h')
    """
    if seconds < 120:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.1f} min" if seconds < 7200 else f"{seconds / 3600:,.1f} h"
