"""Whole jobs, typed as a user types them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ftkit.runs import Run


@pytest.fixture
def ftkit(tmp_path):
    """``ftkit("run", …)`` in an empty folder: the finished process, its output as text."""

    def call(*words: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            command(*words), cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False
        )
        assert done.returncode == code, f"{done.stdout}\n{done.stderr}\n{worker_logs(tmp_path)}"
        assert "Traceback" not in done.stderr
        return done

    return call


@pytest.fixture
def start(tmp_path):
    """``start("run", …)`` begins a process and leaves it running; it is ended after the test."""
    begun: list[subprocess.Popen[str]] = []

    def call(*words: str) -> subprocess.Popen[str]:
        begun.append(
            subprocess.Popen(
                command(*words),
                cwd=tmp_path,
                env=environment(),
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        )
        return begun[-1]

    yield call
    for process in begun:
        process.kill()
        process.communicate()


def command(*words: str) -> list[str]:
    """The command line, without needing the script on the PATH."""
    return [sys.executable, "-c", "import sys; from ftkit.cli import main; sys.exit(main())", *words]


def environment() -> dict[str, str]:
    return {**os.environ, "OMP_NUM_THREADS": "1", "FTKIT_RUNS": "runs"}


def worker_logs(folder: Path) -> str:
    return "\n".join(path.read_text(errors="replace") for path in folder.glob("runs/*/worker.log"))


@pytest.fixture
def wait_for():
    """``wait_for(run, event)``: the first event of that name."""
    return _wait_for


def _wait_for(run: Run, event: str, seconds: float = 120) -> dict:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if (run.folder / "events.jsonl").exists():
            for line in run.events():
                if line["event"] == event:
                    return line
        time.sleep(0.1)
    raise AssertionError(f"no {event} within {seconds} s: {json.dumps(run.events()[-5:])} {run.log()}")
