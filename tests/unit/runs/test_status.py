"""The state of a run, told from its events and its process."""

import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import pytest

from ftkit.runs.process import alive, identity
from ftkit.runs.status import read_status


@pytest.fixture(autouse=True)
def recipe(tmp_path):
    (tmp_path / "recipe.yaml").write_text("data: digits\n")


def lines(*events):
    return [{"time": datetime.now(UTC).isoformat(), "step": 0} | event for event in events]


PLAN = {"event": "plan", "steps": 100, "epochs": 5}
STEP = {"event": "step", "step": 40, "epoch": 2.0, "loss": 0.5}


def started(**who):
    return {"event": "started"} | identity() | who


@pytest.mark.parametrize("state", ["queued", "running", "paused", "stopped", "failed", "done"])
def test_a_live_process_is_believed(tmp_path, state):
    told = read_status(tmp_path, lines(started(), PLAN, STEP, {"event": "state", "state": state}))
    assert told.state == state
    assert told.sentence.startswith(state)
    assert (told.step, told.steps, told.loss) == (40, 100, 0.5)


@pytest.mark.parametrize("state", ["queued", "running", "paused"])
def test_a_dead_process_is_a_failed_run(tmp_path, state):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    who = identity(gone.pid)
    gone.wait()
    told = read_status(
        tmp_path,
        lines(started(**who), PLAN, {"event": "checkpoint", "step": 20}, STEP, {"event": "state", "state": state}),
    )
    assert told.state == "failed"
    assert f"(pid {gone.pid}) ended without a word at step 40 of 100" in told.sentence
    assert "The last checkpoint is of step 20; go on with: ftkit resume" in told.sentence


def test_a_resumed_run_is_where_it_went_on_from(tmp_path):
    events = lines(started(), PLAN, STEP, {"event": "resumed", "step": 20}, {"event": "state", "state": "running"})
    assert read_status(tmp_path, events).step == 20


def test_a_notebook_that_never_trained_is_done(tmp_path):
    told = read_status(tmp_path, lines({"event": "notebook", "state": "done"}, {"event": "state", "state": "done"}))
    assert told.sentence == "done: the notebook came to its end without training."


def test_a_pid_used_again_is_another_process(tmp_path):
    told = read_status(tmp_path, lines(started(born="boot:1"), {"event": "state", "state": "running"}))
    assert told.state == "failed"


def test_a_zombie_is_dead():
    child = subprocess.Popen([sys.executable, "-c", ""])
    who = identity(child.pid)
    deadline = time.monotonic() + 10
    while alive(who) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert alive(who) is False
    child.wait()


def test_a_process_on_another_host_is_judged_by_its_heartbeat(tmp_path):
    elsewhere = started(host="elsewhere")
    assert read_status(tmp_path, lines(elsewhere, {"event": "state", "state": "running"})).state == "running"
    old = (datetime.now(UTC) - timedelta(seconds=120)).isoformat()
    silent = [event | {"time": old} for event in lines(elsewhere, {"event": "state", "state": "running"})]
    assert read_status(tmp_path, silent).state == "failed"


def test_a_worker_that_never_started_is_told(tmp_path):
    told = read_status(
        tmp_path, lines({"event": "state", "state": "queued"}, {"event": "spawned"} | identity() | {"pid": 2**22 + 1})
    )
    assert told.state == "failed"
    assert "before the first step" in told.sentence


def test_this_process_is_alive():
    assert alive(identity(os.getpid()))
