"""Where a panel is shown: live, or by its static twin alone."""

from __future__ import annotations

import os
from functools import cache
from importlib.resources import files
from pathlib import Path

from ftkit.runs.folder import MADE

# Set by the front ends that draw widgets: Jupyter's server for the kernel of a notebook, VS Code, Colab.
SIGNS = ("JPY_SESSION_NAME", "VSCODE_PID", "COLAB_RELEASE_TAG")


def is_live() -> bool:
    """Whether somebody sits before this kernel; ``FTKIT_LIVE`` 0 or 1 says so where the signs are wrong.

    A notebook that is executed headlessly has nobody to touch a widget, and would keep one that shows nothing.
    """
    said = os.environ.get("FTKIT_LIVE")
    if said in ("0", "1"):
        return said == "1"
    return MADE not in os.environ and any(sign in os.environ for sign in SIGNS)


def has_extension() -> bool:
    """Whether JupyterLab beside this kernel has ftkit's extension, which shows twin and panel as one output."""
    from jupyter_core.paths import jupyter_path

    return any(Path(folder, "package.json").exists() for folder in jupyter_path("labextensions", "ftkit"))


@cache
def built(name: str) -> str:
    """A file of the built front end; empty where it was not built, as in an editable install without Node."""
    path = files("ftkit.panels") / "static" / name
    return path.read_text(encoding="utf-8") if path.is_file() else ""
