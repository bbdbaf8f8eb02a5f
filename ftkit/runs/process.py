"""Processes: which one works on a run, and whether it is still there.

A pid alone is not enough, because the system uses it again: the time the process started tells them apart.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

DEAD = "dead"


def identity(pid: int | None = None) -> dict[str, Any]:
    """What tells a process from every other: host, pid, and when it started.

    Parameters
    ----------
    pid : int, optional
        This process without it.

    Returns
    -------
    dict
        ``host``, ``pid`` and ``born`` (None where the system does not say).

    Examples
    --------
    >>> alive(identity())
    True
    """
    pid = pid or os.getpid()
    return {"host": socket.gethostname(), "pid": pid, "born": _born(pid)}


def alive(who: dict[str, Any]) -> bool | None:
    """Whether that very process is running; None where it cannot be known: on another host, or without psutil there."""
    if who["host"] != socket.gethostname():
        return None
    born = _born(who["pid"])
    if born is None:
        return None
    return born != DEAD and who["born"] in (None, born)


def _born(pid: int) -> str | None:
    """When a process started, ``DEAD`` for one that is not there or a zombie, None where that cannot be known."""
    if Path("/proc/self/stat").exists():
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            return DEAD
        return DEAD if fields[0] in "ZX" else f"{_boot()}:{fields[19]}"
    try:
        import psutil
    except ImportError:
        return None
    try:
        process = psutil.Process(pid)
        return DEAD if process.status() == psutil.STATUS_ZOMBIE else f"{process.create_time():.2f}"
    except psutil.NoSuchProcess:
        return DEAD
    except psutil.Error:
        return None


def memory(who: dict[str, Any]) -> int | None:
    """Bytes of memory a process of this machine holds; None where that cannot be known."""
    if who["host"] != socket.gethostname():
        return None
    try:
        pages = int(Path(f"/proc/{who['pid']}/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")


def _boot() -> str:
    """Which start of the machine this is: start times count from it."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()[:8]
    except OSError:
        return ""


def start_worker(folder: Path) -> subprocess.Popen[bytes]:
    """Start the process that trains, for a run folder with a recipe in it; see ``start_process``."""
    return start_process("ftkit.runs.worker", folder)


def start_process(module: str, folder: Path, *words: str) -> subprocess.Popen[bytes]:
    """Start a module that works on a folder: in a session of its own, so that no closed terminal or kernel ends it.

    Parameters
    ----------
    module : str
        Run as ``python -m MODULE FOLDER WORD …``.
    folder : Path
        What it prints goes to ``worker.log`` there.
    *words : str
        What else it is given.

    Returns
    -------
    subprocess.Popen
    """
    environment = {
        **os.environ,
        # Two threads that wait actively on a shared machine cost more than they bring (docs/LOG.md).
        "OMP_WAIT_POLICY": "passive",
        "PYTHONUNBUFFERED": "1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    }
    with (folder / "worker.log").open("ab") as log:
        # -P: a file of the user's that is called like a module must not be imported for it.
        return subprocess.Popen(
            [sys.executable, "-P", "-m", module, str(folder), *words],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            env=environment,
        )
