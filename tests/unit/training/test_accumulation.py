"""A batch in micro-batches gives the update of the whole batch; where the memory runs out they are halved."""

import numpy as np
import pytest
import torch
from torch import nn
from transformers import BertConfig, BertForSequenceClassification, LlamaConfig, LlamaForCausalLM

from ftkit.errors import FtkitError
from ftkit.models import build_model
from ftkit.training import ImageRows, Settings, TableRows, TokenRows, choose_device, make_loss, train
from ftkit.training.event import Changed, Finished
from ftkit.training.token_rows import next_tokens

CPU, PLACE = torch.device("cpu"), choose_device("cpu", "fp32")
N = 22  # batches of 11: no micro-batch divides them
RNG = np.random.default_rng(0)
KEYS = np.arange(N, dtype=np.int64) * 7919
LENGTHS = RNG.integers(3, 12, N)
TOKENS = RNG.integers(1, 50, LENGTHS.sum())
SMALL = {"vocab_size": 50, "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
BERT = {**SMALL, "hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}


class Net(nn.Module):
    """Without batch norms, whose statistics are those of a forward pass."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.layers = nn.Sequential(nn.Flatten(), nn.Linear(inputs, 16), nn.Tanh(), nn.Linear(16, outputs))

    def forward(self, inputs):
        self.logits = self.layers(inputs)
        return self


def table(labels):
    return TableRows(RNG.normal(size=(N, 5)).astype(np.float32), labels, KEYS, CPU)


def pictures():
    def plain(pixels, keys, epoch):
        return pixels.permute(0, 3, 1, 2).float() / 255

    pixels = RNG.integers(0, 255, (N, 6, 6, 3), dtype=np.uint8)
    return ImageRows(pixels, np.arange(N), RNG.integers(0, 3, N), KEYS, plain, plain, CPU)


CLASSES, NUMBERS = RNG.integers(0, 3, N), RNG.normal(size=N).astype(np.float32)
SOFT = RNG.dirichlet(np.ones(3), N).astype(np.float32)
WEIGHTS = np.array([0.2, 1.0, 3.0])


def causal(packing=False):
    counted = RNG.random(len(TOKENS)) < 0.7
    labels = next_tokens(TOKENS, LENGTHS, counted)
    return TokenRows(TOKENS, LENGTHS, labels, KEYS, CPU, packing=packing)


TASKS = {
    "image-classification": (lambda: Net(108, 3), pictures(), make_loss()),
    "tabular-classification": (lambda: Net(5, 3), table(CLASSES), make_loss()),
    "tabular-classification, weighted": (lambda: Net(5, 3), table(CLASSES), make_loss("focal", class_weights=WEIGHTS)),
    "tabular-classification, soft labels": (lambda: Net(5, 3), table(SOFT), make_loss(class_weights=WEIGHTS)),
    "tabular-regression": (lambda: Net(5, 1), table(NUMBERS), make_loss("huber", "number")),
    "text-classification": (
        lambda: BertForSequenceClassification(BertConfig(**BERT, num_labels=3)),
        TokenRows(TOKENS, LENGTHS, CLASSES, KEYS, CPU),
        make_loss(),
    ),
    "text-generation": (lambda: LlamaForCausalLM(LlamaConfig(**SMALL)), causal(), make_loss()),
    "text-generation, packed": (lambda: LlamaForCausalLM(LlamaConfig(**SMALL)), causal(packing=True), make_loss()),
}


def trained(make, rows, loss, **keys):
    torch.manual_seed(0)
    model = make()
    # Plain gradient descent: an update is the gradient, not its sign.
    settings = {"optimizer": "sgd", "momentum": 0.0, "learning_rate": 0.5, "schedule": "constant", "warmup": 0.0}
    events = list(train(model, rows, loss, Settings(**settings, epochs=1, batch_size=11, l2=1e-3, **keys), PLACE))
    return events, {name: value.clone() for name, value in model.state_dict().items()}


@pytest.mark.parametrize("task", TASKS)
def test_one_two_and_eight_give_the_same_update(task):
    _, whole = trained(*TASKS[task])
    for count in (2, 8):
        _, parts = trained(*TASKS[task], micro_batch_size=-(-11 // count))
        for name, value in whole.items():
            torch.testing.assert_close(parts[name], value, atol=1e-5, rtol=0)


class Crowded(Net):
    """Has room for so many rows at once."""

    room = 3
    refused = 0

    def forward(self, inputs):
        if len(inputs) > self.room:
            type(self).refused += 1
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
        return super().forward(inputs)


def test_where_the_memory_runs_out_the_micro_batch_is_halved_and_the_batch_stays():
    rows, loss = TASKS["tabular-classification"][1:]
    Crowded.refused = 0
    events, ours = trained(lambda: Crowded(5, 3), rows, loss)
    _, whole = trained(lambda: Net(5, 3), rows, loss)
    for name, value in whole.items():
        torch.testing.assert_close(ours[name], value, atol=1e-5, rtol=0)
    changes = [(event.name, event.value) for event in events if isinstance(event, Changed)]
    assert changes == [("micro_batch_size", 3)]
    assert Crowded.refused == 2  # 11 rows and 6: what was found is kept for the steps after
    assert isinstance(events[-1], Finished)


def test_batch_norms_are_as_if_the_refused_tries_had_not_been(monkeypatch):
    def model():
        return build_model("mlp", outputs=3, features=5, seed=1).model

    rows, loss = TASKS["tabular-classification"][1:]
    _, expected = trained(model, rows, loss, micro_batch_size=6)
    tried = []

    def crowded():
        made = model()
        made.head.register_forward_pre_hook(lambda module, inputs: tried.append(len(inputs[0])) or _refuse(inputs[0]))
        return made

    def _refuse(inputs):
        if len(inputs) > 6:
            raise torch.OutOfMemoryError("CUDA out of memory.")

    _, ours = trained(crowded, rows, loss)
    assert tried[0] == 11
    for name, value in expected.items():
        assert torch.equal(ours[name], value), name


def test_a_row_that_does_not_fit_alone_is_said():
    class Full(Crowded):
        room = 0

    with pytest.raises(FtkitError, match=r"memory does not suffice for a micro-batch of 1 rows.*smaller"):
        trained(lambda: Full(5, 3), *TASKS["tabular-classification"][1:])


def test_other_faults_are_not_taken_for_a_lack_of_memory():
    class Broken(Net):
        def forward(self, inputs):
            raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")

    with pytest.raises(RuntimeError, match="mat1 and mat2"):
        trained(lambda: Broken(5, 3), *TASKS["tabular-classification"][1:])
