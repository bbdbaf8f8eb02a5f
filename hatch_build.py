"""Packs the built front end into wheels, and builds it first where it can be.

An editable install never builds: ``make front`` does. Without Node a wheel is still made, and panels then show their
static twins.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

EXTENSION = "widgets/dist/labextension"


class FrontEnd(BuildHookInterface):
    """Adds the panels' views and JupyterLab's extension."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build where there are sources and Node; add what is there."""
        if version == "editable":
            return
        widgets = Path(self.root, "widgets")
        if (widgets / "src").is_dir() and shutil.which("npm"):
            subprocess.run(["bash", "build.sh"], cwd=widgets, check=True)
        extension = Path(self.root, EXTENSION)
        if not extension.is_dir():
            self.app.display_warning("The front end is not built (npm is not here): panels will show static views.")
        elif self.target_name == "wheel":
            build_data["shared_data"][EXTENSION] = "share/jupyter/labextensions/ftkit"
            build_data["shared_data"]["widgets/install.json"] = "share/jupyter/labextensions/ftkit/install.json"
