"""How much memory is free, and whether rows are to be held in it."""

from __future__ import annotations

from pathlib import Path

import torch

# Rows may take so much of what is free: the model, its activations and the page cache need the rest.
OF_HOST, OF_DEVICE = 0.5, 0.25
UNKNOWN = 4 << 30  # bytes taken to be free where the system does not say
# Where a container's limit stands, and what it uses: version 2 of control groups, then 1.
LIMITS = (
    ("memory.max", "memory.current", "memory.stat"),
    ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes", "memory/memory.stat"),
)


def fits(needed: int, free: int | None, share: float = OF_HOST) -> bool:
    """Whether so many bytes of rows may be held where so many are free.

    Parameters
    ----------
    needed : int
    free : int or None
        None where the system does not say: 4 GiB are assumed.
    share : float in (0, 1], default 0.5
        How much of what is free they may take.

    Returns
    -------
    bool

    Examples
    --------
    >>> fits(3 << 30, free=8 << 30), fits(5 << 30, free=8 << 30), fits(1 << 30, free=None)
    (True, False, True)
    """
    return needed <= share * (UNKNOWN if free is None else free)


def host_memory(system: Path = Path("/")) -> int | None:
    """Bytes that are free in the machine, or in the container this process is in; None where not known.

    Parameters
    ----------
    system : Path, default /
        Where ``proc`` and ``sys`` are.

    Returns
    -------
    int or None
    """
    try:
        lines = (system / "proc/meminfo").read_text().splitlines()
    except OSError:
        return None
    free = [int(line.split()[1]) << 10 for line in lines if line.startswith("MemAvailable")]
    for names in LIMITS:
        try:
            limit, used, told = ((system / "sys/fs/cgroup" / name).read_text() for name in names)
            # Pages of files that nobody looks at count as used, and are given back when memory is asked for.
            cached = next((int(line.split()[1]) for line in told.splitlines() if line.startswith("inactive_file ")), 0)
            free.append(max(0, int(limit) - int(used) + cached))
        except (OSError, ValueError):  # none; or "max", which is none
            continue
    return min(free, default=None)


def free_memory(device: torch.device) -> int | None:
    """Bytes that are free on a device, or in the machine where it has no memory of its own; None where not known."""
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0]
    return host_memory()
