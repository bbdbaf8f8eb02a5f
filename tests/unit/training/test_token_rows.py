"""Batches of texts: padded and packed rows are answered as if each were alone; what bucketing saves."""

import numpy as np
import pytest
import torch
from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM

from ftkit.training import TokenRows, make_loss
from ftkit.training.plan import plan
from ftkit.training.token_rows import next_tokens, pack

CPU = torch.device("cpu")


def make_rows(n=9, seed=0, vocabulary=50, packing=False):
    rng = np.random.default_rng(seed)
    lengths = rng.integers(2, 20, n)
    tokens = rng.integers(1, vocabulary, lengths.sum())
    keys = np.arange(n, dtype=np.int64)
    return TokenRows(tokens, lengths, next_tokens(tokens, lengths), keys, CPU, packing=packing)


def test_a_batch_holds_its_rows():
    rows = make_rows()
    inputs, labels = rows.batch(np.array([4, 0, 7]), 0)
    for line, row in enumerate((4, 0, 7)):
        start, length = rows.lengths[:row].sum(), rows.lengths[row]
        own = rows.tokens[start : start + length]
        assert inputs["input_ids"][line, :length].tolist() == own.tolist()
        assert labels[line, : length - 1].tolist() == own[1:].tolist()
        assert (labels[line, length - 1 :] == -100).all()
        assert inputs["attention_mask"][line].sum() == length


def test_one_label_a_row():
    rows = make_rows()
    rows = TokenRows(rows.tokens, rows.lengths, np.arange(9), rows.keys, CPU)
    assert rows.batch(np.array([4, 0]), 0)[1].tolist() == [4, 0]


def test_packs_hold_every_row_once_and_none_is_too_long():
    lengths = np.random.default_rng(0).integers(1, 100, 50)
    bins = pack(lengths)
    assert sorted(row for members in bins for row in members) == list(range(50))
    assert max(lengths[members].sum() for members in bins) <= lengths.max()
    assert len(bins) <= 11 / 9 * np.ceil(lengths.sum() / lengths.max()) + 1  # Dósa 2007: first fit, longest first


def small_llama():
    torch.manual_seed(0)
    sizes = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64}
    return LlamaForCausalLM(LlamaConfig(vocab_size=50, num_key_value_heads=2, **sizes)).eval()


@pytest.mark.parametrize("attention", ["sdpa", "eager"])
def test_packed_logits_are_those_of_each_row_alone(attention):
    model, rows = small_llama(), make_rows(packing=True)
    model.set_attn_implementation(attention)
    check_packed(model, rows)


def check_packed(model, rows):
    positions = np.arange(len(rows))
    inputs, labels = rows.batch(positions, 0)
    assert inputs["input_ids"].shape[0] < len(rows)
    with torch.no_grad():
        packed = model(**inputs).logits
        for members, line in zip(pack(rows.lengths), range(len(labels)), strict=True):
            begin = 0
            for row in members:
                length, start = rows.lengths[row], rows.lengths[:row].sum()
                alone = model(input_ids=torch.from_numpy(rows.tokens[start : start + length])[None]).logits[0]
                torch.testing.assert_close(packed[line, begin : begin + length], alone, atol=2e-5, rtol=1e-4)
                begin += length


def test_packed_and_padded_have_one_gradient():
    gradients = []
    for packing in (True, False):
        model, rows = small_llama(), make_rows(packing=packing)
        inputs, labels = rows.batch(np.arange(9), 0)
        make_loss().mean(model(**inputs).logits, labels).backward()
        gradients.append([p.grad for p in model.parameters()])
    for one, other in zip(*gradients, strict=True):
        torch.testing.assert_close(one, other, atol=1e-6, rtol=1e-4)


def test_a_trained_llama_too(shared):
    model = AutoModelForCausalLM.from_pretrained(shared / "weights/stories260k").eval()
    check_packed(model, make_rows(vocabulary=512, packing=True))


@pytest.mark.parametrize(("n", "least"), [(256, 0.81), (2000, 0.95), (10000, 0.965)])
def test_bucketing_wastes_little_and_keeps_the_order_random(n, least):
    """Lengths as of texts: median 57, 90% under 162, cut at 256."""
    useful, correlation = [], []
    for seed in range(4):
        rng = np.random.default_rng(seed)
        lengths = np.minimum(np.exp(rng.normal(np.log(57), 0.815, n)), 256).astype(np.int64).clip(3)
        keys = rng.integers(-(2**62), 2**62, n)
        batches = plan(keys, 32, 0, seed, lengths)
        assert sorted(np.concatenate(batches)) == list(range(n))
        useful.append(lengths.sum() / sum(lengths[batch].max() * len(batch) for batch in batches))
        means = np.array([lengths[batch].mean() for batch in batches])
        correlation.append(np.corrcoef(means[:-1], means[1:])[0, 1])
    assert np.mean(useful) >= least
    if n == 256:  # one chunk: no batches of 32 could waste less
        assert useful[-1] == pytest.approx(lengths.sum() / sum(32 * max(b) for b in np.sort(lengths).reshape(8, 32)))
    else:  # eight batches say nothing of their order
        assert abs(np.mean(correlation)) < 0.15
