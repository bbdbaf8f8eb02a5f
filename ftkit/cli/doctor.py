"""``ftkit doctor``: what is installed, what is missing, what this machine can do."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from argparse import Namespace
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

from ftkit.cli.screen import print_json, say, table

NEEDED = (
    "torch", "transformers", "safetensors", "numpy", "pyarrow", "polars", "datasets", "scikit-learn", "pydantic",
    "plotly", "papermill", "nbconvert", "ipykernel", "nh3", "resvg-py", "rich",
)  # fmt: skip
EXTRAS = {
    "lab": ("jupyterlab", "ipywidgets", "anywidget"),
    "chat": ("trl", "peft"),
    "hpo": ("optuna",),
    "slurm": ("submitit",),
}


def doctor(arguments: Namespace) -> int:
    """Print versions and faults; 1 where ftkit cannot work."""
    versions = {name: _version(name) for name in (*NEEDED, *(p for extra in EXTRAS.values() for p in extra))}
    faults = [f"{name} is not installed; install ftkit anew." for name in NEEDED if versions[name] is None]
    faults += _kernel_faults()
    facts = {
        "python": f"{platform.python_version()} ({sys.executable})",
        "cores": os.cpu_count(),
        "free disk": f"{shutil.disk_usage('.').free / 2**30:,.0f} GiB",
        "device": _device(),
    }
    if arguments.json:
        print_json({"facts": facts, "versions": versions, "faults": faults})
        return 1 if faults else 0
    table(["what", "found"], list(facts.items()))
    wanted = {package: extra for extra, packages in EXTRAS.items() for package in packages}
    hint = {p: f'only for ftkit[{extra}]: pip install "ftkit[{extra}]"' for p, extra in wanted.items()}
    table(["package", "version", ""], [(n, v or "-", "" if v else hint.get(n, "missing")) for n, v in versions.items()])
    for fault in faults:
        say(fault, "red")
    say("Everything ftkit needs is here." if not faults else f"{len(faults)} faults.", "" if faults else "green")
    return 1 if faults else 0


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _kernel_faults() -> list[str]:
    """Whether the kernel that templates run in is there."""
    if find_spec("jupyter_client") is None:
        return ["jupyter_client is not installed, so no notebook can run."]
    from jupyter_client.kernelspec import find_kernel_specs

    if "python3" not in find_kernel_specs():
        return ["the kernel 'python3' is not there; install it with: python -m ipykernel install --sys-prefix"]
    return []


def _device() -> str:
    if find_spec("torch") is None:
        return "none: torch is not installed"
    from ftkit.training import choose_device
    from ftkit.training.device import set_threads

    set_threads()
    return choose_device().why
