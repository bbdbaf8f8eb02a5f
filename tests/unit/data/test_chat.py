from __future__ import annotations

import gzip
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import ftkit as ft
from ftkit.data import chat_rows, turns_of, write_chat

SHAREGPT = {"conversations": [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Hello."}], "id": "a"}
OPENAI = {"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello."}], "id": "a"}
ALPACA = {"instruction": "Say hello", "input": "to Ann", "output": "Hello, Ann."}
CALL = {"name": "add", "arguments": {"a": 1, "b": [2, 3]}}
REAL = [
    "chat-llamafactory-demos/alpaca_en_demo.json.gz",
    "chat-llamafactory-demos/alpaca_zh_demo.json.gz",
    "chat-llamafactory-demos/identity.json.gz",
    "chat-llamafactory-demos/glaive_toolcall_en_demo.json.gz",
    "chat-llamafactory-demos/glaive_toolcall_zh_demo.json.gz",
    "chat-llamafactory-demos/dpo_en_demo.json.gz",
    "chat-llamafactory-demos/dpo_zh_demo.json.gz",
    "chat-llamafactory-demos/kto_en_demo.json.gz",
    "chat-sharegpt-zh/sharegpt_zh_1k.jsonl.gz",
    "sft-alpaca-zh/alpaca_zh_0_3252.jsonl.gz",
    "sft-dolly3k/dolly_3k.jsonl.gz",
]


def lines(rows: list[dict]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def rows_of(path) -> list[dict]:
    with gzip.open(path) as file:
        data = file.read()
    return json.loads(data) if data.startswith(b"[") else [json.loads(line) for line in data.splitlines()]


def plain(rows: list[dict]) -> list[dict]:
    """Tools as values: a list in one form is its JSON in another."""
    return [row | {"tools": json.loads(row["tools"])} if isinstance(row.get("tools"), str) else row for row in rows]


@pytest.mark.parametrize("row", [SHAREGPT, OPENAI])
def test_list_forms_are_one_canonical_form(row):
    view = ft.read([row])
    assert view[0]["messages"] == OPENAI["messages"]
    assert (view.task, view.columns["messages"].role, view.features) == ("text-generation", "messages", ["messages"])


def test_alpaca_is_too(written):
    view = ft.read(written(lines([ALPACA, {**ALPACA, "input": ""}]), "a.jsonl"))
    assert view[0]["messages"][0] == {"role": "user", "content": "Say hello\nto Ann"}
    assert view[1]["messages"][0]["content"] == "Say hello"
    assert list(chat_rows(view)) == [ALPACA, {**ALPACA, "input": ""}]


def test_alpaca_with_system_and_history(written):
    row = {**ALPACA, "system": "Be kind.", "history": [["Who?", "Me."]]}
    rows = [row, {**ALPACA, "system": "", "history": []}]
    view = ft.read(written(lines(rows), "a.jsonl"))
    assert [turn["role"] for turn in view[0]["messages"]] == ["system", "user", "assistant", "user", "assistant"]
    assert list(chat_rows(view)) == rows


def test_a_target_makes_a_table_of_it():
    rows = {"instruction": ["a b", "c d"] * 20, "output": ["e", "f"] * 20, "category": ["x", "y"] * 20}
    assert (
        ft.read(rows, target="category").task == "text-classification"
        or "messages" not in ft.read(rows, target="category").columns
    )


def test_prompts_and_answers_when_the_task_is_given():
    rows = {"question": ["1 + 1?"], "answer": ["2"]}
    assert ft.read(rows, task="text-generation")[0]["messages"][1]["content"] == "2"
    assert "messages" not in ft.read(rows).columns


def test_a_call_of_a_tool_and_its_text_come_back():
    value = json.dumps(CALL)
    turns = [
        {"from": "human", "value": "1?"},
        {"from": "function_call", "value": value},
        {"from": "observation", "value": "3"},
    ]
    view = ft.read([{"conversations": turns}])
    function = view[0]["messages"][1]["tool_calls"][0]["function"]
    assert (function["name"], json.loads(function["arguments"])) == ("add", CALL["arguments"])
    assert view[0]["messages"][2] == {"role": "tool", "content": "3"}
    assert next(chat_rows(view))["conversations"] == turns


def test_what_a_form_cannot_say_is_kept_as_it_was():
    turns = [
        {"role": "user", "content": [{"type": "text", "text": "Hi"}], "weight": 0},
        {"role": "bot", "content": "x"},
    ]
    view = ft.read([{"messages": turns}])
    assert view[0]["messages"][0]["content"] == "Hi"
    assert next(chat_rows(view))["messages"] == turns


def test_an_edited_turn_is_written_as_edited():
    chat = [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}, {"role": "assistant", "content": "Yo"}]
    view = ft.read([{"messages": chat}])
    new = view[0]["messages"]
    new[0]["content"] = "Hello"
    edited = view.apply([{"row": view.ids[0], "op": "replace", "column": "messages", "value": new}])
    assert next(chat_rows(edited))["messages"][0] == {"role": "user", "content": "Hello"}


def test_ids_do_not_depend_on_the_form():
    assert ft.read([SHAREGPT]).content(["messages"]) == ft.read([OPENAI]).content(["messages"])


@pytest.mark.parametrize("name", REAL)
def test_real_sets_come_back_as_they_were(shared, name):
    assert list(chat_rows(ft.read(shared / name))) == rows_of(shared / name)


@pytest.mark.parametrize("form", ["sharegpt", "openai", "alpaca"])
@pytest.mark.parametrize("name", REAL)
def test_real_sets_come_back_through_every_form(shared, tmp_path, name, form):
    if form == "alpaca" and "glaive" in name:
        pytest.skip("Alpaca's form has no calls of tools")
    view = ft.read(shared / name)
    again = ft.read(write_chat(view, tmp_path / "again.jsonl", form))
    origin = {"conversations": "sharegpt", "messages": "openai"}.get(next(iter(rows_of(shared / name)[0])), "alpaca")
    assert (again.content(["messages"]) == view.content(["messages"])).all()
    assert plain(list(chat_rows(again, origin))) == plain(rows_of(shared / name))


def test_a_form_that_cannot_hold_a_turn_names_it(shared, tmp_path):
    view = ft.read(shared / "chat-llamafactory-demos" / "glaive_toolcall_en_demo.json.gz")
    with pytest.raises(ft.DataError, match=r"row .*: turn 4 is a tool call .* Write it as sharegpt or openai"):
        write_chat(view, tmp_path / "x.json", "alpaca")
    assert not list(tmp_path.iterdir())


def test_parquet_and_snapshot(tmp_path):
    pq.write_table(pa.table({"conversations": [SHAREGPT["conversations"]] * 3}), tmp_path / "a.parquet")
    view = ft.read(tmp_path / "a.parquet")
    again = ft.read(view.save(tmp_path / "b.parquet"))
    assert again[2] == view[2]
    assert (again.ids == view.ids).all()
    assert next(chat_rows(again)) == {"conversations": SHAREGPT["conversations"]}


def test_turns_of_selected_rows():
    view = ft.read([SHAREGPT, {"conversations": [{"from": "human", "value": "Ho"}]}, SHAREGPT])
    turns = turns_of(view[[1, 0]])
    assert turns.row.tolist() == [0, 1, 1]
    assert (turns.number.tolist(), list(turns.content)) == ([1, 1, 2], ["Ho", "Hi", "Hello."])


def test_a_bad_line_is_named_and_the_others_counted(written):
    path = written(lines([OPENAI]) + '{"messages": [\n' + lines([OPENAI, OPENAI]), "rows.jsonl")
    with pytest.raises(ft.DataError, match=r"rows\.jsonl, line 2: not JSON .* other 3 rows can"):
        ft.read(path)
    view = ft.read(path, errors="report")
    assert len(view) == 3
    assert [found.code for found in ft.inspect(view).findings if found.code == "SRC105"] == ["SRC105"]


def test_a_large_file_goes_through_the_cache(written, tmp_path, monkeypatch):
    monkeypatch.setenv("FTKIT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("ftkit.data.jsonl.BIG", 1000)
    monkeypatch.setattr("ftkit.data.jsonl.BLOCK", 1000)
    rows = [SHAREGPT | {"id": str(i)} for i in range(100)] + [{**SHAREGPT, "id": "z", "n": 1.5}]
    path = written(lines(rows), "big.jsonl")
    view = ft.read(path)
    assert list(chat_rows(view)) == rows
    assert "read through" in view.notes[0].message
    kept = list((tmp_path / "cache" / "rows").iterdir())
    assert ft.read(path).fingerprint == view.fingerprint
    assert list((tmp_path / "cache" / "rows").iterdir()) == kept


def test_a_bad_line_of_a_large_file(written, tmp_path, monkeypatch):
    monkeypatch.setenv("FTKIT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("ftkit.data.jsonl.BIG", 1000)
    monkeypatch.setattr("ftkit.data.jsonl.BLOCK", 1000)
    path = written(lines([OPENAI] * 60) + "nope\n" + lines([OPENAI]), "big.jsonl")
    with pytest.raises(ft.DataError, match="line 61: not JSON"):
        ft.read(path)
    for _ in range(2):
        view = ft.read(path, errors="report")
        assert (len(view), view.notes[1].code) == (61, "SRC105")
