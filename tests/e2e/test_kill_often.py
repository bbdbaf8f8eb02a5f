"""kill -9 of the worker at random moments, again and again: the same weights and the same events in the end."""

import hashlib
import os
import random
import signal
import time
from functools import partial

import pytest

import ftkit as ft
from ftkit.runs import Run
from ftkit.runs.events import Follower
from ftkit.runs.run import open_run

pytestmark = pytest.mark.e2e

EVERYTHING = {
    "epochs": 60,
    "batch_size": 16,
    "micro_batch_size": 7,
    "checkpoint_every": 11,
    "log_every": 4,
    "ema": 0.9,
    "layer_decay": 0.9,
    "l1": 1e-4,
    "schedule": "plateau",
    "dropout": 0.2,
    "early_stopping": 50,
}
KILLS = 2


def told(run):
    kept = ("step", "evaluation", "checkpoint", "changed", "settled")
    clock = {"time", "seconds", "rows_per_second"}
    return [{k: v for k, v in e.items() if k not in clock} for e in run.events() if e["event"] in kept]


def sha(run):
    return hashlib.sha256((run.folder / "model" / "model.safetensors").read_bytes()).hexdigest()


def training(run, times):
    """The pid of the worker that was started for so many times and takes steps now; None before its first."""
    events = Follower(run.folder / "events.jsonl").read()
    begun = [place for place, event in enumerate(events) if event["event"] == "started"]
    stepped = len(begun) == times and any(event["event"] == "step" for event in events[begun[-1] :])
    return events[begun[-1]]["pid"] if stepped else None


def wait_until(condition, seconds=120):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_killed_often_it_ends_as_if_never(tmp_path):
    recipe = {"data": "breast-cancer", "training": EVERYTHING}
    whole = ft.train(recipe, runs=tmp_path, name="whole", process=False)
    run, dice = ft.train(recipe, runs=tmp_path, name="killed"), random.Random(7)
    for times in range(1, KILLS + 1):
        wait_until(partial(training, run, times))
        time.sleep(dice.uniform(0.0, 0.4))
        os.kill(training(run, times), signal.SIGKILL)
        wait_until(lambda: run.state == "failed")
        run.resume()
    assert open_run("killed", tmp_path).wait(timeout=240).state == "done"
    assert sha(run) == sha(whole)
    assert told(Run(run.folder)) == told(whole)
