"""How steps are taken: compiled where it pays back, recorded where launching is what takes time."""

import numpy as np
import pytest
import torch
from torch import nn

from ftkit.models import build_model
from ftkit.training import Settings, TableRows, choose_device, compiling, graphs, make_loss, steps, train
from ftkit.training.event import Changed, Note, Step

CPU = torch.device("cpu")


def rows(n=400):
    features = np.random.default_rng(0).normal(size=(n, 5)).astype(np.float32)
    return TableRows(features, (features[:, 0] > 0).astype(np.int64), np.arange(n), CPU)


def play(**keys):
    model = build_model("mlp", outputs=2, features=5, seed=1).model
    settings = Settings(**({"epochs": 10, "batch_size": 20, "log_every": 1} | keys))
    return list(train(model, rows(), make_loss(), settings, choose_device("cpu"))), model


def losses(events):
    return [event.loss for event in events if isinstance(event, Step)]


class Clock:
    """Seconds that steps are said to take."""

    def __init__(self, monkeypatch, slow):
        self.now, self.each = 0.0, 1.0
        monkeypatch.setattr(compiling.time, "perf_counter", lambda: self.now)
        real = steps.Steps.take

        def take(own, *given):
            self.now += self.each if own.whole.passes is own._plain else slow
            return real(own, *given)

        monkeypatch.setattr(steps.Steps, "take", take)


class Compiled(nn.Module):
    """What stands for a compiled model."""

    def __init__(self, model):
        super().__init__()
        self.model, self.calls = model, 0

    def forward(self, features):
        self.calls += 1
        return self.model(features)


@pytest.fixture
def on_trial(monkeypatch):
    """Compile models in name, and try it on the CPU too."""
    made = []
    for module in (compiling, steps):
        monkeypatch.setattr(module, "compile_model", lambda model: made.append(Compiled(model)) or made[-1])
    real = steps.Steps.__init__

    def begin(own, *given):
        real(own, *given)
        if own.settings.compile == "auto":
            own._trial = compiling.trial(own.whole)
            next(own._trial)

    monkeypatch.setattr(steps.Steps, "__init__", begin)
    return made


def test_what_is_faster_compiled_stays_compiled(on_trial, monkeypatch):
    Clock(monkeypatch, slow=0.5)
    events, _ = play(epochs=40)
    notes = [event.message for event in events if isinstance(event, Note)]
    assert len(notes) == 1
    assert "a step takes 500 ms instead of 1e+03 ms" in notes[0]
    assert on_trial[0].calls == 40 * 20 - compiling.WARM_UP - compiling.TIMED


def test_what_brings_nothing_is_taken_back(on_trial, monkeypatch):
    Clock(monkeypatch, slow=0.99)
    events, _ = play(epochs=40)
    notes = [event.message for event in events if isinstance(event, Note)]
    assert len(notes) == 1
    assert "brings nothing" in notes[0]
    assert on_trial[0].calls == compiling.WARM_UP + compiling.TIMED


def test_a_short_run_does_not_try(on_trial, monkeypatch):
    Clock(monkeypatch, slow=0.5)
    events, _ = play(epochs=2)
    assert not on_trial
    assert not [event for event in events if isinstance(event, Note)]


def test_a_trial_changes_no_weight(on_trial, monkeypatch):
    Clock(monkeypatch, slow=0.5)
    tried, one = play(epochs=40)
    plain, other = play(epochs=40, compile=False)
    assert losses(tried) == losses(plain)
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), other.parameters(), strict=True))


def test_a_compiler_that_fails_costs_no_step(on_trial, monkeypatch):
    monkeypatch.setattr(Compiled, "forward", lambda *_: (_ for _ in ()).throw(RuntimeError("no C compiler\nat all")))
    events, one = play(compile=True)
    plain, other = play(compile=False)
    notes = [event.message for event in events if isinstance(event, Note)]
    assert notes == ["torch.compile failed, and training goes on without it: no C compiler"]
    assert losses(events) == losses(plain)
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), other.parameters(), strict=True))


def test_another_fault_of_the_model_is_told(monkeypatch):
    monkeypatch.setattr(steps, "batch_gradient", lambda *_: (_ for _ in ()).throw(RuntimeError("shapes differ")))
    with pytest.raises(RuntimeError, match="shapes differ"):
        play()


class Recording:
    """What stands for a CUDA graph: it plays the step on copies, and says how long that took."""

    seconds = 0.1

    def __init__(self, step, inputs, labels):
        self.step = step

    def play(self, inputs, labels):
        return self.step(inputs, labels)


@pytest.fixture
def recorded(monkeypatch):
    """Record steps on the CPU too; ``launch`` is the share of a step for which the host is busy."""
    monkeypatch.setattr(graphs, "_Graph", Recording)
    monkeypatch.setattr(graphs, "_room", lambda: True)
    held = []

    def make(own):
        held.append(graphs.Graphs())
        return held[-1]

    monkeypatch.setattr(steps.Steps, "_graphs", make)

    def run(launch=1.0, seconds=0.1):
        def timed(work):
            told = work()
            return told, launch, 1.0 if not held[-1]._tried else seconds

        monkeypatch.setattr(graphs, "_timed", timed)
        events, model = play(batch_size=30)
        return held[-1], events, model

    return run


def test_recorded_steps_are_the_same_steps(recorded):
    made, events, model = recorded()
    assert not made.refused
    assert len(made._held) == 2  # 400 rows in batches of 29 and 28
    plain, other = play(batch_size=30, compile=False)
    assert losses(events) == losses(plain)
    assert all(torch.equal(a, b) for a, b in zip(model.parameters(), other.parameters(), strict=True))


def test_nothing_is_recorded_where_the_host_is_ahead(recorded):
    made, _, _ = recorded(launch=0.2)
    assert "ahead" in made.refused
    assert not made._held


def test_a_recording_that_is_slower_is_given_up(recorded):
    made, events, _ = recorded(seconds=2.0)
    assert "faster" in made.refused
    assert not made._held
    assert losses(events) == losses(play(batch_size=30, compile=False)[0])


def test_nothing_is_recorded_without_room(recorded, monkeypatch):
    monkeypatch.setattr(graphs, "_room", lambda: False)
    made, _, _ = recorded()
    assert "room" in made.refused


def test_what_cannot_be_recorded_is_done_as_usual(recorded, monkeypatch):
    monkeypatch.setattr(Recording, "__init__", lambda *_: (_ for _ in ()).throw(RuntimeError("not while capturing")))
    monkeypatch.setattr(graphs.torch.cuda, "synchronize", lambda: None)
    made, events, _ = recorded()
    assert made.refused == "not while capturing"
    assert len(losses(events)) == 10 * 14


@pytest.mark.parametrize("launch", [0.2, 1.0])
def test_a_batch_is_made_once_whether_steps_are_recorded_or_not(recorded, monkeypatch, launch):
    made, real = [], TableRows.batch
    monkeypatch.setattr(TableRows, "batch", lambda *given: made.append(1) or real(*given))
    _, events, _ = recorded(launch=launch)
    assert len(made) == len(losses(events)) == 10 * 14


def test_memory_that_runs_out_while_steps_are_recorded_halves_the_micro_batch(recorded, monkeypatch):
    made, real = [], TableRows.batch

    def batch(own, positions, epoch):
        made.append(len(positions))
        if len(made) > 60 and len(positions) > 15:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return real(own, positions, epoch)

    monkeypatch.setattr(TableRows, "batch", batch)
    _, events, _ = recorded()
    halved = [event.value for event in events if isinstance(event, Changed)]
    assert halved == [15]
    assert len(losses(events)) == 10 * 14
