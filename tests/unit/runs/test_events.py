"""Events: appended whole, read to the last whole line, told without what was taken back."""

import errno
import json
import os
import threading

import pytest

from ftkit.runs import events
from ftkit.runs.events import EventLog, Follower, append, history


def test_what_is_written_is_read(tmp_path):
    log, follower = EventLog(tmp_path), Follower(tmp_path / "events.jsonl")
    assert follower.read() == []
    log.write("step", step=3, loss=0.5)
    log.write("note", message="照片\n")
    first, second = follower.read()
    assert (first["event"], first["step"], first["loss"]) == ("step", 3, 0.5)
    assert (second["message"], second["step"]) == ("照片\n", 3)
    assert follower.read() == []


def test_a_line_being_written_waits(tmp_path):
    path = tmp_path / "events.jsonl"
    follower = Follower(path)
    path.write_bytes(b'{"event": "a"}\n{"event": "b"')
    assert [e["event"] for e in follower.read()] == ["a"]
    with path.open("ab") as file:
        file.write(b"}\n")
    assert [e["event"] for e in follower.read()] == ["b"]


def test_a_torn_line_is_closed_and_passed_over(tmp_path):
    path = tmp_path / "events.jsonl"
    path.write_bytes(b'{"event": "a"}\n{"event": "to')
    EventLog(tmp_path).write("b")
    assert [e["event"] for e in Follower(path).read()] == ["a", "b"]


def test_writers_do_not_mix(tmp_path):
    logs = [EventLog(tmp_path) for _ in range(4)]
    threads = [
        threading.Thread(target=lambda log=log: [log.write("x", text="y" * 500) for _ in range(50)]) for log in logs
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines = (tmp_path / "events.jsonl").read_text().splitlines()
    assert len([json.loads(line) for line in lines]) == 200


def test_nan_is_null(tmp_path):
    EventLog(tmp_path).write("step", loss=float("nan"))
    assert Follower(tmp_path / "events.jsonl").read()[0]["loss"] is None


def test_events_wait_for_a_full_disk(tmp_path, monkeypatch):
    log = EventLog(tmp_path)

    def full(path, content):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(events, "append", full)
    log.write("a")
    monkeypatch.undo()
    log.write("b")
    assert [e["event"] for e in Follower(tmp_path / "events.jsonl").read()] == ["a", "b"]


def test_a_write_that_did_not_fit_is_taken_back(tmp_path, monkeypatch):
    path = tmp_path / "events.jsonl"
    append(path, b"whole\n")
    real = os.write
    monkeypatch.setattr(os, "write", lambda handle, content: real(handle, content[:3]))
    with pytest.raises(OSError, match="no space left"):
        append(path, b"second\n")
    assert path.read_bytes() == b"whole\n"


def test_history_forgets_what_a_resumed_run_took_back():
    lines = [
        {"event": kind, "step": step}
        for kind, step in (("step", 5), ("checkpoint", 5), ("step", 10), ("evaluation", 10))
    ]
    told = history([*lines, {"event": "resumed", "step": 5}, {"event": "step", "step": 10, "again": True}])
    assert [(e["event"], e["step"]) for e in told] == [("step", 5), ("checkpoint", 5), ("resumed", 5), ("step", 10)]
