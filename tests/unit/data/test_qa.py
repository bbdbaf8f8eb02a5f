from __future__ import annotations

import json

import pytest

import ftkit as ft

QAS = [{"id": "q1", "question": "Who?", "answers": [{"text": "Ann", "answer_start": 0}]}]
PARAGRAPH = {
    "context": "Ann was here.",
    "qas": [*QAS, {"id": "q2", "question": "Where?", "answers": [], "is_impossible": True}],
}
ARTICLE = {"title": "Ann", "paragraphs": [PARAGRAPH]}
FLAT = [
    {"id": "q1", "context": "Ann was here.", "question": "Who?", "answers": {"text": ["Ann"], "answer_start": [0]}},
    {"id": "q2", "context": "Ann was here.", "question": "Where?", "answers": {"text": [], "answer_start": []}},
]


def lines(rows: list[dict]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (json.dumps({"version": "2.0", "data": [ARTICLE, ARTICLE]}), "squad.json"),
        (json.dumps({"data": [ARTICLE, ARTICLE]}, indent=1), "squad.json"),
        (lines([ARTICLE, ARTICLE]), "squad.jsonl"),
        (lines([PARAGRAPH, PARAGRAPH]), "squad.jsonl"),
        (json.dumps([ARTICLE, ARTICLE]), "squad.json"),
    ],
)
def test_nested_questions_become_rows(written, content, name):
    view = ft.read(written(content, name))
    assert (len(view), view.task) == (4, "question-answering")
    assert view[0]["question"] == "Who?"
    assert view[0]["answers"] == {"text": ["Ann"], "answer_start": [0]}


def test_flat_questions(written):
    view = ft.read(written(lines(FLAT), "qa.jsonl"))
    assert (view.task, view.target, view.features) == ("question-answering", "answers", ["context", "question"])
    assert view.columns["id"].role == "id"


def test_answers_are_texts_not_labels(written):
    view = ft.read(written(lines(FLAT), "qa.jsonl"))
    assert view.classes == ()
    with pytest.raises(ft.DataError, match="answers with texts, not with labels"):
        view.labels  # noqa: B018
    assert not {found.code[:3] for found in ft.inspect(view).findings} & {"LAB", "BAL"}


@pytest.mark.parametrize(
    "rows",
    [
        [{"translation": {"en": f"House {i}.", "zh": f"房子{i}。"}} for i in range(30)],
        [{"en": f"House {i}.", "zh": f"房子{i}。"} for i in range(30)],
    ],
)
def test_translation_pairs(written, rows):
    view = ft.read(written(lines(rows), "t.jsonl"))
    assert (view.task, view.features, view.target) == ("translation", ["en"], "zh")
    assert view[1] == {"en": "House 1.", "zh": "房子1。"}


def test_source_and_target(written):
    text = "source,target\n" + "".join(f"the house number {i},das Haus Nummer {i}\n" for i in range(30))
    assert ft.read(written(text)).task == "translation"
    assert ft.read(written(text), target="source").task != "translation"


def test_a_snapshot_keeps_the_task(written, tmp_path):
    view = ft.read(written(lines(FLAT), "qa.jsonl"))
    again = ft.read(view.save(tmp_path / "qa.parquet"))
    assert (again.task, again.target, again.fingerprint) == (view.task, view.target, view.fingerprint)
