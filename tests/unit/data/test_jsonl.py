from __future__ import annotations

import gzip

import pytest

import ftkit as ft


def test_lines(written):
    view = ft.read(written('{"text": "a", "label": "x"}\n\n{"label": "y", "n": 1}\n', "rows.jsonl"))
    assert view.strings("text").tolist() == ["a", None]
    assert view.missing("n") == 1


@pytest.mark.parametrize("content", ['[{"a": 1}, {"a": 2}]', '{"version": 1, "data": [{"a": 1}, {"a": 2}]}'])
def test_one_list(written, content):
    assert len(ft.read(written(content, "rows.json"))) == 2


def test_packed(written):
    assert len(ft.read(written(gzip.compress(b'{"a": 1}\n'), "rows.jsonl.gz"))) == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is empty"),
        ('{"a": 1}\n{"a": \n', r"rows\.jsonl, line 2: not JSON"),
        ('{"a": 1}\n[1]\n', r"line 2: a list where an object"),
        ("{}\n{}\n", "only empty objects"),
        ("[]", "empty list"),
        ('[{"a": 1}, 3]', "entry 2 of the list: a number"),
    ],
)
def test_faults_are_named(written, content, said):
    with pytest.raises(ft.DataError, match=said):
        ft.read(written(content, "rows.jsonl"))


def test_values_of_several_types_become_strings(written):
    view = ft.read(written('{"a": 1}\n{"a": "x"}\n{"a": {"b": 2}}\n', "rows.jsonl"))
    assert view.strings("a").tolist() == ["1", "x", '{"b":2}']


@pytest.mark.parametrize(("name", "rows"), [("alpaca_zh_demo", 1000), ("kto_en_demo", 300), ("dpo_zh_demo", 300)])
def test_real_lists(shared, name, rows):
    assert len(ft.read(shared / "chat-llamafactory-demos" / f"{name}.json.gz")) == rows
