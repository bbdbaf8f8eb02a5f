"""Which layers learn."""

import pytest
import torch

from ftkit.errors import DataError
from ftkit.models import build_model
from ftkit.models.frozen import freeze, layers_of, thaw

NAMES = ("resnet", "densenet", "vit", "convnext")


def new(name):
    return build_model(name, outputs=3, classes=("猫", "狗", "鸟"), image=(32, 32, 3)).model


@pytest.mark.parametrize("name", NAMES)
def test_layers_are_the_backbone_from_below(name):
    model = new(name)
    layers = layers_of(model)
    head = sum(p.numel() for key, p in model.named_parameters() if key.startswith("classifier"))
    assert len(layers) >= 4
    assert sum(p.numel() for some in layers.values() for p in some) == sum(p.numel() for p in model.parameters()) - head


@pytest.mark.parametrize("name", NAMES)
def test_a_layer_and_all_below_it_are_frozen(name):
    model = new(name)
    names = list(layers_of(model))
    freeze(model, names[1])
    for i, parameters in enumerate(layers_of(model).values()):
        assert all(p.requires_grad == (i > 1) for p in parameters)
    assert all(p.requires_grad for p in model.classifier.parameters())


@pytest.mark.parametrize("name", NAMES)
def test_layers_thaw_from_the_top(name):
    model = new(name)
    for count in (0, 1, 3, 99):
        thaw(model, count)
        learning = [all(p.requires_grad for p in some) for some in layers_of(model).values()]
        assert learning == [i >= len(learning) - count for i in range(len(learning))]


def test_an_unknown_layer_is_told_with_the_nearest():
    model = new("resnet")
    with pytest.raises(DataError, match=r"no layer 'stage.1'; nearest is 'stages.1'"):
        freeze(model, "stage.1")
    assert all(p.requires_grad for p in model.parameters())


def test_a_name_that_two_layers_end_with_is_told():
    model = torch.nn.Module()
    model.a, model.b = torch.nn.Sequential(torch.nn.Linear(1, 1)), torch.nn.Sequential(torch.nn.Linear(1, 1))
    model.classifier = torch.nn.Linear(1, 1)
    with pytest.raises(DataError, match=r"the end of 2 layers: a\.0, b\.0"):
        freeze(model, "0")
