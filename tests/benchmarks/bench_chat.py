"""Chats: the time to read and check 200,000 conversations against the time to parse their JSON; planted defects found.

Run with ``OMP_NUM_THREADS=1 python tests/benchmarks/bench_chat.py [conversations]``. Real chats from ../shared/data,
repeated under other numbers until there are enough.
"""

from __future__ import annotations

import copy
import json
import os
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

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


def plant(chats: list[list[dict]], each: int) -> dict[int, tuple[str, str, int]]:
    """Put 16 kinds of defects into some chats: kind, code and turn by row."""
    rng, told = np.random.default_rng(0), {}
    plain = [i for i, chat in enumerate(chats) if len(chat) == 2 and len(chat[1]["content"]) > 400]
    called = [i for i, chat in enumerate(chats) if any(turn.get("tool_calls") for turn in chat)]
    rows = iter(rng.permutation(plain).tolist())
    for kind, (code, turn, spoil) in DEFECTS.items():
        where = (
            rng.choice(called, each, replace=False).tolist()
            if kind == "broken call"
            else [next(rows) for _ in range(each)]
        )
        for row in where:
            chats[row] = spoil(copy.deepcopy(chats[row]))
            number = (
                next(k for k, t in enumerate(chats[row], 1) if t.get("tool_calls")) if kind == "broken call" else turn
            )
            told[row] = (kind, code, number)
    return told


def said(chat: list[dict], turn: int, text: str) -> list[dict]:
    """The chat with another text in one turn."""
    chat[turn - 1]["content"] = text
    return chat


def broken(chat: list[dict]) -> list[dict]:
    """The chat with a call of a tool cut off."""
    call = next(turn for turn in chat if turn.get("tool_calls"))["tool_calls"][0]["function"]
    call["arguments"] = call["arguments"][: len(call["arguments"]) // 2] + '"'
    return chat


def hanging(chat: list[dict]) -> list[dict]:
    """The chat with its answer cut after a word that wants another."""
    return said(chat, 2, " ".join(chat[1]["content"].split()[:40]).rstrip(".,;:!?") + ", because of the")


DEFECTS = {
    "swapped roles": ("CHT201", 1, lambda c: c[::-1]),
    "two questions": ("CHT201", 2, lambda c: [c[0], *c]),
    "unknown role": ("CHT201", 1, lambda c: [{**c[0], "role": "Human"}, c[1]]),
    "empty answer": ("CHT202", 2, lambda c: said(c, 2, " ")),
    "no last answer": ("CHT203", 3, lambda c: [*c, {"role": "user", "content": "And then?"}]),
    "hanging end": ("CHT204", 2, hanging),
    "open fence": ("CHT204", 2, lambda c: said(c, 2, f"{c[1]['content']}\n```python\nprint(1)")),
    "question again": ("CHT205", 2, lambda c: said(c, 2, c[0]["content"])),
    "refusal": ("CHT206", 2, lambda c: said(c, 2, "I'm sorry, but I cannot help with that request.")),
    "template token": ("CHT207", 2, lambda c: said(c, 2, f"{c[1]['content']}<|im_end|>")),
    "over the window": ("CHT208", 2, lambda c: said(c, 2, f"{c[1]['content']} " * 100)),
    "broken call": ("CHT211", 0, broken),
    "filler input": ("CHT212", 1, lambda c: said(c, 1, f"{c[0]['content']}\n<noinput>")),
    "no output": ("CHT212", 2, lambda c: said(c, 2, "<nooutput>")),
    "merged rows": (
        "CHT213",
        2,
        lambda c: said(c, 2, f"{c[1]['content']}\n\n##\n7. Instruction:\nDo it.\n7. Output:\nDone."),
    ),
    "evaluation row": ("CHT210", 1, lambda c: said(c, 1, f"{EVALUATION} Explain it.")),
}
EVALUATION = (
    "Janet's ducks lay sixteen eggs per day, she eats three for breakfast every morning and bakes muffins for friends."
)


def defects(each: int = 20) -> None:
    """Plant, find, and print what was found by row and turn, and what was found elsewhere."""
    names = ("sft-dolly3k/dolly_3k.jsonl.gz", "chat-llamafactory-demos/glaive_toolcall_en_demo.json.gz")
    chats = [row["messages"] for name in names for row in chat_rows(read(SHARED / name), "openai")]
    told = plant(chats, each)
    rows = [{"messages": chat, "number": str(i)} for i, chat in enumerate(chats)]
    view = ft.read(rows, id="number")
    evidence = Evidence(
        view, against=ft.read({"text": [EVALUATION, "Another question of the set, with enough words in it."]})
    )
    findings = [finding for check in CHECKS for finding in check.run(view, check, evidence)]
    named = {(f.code, row, place) for f in findings for row, place in zip(f.rows, f.places, strict=False)}
    hits = dict.fromkeys(DEFECTS, 0)
    for row, (kind, code, turn) in told.items():
        hits[kind] += any(
            c == code and r == str(row) and str(turn) in p.removeprefix("turn ").split(", ") for c, r, p in named
        )
    clean = len(chats) - len(told)
    print(f"{len(DEFECTS)} kinds of defects, {each} rows each, in {len(chats):,} real chats; named by row and turn:")
    print("  " + ", ".join(f"{kind} {count}/{each}" for kind, count in hits.items()))
    for least in ("warning", "info"):
        severe = [f for f in findings if least == "info" or f.severity != "info"]
        others = {row for f in severe for row in f.rows} - {str(row) for row in told}
        print(
            f"  other rows with a finding of severity {least} or more: {len(others)} of {clean:,} ({len(others) / clean:.2%})"
        )


def main(count: int = 200_000) -> None:
    """Plant and find, then measure three rounds and print the best."""
    defects()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "chats.jsonl"
        make(path, count)
        lines = path.read_bytes().splitlines()
        print(f"{count:,} conversations, {path.stat().st_size / 2**20:.0f} MiB")
        parse = min(clock(lambda: [json.loads(line) for line in lines])[0] for _ in range(3))
        lines.clear()
        rounds = []
        for attempt in range(3):
            os.environ["FTKIT_CACHE"] = f"{folder}/cache{attempt}"  # else a second reading finds its work done
            reading, view = clock(lambda: ft.read(path))
            checking, found = clock(lambda view=view: check_all(view))
            rounds.append((reading + checking, reading, checking, found))
        both, reading, checking, found = min(rounds)
        print(f"parse {parse:.2f} s; read {reading:.2f} s; check {checking:.2f} s ({found} findings)")
        print(f"read and check: {both / parse:.2f} of the time of parsing (to be at most 4)")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
