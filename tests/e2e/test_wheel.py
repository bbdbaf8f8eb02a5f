"""What ``pip install ftkit[lab]`` leaves behind: JupyterLab and its server know ftkit, and no Node was there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.e2e
WITHOUT_NODE = {"PATH": "/usr/bin:/bin", "PYTHONPATH": "", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


def run(*command, **more):
    environment = {**os.environ, **WITHOUT_NODE, **more}
    words = [str(part) for part in command]
    return subprocess.run(words, check=False, capture_output=True, text=True, env=environment, cwd="/")


def lines_of(done):
    """What a command said, without its colours."""
    return re.sub(r"\x1b\[[0-9;]*m", "", done.stdout + done.stderr).splitlines()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    pytest.importorskip("jupyterlab", reason="JupyterLab is not installed")
    if not (ROOT / "widgets/dist/labextension").exists():
        pytest.skip("the front end is not built: make front")
    folder = tmp_path_factory.mktemp("wheel")
    built = run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", folder, ROOT)
    if "hatchling" in built.stderr and built.returncode:
        pytest.skip(f"hatchling cannot be had: {built.stderr[-300:]}")
    assert built.returncode == 0, built.stderr
    (found,) = folder.glob("ftkit-*.whl")
    return found


@pytest.fixture(scope="module")
def python(wheel, tmp_path_factory):
    """A fresh environment with the wheel alone; what it depends on is borrowed from this one."""
    folder = tmp_path_factory.mktemp("fresh")
    assert run(sys.executable, "-m", "venv", "--without-pip", folder).returncode == 0
    python = folder / "bin/python"
    installed = run(sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", wheel)
    assert installed.returncode == 0, installed.stderr
    (site,) = folder.glob("lib/python*/site-packages")
    (site / "borrowed.pth").write_text(sysconfig.get_path("purelib"))
    return python


def test_the_wheel_holds_what_was_built_and_nothing_of_the_builder(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    shared = [name.split(".data/data/")[1] for name in names if ".data/data/" in name]
    assert "share/jupyter/labextensions/ftkit/package.json" in shared
    assert "share/jupyter/labextensions/ftkit/install.json" in shared
    assert "etc/jupyter/jupyter_server_config.d/ftkit.json" in shared
    assert {f"ftkit/panels/static/{view}.js" for view in ("train", "inspect", "outliers", "runs")} <= set(names)
    assert "ftkit/panels/static/panel.css" in names
    assert any(name.startswith("ftkit/templates/") for name in names)
    assert [name for name in names if name.endswith((".map", "build_log.json", ".ts"))] == []
    assert len(names) == len(set(names))


def test_jupyterlab_and_its_server_see_ftkit(python, tmp_path):
    home = {f"JUPYTER_{kind}_DIR": str(tmp_path / kind) for kind in ("CONFIG", "DATA", "RUNTIME")}
    where = run(python, "-c", "import ftkit; print(ftkit.__file__)", **home)
    assert where.stdout.startswith(str(python.parents[1])), where.stderr
    lab = lines_of(run(python, "-m", "jupyterlab.labextensions", "list", **home))
    assert any("ftkit v" in line and "enabled" in line and "OK" in line for line in lab), lab
    server = lines_of(run(python, "-m", "jupyter_server.extension.serverextension", "list", **home))
    assert any("ftkit.server" in line and "enabled" in line for line in server), server
    assert any("ftkit.server" in line and "OK" in line for line in server), server
