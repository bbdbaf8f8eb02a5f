"""kill -9 of worker, kernel and shell: the folder stays whole, and ``ftkit show`` says what happened."""

import hashlib
import json
import os
import signal
import time
from pathlib import Path

import pytest

from ftkit.runs import Run
from ftkit.training import newest_checkpoint

pytestmark = [pytest.mark.e2e, pytest.mark.skipif(not Path("/proc/self").exists(), reason="finds processes in /proc")]

SLOW = ("-p", "data", "digits", "-p", "epochs", "12", "--name", "r")


def child_of(pid: int, word: bytes) -> int:
    """The pid of a process that another started, with this word in what it was called by."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                if parent == pid and word in (folder / "cmdline").read_bytes():
                    return int(folder.name)
            except (OSError, ValueError, IndexError):
                continue
        time.sleep(0.2)
    raise AssertionError(f"no {word}")


def sha(run: Run) -> str:
    return hashlib.sha256((run.folder / "model" / "model.safetensors").read_bytes()).hexdigest()


def test_a_killed_worker_is_told_and_resumed_exactly(ftkit, start, wait_for, tmp_path):
    (tmp_path / "recipe.yaml").write_text("data: digits\naugment: [crop, noise]\ntraining: {epochs: 4, dropout: 0.1}\n")
    ftkit("train", "recipe.yaml", "--name", "whole")
    shell = start("train", "recipe.yaml", "--name", "r")
    run = Run(tmp_path / "runs" / "r")
    wait_for(run, "checkpoint")
    os.kill(wait_for(run, "started")["pid"], signal.SIGKILL)
    _, said = shell.communicate(timeout=60)
    assert shell.returncode == 1
    assert "ended without a word" in said
    told = ftkit("show", "r").stdout
    assert "failed: its process" in told
    assert "go on with: ftkit resume r" in told
    assert newest_checkpoint(run.folder / "checkpoints") is not None
    ftkit("resume", "r")
    assert run.wait(timeout=120).state == "done"
    assert sha(run) == sha(Run(tmp_path / "runs" / "whole"))
    steps = [event["step"] for event in run.events() if event["event"] == "step"]
    assert steps == sorted(set(steps))


def test_the_data_workers_of_a_killed_run_end_with_it(ftkit, start, wait_for, tmp_path):
    recipe = "data: digits\naugment: [crop]\ntraining: {epochs: 2, checkpoint_every: 10, "
    (tmp_path / "held.yaml").write_text(f"{recipe}data_workers: 0}}\n")
    (tmp_path / "read.yaml").write_text(f"{recipe}data_workers: 1}}\n")
    ftkit("train", "held.yaml", "--name", "whole")
    start("train", "read.yaml", "--name", "r")
    run = Run(tmp_path / "runs" / "r")
    wait_for(run, "checkpoint")
    pid = wait_for(run, "started")["pid"]
    reader = child_of(pid, b"ftkit.training.data_worker")
    os.kill(reader, signal.SIGKILL)
    while child_of(pid, b"ftkit.training.data_worker") == reader:  # killed, and not missed yet
        time.sleep(0.1)
    reader = child_of(pid, b"ftkit.training.data_worker")
    os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + 30
    while Path(f"/proc/{reader}/cmdline").exists() and Path(f"/proc/{reader}/cmdline").read_bytes():
        assert time.monotonic() < deadline
        time.sleep(0.1)
    ftkit("resume", "r")
    assert run.wait(timeout=240).state == "done"
    assert sha(run) == sha(Run(tmp_path / "runs" / "whole"))
    assert any("was ended by SIGKILL" in event.get("message", "") for event in run.events())


def test_the_report_of_a_resumed_run_is_new(ftkit, start, wait_for, tmp_path):
    shell = start("run", "finetune-image", *SLOW)
    run = Run(tmp_path / "runs" / "r")
    wait_for(run, "checkpoint")
    os.kill(wait_for(run, "started")["pid"], signal.SIGKILL)
    shell.communicate(timeout=60)
    assert shell.returncode == 1
    assert "ended without a word" in (run.folder / "report.html").read_text()
    ftkit("resume", "r")
    assert run.wait(timeout=120).state == "done"
    assert "notebook  " not in ftkit("show", "r").stdout
    ftkit("report", "r")
    report = (run.folder / "report.html").read_text()
    assert "ended without a word" not in report
    assert "roc_auc" in report


def test_a_killed_kernel_does_not_end_the_training(ftkit, start, wait_for, tmp_path):
    shell = start("run", "finetune-image", *SLOW)
    run = Run(tmp_path / "runs" / "r")
    wait_for(run, "step")
    os.kill(child_of(shell.pid, b"ipykernel_launcher"), signal.SIGKILL)
    _, said = shell.communicate(timeout=120)
    assert shell.returncode == 1
    assert "The notebook's kernel died" in said
    assert "The training goes on in its own process" in said
    assert run.wait(timeout=180).state == "done"
    told = ftkit("show", "r").stdout
    assert "done: " in told
    assert "The notebook's kernel died" in told
    ftkit("report", "r")
    assert (run.folder / "report.html").read_text().count("<svg") >= 4


def test_a_killed_shell_does_not_end_the_training(ftkit, start, wait_for, tmp_path):
    shell = start("run", "finetune-image", *SLOW)
    run = Run(tmp_path / "runs" / "r")
    wait_for(run, "step")
    kernel = child_of(shell.pid, b"ipykernel_launcher")
    os.kill(shell.pid, signal.SIGKILL)
    os.kill(kernel, signal.SIGKILL)
    assert json.loads(ftkit("show", "r", "--json").stdout)["state"] in ("running", "done")
    assert "the process that ran it ended without a word" in ftkit("show", "r").stdout
    assert run.wait(timeout=180).state == "done"
    ftkit("report", "r")
    assert (run.folder / "report.html").read_text().count("<svg") >= 4


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_ctrl_c_asks_the_training_to_stop(ftkit, start, wait_for, tmp_path, number, code):
    (tmp_path / "recipe.yaml").write_text("data: digits\ntraining: {epochs: 30}\n")
    shell = start("train", "recipe.yaml", "--name", "r")
    run = Run(tmp_path / "runs" / "r")
    wait_for(run, "step")
    shell.send_signal(number)
    said, _ = shell.communicate(timeout=60)
    assert shell.returncode == code
    assert "Go on with: ftkit resume r" in said
    assert run.wait(timeout=60).state == "stopped"
    assert run.metrics


def test_pause_continue_stop(ftkit, start, wait_for, tmp_path):
    (tmp_path / "recipe.yaml").write_text("data: digits\ntraining: {epochs: 30}\n")
    start("train", "recipe.yaml", "--name", "r")
    run = Run(tmp_path / "runs" / "r")
    wait_for(run, "step")
    ftkit("pause", "r")
    deadline = time.monotonic() + 30
    while run.state != "paused" and time.monotonic() < deadline:
        time.sleep(0.1)
    step = run.status.step
    time.sleep(1.0)
    assert (run.state, run.status.step) == ("paused", step)
    ftkit("continue", "r")
    ftkit("stop", "r")
    assert run.wait(timeout=60).state == "stopped"
