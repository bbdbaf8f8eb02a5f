"""Steps for texts: what they change, what they spare, the same whatever the batch."""

import re

import numpy as np
import pytest

from ftkit.augment import (
    Homophones,
    KeyboardTypos,
    LookAlikes,
    OcrErrors,
    RandomCase,
    RandomDeletion,
    RandomInsertion,
    RandomSwap,
    Synonyms,
    change_texts,
    describe,
    parse,
)
from ftkit.augment.text_tables import _SHAPES, _SOUNDS
from ftkit.augment.text_units import take_apart
from ftkit.errors import RecipeError

TEXTS = [
    "The food was not good, and it took 45 minutes at Luigi's to get a table.",
    "这家餐厅的菜不好吃，等了四十五分钟才上菜，服务员态度也很差。",
    "  two   spaces\tand\nlines ",
    "",
    "x",
    "Ünïcödé 👩‍👩‍👧 naïve café",
    "สวัสดีครับ ผมชื่อสมชาย",
    "ドイツ語とEnglish混じり",
]
STEPS = [
    RandomDeletion(0.4), RandomSwap(0.4), RandomInsertion(0.4), RandomInsertion(0.4, "words"), KeyboardTypos(0.4),
    OcrErrors(0.6), RandomCase(0.5), Homophones(0.8), LookAlikes(0.9), Synonyms({"good": ["fine", "nice"], "餐厅": ["饭店", "食堂"]}, rate=0.9),
]  # fmt: skip
IDS = [f"row {i}" for i in range(len(TEXTS))]


@pytest.mark.parametrize("step", STEPS, ids=lambda s: type(s).__name__)
def test_a_text_is_the_same_whatever_is_beside_it(step):
    whole = change_texts(TEXTS, [step], IDS, epoch=3)
    alone = [change_texts([text], [step], [i], epoch=3)[0] for text, i in zip(TEXTS, IDS, strict=True)]
    back = change_texts(TEXTS[::-1], [step], IDS[::-1], epoch=3)[::-1]
    assert whole == alone == back
    assert whole != TEXTS
    assert change_texts(TEXTS * 20, [step], [f"{i}" for i in range(160)], epoch=4) != change_texts(
        TEXTS * 20, [step], [f"{i}" for i in range(160)], epoch=5
    )


@pytest.mark.parametrize("step", STEPS, ids=lambda s: type(s).__name__)
def test_negations_and_numbers_are_spared(step):
    text = "It was not 45 and never 7 for nobody without a reason"
    chinese = "我不去，没有二十五个"
    for i in range(30):
        changed, sign = change_texts([text, chinese], [step], [f"a{i}", f"b{i}"])
        assert all(word in changed.split() for word in ("not", "45", "never", "7", "nobody", "without")), changed
        assert all(c in sign for c in "不没二十五"), sign


def test_what_may_alter_a_label_is_told():
    assert RandomDeletion(0.1).may_alter == ("names",)
    assert RandomDeletion(0.1, spare=False).may_alter == ("negations", "numbers", "names")
    assert RandomInsertion().may_alter == ()
    assert describe([KeyboardTypos(spare=False)])[0]["may_alter"] == ["negations", "numbers", "names"]
    bare = [change_texts(["it was not so"], [RandomDeletion(0.5, spare=False)], [f"{i}"])[0] for i in range(30)]
    assert any("not" not in text for text in bare)


def test_rates_are_kept():
    words = " ".join(["lorem"] * 20_000)
    assert len(change_texts([words], [RandomDeletion(0.2)], ["a"])[0].split()) / 20_000 == pytest.approx(0.8, abs=0.01)
    typed = change_texts([words], [KeyboardTypos(0.1)], ["a"])[0]
    assert np.mean([a != b for a, b in zip(words, typed, strict=True)]) == pytest.approx(0.1 * 5 / 6, abs=0.01)


def test_one_unit_is_left_at_the_highest_rate():
    assert change_texts(["all of it", "全部"], [RandomDeletion(1.0)], ["a", "b"]) != ["", ""]
    assert all(change_texts(["all of it", "全部"], [RandomDeletion(1.0)], ["a", "b"]))


def test_swaps_and_deletions_need_no_spaces():
    text = "今天天气很好我们去公园玩"
    swapped = change_texts([text], [RandomSwap(0.5)], ["a"])[0]
    assert sorted(swapped) == sorted(text)
    assert swapped != text
    assert 0 < len(change_texts([text], [RandomDeletion(0.3)], ["a"])[0]) < len(text)


def test_units_put_together_are_the_text():
    assert [take_apart(text).text() for text in TEXTS[:-1] if text.strip()] == [t for t in TEXTS[:-1] if t.strip()]


def test_tables_of_chinese_characters_are_sound():
    for groups in (_SOUNDS, _SHAPES):
        for group in groups.split():
            assert re.fullmatch(r"[\u4e00-\u9fff]{2,}", group), group
            assert len(set(group)) == len(group), group


def test_synonyms_match_whole_words_in_any_case():
    step = Synonyms({"cat": ["dog"]}, rate=1)
    assert change_texts(["Cat concatenates cats, cat."], [step], ["a"]) == ["Dog concatenates cats, dog."]
    assert parse([{"synonyms": {"table": {"cat": ["dog"]}}}], kind="text")[0].table == {"cat": ["dog"]}


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({"synonyms": {"table": ["cat"]}}, "a table of words"),
        ({"random_deletion": {"rate": 2}}, "outside 0 to 1"),
        ({"random_insertion": {"what": "wrds"}}, "words"),
        ({"keyboard_typo": {}}, "keyboard_typos"),
        ({"back_translation": {"there": ""}}, "no folder or hub id"),
        ({"rotate": {}}, "changes image rows"),
    ],
)
def test_faults(given, word):
    with pytest.raises(RecipeError, match=re.escape(word)):
        parse([given], kind="text")


def test_back_translation_through_models_saved_here(tmp_path):
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import BartConfig, BartForConditionalGeneration, PreTrainedTokenizerFast

    words = ["<pad>", "<s>", "</s>", "<unk>", "a", "cat", "sat"]
    tokens = Tokenizer(models.WordLevel({w: i for i, w in enumerate(words)}, unk_token="<unk>"))
    tokens.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=tokens, pad_token="<pad>", bos_token="<s>", eos_token="</s>", unk_token="<unk>"
    )
    torch.manual_seed(0)
    config = BartConfig(
        vocab_size=7, d_model=16, encoder_layers=1, decoder_layers=1, encoder_attention_heads=2,
        decoder_attention_heads=2, encoder_ffn_dim=16, decoder_ffn_dim=16, max_position_embeddings=64, pad_token_id=0,
        bos_token_id=1, eos_token_id=2, decoder_start_token_id=2, forced_eos_token_id=None,
    )  # fmt: skip
    model = BartForConditionalGeneration(config)
    model.final_logits_bias[0, 4] = 100.0  # whatever it reads, it says "a"
    model.save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    step = {"back_translation": {"there": str(tmp_path), "back": str(tmp_path), "rate": 1.0}}
    texts, ids = ["a cat sat", "a cat", "", "cat sat a cat"], ["1", "2", "3", "4"]
    said = change_texts(texts, [step], ids)
    assert said == [change_texts([t], [step], [i])[0] for t, i in zip(texts, ids, strict=True)]
    assert said[2] == ""
    assert said != texts
    assert set(" ".join(said).split()) == {"a"}
    assert change_texts(texts, [{"back_translation": {"there": "x", "back": "y", "rate": 0.0}}], ids) == texts
