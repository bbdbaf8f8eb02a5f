"""What a model gets of texts and chats: lengths in tokens, and the stretches it learns."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest

import ftkit as ft
from ftkit.errors import DataError
from ftkit.quality.tokens import MOST, chat_pieces, token_lengths

CHAT = [
    {"role": "system", "content": "Be kind."},
    {"role": "user", "content": "Once upon a time?"},
    {"role": "assistant", "content": "There was a little girl."},
    {"role": "user", "content": "And then?"},
    {"role": "assistant", "content": "The end."},
]
TEMPLATE = "{% for m in messages %}<{{ m.role }}>{{ m.content }}</{{ m.role }}>{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}"


@pytest.fixture
def model(shared, tmp_path):
    """The tokenizer of a tiny Llama with a chat template."""
    source, folder = shared / "weights/stories260k", tmp_path / "model"
    folder.mkdir()
    for name in ("tokenizer.json", "tokenizer_config.json", "config.json"):
        shutil.copy(source / name, folder / name)
    told = json.loads((folder / "tokenizer_config.json").read_text())
    (folder / "tokenizer_config.json").write_text(json.dumps({**told, "chat_template": TEMPLATE}))
    return str(folder)


def test_without_a_tokenizer_the_assistants_turns_are_learned():
    pieces = chat_pieces(ft.read({"messages": [CHAT] * 3}), 1)
    assert [(piece.role, piece.text, piece.trained) for piece in pieces] == [
        (turn["role"], turn["content"], turn["role"] == "assistant") for turn in CHAT
    ]


def test_with_one_the_tokens_that_get_a_label_are(model):
    pieces = chat_pieces(ft.read({"messages": [CHAT] * 3}), 0, model)
    learned = [piece.text for piece in pieces if piece.trained]
    assert [text.removesuffix("</assistant>").strip() for text in learned] == [CHAT[2]["content"], CHAT[4]["content"]]
    assert not any(piece.cut for piece in pieces)
    assert "Once upon a time?" in "".join(piece.text for piece in pieces if not piece.trained)


def test_what_the_window_does_not_hold_is_cut(model):
    long = [*CHAT[:2], {"role": "assistant", "content": "girl " * 600}]
    pieces = chat_pieces(ft.read({"messages": [long] * 3}), 0, model)
    assert pieces[-1].cut
    assert any(piece.trained and not piece.cut for piece in pieces)


def test_lengths_are_those_of_the_tokenizer(model):
    texts = [f"Once upon a time there was girl number {i}." for i in range(40)]
    found = token_lengths(ft.read({"text": texts}), model)
    from transformers import AutoTokenizer

    own = AutoTokenizer.from_pretrained(model)
    assert found.tokens.tolist() == [len(own(text)["input_ids"]) for text in texts]
    assert found.window == 512


def test_of_many_rows_some_are_drawn(model):
    found = token_lengths(ft.read({"text": [f"text of number {i}" for i in range(MOST + 50)]}), model)
    assert len(found.tokens) == MOST


def test_chats_are_estimated_turn_by_turn():
    tokens = token_lengths(ft.read({"messages": [CHAT, CHAT[:2]]})).tokens
    assert tokens[0] > tokens[1] > 8


def test_rows_without_texts_have_no_tokens():
    with pytest.raises(DataError, match="no texts"):
        token_lengths(ft.read("iris"))
    with pytest.raises(DataError, match="no chats"):
        chat_pieces(ft.read({"text": [f"a text of its own, number {i}" for i in np.arange(60)]}), 0)
