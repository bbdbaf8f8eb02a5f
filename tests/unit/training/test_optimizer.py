"""Optimisers: groups, guards, the same steps as plain torch."""

import pytest
import torch
from torch import nn

from ftkit.errors import MissingDependency
from ftkit.models import build_model
from ftkit.training import Settings, optimizer
from ftkit.training.average import Average
from ftkit.training.gradient import add_penalties, clip, divide, gradient_norms
from ftkit.training.optimizer import OPTIMIZERS, make_optimizer, rate_scales, set_rate, take_step

GOOD, BAD = torch.tensor(False), torch.tensor(True)


def net(seed=0):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(5, 8), nn.LayerNorm(8), nn.Linear(8, 2))


def backward(model):
    inputs = torch.randn(6, 5, generator=torch.Generator().manual_seed(1))
    model(inputs).square().mean().backward()


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_each_learns_and_leaves_no_trace_of_a_bad_step(name):
    if name == "adamw8bit":
        pytest.importorskip("bitsandbytes")
    guarded, plain = net(), net()
    ours, theirs = (make_optimizer(model, Settings(optimizer=name)) for model in (guarded, plain))
    before = guarded[0].weight.clone()
    for bad in (GOOD, BAD, GOOD):
        backward(guarded)
        if bad:
            for p in guarded.parameters():
                p.grad.fill_(float("nan"))
        set_rate(ours, 1e-2)
        take_step(ours, bad)
        assert all(p.grad is None for p in guarded.parameters())
    for _ in range(2):
        backward(plain)
        set_rate(theirs, 1e-2)
        take_step(theirs, GOOD)
    assert not torch.equal(before, guarded[0].weight)
    for one, other in zip(guarded.parameters(), plain.parameters(), strict=True):
        assert torch.equal(one, other)


@pytest.mark.parametrize("name", ["adamw", "adam", "sgd", "adafactor"])
def test_each_is_torch_s(name):
    kinds = {
        "adamw": torch.optim.AdamW,
        "adam": torch.optim.Adam,
        "sgd": lambda ps, **k: torch.optim.SGD(ps, momentum=0.9, nesterov=True, **k),
        "adafactor": torch.optim.Adafactor,
    }
    one, other = net(), net()
    ours = make_optimizer(one, Settings(optimizer=name, weight_decay=0.0))
    theirs = kinds[name](other.parameters(), lr=1e-2, weight_decay=0.0)
    for _ in range(3):
        backward(one)
        set_rate(ours, 1e-2)
        take_step(ours, GOOD)
        backward(other)
        theirs.step()
        theirs.zero_grad()
    for p, q in zip(one.parameters(), other.parameters(), strict=True):
        torch.testing.assert_close(p, q)


def test_norms_and_biases_do_not_decay():
    groups = make_optimizer(net(), Settings(weight_decay=0.1)).param_groups
    assert {(group["weight_decay"], p.ndim) for group in groups for p in group["params"]} == {(0.1, 2), (0.0, 1)}


def test_what_does_not_learn_is_left_out():
    model = net()
    model[0].weight.requires_grad_(False)
    listed = [p for group in make_optimizer(model, Settings()).param_groups for p in group["params"]]
    assert not any(p is model[0].weight for p in listed)


def test_without_bitsandbytes_it_is_said(monkeypatch):
    monkeypatch.setattr(optimizer, "find_spec", lambda name: None)
    with pytest.raises(MissingDependency, match=r"bitsandbytes is not installed.*ftkit\[quantized\]"):
        make_optimizer(net(), Settings(optimizer="adamw8bit"))


def test_layers_of_a_resnet_and_of_a_bert():
    resnet = build_model("resnet", outputs=3, image=(32, 32, 3)).model
    scales = rate_scales(resnet, layer_decay=0.5)
    assert scales["resnet.embedder.embedder.convolution.weight"] == 0.5**4
    stages = {name: scale for name, scale in scales.items() if ".stages." in name}
    assert all(scale == 0.5 ** (3 - int(name.split(".stages.")[1][0])) for name, scale in stages.items())
    assert {scale for name, scale in scales.items() if name.startswith("classifier")} == {1.0}

    from transformers import BertConfig, BertForSequenceClassification

    sizes = {"hidden_size": 16, "num_hidden_layers": 3, "num_attention_heads": 2, "intermediate_size": 16}
    bert = BertForSequenceClassification(BertConfig(vocab_size=50, **sizes))
    scales = rate_scales(bert, layer_decay=0.5, head_rate=10.0)
    assert scales["classifier.weight"] == 10.0
    assert scales["bert.encoder.layer.2.output.dense.weight"] == 0.5
    assert scales["bert.pooler.dense.weight"] == 0.5
    assert scales["bert.embeddings.word_embeddings.weight"] == 0.5**4


def test_rates_are_multiples_of_the_schedule_s():
    model = build_model("mlp", outputs=2, features=5).model
    made = make_optimizer(model, Settings(layer_decay=0.5, head_rate=3.0))
    backward_of = model(torch.randn(4, 5)).logits.square().mean()
    backward_of.backward()
    set_rate(made, 0.1)
    take_step(made, GOOD)
    rates = {id(p): group["lr"] for group in made.param_groups for p in group["params"]}
    assert rates[id(model.head.weight)] == pytest.approx(0.3)
    assert rates[id(model.mlp[0].weight)] < 0.1


def test_penalties_are_the_gradients_of_their_sums():
    one, other = net(), net()
    for model in (one, other):
        backward(model)
    weights = [p for p in one.parameters() if p.ndim >= 2]
    add_penalties(weights, 0.01, 0.02)
    others = [p for p in other.parameters() if p.ndim >= 2]
    (0.01 * sum(p.abs().sum() for p in others) + 0.02 * sum(p.square().sum() for p in others)).backward()
    for p, q in zip(one.parameters(), other.parameters(), strict=True):
        torch.testing.assert_close(p.grad, q.grad)


def test_clipping_is_torch_s():
    one, other = net(), net()
    for model in (one, other):
        backward(model)
    gradients = [p.grad for p in one.parameters()]
    norm = gradient_norms(gradients).norm()
    clip(gradients, norm, 1e-3)
    assert torch.equal(norm, nn.utils.clip_grad_norm_(other.parameters(), 1e-3))
    for p, q in zip(one.parameters(), other.parameters(), strict=True):
        assert torch.equal(p.grad, q.grad)


def test_the_average_follows_the_weights_and_is_shown_for_a_while():
    model = net()
    average = Average(model, 0.5)
    first = model[0].weight.clone()
    with torch.no_grad():
        model[0].weight += 1
    average.update(step=100)
    with average.shown():
        torch.testing.assert_close(model[0].weight, first + 0.5)
    torch.testing.assert_close(model[0].weight, first + 1)
    average.put()
    torch.testing.assert_close(model[0].weight, first + 0.5)


@pytest.mark.parametrize(
    ("rows", "micro", "least", "sizes"),
    [(8, 0, 1, [8]), (8, 8, 1, [8]), (7, 2, 2, [3, 2, 2]), (7, 2, 1, [2, 2, 2, 1]), (9, 1, 2, [3, 2, 2, 2])],
)
def test_micro_batches(rows, micro, least, sizes):
    import numpy as np

    assert [len(part) for part in divide(np.arange(rows), micro, least)] == sizes
