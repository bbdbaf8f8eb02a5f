"""Reading a JSONL file holds blocks of it: memory does not grow with the file."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from private_memory import IS_KNOWN, most_of

SMALL, LARGE = 8, 48  # MB
BEFORE = """
from ftkit.data import jsonl
import ftkit as ft

jsonl.BIG = jsonl.BLOCK = 1 << 20
ft.read({"text": ["a", "b"]}).ids  # what is loaded once
"""
WORK = """
view = ft.read(sys.argv[1])
view.ids, view.columns, view.fingerprint
"""


def write(path: Path, megabytes: int, chats: bool) -> None:
    rng = random.Random(0)
    words = [f"词{i}" if i % 3 else f"word{i}" for i in range(1000)]
    with path.open("w", encoding="utf-8") as file:
        for i in range(megabytes * 125):  # of 8 kB
            text = f"{i} {' '.join(rng.choices(words, k=1000))}"
            turns = [{"role": "user", "content": str(i)}, {"role": "assistant", "content": text}]
            file.write(json.dumps({"messages": turns} if chats else {"text": text}, ensure_ascii=False) + "\n")


@pytest.mark.skipif(not IS_KNOWN, reason="private memory is read from /proc")
@pytest.mark.parametrize("chats", [False, True])
def test_memory_does_not_grow_with_the_file(tmp_path, monkeypatch, chats):
    monkeypatch.setenv("FTKIT_CACHE", str(tmp_path / "cache"))
    peaks = {}
    for megabytes in (SMALL, LARGE):
        path = tmp_path / f"{megabytes}.jsonl"
        write(path, megabytes, chats)
        peaks[megabytes] = most_of(BEFORE, WORK, path)
    assert peaks[LARGE] - peaks[SMALL] < 0.25 * (LARGE - SMALL), peaks
