"""Reading a JSONL file holds blocks of it: memory does not grow with the file."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

SMALL, LARGE = 8, 48  # MB
MEASURE = """
import re, sys, threading, time
from ftkit.data import jsonl
import ftkit as ft

def private():
    return int(re.search(r"RssAnon:\\s+(\\d+)", open("/proc/self/status").read())[1]) / 1000

def watch():
    global most
    while True:
        most = max(most, private())
        time.sleep(0.002)

jsonl.BIG = jsonl.BLOCK = 1 << 20
ft.read({"text": ["a", "b"]}).ids  # what is loaded once
before = most = private()
threading.Thread(target=watch, daemon=True).start()
view = ft.read(sys.argv[1])
view.ids, view.columns, view.fingerprint
time.sleep(0.05)
print(most - before)
"""


def write(path: Path, megabytes: int, chats: bool) -> None:
    rng = random.Random(0)
    words = [f"词{i}" if i % 3 else f"word{i}" for i in range(1000)]
    with path.open("w", encoding="utf-8") as file:
        for i in range(megabytes * 125):  # of 8 kB
            text = f"{i} {' '.join(rng.choices(words, k=1000))}"
            turns = [{"role": "user", "content": str(i)}, {"role": "assistant", "content": text}]
            file.write(json.dumps({"messages": turns} if chats else {"text": text}, ensure_ascii=False) + "\n")


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="private memory is read from /proc")
@pytest.mark.parametrize("chats", [False, True])
def test_memory_does_not_grow_with_the_file(tmp_path, monkeypatch, chats):
    monkeypatch.setenv("FTKIT_CACHE", str(tmp_path / "cache"))
    peaks = {}
    for megabytes in (SMALL, LARGE):
        path = tmp_path / f"{megabytes}.jsonl"
        write(path, megabytes, chats)
        done = subprocess.run([sys.executable, "-c", MEASURE, path], capture_output=True, text=True, check=True)
        peaks[megabytes] = float(done.stdout)
    assert peaks[LARGE] - peaks[SMALL] < 0.25 * (LARGE - SMALL), peaks
