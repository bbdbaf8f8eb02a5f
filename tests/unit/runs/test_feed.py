"""A run as its readers follow it: everything once, then what is new."""

from __future__ import annotations

import shutil
import threading

import numpy as np
import pytest

from ftkit.errors import RunError
from ftkit.runs import Feed
from ftkit.runs.control import code_of
from ftkit.runs.events import EventLog
from ftkit.runs.feed import COLUMNS
from ftkit.runs.process import identity
from ftkit.runs.summary import summaries


@pytest.fixture
def log(tmp_path):
    (tmp_path / "recipe.yaml").write_text("version: 1\ndata: iris\nmodel: mlp\n")
    log = EventLog(tmp_path)
    log.write("started", **identity())
    log.write("state", state="running")
    log.write("plan", steps=100, epochs=10)
    return log


def step(log, *steps):
    for n in steps:
        log.write("step", step=n, epoch=n / 10, loss=1 / n, learning_rate=1e-3, rows_per_second=50.0, gradient_norm=1.0)


def table(header, body):
    return np.frombuffer(body, np.float32).reshape(len(COLUMNS), -1), header["columns"]


def cursor(header):
    return {name: header[name] for name in ("generation", "steps", "others", "log")}


def test_a_reader_is_given_only_what_it_does_not_have(log, tmp_path):
    feed = Feed(tmp_path)
    step(log, 1, 2)
    header, body = feed.since({})
    values, names = table(header, body)
    assert values[names.index("step")].tolist() == [1, 2]
    assert [e["event"] for e in header["events"]] == ["started", "state", "plan"]
    assert not feed.has_news(cursor(header))
    step(log, 3)
    assert feed.has_news(cursor(header))
    header, body = feed.since(cursor(header))
    assert (header["begin"], header["steps"], header["events"]) == (2, 3, [])
    assert table(header, body)[0][0].tolist() == [3]


def test_a_second_reader_is_given_everything(log, tmp_path):
    feed = Feed(tmp_path)
    step(log, 1, 2)
    feed.since({})
    assert feed.since({})[0]["begin"] == 0


def test_steps_taken_back_are_told_as_another_generation(log, tmp_path):
    feed = Feed(tmp_path)
    step(log, 1, 2, 3)
    log.write("evaluation", step=3, epoch=0.3, loss=0.5)
    old, _ = feed.since({})
    log.write("resumed", step=1)
    step(log, 2)
    header, body = feed.since(cursor(old))
    assert header["generation"] == old["generation"] + 1
    assert header["begin"] == 0
    assert table(header, body)[0][0].tolist() == [1, 2]
    assert "evaluation" not in [e["event"] for e in header["events"]]


def test_a_torn_line_waits_and_a_loss_that_is_no_number_stays_in_its_place(log, tmp_path):
    feed = Feed(tmp_path)
    log.write("step", step=1, epoch=0.1, loss=float("nan"), learning_rate=1e-3, rows_per_second=1.0, gradient_norm=1.0)
    with log.path.open("a") as file:
        file.write('{"event": "step", "st')
    values, names = table(*feed.since({}))
    assert np.isnan(values[names.index("loss")]).tolist() == [True]


def test_the_status_is_that_of_the_run_with_memory_and_time_left(log, tmp_path):
    step(log, *range(1, 21))
    status = Feed(tmp_path).since({})[0]["status"]
    assert (status["state"], status["step"], status["steps"], status["over"]) == ("running", 20, 100, False)
    assert status["memory"] > 1e6
    assert status["left"] >= 0


def test_time_left_is_the_pace_since_it_last_went_on(log, tmp_path):
    feed = Feed(tmp_path)
    feed.read()
    for n, second in ((1, 0), (2, 1), (3, 2), (4, 100), (5, 101), (6, 102)):
        if n == 4:
            feed._take({"event": "state", "state": "running", "time": "2026-01-01T00:01:40+00:00"})
        time = f"2026-01-01T00:{second // 60:02}:{second % 60:02}+00:00"
        feed._take({"event": "step", "step": n, "time": time, "loss": 1.0})
    assert feed._left(feed.status) == pytest.approx(94, abs=0.01)


def test_a_run_that_is_over_cannot_be_asked(log, tmp_path):
    feed = Feed(tmp_path)
    feed.ask("pause")
    feed.ask("learning_rate", 2e-4)
    assert code_of(tmp_path).count("run.") == 2
    assert "run.set_learning_rate(0.0002)" in code_of(tmp_path)
    with pytest.raises(RunError, match="'paus' is not known; nearest is 'pause'"):
        feed.ask("paus")
    log.write("state", state="done")
    with pytest.raises(RunError, match="is over, so it cannot pause"):
        feed.ask("pause")


def test_another_run_of_the_same_name_is_read_anew(log, tmp_path):
    feed = Feed(tmp_path)
    step(log, *range(1, 50))
    old, _ = feed.since({})
    log.path.unlink()
    step(EventLog(tmp_path), 1)
    header, _ = feed.since(cursor(old))
    assert (header["begin"], header["steps"]) == (0, 1)


def test_the_log_is_sent_where_it_grew(log, tmp_path):
    (tmp_path / "worker.log").write_text("x\n" * 10_000 + "行\n")
    header, _ = Feed(tmp_path).since({})
    assert header["tail"].endswith("x\n行\n")
    assert len(header["tail"]) < 9000
    assert Feed(tmp_path).since(cursor(header))[0]["tail"] is None


def test_a_summary_is_short_and_says_what_is_known(log, tmp_path):
    step(log, *range(1, 1001))
    run = shutil.copytree(tmp_path, tmp_path / "runs" / "one", ignore=shutil.ignore_patterns("runs"))
    (found,) = summaries(tmp_path / "runs")
    assert found["folder"] == str(run)
    assert (found["data"], found["model"], found["state"], found["report"]) == ("iris", "mlp", "running", False)
    assert len(found["losses"]) <= 48
    assert found["losses"][0] > found["losses"][-1]


def test_readers_in_several_threads_take_every_event_once(log, tmp_path):
    path = tmp_path / "events.jsonl"
    step(log, 1)
    line = path.read_bytes().splitlines(keepends=True)[-1]
    path.write_bytes(path.read_bytes() + line * 3000)
    feed, ready = Feed(tmp_path), threading.Barrier(8)

    def ask():
        ready.wait()
        feed.since({})

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(feed.losses) == 3001
