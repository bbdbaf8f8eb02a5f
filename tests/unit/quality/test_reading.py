"""What reading noticed becomes a finding; where there is nothing to notice there is none."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import ftkit as ft
from ftkit.data import DatasetView
from ftkit.quality import CHECKS

HEAD = "size,colour,label\n"
ROWS = [f"{i}.5,{'rot' if i % 3 else 'grün'},{'a' if i % 2 else 'b'}\n" for i in range(40)]
CHAT = {"messages": [{"role": "user", "content": "你好？"}, {"role": "assistant", "content": "你好。"}]}


def csv(folder: Path, content: str, encoding: str = "utf-8", **options) -> DatasetView:
    (folder / "rows.csv").write_text(content, encoding=encoding)
    return ft.read(folder / "rows.csv", **options)


def pictures(folder: Path, *lines: str, classes: bool = False) -> DatasetView:
    rng = np.random.default_rng(0)
    for i in range(6):
        place = folder / "photos" / (str(i % 2) if classes else "")
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 255, (16, 16, 3), dtype=np.uint8)).save(place / f"{i}.png")
    if not classes:
        named = [f"{i}.png,{'ab'[i % 2]}\n" for i in range(4)]
        (folder / "photos" / "labels.csv").write_text("file,label\n" + "".join([*named, *lines]))
    return ft.read(folder / "photos")


def with_a_stranger(folder: Path) -> DatasetView:
    pictures(folder, classes=True)
    (folder / "photos" / "0" / "notes.doc").write_text("notes")
    return ft.read(folder / "photos")


def with_a_bad_line(folder: Path) -> DatasetView:
    (folder / "rows.jsonl").write_text(json.dumps(CHAT) + "\nnonsense\n")
    return ft.read(folder / "rows.jsonl", errors="report")


def through_the_cache(folder: Path) -> DatasetView:
    (folder / "rows.jsonl").write_text(f"{json.dumps(CHAT)}\n" * 50)
    return ft.read(folder / "rows.jsonl")


def with_other_case(folder: Path) -> Path:
    (folder / "test.csv").write_text(HEAD + "".join(ROWS[:9]).replace(",a\n", ",A.\n"), encoding="utf-8")
    return folder / "test.csv"


def without_labels(folder: Path) -> DatasetView:
    pixels = np.random.default_rng(0).integers(0, 255, (12, 28, 28), dtype=np.uint8)
    head = np.array([0x0803, *pixels.shape], ">u4").tobytes()
    (folder / "train-images-idx3-ubyte").write_bytes(head + pixels.tobytes())
    return ft.read(folder / "train-images-idx3-ubyte")


def edited(folder: Path, row: int | str, op: str, *what) -> DatasetView:
    view = csv(folder, HEAD + "".join(ROWS))
    row = view.ids[row] if isinstance(row, int) else row
    return view.apply([ft.Edit(row, op, *what)])


PLANTED: dict[str, Callable[[Path], DatasetView]] = {
    "SRC101": with_a_stranger,
    "SRC102": lambda folder: csv(
        folder, HEAD.replace("colour", "颜色") + "".join(ROWS).replace("rot", "红色的"), "gb18030"
    ),
    "SRC103": lambda folder: csv(folder, "".join(ROWS), target="column_3"),
    "SRC104": through_the_cache,
    "SRC105": with_a_bad_line,
    "SRC106": lambda folder: pictures(folder, "4.png,a\n", "5.png,b\n", "none.png,a\n"),
    "SRC107": lambda folder: pictures(folder, "4.png,a\n"),
    "SRC108": lambda folder: pictures(folder, "4.png,a\n", "5.png,b\n", "5.png,a\n"),
    "TAB103": lambda folder: csv(
        folder,
        "remark," + HEAD + "".join(f"remark number {i} is a long one of its own,{row}" for i, row in enumerate(ROWS)),
    ),
    "TAB104": lambda folder: csv(folder, HEAD + "".join(ROWS) + "N/A,rot,a\n"),
    "LAB101": lambda folder: csv(folder, HEAD + "".join(ROWS) + "7.5,rot,\n"),
    "LAB102": lambda folder: csv(folder, HEAD + "".join(ROWS) + "7.5,rot,a \n"),
    "LAB103": lambda folder: csv(folder, HEAD + "".join(ROWS), test=with_other_case(folder)),
    "LAB105": without_labels,
    "EDT101": lambda folder: edited(folder, "nope", "drop"),
    "EDT102": lambda folder: edited(folder, 3, "fill", "size", 9.5),
}


@pytest.mark.parametrize("code", PLANTED)
def test_what_was_noticed_is_found(code, tmp_path, monkeypatch):
    monkeypatch.setenv("FTKIT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("ftkit.data.jsonl.BIG", 1000)
    found = ft.inspect(PLANTED[code](tmp_path))
    assert code in [finding.code for finding in found.findings]


@pytest.mark.parametrize(
    "make", [lambda folder: csv(folder, HEAD + "".join(ROWS)), lambda f: pictures(f, classes=True)]
)
def test_nothing_is_found_where_nothing_was_noticed(make, tmp_path):
    found = {finding.code for finding in ft.inspect(make(tmp_path)).findings}
    assert not found & PLANTED.keys()


def test_every_check_of_reading_is_planted():
    noted = {code for code, check in CHECKS.items() if check.run.__name__ == "noted"}
    assert noted <= PLANTED.keys()


@pytest.mark.parametrize("code", ["LAB101", "LAB103", "LAB105"])
def test_notes_of_labels_do_not_mind_the_order_of_rows(code, tmp_path):
    view = PLANTED[code](tmp_path)
    order = np.random.default_rng(1).permutation(len(view))
    there, mixed = (
        [(f.message, sorted(f.rows)) for f in ft.inspect(rows).findings if f.code == code]
        for rows in (view, view.select(order))
    )
    assert there == mixed


def test_missing_labels_are_nothing_to_rows_without_a_target(tmp_path):
    outcome = {check.code: check.outcome for check in ft.inspect(without_labels(tmp_path)).checks}
    assert outcome["LAB101"] == "not applicable"
