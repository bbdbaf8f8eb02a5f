"""What is asked of a training: obeyed at the next step, written down, repeated by a resume and by a replay."""

import hashlib
import json
import signal

import pytest

import ftkit as ft
from ftkit.cli import main
from ftkit.errors import RunError
from ftkit.runs import Run, replay
from ftkit.runs.control import Requests, ask
from ftkit.runs.events import history
from ftkit.runs.job import execute

RECIPE = {
    "data": "iris",
    "training": {"epochs": 4, "log_every": 4, "checkpoint_every": 5, "batch_size": 16, "ema": 0.5},
}
ASKED = {6: ("learning_rate", 0.01), 9: ("batch_size", 32), 12: ("evaluate", None), 14: ("epochs", 5)}


class Killed(BaseException):
    """Ends a training where nothing can be written any more."""


class Hand(Requests):
    """Somebody who asks through the file at given steps; and a kill at one of them."""

    def __init__(self, folder, asked=(), killed_at=None):
        super().__init__(folder)
        self.asked, self.killed_at = dict(asked), killed_at

    def __call__(self, step=0):
        if step == self.killed_at:
            raise Killed
        if step in self.asked:
            ask(self._follower.path.parent, *self.asked.pop(step))
        return super().__call__(step)


def folder_for(tmp_path, name):
    folder = tmp_path / name
    folder.mkdir()
    (folder / "recipe.yaml").write_text(ft.Recipe(**RECIPE).to_yaml())
    return folder


def sha(folder):
    return hashlib.sha256((folder / "model/model.safetensors").read_bytes()).hexdigest()


def told(folder):
    """The events of the training as they count, without what a clock says."""
    kept = ("step", "evaluation", "checkpoint", "changed", "not_finite", "settled")
    clock = {"time", "seconds", "rows_per_second"}
    return [{k: v for k, v in e.items() if k not in clock} for e in Run(folder).events() if e["event"] in kept]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = folder_for(tmp_path_factory.mktemp("runs"), "whole")
    execute(folder, Hand(folder, ASKED))
    return folder


def test_each_is_obeyed_at_the_next_step(whole):
    events = Run(whole).events()
    changed = {(e["step"], e["name"], e["value"]) for e in events if e["event"] == "changed"}
    assert changed == {(6, "learning_rate", 0.01), (9, "batch_size", 32), (14, "epochs", 5)}
    assert [e["step"] for e in events if e.get("asked")] == [12]
    # 108 train rows: 7 steps in each of two epochs of 16 rows, then 4 in each of three of 32.
    assert max(e["step"] for e in events if e["event"] == "step") == 7 + 7 + 3 * 4


@pytest.mark.parametrize("killed_at", [3, 8, 11, 13, 20])
def test_a_kill_loses_nothing_that_was_asked(whole, tmp_path, killed_at):
    folder = folder_for(tmp_path, "killed")
    with pytest.raises(Killed):
        execute(folder, Hand(folder, ASKED, killed_at))
    rest = {step: asked for step, asked in ASKED.items() if step >= killed_at}
    execute(folder, Hand(folder, rest))
    assert sha(folder) == sha(whole)
    assert told(folder) == told(whole)


def test_a_replay_is_bitwise(whole):
    again = replay(Run(whole), process=False)
    assert again.name == "whole-replay-1"
    assert sha(again.folder) == sha(whole)
    assert told(again.folder) == told(whole)
    assert again.environment["replay_of"] == "whole"


def test_a_replay_of_a_stopped_run_stops(tmp_path):
    folder = folder_for(tmp_path, "stopped")
    execute(folder, Hand(folder, {6: ("learning_rate", 0.01), 9: ("stop", None)}))
    again = replay(Run(folder), process=False)
    assert again.state == "stopped"
    assert again.status.step == Run(folder).status.step
    assert sha(again.folder) == sha(folder)


def test_a_recipe_that_changed_is_said(tmp_path):
    folder = folder_for(tmp_path, "changed")
    with pytest.raises(Killed):
        execute(folder, Hand(folder, killed_at=8))
    recipe = {**RECIPE, "training": RECIPE["training"] | {"learning_rate": 0.5, "ema": 0.0, "keep": 9}}
    (folder / "recipe.yaml").write_text(ft.Recipe(**recipe).to_yaml())
    with pytest.raises(RunError) as caught:
        execute(folder)
    assert "cannot go on from step-00000007: its recipe changed since" in str(caught.value)
    assert "training.learning_rate was 'auto' and is 0.5; training.ema was 0.5 and is 0.0." in str(caught.value)


def test_a_damaged_checkpoint_is_said_and_the_one_before_it_used(whole, tmp_path):
    folder = folder_for(tmp_path, "damaged")
    with pytest.raises(Killed):
        execute(folder, Hand(folder, ASKED, killed_at=13))
    newest = max((folder / "checkpoints").glob("step-*"))
    (newest / "state.safetensors").write_bytes(b"half")
    execute(folder, Hand(folder, {14: ("epochs", 5)}))
    notes = [event["message"] for event in Run(folder).events() if event["event"] == "note"]
    assert any(note.startswith(f"Checkpoint {newest.name} is damaged; going on from step-") for note in notes)
    assert sha(folder) == sha(whole)
    assert told(folder) == told(whole)


def test_history_forgets_what_came_after_the_checkpoint():
    def line(kind, step):
        return {"event": kind, "step": step}

    before = [line("changed", 5), line("checkpoint", 5)]
    lost = [line("changed", 5), line("step", 6)]
    assert history([*before, *lost, line("resumed", 5), line("step", 6)]) == [
        *before,
        line("resumed", 5),
        line("step", 6),
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["learnin_rate=1"], "'learnin_rate=1': asked is NAME=VALUE; nearest is 'learning_rate'"),
        (["learning_rate"], "asked is NAME=VALUE"),
    ],
)
def test_set_says_what_is_wrong_with_its_words(whole, capsys, words, said):
    before = signal.getsignal(signal.SIGTERM)
    assert main(["set", str(whole), *words]) == 2
    assert said in capsys.readouterr().err
    signal.signal(signal.SIGTERM, before)


@pytest.mark.parametrize(
    ("name", "value"), [("batch_size", 1), ("batch_size", 2.5), ("epochs", 0), ("learning_rate", 0)]
)
def test_numbers_out_of_range_are_refused(tmp_path, name, value):
    with pytest.raises(RunError, match=f"{name}: {value}; asked is a"):
        ask(tmp_path, name, value)


def test_the_command_line_writes_the_request(tmp_path):
    (tmp_path / "r").mkdir()
    (tmp_path / "r" / "recipe.yaml").write_text(ft.Recipe(**RECIPE).to_yaml())
    before = signal.getsignal(signal.SIGTERM)
    assert main(["set", str(tmp_path / "r"), "learning_rate=1e-4", "epochs=20"]) == 0
    assert main(["evaluate", str(tmp_path / "r")]) == 0
    signal.signal(signal.SIGTERM, before)
    lines = [json.loads(line) for line in (tmp_path / "r" / "control.jsonl").read_text().splitlines()]
    assert [(line["request"], line.get("value")) for line in lines] == [
        ("learning_rate", 1e-4),
        ("epochs", 20),
        ("evaluate", None),
    ]
