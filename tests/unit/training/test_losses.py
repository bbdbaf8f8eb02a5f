"""Losses: against torch's and against their definitions; sums that add up over any division of a batch."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from ftkit.errors import DataError
from ftkit.training import balanced, make_loss

GENERATOR = torch.Generator().manual_seed(0)
LOGITS = torch.randn(12, 4, generator=GENERATOR)
LABELS = torch.randint(0, 4, (12,), generator=GENERATOR)
WEIGHTS = np.array([0.5, 1.0, 2.0, 4.0])
SOFT = torch.randn(12, 4, generator=GENERATOR).softmax(1)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("weights", [None, WEIGHTS])
def test_cross_entropy_is_torch_s(smoothing, weights):
    ours = make_loss(class_weights=weights, label_smoothing=smoothing).mean(LOGITS, LABELS)
    given_weights = None if weights is None else torch.tensor(weights, dtype=torch.float32)
    theirs = nn.functional.cross_entropy(LOGITS, LABELS, weight=given_weights, label_smoothing=smoothing)
    torch.testing.assert_close(ours, theirs)


@pytest.mark.parametrize("name", ["cross_entropy", "focal"])
@pytest.mark.parametrize("weights", [None, WEIGHTS])
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_class_probabilities_are_labels_too(name, weights, smoothing):
    loss = make_loss(name, class_weights=weights, label_smoothing=smoothing)
    hard, soft = loss.mean(LOGITS, LABELS), loss.mean(LOGITS, nn.functional.one_hot(LABELS, 4).float())
    torch.testing.assert_close(hard, soft)
    assert not torch.isclose(loss.mean(LOGITS, SOFT), hard)


def test_focal_with_nothing_to_focus_is_cross_entropy():
    for labels in (LABELS, SOFT):
        torch.testing.assert_close(
            make_loss("focal", focal_gamma=0.0).mean(LOGITS, labels), make_loss().mean(LOGITS, labels)
        )


def test_focal_is_its_definition():
    p = LOGITS.softmax(1)[torch.arange(12), LABELS]
    torch.testing.assert_close(make_loss("focal").mean(LOGITS, LABELS), (-((1 - p) ** 2) * p.log()).mean())


def test_numbers():
    outputs, labels = LOGITS[:, :1], LOGITS[:, 1]
    error = outputs[:, 0] - labels
    expected = {
        "mse": error.square().mean(),
        "mae": error.abs().mean(),
        "huber": nn.functional.huber_loss(outputs[:, 0], labels),
        "quantile": torch.where(error < 0, -0.5 * error, 0.5 * error).mean(),
    }
    for name, value in expected.items():
        torch.testing.assert_close(make_loss(name, "number").mean(outputs, labels), value)


def test_the_quantile_loss_is_least_at_the_quantile():
    values = torch.arange(100.0)
    loss = make_loss("quantile", "number", quantile=0.9)
    best = min(range(100), key=lambda q: float(loss.mean(torch.full((100, 1), float(q)), values)))
    assert best in (89, 90)


@given(st.integers(1, 11), st.sampled_from(["hard", "soft", "tokens", "number"]), st.booleans())
def test_parts_add_up_to_the_whole(cut, kind, weighted):
    weights = WEIGHTS if weighted and kind != "number" else None
    loss = make_loss(class_weights=weights, predicts="number" if kind == "number" else "class")
    outputs = LOGITS[:, :1] if kind == "number" else (LOGITS.reshape(12, 1, 4) if kind == "tokens" else LOGITS)
    labels = {"hard": LABELS, "soft": SOFT, "number": LOGITS[:, 1]}.get(kind)
    if labels is None:
        labels = torch.where(torch.arange(12) % 3 == 0, -100, LABELS)[:, None]
    parts = [(outputs[:cut], labels[:cut]), (outputs[cut:], labels[cut:])]
    total = sum(loss.total(o, y) for o, y in parts) / sum(loss.weight(y) for _, y in parts)
    torch.testing.assert_close(total, loss.mean(outputs, labels))


def test_ignored_tokens_do_not_count():
    labels = torch.where(torch.arange(12) < 4, -100, LABELS)
    for name in ("cross_entropy", "focal"):
        loss = make_loss(name)
        torch.testing.assert_close(
            loss.mean(LOGITS.reshape(3, 4, 4), labels.reshape(3, 4)), loss.mean(LOGITS[4:], LABELS[4:])
        )


def test_balanced_classes_count_the_same():
    counts = np.array([80, 20, 0])
    weights = balanced(counts)
    assert weights[0] * 80 == pytest.approx(weights[1] * 20)
    assert (weights * counts).sum() == pytest.approx(100)
    assert weights[2] == 0


def test_predictions_have_the_loss_of_the_logits():
    loss = make_loss("focal", class_weights=WEIGHTS)
    told = loss.of_predictions(LOGITS.double().softmax(1).numpy(), LABELS.numpy())
    assert told == pytest.approx(float(loss.mean(LOGITS, LABELS)), rel=1e-5)


@pytest.mark.parametrize(
    ("name", "predicts", "near"), [("hubber", "number", "huber"), ("mse", "class", "cross_entropy")]
)
def test_a_loss_that_does_not_fit_is_said(name, predicts, near):
    with pytest.raises(DataError, match=f"loss '{name}' is not one of a {predicts}.*'{near}'"):
        make_loss(name, predicts)
