"""Panels that are asked by the door of their process: the same answers as by comm, from any thread."""

from __future__ import annotations

import json
import struct
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image

import ftkit as ft
from ftkit.door import Visitor
from ftkit.panels import listening


@pytest.fixture
def asked(monkeypatch, tmp_path):
    """Open a panel in a kernel that somebody sits before; ask it through its door."""
    monkeypatch.setenv("FTKIT_LIVE", "1")
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    listening._door.cache_clear()
    visitor = Visitor(tmp_path / "runtime")

    def go(panel, ask, **args):
        content = {"ask": ask, "args": args}
        answer = visitor.ask(panel._door, f"{panel._twin}\n{json.dumps(content)}".encode())
        return unpack(answer) if answer else None

    yield go
    listening._door.cache_clear()


def unpack(answer):
    (length,) = struct.unpack("<I", answer[:4])
    told, at, parts = json.loads(answer[4 : 4 + length]), 4 + length, []
    for size in told.pop("sizes"):
        parts.append(answer[at : at + size])
        at += size + -size % 8
    return told, parts


def by_comm(panel, ask, **args):
    sent = []
    panel.send = lambda told, buffers=(): sent.append((told, list(buffers)))
    panel._hear(panel, {"rid": 1, "ask": ask, "args": args}, [])
    told, buffers = sent[0]
    return {name: value for name, value in told.items() if name != "rid"}, buffers


def photos(folder, rows=40):
    folder.mkdir()
    for n in range(rows):
        (folder / "ab"[n % 2]).mkdir(exist_ok=True)
        Image.new("RGB", (60 + n, 50), (n * 6, 90, 30)).save(folder / "ab"[n % 2] / f"{n}.png")
    return folder


QUESTIONS = [
    ("about", {}),
    ("rows", {"query": {"sort": "number", "down": True}, "first": 2, "count": 9}),
    ("rows", {"query": {"search": "锈"}, "first": 0, "count": 100}),
    ("row", {"place": 3}),
    ("profile", {"column": "text"}),
    ("lengths", {}),
    ("row", {"place": 10**9}),
    ("dance", {}),
    ("rows", {}),
]


def test_answers_and_errors_are_those_of_the_comm(asked, tmp_path):
    view = ft.read({"number": np.arange(50.0), "text": ["锈 rust", "雨 rain"] * 25})
    panel = ft.InspectPanel(view, edits=tmp_path / "edits.jsonl")
    for ask, args in QUESTIONS:
        assert asked(panel, ask, **args) == by_comm(panel, ask, **args)


def test_a_gesture_is_written_once_and_seen_by_the_other_panel(asked, tmp_path):
    view = ft.read("iris")
    one, other = (ft.InspectPanel(view, edits=tmp_path / "edits.jsonl") for _ in range(2))
    told, _ = asked(one, "edit", places=[1, 2], op="drop")
    assert told["value"]["edits"] == "2 drop"
    assert other.decided == 2
    assert len(ft.read_edits(tmp_path / "edits.jsonl")) == 2


def test_a_closed_panel_a_stranger_and_what_is_no_question_are_not_answered(asked, tmp_path):
    panel = ft.InspectPanel(ft.read("iris"), edits=tmp_path / "edits.jsonl")
    assert asked(panel, "about")[0]["value"]["rows"] == 150
    visitor = Visitor(tmp_path / "runtime")
    for question in (b"", b"\n{}", b"\xff\xfe\n{}", panel._twin.encode()[:-1] + b"\n{}"):
        assert not visitor.ask(panel._door, question)
    for body in (b"", b"[]", b"{", b"3", b"\xff"):
        assert "object" in unpack(visitor.ask(panel._door, panel._twin.encode() + b"\n" + body))[0]["error"]
    panel.close()
    assert asked(panel, "about") is None


def test_headless_there_is_no_door(monkeypatch):
    monkeypatch.setenv("FTKIT_LIVE", "0")
    assert ft.InspectPanel(ft.read("iris"))._door == ""


def test_where_no_door_can_be_made_the_panel_is_there_all_the_same(monkeypatch, tmp_path):
    monkeypatch.setenv("FTKIT_LIVE", "1")
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "file/runtime"))
    listening._door.cache_clear()
    assert ft.InspectPanel(ft.read("iris"))._door == ""
    listening._door.cache_clear()


def test_many_threads_see_what_one_sees(asked, tmp_path):
    folder = photos(tmp_path / "photos")
    questions = [("pictures", {"places": list(range(at, at + 12))}) for at in range(0, 28, 4)]
    questions += [("rows", {"query": {"label": name}, "first": 0, "count": 20}) for name in "ab"]
    questions += [("row", {"place": place}) for place in range(0, 40, 7)]
    alone = ft.InspectPanel(ft.read(folder), edits=tmp_path / "edits.jsonl")
    wanted = [by_comm(alone, ask, **args) for ask, args in questions]
    scanned = ft.read(folder).scan().width.tolist()
    for _ in range(5):
        view = ft.read(folder)
        panels = [ft.InspectPanel(view, edits=tmp_path / "edits.jsonl") for _ in range(2)]
        begin, widths = threading.Barrier(3), []

        def cell(view=view, begin=begin, widths=widths):  # what a cell does with the same rows meanwhile
            begin.wait()
            widths += view.scan().width.tolist()

        def ask(panel, begin=begin):
            begin.wait()
            return [asked(panel, name, **args) for name, args in questions]

        with ThreadPoolExecutor(3) as pool:
            work = pool.submit(cell)
            assert list(pool.map(ask, panels)) == [wanted, wanted]
            work.result()
        assert widths == scanned
