"""What holds a model to what it knew: by hand where a hand suffices, and the same in micro-batches."""

import numpy as np
import pytest
import torch
from torch import nn

from ftkit.models import build_model
from ftkit.training import TableRows, choose_device, make_loss
from ftkit.training.gradient import batch_gradient, divide
from ftkit.training.remember import JoinedRows, TaughtRows, anchored, features_of, herd, importance_of, taught

PLACE = choose_device("cpu")


def rows(n=12, classes=3, seed=0):
    draw = np.random.default_rng(seed)
    features = draw.normal(size=(n, 4)).astype(np.float32)
    return TableRows(features, draw.integers(0, classes, n), np.arange(n), PLACE.device)


def model(outputs=3, seed=0):
    return build_model("mlp", outputs=outputs, features=4, seed=seed).model.eval()


def gradient(net, loss, source, micro=0):
    net.zero_grad()
    batch_gradient(
        net, [source.batch(part, 0) for part in divide(np.arange(len(source)), micro, least=1)], loss, PLACE, None
    )
    return torch.cat([p.grad.flatten() for p in net.parameters()])


def test_the_anchor_pulls_each_weight_as_it_mattered():
    net = nn.Linear(2, 1, bias=False)
    held = anchored(make_loss("mse", "number"), net, {"weight": torch.tensor([[2.0, 0.0]])}, weight=3.0)
    with torch.no_grad():
        net.weight += 1
    value = held.mean(torch.zeros(4, 1), torch.zeros(4))
    assert value.item() == pytest.approx(3 / 2 * 2)
    value.backward()
    assert net.weight.grad[0].tolist() == pytest.approx([6.0, 0.0])


@pytest.mark.parametrize("kind", ["anchored", "taught"])
def test_micro_batches_add_up_to_the_same_gradient(kind):
    net, source, loss = model(), rows(), make_loss()
    if kind == "anchored":
        loss = anchored(loss, net, {n: torch.rand_like(p) for n, p in net.named_parameters()}, 5.0)
        with torch.no_grad():
            for p in net.parameters():
                p.add_(0.1)
    else:
        source, loss = TaughtRows(source, model(2, seed=1), PLACE), taught(loss, 2, 1.0, 2.0)
    whole = gradient(net, loss, source)
    for micro in (1, 5):
        assert torch.allclose(gradient(net, loss, source, micro), whole, atol=1e-5)


def test_a_pupil_that_says_what_its_teacher_says_is_not_moved_by_it():
    teacher, source = model(3), rows(classes=3)
    plain = gradient(teacher, make_loss(), source)
    held = gradient(teacher, taught(make_loss(), 3, 1.0, 2.0), TaughtRows(source, model(3), PLACE))
    assert torch.allclose(plain, held, atol=1e-5)
    other = gradient(teacher, taught(make_loss(), 3, 1.0, 2.0), TaughtRows(source, model(3, seed=9), PLACE))
    assert not torch.allclose(plain, other, atol=1e-2)


def test_importance_is_the_mean_square_of_the_gradient_and_the_same_twice():
    """Of two classes and one weight: p (1 - p) x² on average, whatever the class that is drawn."""
    net = build_model("mlp", outputs=2, features=4).model
    source = rows(40, classes=2)
    once, again = (importance_of(net, source, PLACE, seed=3) for _ in range(2))
    assert all(torch.equal(once[name], again[name]) for name in once)
    with torch.no_grad():
        shares = net(torch.from_numpy(source.features)).logits.softmax(1)
    # The gradient of log p(drawn) in a class's own bias is (drawn or not) - p; its expected square is p (1 - p).
    assert once["head.bias"][0] == pytest.approx(float((shares[:, 0] * shares[:, 1]).mean()), rel=0.5)
    assert (once["head.weight"] >= 0).all()


def test_joined_rows_are_both():
    both = JoinedRows(rows(5), rows(3, seed=1))
    inputs, labels = both.batch(np.array([6, 0, 7]), None)
    first, second = rows(5), rows(3, seed=1)
    assert len(both) == len(both.keys) == 8
    assert torch.equal(inputs, torch.from_numpy(np.stack([first.features[0], second.features[1], second.features[2]])))
    assert labels.tolist() == [first.labels[0], second.labels[1], second.labels[2]]


def test_herding_keeps_the_mean():
    draw = np.random.default_rng(0)
    features = draw.normal(size=(200, 8)) + 2
    unit = features / np.linalg.norm(features, axis=1, keepdims=True)
    mean = unit.mean(axis=0)
    herded = np.linalg.norm(unit[herd(features, 10)].mean(axis=0) - mean)
    drawn = [np.linalg.norm(unit[draw.permutation(200)[:10]].mean(axis=0) - mean) for _ in range(50)]
    assert herded < min(drawn)
    assert len(set(herd(features, 200))) == 200


def test_features_are_what_the_head_is_given():
    net, source = model(), rows()
    head = nn.functional.linear(torch.from_numpy(features_of(net, source)).float(), net.head.weight, net.head.bias)
    inputs = torch.from_numpy(source.features)
    assert torch.allclose(head + net.wide(inputs), net(inputs).logits, atol=1e-5)
