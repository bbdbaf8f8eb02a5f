"""What a careless user types at ``inspect`` and ``clean``: a sentence, exit 2, nothing left behind."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ftkit.cli import main

TABLE = "x,y,label\n1.5,2,猫\n3,4.5,狗\n5,6,猫\n"


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, content in (("empty.csv", ""), ("header.csv", "x,y\n"), ("bad.jsonl", "nonsense\n")):
        Path(name).write_text(content)
    Path("数据").mkdir()
    Path("数据/表.csv").write_text(TABLE, encoding="utf-8")
    Path("binary.csv").write_bytes(np.random.default_rng(0).bytes(5000))
    Path("others.jsonl").write_text('{"row": "nope", "op": "drop"}\n')
    Path("op.jsonl").write_text('{"row": "nope", "op": "dorp"}\n')
    Path("taken").mkdir()
    Path("taken/kept.txt").write_text("mine")
    return tmp_path


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("inspect 数据/表格.csv", "nearest is '表.csv'"),
        ("inspect 数据/表.csv --target lable", "nearest is 'label'"),
        ("inspect empty.csv", "empty.csv is empty"),
        ("inspect header.csv", "2 columns) and no rows"),
        ("inspect binary.csv", "bytes that are no text"),
        ("inspect 数据 --out 数据/out", "lies in the source 数据"),
        ("inspect 数据/表.csv --against none.csv --out new", "there is no such file or folder"),
        ("clean 数据/表.csv --out new", "needs to know what to do"),
        ("clean 数据/表.csv --out new --edits none.jsonl", "no such file of edits"),
        ("clean 数据/表.csv --out new --edits bad.jsonl", "bad.jsonl, line 1: not JSON"),
        ("clean 数据/表.csv --out new --edits op.jsonl", "nearest is 'drop'"),
        ("clean 数据/表.csv --out new --edits others.jsonl", "the edit is not about a row"),
        ("clean 数据/表.csv --out new --policy auro", "policy 'auro' is neither"),
        ("clean 数据 --out 数据/new --policy auto", "is not apart from the source"),
        ("clean 数据/表.csv --out taken --policy auto", "is there already"),
    ],
)
def test_it_is_told_and_nothing_is_left(here, capsys, words, said):
    before = sorted(here.rglob("*"))
    assert main(words.split()) == 2
    told = capsys.readouterr()
    assert said in told.out + told.err
    assert "Traceback" not in told.err
    assert sorted(here.rglob("*")) == before


def test_a_huge_cell_is_read(here, capsys):
    Path("huge.csv").write_text(f'text,label\n"{"很长 " * 200_000}",a\nshort,b\ntiny,a\n', encoding="utf-8")
    assert main(["inspect", "huge.csv"]) == 0
    assert "1 with findings" in capsys.readouterr().out


def test_a_chinese_path_is_cleaned(here):
    assert main(["clean", "数据/表.csv", "--policy", "auto", "--out", "干净"]) == 0
    assert Path("干净/表.csv").read_text(encoding="utf-8") == TABLE
