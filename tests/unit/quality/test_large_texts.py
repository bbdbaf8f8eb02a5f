"""Inspecting texts holds blocks of them: memory does not grow with the file."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pyarrow as pa
import pyarrow.json
import pyarrow.parquet as pq
import pytest
from private_memory import IS_KNOWN, most_of

SMALL = 8  # MB
LETTERS = "abcdefghijklmnopqrstuvwxyz词"
BEFORE = """
from ftkit.data import jsonl, source, texts
from ftkit.quality import boilerplate, scratch, text_vectors
import ftkit as ft

jsonl.BIG = jsonl.BLOCK = scratch.LARGE = 1 << 20
source.LARGE = source.PIECE = 1 << 19
boilerplate.HELD, texts.PART = 1e6, 1 << 19
text_vectors.LEARNT_FROM, text_vectors.DIMENSIONS = 200, 32
"""
WORK = """
found = ft.inspect(sys.argv[1])
assert {check.outcome for check in found.checks} <= {"passed", "finding", "not applicable", "skipped"}
"""


def write(path: Path, megabytes: int, chats: bool) -> None:
    rng = random.Random(0)
    with path.open("w", encoding="utf-8") as file:
        for i in range(megabytes * 50):  # of 20 kB
            text = f"{i} {' '.join(''.join(rng.choices(LETTERS, k=5)) for _ in range(2500))}."
            turns = [{"role": "user", "content": f"{i}?"}, {"role": "assistant", "content": text}]
            row = {"messages": turns} if chats else {"text": text, "label": rng.choice("ab")}
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def packed(path: Path) -> Path:
    """The rows of a JSONL file as a Parquet file of one row group, and no longer as JSONL."""
    pq.write_table(pa.json.read_json(path), path.with_suffix(".parquet"), compression="zstd", use_dictionary=False)
    path.unlink()
    return path.with_suffix(".parquet")


@pytest.mark.skipif(not IS_KNOWN, reason="private memory is read from /proc")
@pytest.mark.parametrize(
    ("chats", "large", "suffix"), [(False, 48, "jsonl"), (True, 28, "jsonl"), (False, 48, "parquet")]
)
def test_memory_does_not_grow_with_the_texts(tmp_path, monkeypatch, chats, large, suffix):
    monkeypatch.setenv("FTKIT_CACHE", str(tmp_path / "cache"))
    peaks = {}
    for megabytes in (SMALL, large):
        path = tmp_path / f"{megabytes}.jsonl"
        write(path, megabytes, chats)
        if suffix == "parquet":
            path = packed(path)
        peaks[megabytes] = most_of(BEFORE, WORK, path)
    assert peaks[large] - peaks[SMALL] < 0.75 * (large - SMALL), peaks
