from __future__ import annotations

import json
from copy import deepcopy

import pytest

import ftkit as ft
from ftkit.data import Texts
from ftkit.quality.chat import CHECKS
from ftkit.quality.check import SkipCheckError
from ftkit.quality.evidence import Evidence
from ftkit.quality.ngrams import runs_of, words_of

LONG = (
    "Rivers begin as small springs in the hills. Rain and melting snow feed them on their way down. They carry sand and "
    "stones, and they cut valleys into the rock. Near the sea they grow slow and wide. There they lay down what they "
    "have carried so far, and new land is made of it. People have always lived near rivers, and they"
)


def say(*turns: str) -> list[dict]:
    return [{"role": "assistant" if i % 2 else "user", "content": turn} for i, turn in enumerate(turns)]


def call(arguments: str, name: str = "add") -> dict:
    return {
        "role": "assistant",
        "tool_calls": [{"type": "function", "function": {"name": name, "arguments": arguments}}],
    }


GOOD = [
    say("What is a river?", LONG.removesuffix(", and they") + "."),
    say("把下面的句子翻译成中文：hello", "你好。"),
    say("Name three fruits.", "Apples, pears, plums", "And two more?", "- figs\n- dates"),
    [*say("Add 1 and 2."), call('{"a": 1, "b": 2}'), {"role": "tool", "content": "3"}, *say("x", "It is 3.")[1:]],
    say("什么是河流？", "河流是陆地上流动的水。它从高处流向低处，最后流入海洋或湖泊。"),
]
PLANTED = {
    "roles swapped": ("CHT201", 1, [*say("q one", "a one.")[::-1]]),
    "two questions": ("CHT201", 2, [*say("q one"), *say("q two", "An answer.")]),
    "unknown role": ("CHT201", 1, [{"role": "Human", "content": "What is it?"}, *say("x", "A thing.")[1:]]),
    "empty answer": ("CHT202", 2, say("What is a lake?", "  ")),
    "no answer": ("CHT203", 3, say("What is a lake?", "Still water.", "And a pond?")),
    "open fence": ("CHT204", 2, say("Print one in Python.", "Here it is:\n```python\nprint(1)")),
    "hanging word": ("CHT204", 2, say("Why do they matter?", "They matter because people have always lived near the")),
    "cut sentence": ("CHT204", 2, say("Tell me about streams.", LONG)),
    "中文截断": ("CHT204", 2, say("为什么？", "这是因为人们一直生活在河流附近，而且他们需要水和")),
    "question again": ("CHT205", 2, say("What is the deepest lake?", "what is the deepest lake")),
    "refusal": ("CHT206", 2, say("What is a brook?", "I'm sorry, but I cannot help with that.")),
    "拒绝": ("CHT206", 2, say("什么是小溪？", "很抱歉，我无法回答这个问题。")),
    "template token": ("CHT207", 2, say("What is a spring?", "Water from the ground.<|im_end|>")),
    "over the window": ("CHT208", 2, say("Tell me all.", "All of it is here. " * 4000)),
    "other answer": ("CHT209", 2, say("What is a river?", "A kind of bird.")),
    "not JSON": (
        "CHT211",
        2,
        [*say("Add."), call('{"a": 1, "b"'), {"role": "tool", "content": "?"}, *say("", "3.")[1:]],
    ),
    "no input": ("CHT212", 1, say("Tell a joke.\n<noinput>", "A fish walks into a bar.")),
    "no output": ("CHT212", 2, say("What is a moor?", "<nooutput>")),
    "merged": ("CHT213", 2, say("Add 1 and 2.", "3\n\n##\n12. Instruction:\nAdd 2 and 3.\n12. Output:\n5")),
}


def codes(view, **options) -> dict[str, list]:
    """The findings of the checks of chats, by code."""
    evidence, out = Evidence(view, **options), {}
    for check in CHECKS:
        try:
            for finding in check.run(view, check, evidence):
                out.setdefault(finding.code, []).append(finding)
        except SkipCheckError:
            continue
    return out


def read(chats: list) -> ft.DatasetView:
    return ft.read([{"messages": chat} for chat in chats])


def test_good_chats_pass():
    assert codes(read(GOOD)) == {}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_defect_is_named_by_row_and_turn_with_a_fix(name):
    code, turn, chat = PLANTED[name]
    view = read([*GOOD, chat])
    found = codes(view)
    assert set(found) - {"CHT203"} == {code} - {"CHT203"}
    assert any((f.rows, f.places) == ([view.ids[-1]], [f"turn {turn}"]) for f in found[code])
    assert all(f.suggest["op"] in ("drop", "replace") and "To mend" in f.message for f in found[code])


@pytest.mark.parametrize("name", [name for name in PLANTED if name != "other answer"])
def test_what_a_fix_puts_in_its_place_is_clean(name):
    code, _, chat = PLANTED[name]
    found = codes(read([*GOOD, chat]))[code][0]
    if found.suggest["op"] == "replace":
        assert code not in codes(read([*GOOD, *found.suggest["values"]]))


def test_the_order_of_rows_does_not_matter():
    chats = [*GOOD, *(chat for _, _, chat in PLANTED.values())]
    view = read(chats)
    there, back = codes(view), codes(view[list(range(len(chats)))[::-1]])
    same = {code: {row for f in found for row in f.rows} for code, found in there.items() if code != "CHT209"}
    assert same == {code: {row for f in found for row in f.rows} for code, found in back.items() if code != "CHT209"}


def test_not_applicable_to_tables():
    view = ft.read("iris")
    assert {check.applies(view) for check in CHECKS} == {"the rows are no chats"}


def test_untranslated_rows_of_a_chinese_set():
    view = read(
        [say(f"第{i}条河流叫什么？", f"它叫河{i}。") for i in range(20)] + [say("What is this one called?", "Elbe.")]
    )
    assert codes(view)["CHT214"][0].rows == [view.ids[-1]]


def test_contamination_by_runs_of_words_and_of_characters():
    english = "A train leaves the city at nine in the morning and drives for six hours to the coast"
    chinese = "小明有十二个苹果他给了小红五个又买了七个请问他现在一共有多少个苹果"
    against = ft.read(
        {"text": [f"{english} today.", chinese, "short one", "Where do the wild geese go in winter?"] * 3}
    )
    view = read([*GOOD, say(english.upper() + "?", "At three."), say(f"请解答：{chinese}。", "十四个。")])
    found = codes(view, against=against)["CHT210"][0]
    assert sorted(found.rows) == sorted(view.ids[-2:])
    assert "CHT210" not in codes(read(GOOD), against=against)


def test_short_texts_of_the_evaluation_set_count_as_wholes():
    against = ft.read({"text": ["Where do the wild geese go in winter?", "And where in summer?"]}, text="text")
    view = read([*GOOD, say("where do the wild geese go in winter", "South.")])
    assert codes(view, against=against)["CHT210"][0].rows == [view.ids[-1]]


def test_the_window_of_a_local_tokenizer(shared):
    model = str(shared / "weights" / "stories260k")
    view = read([*GOOD, say("Tell me a story.", "Once upon a time there was a dog. " * 80)])
    found = codes(view, model=model)["CHT208"][0]
    assert "longer than 512 tokens" in found.message
    assert found.rows[-1] == view.ids[-1]


def test_tools_that_a_row_does_not_list():
    tools = json.dumps([{"name": "subtract"}])
    rows = [{"messages": GOOD[3], "tools": tools}, {"messages": deepcopy(GOOD[3]), "tools": "[{"}]
    messages = [found.message for found in codes(ft.read(rows))["CHT211"]]
    assert "does not list" in messages[0]
    assert "not JSON" in messages[1]


def test_words_are_the_same_whatever_their_case_and_width():
    runs = [
        set(runs_of(words, 3)[0].tolist())
        for text in ("One TWO, three", "ｏne two three!")
        for words in words_of(Texts([text]))
    ]
    assert runs[0] == runs[1]


def test_words_do_not_run_from_one_text_into_the_next():
    words = next(words_of(Texts(["ab", "cd 你好", "", "ab"])))
    assert words.text.tolist() == [0, 1, 1, 1, 3]
    assert words.hashes[0] == words.hashes[-1]
    assert len(runs_of(words, 2)[0]) == 2


@pytest.mark.parametrize(
    ("name", "code", "said", "rows"),
    [
        ("sft-alpaca/alpaca_52k.parquet", "CHT202", "answers are empty", 28),
        ("sft-alpaca/alpaca_52k.parquet", "CHT213", "hold another row", 37),
        ("sft-alpaca/alpaca_52k.parquet", "CHT212", "inputs say that there is none", 673),
        ("sft-alpaca-zh/alpaca_zh_half_translated_12345_15322.jsonl.gz", "CHT214", "no Chinese", 2565),
    ],
)
def test_known_defects_of_real_sets(shared, name, code, said, rows):
    view = ft.read(shared / name)
    check = next(check for check in CHECKS if check.code == code)
    found = [f for f in check.run(view, check, Evidence(view)) if said in f.message]
    assert sum(len(f.rows) for f in found) == rows


def test_untranslated_rows_are_the_marked_ones(shared):
    view = ft.read(shared / "sft-alpaca-zh" / "alpaca_zh_half_translated_12345_15322.jsonl.gz")
    marked = view.ids[view.numbers("untranslated") == 1]
    assert set(codes(view)["CHT214"][0].rows) == set(marked)


def test_the_seven_odd_conversations(shared):
    found = codes(ft.read(shared / "chat-sharegpt-zh" / "sharegpt_zh_1k.jsonl.gz"))
    assert sum(len(f.rows) for f in found["CHT203"]) == 7
