"""Texts and chats as tokens: what is cut is told, and labels are TRL's."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ftkit.errors import DataError
from ftkit.preprocess import ChatInput, TextInput

TEMPLATE = (
    "{% for message in messages %}{% if message.role == 'assistant' %}<|{{ message.role }}|>\n"
    "{{ message.content }}</s>\n{% else %}<|{{ message.role }}|>\n{{ message.content }}\n{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>\n{% endif %}"
)
MARKED = TEMPLATE.replace(
    "{{ message.content }}</s>\n", "{% generation %}{{ message.content }}</s>\n{% endgeneration %}"
)
CHATS = [
    [{"role": "user", "content": "Where is the cat?"}, {"role": "assistant", "content": "In the garden."}],
    [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "你好"},
        {"role": "assistant", "content": "你好！"},
        {"role": "user", "content": "And the dog? " * 20},
        {"role": "assistant", "content": "It sleeps. " * 10},
    ],
    [{"role": "user", "content": "Nobody answers."}],
]


@pytest.fixture(scope="module")
def tokenizer(shared):
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(str(shared / "weights" / "stories260k"))


def test_texts_come_back_and_nothing_is_cut(tokenizer):
    texts = ["Once upon a time", "there was a little cat.", ""]
    made = TextInput.fit(texts, tokenizer)
    rows = made.transform(texts)
    assert rows.notes == ()
    assert [len(row) for row in rows.attention_mask] == [len(row) for row in rows.input_ids]
    assert [text.strip() for text in made.inverse_transform(rows.input_ids)] == texts
    assert TextInput.from_state(json.loads(json.dumps(made.state())), tokenizer) == made


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text("abc ,.猫é", max_size=12).map(str.strip), min_size=1, max_size=5))
def test_any_text_comes_back(tokenizer, texts):
    made = TextInput.fit(texts, tokenizer, 500)
    assert [text.strip() for text in made.inverse_transform(made.transform(texts).input_ids)] == texts


def test_what_is_cut_is_counted_and_named(tokenizer):
    texts = ["a cat", "a very long story of a cat and a dog", "a dog sat on the mat with a cat"]
    whole = TextInput.fit(texts, tokenizer).transform(texts)
    rows = TextInput.fit(texts, tokenizer, 8).transform(texts, ids=["甲", "乙", "丙"])
    assert [len(row) for row in rows.input_ids] == [min(8, len(row)) for row in whole.input_ids]
    lost = [len(row) - 8 for row in whole.input_ids[1:]]
    assert rows.cut == {"乙": lost[0], "丙": lost[1]}
    (note,) = rows.notes
    assert note.startswith(f"2 of 3 rows are longer than 8 tokens; {sum(lost)} tokens (")
    assert "乙, 丙" in note
    for short, long in zip(rows.input_ids, whole.input_ids, strict=True):
        np.testing.assert_array_equal(short, long[: len(short)])


def test_lengths_that_do_not_fit_are_told(tokenizer):
    with pytest.raises(DataError, match="at least 1"):
        TextInput.fit(["a"], tokenizer, -1)
    with pytest.raises(DataError, match="1,000 tokens are asked, but the model sees 512 at once"):
        TextInput.fit(["a"], tokenizer, 1000)


def test_only_what_the_assistant_says_is_learned(tokenizer):
    made = ChatInput.fit(CHATS, tokenizer, template=TEMPLATE)
    rows = made.transform(CHATS, ids=["a", "b", "c"])
    assert rows.silent == ("c",)
    assert "1 of 3 rows have no token left to learn from: c" in rows.notes[-1]
    for row, labels, mask in zip(rows.input_ids, rows.labels, rows.attention_mask, strict=True):
        assert row.shape == labels.shape == mask.shape
        assert ((labels == row) | (labels == -100)).all()
    learned = [tokenizer.decode(labels[labels >= 0]) for labels in rows.labels]
    assert learned[0].split("</s>")[0].strip() == "In the garden."
    assert learned[1].count("</s>") == 2
    assert "dog" not in learned[1]
    assert ChatInput.from_state(json.loads(json.dumps(made.state())), tokenizer) == made
    written = tokenizer.apply_chat_template(CHATS[0], chat_template=TEMPLATE, tokenize=False)
    assert made.inverse_transform(rows.input_ids)[0].strip() == written.strip()


def test_a_marked_template_and_a_plain_one_say_the_same(tokenizer):
    plain = ChatInput.fit(CHATS, tokenizer, template=TEMPLATE).transform(CHATS)
    marked = ChatInput.fit(CHATS, tokenizer, template=MARKED).transform(CHATS)
    for one, other in zip(plain.labels + plain.input_ids, marked.labels + marked.input_ids, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("limit", [40, 512])
def test_labels_are_trl_s(tokenizer, limit, tmp_path):
    trl = pytest.importorskip("trl")
    from datasets import Dataset
    from transformers import LlamaConfig, LlamaForCausalLM

    tokenizer.pad_token = tokenizer.eos_token
    config = LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=8, intermediate_size=8, num_hidden_layers=1, num_attention_heads=1
    )
    tokenizer.chat_template = MARKED
    args = trl.SFTConfig(
        str(tmp_path), max_length=limit, assistant_only_loss=True, report_to=[], use_cpu=True, bf16=False
    )
    data = Dataset.from_list([{"messages": chat} for chat in CHATS[:2]])
    trainer = trl.SFTTrainer(LlamaForCausalLM(config), args=args, train_dataset=data, processing_class=tokenizer)
    batch = trainer.data_collator(list(trainer.train_dataset))  # TRL leaves out rows without a label
    for template in (TEMPLATE, MARKED):
        rows = ChatInput.fit(CHATS, tokenizer, limit, template).transform(CHATS[:2])
        left = [i for i in range(2) if str(i) not in rows.silent]
        assert len(left) == len(batch["labels"])
        for i, at in enumerate(left):
            there = batch["attention_mask"][i].bool()
            np.testing.assert_array_equal(rows.input_ids[at], batch["input_ids"][i][there])
            np.testing.assert_array_equal(rows.labels[at], batch["labels"][i][there])


def test_a_cut_chat_is_told(tokenizer):
    rows = ChatInput.fit(CHATS, tokenizer, 20, TEMPLATE).transform(CHATS, ids=["a", "b", "c"])
    whole = ChatInput.fit(CHATS, tokenizer, template=TEMPLATE).transform(CHATS)
    assert rows.cut["b"] == len(whole.input_ids[1]) - 20
    assert max(len(row) for row in rows.input_ids) == 20
    assert rows.limit == 20


def test_templates_that_cannot_be_used_are_told(tokenizer):
    plain = getattr(tokenizer, "chat_template", None)
    tokenizer.chat_template = None
    with pytest.raises(DataError, match="has no chat template"):
        ChatInput.fit(CHATS, tokenizer)
    tokenizer.chat_template = plain
    refusing = "{{ raise_exception('roles must alternate') }}"
    with pytest.raises(DataError, match="row x: the chat template refuses this chat: roles must alternate"):
        ChatInput.fit(CHATS, tokenizer, 20, refusing).transform(CHATS[:1], ids=["x"])
    changing = "{% for m in messages %}{{ loop.revindex }}{{ m.content }}{% endfor %}"
    with pytest.raises(DataError, match="row x, turn 3: the chat template writes earlier turns otherwise"):
        ChatInput.fit(CHATS, tokenizer, 20, changing).transform(CHATS[1:2], ids=["x"])
