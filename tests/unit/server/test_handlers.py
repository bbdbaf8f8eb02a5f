"""The server's requests: only for who may, only for runs below its folder, a user's fault told as 4xx."""

from __future__ import annotations

import json
import os
import socket
import struct
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import pytest

from ftkit.door import Door
from ftkit.runs.events import EventLog
from ftkit.runs.process import identity

pytest.importorskip("jupyter_server")
ROOT = Path(__file__).parents[3]
TOKEN = "t0ken"
PANEL = "c" * 32


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = tmp_path_factory.mktemp("server")
    for name in ("work/runs/叶片-1", "outside/secret-1"):
        folder = home / name
        folder.mkdir(parents=True)
        (folder / "recipe.yaml").write_text("version: 1\ndata: iris\n")
        log = EventLog(folder)
        log.write("started", **identity())
        log.write("state", state="running")
        log.write("step", step=1, epoch=0.1, loss=0.5, learning_rate=1e-3, rows_per_second=1.0, gradient_norm=1.0)
    (home / "work/runs/link-1").symlink_to(home / "outside/secret-1")
    linked = home / "work/runs/linked-file"
    linked.mkdir()
    (linked / "events.jsonl").symlink_to(home / "outside/secret-1/events.jsonl")
    (home / "work/no-run").mkdir()
    return home


@pytest.fixture(scope="module")
def url(home):
    place = home / "etc/jupyter_server_config.d/ftkit.json"
    place.parent.mkdir(parents=True)
    place.symlink_to(ROOT / "ftkit/server/enable.json")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {k: v for k, v in os.environ.items() if k != "FTKIT_RUNS"}
    environment |= {"PYTHONPATH": str(ROOT), "JUPYTER_CONFIG_PATH": str(home / "etc")}
    environment |= {f"JUPYTER_{k}_DIR": str(home / k) for k in ("CONFIG", "DATA", "RUNTIME")}
    options = [f"--ServerApp.port={port}", f"--IdentityProvider.token={TOKEN}", f"--ServerApp.root_dir={home / 'work'}"]
    command = [sys.executable, "-m", "jupyter_server", *options, "--no-browser", "--allow-root"]
    with (home / "log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, env=environment, cwd=home / "work")
    url = f"http://127.0.0.1:{port}"
    for _ in range(300):
        try:
            urllib.request.urlopen(f"{url}/api?token={TOKEN}", timeout=2)
            break
        except OSError:
            time.sleep(0.2)
    yield url
    server.terminate()
    server.wait(20)


@pytest.fixture
def ask(url):
    def go(path, body=None, token=TOKEN, **query):
        address = f"{url}/ftkit/{path}?{urllib.parse.urlencode(query)}"
        headers = {"Authorization": f"token {token}"} if token else {}
        request = urllib.request.Request(address, None if body is None else json.dumps(body).encode(), headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as reply:
                return reply.status, reply.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    return go


def header(content):
    (length,) = struct.unpack("<I", content[:4])
    return json.loads(content[4 : 4 + length])


@pytest.mark.parametrize("path", ["events", "runs", "control", "twin", "ask"])
@pytest.mark.parametrize("token", ["", "wrong"])
def test_nobody_without_the_token_is_answered(ask, path, token):
    assert ask(path, {} if path in ("control", "ask") else None, token=token, run="runs/叶片-1")[0] == 403


@pytest.fixture
def door(home, url):
    """A door in this process; what is behind it says what it was asked, and knows one panel."""
    return Door(home / "RUNTIME", lambda asked: b"" if not asked.startswith(PANEL.encode()) else b"heard: " + asked)


def test_a_question_reaches_a_kernel_as_it_is_and_its_answer_comes_back(ask, door):
    body = {"ask": "rows", "args": {"query": {"search": "锈"}}}
    status, content = ask("ask", body, door=door.name, panel=PANEL)
    assert (status, content) == (200, b"heard: " + PANEL.encode() + b"\n" + json.dumps(body).encode())


@pytest.mark.parametrize(
    "wrong", ["", "../../work/secret", "b" * 32, "c" * 31, "C" * 32, "a\0b", "c" * 32 + "\n", "%2e%2e"]
)
def test_no_other_door_or_panel_is_told_of(ask, door, wrong):
    for query in ({"door": wrong, "panel": PANEL}, {"door": door.name, "panel": wrong}):
        status, content = ask("ask", {}, **query)
        assert (status, json.loads(content)["message"]) == (404, "no such panel is open.")
    assert ask("ask", {}, door=door.name)[0] == 400


def test_a_run_is_told_by_its_path_relative_or_whole(ask, home):
    for name in ("runs/叶片-1", str(home / "work/runs/叶片-1")):
        status, content = ask("events", run=name)
        assert (status, header(content)["steps"]) == (200, 1)
        assert header(content)["status"]["state"] == "running"


@pytest.mark.parametrize(
    "name",
    ["../outside/secret-1", "runs/../../outside/secret-1", "{home}/outside/secret-1", "runs/link-1", "runs/linked-file",
     "no-run", "runs/not-there", "", "/", "/etc", "~/x", "runs/叶片-1/../叶片-1"],
)  # fmt: skip
def test_nothing_outside_the_servers_folder_is_told(ask, home, name):
    name = name.format(home=home)
    status, content = ask("events", run=name)
    assert status == 404
    assert "secret" not in json.loads(content)["message"].replace(name, "")
    assert ask("control", {"request": "stop"}, run=name)[0] == 404
    assert not (home / "outside/secret-1/control.jsonl").exists()


@pytest.mark.parametrize("body", [[], {}, {"request": 3}, {"request": "pause", "more": 1}, {"request": "explode"},
                                  {"request": "learning_rate", "value": -1}, {"request": "learning_rate", "value": "1"}])  # fmt: skip
def test_a_request_that_is_none_is_refused_with_its_sentence(ask, home, body):
    status, content = ask("control", body, run="runs/叶片-1")
    assert status == 400
    assert json.loads(content)["message"]
    assert not (home / "work/runs/叶片-1/control.jsonl").exists()


def test_numbers_are_looked_at(ask):
    assert ask("events", run="runs/叶片-1", steps="x")[0] == 400
    assert ask("events", run="runs/叶片-1", steps="-1")[0] == 400
    assert ask("events")[0] == 400


def test_what_is_asked_is_a_line_in_the_run_folder(ask, home):
    assert ask("control", {"request": "pause"}, run="runs/叶片-1")[0] == 200
    line = json.loads((home / "work/runs/叶片-1/control.jsonl").read_text().splitlines()[-1])
    assert line["request"] == "pause"
    (home / "work/runs/叶片-1/control.jsonl").unlink()


def test_a_request_waits_for_news_and_comes_back_with_them(ask, home):
    first = header(ask("events", run="runs/叶片-1")[1])
    known = {name: first[name] for name in ("generation", "steps", "others", "log")}
    began = time.monotonic()
    assert header(ask("events", run="runs/叶片-1", wait=0.5, **known)[1])["steps"] == first["steps"]
    assert time.monotonic() - began >= 0.5
    EventLog(home / "work/runs/叶片-1").write("note", message="你好")
    got = header(ask("events", run="runs/叶片-1", wait=9, **known)[1])
    assert got["events"][0]["message"] == "你好"
    assert time.monotonic() - began < 6


def test_the_runs_of_a_folder(ask):
    status, content = ask("runs", folder="runs")
    assert status == 200
    assert "叶片-1" in [run["name"] for run in json.loads(content)["runs"]]
    assert "secret-1" not in content.decode()
    assert ask("runs", folder="../outside")[0] == 404


def test_the_twin_of_runs_is_told_and_nothing_of_others(ask, home):
    status, content = ask("twin", run="runs/叶片-1")
    assert status == 200
    assert set(json.loads(content)) == {"text/html", "image/png", "text/plain"}
    assert "running" in json.loads(content)["text/plain"]
    assert ask("twin", run="../outside/secret-1")[0] == 404
    assert ask("twin")[0] == 400
