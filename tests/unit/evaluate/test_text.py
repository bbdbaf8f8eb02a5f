import numpy as np
import pytest

from ftkit.errors import DataError
from ftkit.evaluate import evaluate, perplexity

WANTED = [
    "The cat sat on the mat.", "It's 3.14, isn't it?", "他今天去了北京。", "a b", "One two three four five six", "x",
]  # fmt: skip
WRITTEN = [
    "The cat sat on a mat.", "It is 3.14, is it not?", "他昨天去了上海。", "a", "One two three four five seven", "y",
]  # fmt: skip


def value(name, wanted=WANTED, written=WRITTEN):
    return evaluate(wanted, written, metrics=[name], split="test")[0]["value"]


def test_bleu_and_chrf_are_sacrebleus():
    sacrebleu = pytest.importorskip("sacrebleu")
    for wanted, written in ((WANTED, WRITTEN), (WANTED[:2], WRITTEN[:2]), (WANTED[3:4], WRITTEN[3:4])):
        latin = [(a, b) for a, b in zip(wanted, written, strict=True) if a.isascii()]
        ours = value("bleu", *zip(*latin, strict=True))
        assert ours == pytest.approx(sacrebleu.corpus_bleu([b for _, b in latin], [[a for a, _ in latin]]).score)
        assert value("chrf", wanted, written) == pytest.approx(sacrebleu.corpus_chrf(written, [wanted]).score)


def test_chinese_characters_are_words_of_bleu():
    sacrebleu = pytest.importorskip("sacrebleu")
    wanted, written = ["他今天去了北京,很高兴"], ["他昨天去了北京,很高兴"]
    assert value("bleu", wanted, written) == pytest.approx(
        sacrebleu.corpus_bleu(written, [wanted], tokenize="zh").score
    )


def test_what_is_known_without_a_peer():
    assert value("bleu", WANTED[4:5], WANTED[4:5]) == pytest.approx(100)
    assert value("chrf", WANTED, WANTED) == pytest.approx(100)
    assert value("bleu", ["a b c d"], ["w x y z"]) == 0
    assert value("chrf", ["abc"], ["xyz"]) == 0


def test_exact_match_overlooks_case_width_and_spaces():
    assert value("exact_match", ["Paris", "ABC 123", "Straße", "no"], ["paris ", "ABC 123", "STRASSE", "yes"]) == 0.75


def test_rows_without_a_label_are_left_out():
    rows = evaluate(["a", None, "b"], ["a", "x", "c"], metrics=["exact_match"], split="test")
    assert (rows[0]["value"], rows[0]["n"], rows[0]["left_out"]) == (0.5, 2, 1)


def test_intervals_hold_their_value():
    for row in evaluate(WANTED, WRITTEN, metrics=["exact_match", "bleu", "chrf"], split="test"):
        assert row["low"] <= row["value"] <= row["high"]


def test_what_is_no_text_is_refused():
    with pytest.raises(DataError, match="1 of 2 predictions are no text; first at position 1"):
        evaluate(["a", "b"], ["a", 3], metrics=["bleu"], split="test")
    with pytest.raises(DataError, match="do not fit predictions that are texts"):
        evaluate(["a"], ["a"], metrics=["accuracy"], split="test")


def test_perplexity_covers():
    draw, held = np.random.default_rng(0), 0
    for _ in range(400):
        tokens = draw.integers(5, 60, 100)
        each = draw.normal(2.0, 0.4, 100)
        found, interval = perplexity(-tokens * each, tokens)
        held += interval.low <= np.exp(2.0) <= interval.high
        assert interval.low < found < interval.high
    assert 0.92 <= held / 400 <= 0.98


def test_perplexity_of_odd_input():
    assert perplexity(np.array([-4.0]), np.array([2]))[1].low is None
    with pytest.raises(DataError, match="at least one token"):
        perplexity(np.array([-4.0, -1]), np.array([2, 0]))
