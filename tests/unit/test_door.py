"""A door into a process: who is answered, who is not, and what is left behind."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client
from pathlib import Path

import pytest

from ftkit.door import FAMILY, Door, Visitor

OPEN = "import sys; from pathlib import Path; from ftkit.door import Door; "
OPEN += "print(Door(Path(sys.argv[1]), lambda asked: asked[::-1]).name, flush=True); "


def card(folder, door):
    return folder / f"ftkit-{door}.json"


@pytest.fixture
def start(tmp_path):
    """A process with a door that answers backwards; the door's name and the process."""
    started = []

    def go(then):
        process = subprocess.Popen(
            [sys.executable, "-c", OPEN + then, str(tmp_path)], stdout=subprocess.PIPE, text=True
        )
        started.append(process)
        return process.stdout.readline().strip(), process

    yield go
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.mark.parametrize("busy", ["import time; time.sleep(60)", "\nwhile True: pass"])
def test_a_busy_process_answers(start, tmp_path, busy):
    door, process = start(busy)
    visitor, began = Visitor(tmp_path), time.monotonic()
    assert [visitor.ask(door, asked) for asked in (b"abc", b"", b"x" * 100_000)] == [b"cba", b"", b"x" * 100_000]
    assert time.monotonic() - began < 20
    assert process.poll() is None


def test_many_ask_at_once_and_each_gets_its_own_answer(tmp_path):
    door = Door(tmp_path, lambda asked: asked * 3)
    visitor = Visitor(tmp_path)
    asked = [str(n).encode() * (n * 50) for n in range(100)]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda each: visitor.ask(door.name, each), asked)) == [each * 3 for each in asked]


def test_a_slow_answer_holds_nobody_else_up(tmp_path):
    go = threading.Event()
    door = Door(tmp_path, lambda asked: asked if asked == b"quick" or go.wait(20) else b"late")
    visitor = Visitor(tmp_path)
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(visitor.ask, door.name, b"slow")
        assert visitor.ask(door.name, b"quick") == b"quick"
        assert not slow.done()
        go.set()
        assert slow.result() == b"slow"


@pytest.mark.parametrize(
    "name", ["", "../secret", "/etc/passwd", "A" * 32, "a" * 31, "a" * 33, "a\0" * 16, "a" * 32 + "\n"]
)
def test_hostile_names_open_nothing(tmp_path, name, monkeypatch):
    monkeypatch.setattr(Path, "read_text", lambda *_, **__: pytest.fail("a file was read"))
    assert Visitor(tmp_path).ask(name, b"x") is None


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"address": "/nowhere", "key": "00"}', '{"address": 3, "key": "x"}']
)
def test_a_card_that_is_none_opens_nothing(tmp_path, content):
    card(tmp_path, "a" * 32).write_text(content)
    assert Visitor(tmp_path).ask("a" * 32, b"x") is None


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps pipes and files of a user by other means")
def test_only_its_user_comes_near(tmp_path):
    door = Door(tmp_path, bytes)
    told = json.loads(card(tmp_path, door.name).read_text())
    assert stat.S_IMODE(card(tmp_path, door.name).stat().st_mode) == 0o600
    assert stat.S_IMODE(Path(told["address"]).parent.stat().st_mode) == 0o700


def test_a_wrong_key_is_turned_away_and_the_next_is_answered(tmp_path):
    door = Door(tmp_path, lambda asked: asked)
    told = json.loads(card(tmp_path, door.name).read_text())
    with pytest.raises(AuthenticationError):
        Client(told["address"], FAMILY, b"wrong")
    assert Visitor(tmp_path).ask(door.name, b"x") == b"x"


def test_nobody_is_behind_the_door_of_a_process_that_was_killed(start, tmp_path):
    door, process = start("import time; time.sleep(60)")
    visitor = Visitor(tmp_path)
    assert visitor.ask(door, b"ab") == b"ba"
    process.kill()
    process.wait()
    assert visitor.ask(door, b"ab") is None


@pytest.mark.skipif(os.name == "nt", reason="Windows has no fork")
def test_the_card_goes_with_its_process_and_not_with_a_fork_of_it(start, tmp_path):
    fork = "import os; child = os.fork(); child or sys.exit(); os.waitpid(child, 0); "
    door, process = start(fork + "print('forked', flush=True); import time; time.sleep(1)")
    assert process.stdout.readline().strip() == "forked"
    assert card(tmp_path, door).exists()
    process.wait(20)
    assert not card(tmp_path, door).exists()
