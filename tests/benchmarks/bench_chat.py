"""Chats: the time to read and check 200,000 conversations against the time to parse their JSON; planted defects found.

Run with ``OMP_NUM_THREADS=1 python tests/benchmarks/bench_chat.py [conversations]``. Real chats from ../shared/data,
repeated under other numbers until there are enough.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

import ftkit as ft
from ftkit.data import chat_rows, read
from ftkit.quality.chat import CHECKS
from ftkit.quality.check import SkipCheckError
from ftkit.quality.evidence import Evidence

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
SETS = (
    "sft-alpaca/alpaca_52k.parquet",
    "chat-llamafactory-demos/alpaca_zh_demo.json.gz",
    "chat-llamafactory-demos/glaive_toolcall_en_demo.json.gz",
    "chat-llamafactory-demos/kto_en_demo.json.gz",
    "sft-dolly3k/dolly_3k.jsonl.gz",
    "chat-sharegpt-zh/sharegpt_zh_1k.jsonl.gz",
)


def make(path: Path, count: int) -> None:
    """A JSONL file of ``count`` conversations in ShareGPT's form."""
    rows = [row for name in SETS for row in chat_rows(read(SHARED / name), "sharegpt")]
    with path.open("w", encoding="utf-8") as file:
        for i in range(count):
            turns = rows[i % len(rows)]["conversations"]
            if i >= len(rows):
                turns = [{**turns[0], "value": f"({i}) {turns[0].get('value', '')}"}, *turns[1:]]
            file.write(json.dumps({"conversations": turns}, ensure_ascii=False) + "\n")


def clock(work) -> tuple[float, object]:
    """Process seconds of one call, and what it gave."""
    start = time.process_time()
    done = work()
    return time.process_time() - start, done


def check_all(view) -> int:
    """Every check of chats; how many findings."""
    evidence, found = Evidence(view), 0
    for check in CHECKS:
        try:
            found += len(check.run(view, check, evidence))
        except SkipCheckError:
            continue
    return found


def main(count: int = 200_000) -> None:
    """Measure three rounds, print the best."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "chats.jsonl"
        make(path, count)
        lines = path.read_bytes().splitlines()
        print(f"{count:,} conversations, {path.stat().st_size / 2**20:.0f} MiB")
        parse = min(clock(lambda: [json.loads(line) for line in lines])[0] for _ in range(3))
        lines.clear()
        rounds = []
        for _ in range(3):
            reading, view = clock(lambda: ft.read(path))
            checking, found = clock(lambda view=view: check_all(view))
            rounds.append((reading + checking, reading, checking, found))
        both, reading, checking, found = min(rounds)
        print(f"parse {parse:.2f} s; read {reading:.2f} s; check {checking:.2f} s ({found} findings)")
        print(f"read and check: {both / parse:.2f} of the time of parsing (to be at most 4)")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
