"""One recipe, trained by one process and by two: the same losses, one folder, and a checkpoint either goes on from."""

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from e2e.conftest import environment

import ftkit as ft
from ftkit.runs import Run

pytestmark = pytest.mark.e2e
RECIPE = {
    "data": "breast-cancer",
    "model": "ft-transformer",
    # Sums in another order differ in the last bit; Adam's division by small numbers, or a high rate, would magnify it.
    "training": {
        "epochs": 1,
        "batch_size": 32,
        "dropout": 0.0,
        "log_every": 1,
        "threads": 1,
        "optimizer": "sgd",
        "learning_rate": 0.005,
    },
}


def torchrun(folder, *words):
    """The ending of two processes started by torchrun: exit code and what they said."""
    started = start(folder, *words)
    said, _ = started.communicate(timeout=200)
    return started.returncode, said


def start(folder, *words):
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    return subprocess.Popen(
        [*launch, "-m", "ftkit", *words],
        cwd=folder,
        env=environment() | {"GLOO_SOCKET_IFNAME": "lo"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def written(folder, **training):
    recipe = RECIPE | {"training": RECIPE["training"] | training}
    (folder / "recipe.yaml").write_text(json.dumps(recipe))
    return recipe


def losses(run):
    return np.array([event["loss"] for event in run.events() if event["event"] in ("step", "evaluation")])


@pytest.mark.parametrize("kind", ["ddp", "fsdp"])
def test_two_processes_train_as_one_does(kind, tmp_path):
    one = ft.train(written(tmp_path, parallel=kind, processes=2) | RECIPE, runs=tmp_path, name="one", process=False)
    code, said = torchrun(tmp_path, "train", "recipe.yaml", "--name", "two")
    assert code == 0, said
    two = Run(tmp_path / "runs" / "two")
    assert two.state == "done"
    assert f"2 processes ({kind})" in str(two.events())
    assert abs(losses(one) - losses(two)).max() <= 1e-6
    assert [row["value"] for row in one.metrics] == pytest.approx([row["value"] for row in two.metrics], abs=1e-6)
    own, others = one.predictions(), two.predictions()
    assert list(own["row_id"]) == list(others["row_id"])
    assert sum(event["event"] == "started" for event in two.events()) == 1
    assert (two.folder / "report.html").exists()


def test_a_process_that_dies_fails_the_run_and_one_alone_goes_on(tmp_path):
    written(tmp_path, epochs=30, checkpoint_every=5)
    started, run = start(tmp_path, "train", "recipe.yaml", "--name", "r"), Run(tmp_path / "runs" / "r")
    deadline = time.monotonic() + 120
    while not list((run.folder / "checkpoints").glob("step-*")) and time.monotonic() < deadline:
        time.sleep(0.05)
    first = next(e["pid"] for e in run.events() if e["event"] == "started")
    children = subprocess.run(["pgrep", "-P", str(started.pid)], capture_output=True, text=True, check=True).stdout
    second = next(int(pid) for pid in children.split() if int(pid) != first)
    os.kill(second, signal.SIGKILL)
    started.communicate(timeout=120)
    assert started.returncode != 0
    assert run.state == "failed"
    steps = run.status.step
    run.resume()
    run.set(epochs=steps // 13 + 1)
    assert run.wait(timeout=120).state == "done"
    assert any(event["event"] == "resumed" and event["step"] >= 5 for event in run.events())


def test_too_few_processes_are_refused(tmp_path):
    written(tmp_path, processes=3)
    code, said = torchrun(tmp_path, "train", "recipe.yaml")
    assert code != 0
    assert "training.processes: 3 are asked for, and 2 are there" in said
    assert not (tmp_path / "runs").exists()
