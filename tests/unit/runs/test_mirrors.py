"""Mirrors: another tool is told the run's numbers by a process of its own; what it does with them harms no run."""

import json
import os
import signal
import sys
import time
from pathlib import Path

import pytest

import ftkit as ft
from ftkit.errors import MissingDependency, RecipeError
from ftkit.runs import mirror as mirror_module
from ftkit.runs.control import Requests
from ftkit.runs.job import execute
from ftkit.runs.mirrors import MIRRORS

STEPS = {"epochs": 3, "batch_size": 16, "log_every": 1}

# A package that says what it was told. It is asked as trackio is.
DOUBLE = """
import json, pathlib
HERE = pathlib.Path(__file__).parent

def _write(**what):
    with (HERE / "told.jsonl").open("a") as file:
        file.write(json.dumps(what) + "\\n")

class Run:
    def log(self, values, step):
        if (HERE / "broken").exists():
            raise OSError("no network; token=abc123 is refused")
        _write(step=step, values=values)
    def finish(self):
        _write(finished=True)

def init(**how):
    _write(init=how)
    return Run()
"""


@pytest.fixture
def double(tmp_path, monkeypatch):
    """A stand-in for trackio: the folder it writes into."""
    folder = tmp_path / "替身" / "trackio"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text(DOUBLE)
    monkeypatch.syspath_prepend(str(folder.parent))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(folder.parent), os.environ.get("PYTHONPATH", "")]))
    return folder


@pytest.fixture(autouse=True)
def children(monkeypatch):
    """The processes of mirrors."""
    found = []
    monkeypatch.setattr(mirror_module, "_children", found)
    yield found
    for process in found:
        process.kill()
        process.wait()


def run(folder, *names, **keys):
    return ft.train({"data": "iris", "training": STEPS | {"mirror": list(names)}, **keys}, runs=folder, process=False)


def told(double):
    return [json.loads(line) for line in (double / "told.jsonl").read_text().splitlines()]


def notes(made):
    return [event["message"] for event in made.events() if "mirror" in event]


def ended(children):
    return [process.wait(timeout=120) for process in children]


def test_it_is_told_what_the_events_tell(tmp_path, double, children):
    made = run(tmp_path, "trackio")
    assert ended(children) == [0]
    first, *points, last = told(double)
    assert first["init"]["name"] == made.name
    assert first["init"]["config"]["training.epochs"] == "3"
    assert last == {"finished": True}
    losses = {point["step"]: point["values"]["train/loss"] for point in points if "train/loss" in point["values"]}
    assert losses == {event["step"]: event["loss"] for event in made.events() if event["event"] == "step"}
    judged = [point["values"] for point in points if "validation/accuracy" in point["values"]]
    wanted = [event["accuracy"] for event in made.events() if event["event"] == "evaluation"]
    assert [values["validation/accuracy"] for values in judged][: len(wanted)] == wanted
    tested = next(point["values"]["test/accuracy"] for point in points if "test/accuracy" in point["values"])
    assert tested == next(m["value"] for m in made.metrics if m["name"] == "accuracy" and m["split"] == "test")
    assert notes(made) == []


class Stopping(Requests):
    """Somebody stops the run at step 4."""

    def __call__(self, step=0):
        return [*super().__call__(step), *([{"request": "stop"}] if step == 4 else [])]


def test_a_resumed_run_goes_on_in_the_same_mirror_and_no_step_is_told_twice(tmp_path, double, children, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(Requests, "for_run", classmethod(lambda cls, folder: Stopping(folder)))
        made = run(tmp_path, "trackio")
    assert made.state == "stopped"
    execute(made.folder)
    assert made.state == "done"
    assert ended(children) == [0, 0]
    begun = [line["init"] for line in told(double) if "init" in line]
    assert [(how["name"], how["resume"]) for how in begun] == [(made.name, "never"), (made.name, "allow")]
    steps = [line["step"] for line in told(double) if "train/loss" in line.get("values", {})]
    assert steps == list(range(1, len(steps) + 1))
    assert len(steps) > 4


def test_a_mirror_that_fails_is_told_once_and_the_run_goes_on(tmp_path, double, children):
    (double / "broken").touch()
    made = run(tmp_path, "trackio")
    assert made.state == "done"
    assert ended(children) == [1]
    assert "abc123" not in made.log()
    assert "no network" in made.log()
    assert notes(made) == [
        "The mirror to trackio has failed; the run goes on without it (OSError: no network; token=[redacted] is refused)."
    ]


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs to know of a process whether it lives")
def test_the_mirror_of_a_killed_run_ends(tmp_path, double):
    made = ft.train(
        {"data": "iris", "training": STEPS | {"epochs": 5000, "mirror": ["trackio"]}}, runs=tmp_path, name="r"
    )
    wait_until(lambda: (double / "told.jsonl").exists() and len(told(double)) > 2)
    worker = next(event["pid"] for event in made.events() if event["event"] == "started")
    os.kill(worker, signal.SIGKILL)
    wait_until(lambda: told(double)[-1] == {"finished": True})


def wait_until(condition, seconds=120):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.mark.parametrize("name", MIRRORS)
def test_one_that_is_not_installed_is_told_before_anything_starts(tmp_path, name, monkeypatch):
    monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setattr("ftkit.runs.mirrors.find_spec", lambda wanted: None)
    with pytest.raises(MissingDependency, match=rf'{name} is not installed. Install it with: pip install "ftkit\[mirr'):
        run(tmp_path, name)
    assert list(tmp_path.iterdir()) == []


def test_one_that_is_not_known_is_a_fault_of_the_recipe():
    with pytest.raises(RecipeError, match=r"training.mirror.*tensorboard"):
        ft.Recipe(data="iris", training={"mirror": ["tensorbord"]})


def test_the_real_tensorboard_shows_the_losses(tmp_path, children):
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    made = run(tmp_path, "tensorboard")
    assert ended(children) == [0]
    shown = EventAccumulator(str(made.folder / "mirrors" / "tensorboard"))
    shown.Reload()
    losses = [(event.step, pytest.approx(event.value)) for event in shown.Scalars("train/loss")]
    assert [(event["step"], event["loss"]) for event in made.events() if event["event"] == "step"] == losses
    assert shown.Scalars("test/accuracy")


def test_the_real_mlflow_shows_the_losses(tmp_path, children, monkeypatch):
    pytest.importorskip("mlflow")
    pytest.importorskip("sqlalchemy")
    from mlflow import MlflowClient

    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/mlflow.db")
    made = run(tmp_path, "mlflow")
    assert ended(children) == [0]
    client, number = MlflowClient(), json.loads((made.folder / "mirrors" / "mlflow.json").read_text())["run"]
    shown = client.get_run(number)
    assert (shown.info.status, shown.info.run_name) == ("FINISHED", made.name)
    assert shown.data.params["training.epochs"] == "3"
    losses = [(metric.step, metric.value) for metric in client.get_metric_history(number, "train/loss")]
    assert losses == [(event["step"], event["loss"]) for event in made.events() if event["event"] == "step"]


def test_the_real_wandb_keeps_a_run_offline(tmp_path, children, monkeypatch):
    pytest.importorskip("wandb")
    monkeypatch.setenv("WANDB_MODE", "offline")
    made = run(tmp_path, "wandb")
    assert ended(children) == [0]
    (kept,) = (made.folder / "mirrors" / "wandb").glob("offline-run-*/*.wandb")
    assert b"train/loss" in kept.read_bytes()
    assert json.loads((made.folder / "mirrors" / "wandb.json").read_text())["run"] in kept.name


def test_the_real_trackio_shows_the_losses(tmp_path, children, monkeypatch):
    pytest.importorskip("trackio")
    monkeypatch.setenv("TRACKIO_DIR", str(tmp_path / "trackio"))
    made = run(tmp_path, "trackio")
    assert ended(children) == [0]
    assert (tmp_path / "trackio" / "ftkit.db").stat().st_size > 0
    assert notes(made) == []
