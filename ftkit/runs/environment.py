"""What a run was made with: versions, hardware, the state of the code, the data's fingerprint, the command."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from ftkit.runs.secrets import redact

PACKAGES = ("ftkit", "torch", "transformers", "safetensors", "numpy", "pyarrow", "scikit-learn", "datasets", "pillow")
# Where a process that runs a notebook tells its kernel what was typed.
COMMAND = "FTKIT_COMMAND"


def typed_command() -> str:
    """What was typed, without anything that looks like a token: by whoever runs this notebook, or in this process."""
    return redact(os.environ.get(COMMAND) or " ".join([Path(sys.argv[0]).name, *sys.argv[1:]]))


def describe_environment(device: str, threads: int, fingerprint: str) -> dict[str, Any]:
    """What ``environment.json`` says of the process that trains.

    Parameters
    ----------
    device : str
        What it trains on, in words.
    threads : int
        CPU threads.
    fingerprint : str
        Content hash of the rows.

    Returns
    -------
    dict
        Plain JSON.
    """
    return {
        "folder": str(Path.cwd()),
        "python": platform.python_version(),
        "system": platform.platform(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "threads": threads,
        "device": device,
        "versions": {name: _version(name) for name in PACKAGES},
        "git": _git(),
        "data": {"fingerprint": fingerprint},
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _git() -> dict[str, Any] | None:
    """Commit and whether files differ from it; None outside a repository."""
    commit = _ask_git("rev-parse", "HEAD")
    if not commit:
        return None
    return {"commit": commit, "changed": bool(_ask_git("status", "--porcelain", "--untracked-files=no"))}


def _ask_git(*words: str) -> str:
    try:
        done = subprocess.run(["git", *words], capture_output=True, text=True, timeout=5, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
