from __future__ import annotations

import numpy as np
import pytest

import ftkit as ft
from ftkit.quality.boilerplate import CHECKS
from ftkit.quality.evidence import Evidence
from ftkit.quality.passages import replaced

CHECK = CHECKS[0]
FOOTER = "This message is confidential and meant only for the person it is addressed to."
结尾 = "本邮件仅供指定收件人使用，如误收请立即删除并通知发件人。"
WORDS = [
    "river",
    "stone",
    "cloud",
    "tree",
    "house",
    "road",
    "night",
    "winter",
    "song",
    "paper",
    "glass",
    "bread",
    "salt",
    "iron",
    "wool",
    "field",
    "door",
    "light",
    "bird",
]


def texts(count: int, seed: int = 0) -> list[str]:
    rng = np.random.default_rng(seed)
    return [" ".join(rng.choice(WORDS, 30)) + f" {i}." for i in range(count)]


def run(rows: list[str]):
    view = ft.read({"text": rows, "n": list(range(len(rows)))}, text="text", id="n")
    return CHECK.run(view, CHECK, Evidence(view))


@pytest.mark.parametrize("footer", [FOOTER, 结尾, FOOTER.upper()])
def test_a_footer_is_found_and_taken_out(footer):
    rows = texts(500)
    where = list(range(0, 500, 20))
    found = run([f"{row} {footer}" if i in where else row for i, row in enumerate(rows)])[0]
    assert found.rows == [str(i) for i in where]
    assert replaced(f"{rows[0]} {footer}", found.suggest["values"][0]).strip() == rows[0]


def test_clean_texts_and_copies_pass():
    assert run(texts(300)) == []
    assert run(texts(10) * 30) == []


def test_too_few_are_no_boilerplate():
    rows = texts(500)
    assert run([f"{row} {FOOTER}" if i < 10 else row for i, row in enumerate(rows)]) == []


def test_clean_real_texts_pass(shared):
    view = ft.read(shared / "text-zh-waimai")
    assert CHECK.run(view, CHECK, Evidence(view)) == []
