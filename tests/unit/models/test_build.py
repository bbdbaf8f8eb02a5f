"""Models by name: sizes, heads, weights, what is said about them."""

import numpy as np
import pytest
import torch
from transformers import AutoModel, AutoModelForImageClassification

from ftkit.errors import DataError
from ftkit.models import MODELS, build_model, check_model
from ftkit.models.frozen import train_mode
from ftkit.task import get_task

IMAGE, TABLE = get_task("image-classification"), get_task("tabular-classification")


def image_model(name="resnet", **keys):
    return build_model(name, outputs=3, classes=("猫", "狗", "鸟"), image=(32, 32, 3), **keys)


@pytest.mark.parametrize("name", [name for name, (kind, _) in MODELS.items() if kind == "image"])
def test_every_image_model_answers(name):
    with torch.device("meta"):
        model = image_model(name).model.eval()
        assert model(torch.zeros(2, 3, 32, 32)).logits.shape == (2, 3)
    assert model.config.id2label == {0: "猫", 1: "狗", 2: "鸟"}


@pytest.mark.parametrize("side", [32, 56, 64, 224])
def test_a_resnet_is_sized_to_the_images(side):
    model = build_model("resnet", outputs=2, classes=("a", "b"), image=(side, side, 1)).model
    maps = model.resnet(torch.zeros(1, 1, side, side)).last_hidden_state
    assert min(maps.shape[2:]) >= 2


def test_fresh_weights_are_a_function_of_the_seed():
    one, same, other = (image_model(seed=seed).model.state_dict() for seed in (1, 1, 2))
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert not torch.equal(one["classifier.1.weight"], other["classifier.1.weight"])


def test_what_is_saved_loads_in_plain_transformers(tmp_path):
    model = image_model().model.eval()
    model.save_pretrained(tmp_path)
    again = AutoModelForImageClassification.from_pretrained(tmp_path).eval()
    pixels = torch.randn(2, 3, 32, 32)
    assert torch.equal(again(pixels).logits, model(pixels).logits)


def test_an_mlp_is_found_by_auto_model(tmp_path):
    model = build_model("mlp", outputs=2, classes=("a", "b"), features=5).model.eval()
    model.save_pretrained(tmp_path)
    features = torch.randn(4, 5)
    assert torch.equal(AutoModel.from_pretrained(tmp_path).eval()(features).logits, model(features).logits)


def test_weights_of_another_shape_are_told(tmp_path):
    image_model().model.save_pretrained(tmp_path)
    with pytest.raises(DataError, match=r"read 3 channels, but the images are read with 1"):
        build_model("resnet", outputs=3, classes=("a", "b", "c"), image=(32, 32, 1), weights=str(tmp_path))
    build_model("mlp", outputs=2, classes=("a", "b"), features=5).model.save_pretrained(tmp_path / "mlp")
    with pytest.raises(DataError, match=r"read 5 encoded columns, but these rows have 6"):
        build_model("mlp", outputs=2, classes=("a", "b"), features=6, weights=str(tmp_path / "mlp"))


def test_weights_of_another_architecture_are_told(tmp_path):
    image_model("vit").model.save_pretrained(tmp_path)
    with pytest.raises(DataError, match=r"asks for a resnet, but weights '.*' are of a vit"):
        image_model("resnet-18", weights=str(tmp_path))
    assert type(image_model("auto", weights=str(tmp_path)).model).__name__ == "ViTForImageClassification"


def test_a_kept_head_with_other_names_is_told(tmp_path):
    image_model().model.save_pretrained(tmp_path)
    notes = build_model("resnet", outputs=3, classes=("x", "y", "z"), image=(32, 32, 3), weights=str(tmp_path)).notes
    assert any(
        "was kept, but it named its classes '猫', '狗', '鸟'; here they are 'x', 'y', 'z'" in note for note in notes
    )


def test_pickled_and_damaged_weights_are_refused(tmp_path):
    model = image_model().model
    model.config.save_pretrained(tmp_path)
    torch.save(model.state_dict(), tmp_path / "pytorch_model.bin")
    with pytest.raises(DataError, match="cannot be loaded"):
        image_model(weights=str(tmp_path))
    model.save_pretrained(tmp_path)
    whole = (tmp_path / "model.safetensors").read_bytes()
    (tmp_path / "model.safetensors").write_bytes(whole[:1000])
    with pytest.raises(DataError, match="cannot be loaded"):
        image_model(weights=str(tmp_path))


def test_weights_that_are_not_there_are_told(tmp_path):
    with pytest.raises(DataError, match="cannot be loaded"):
        image_model(weights=str(tmp_path / "nowhere"))
    with pytest.raises(DataError, match="no weights are given"):
        image_model(freeze="backbone")


def test_a_frozen_backbone_does_not_move(tmp_path):
    image_model().model.save_pretrained(tmp_path)
    model = image_model(weights=str(tmp_path), freeze="backbone").model
    before = {name: value.clone() for name, value in model.state_dict().items()}
    train_mode(model)
    loss = model(torch.randn(4, 3, 32, 32)).logits.square().sum()
    loss.backward()
    torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=1.0).step()
    moved = {name for name, value in model.state_dict().items() if not torch.equal(value, before[name])}
    assert moved == {"classifier.1.weight", "classifier.1.bias"}


def test_dropout_is_before_the_head_and_only_while_training():
    model = image_model(dropout=0.5).model
    plain = image_model().model
    assert model.state_dict().keys() == plain.state_dict().keys()
    pixels = torch.randn(2, 3, 32, 32)
    model.eval()
    assert torch.equal(model(pixels).logits, plain.eval()(pixels).logits)
    model.train()
    model.resnet.eval()
    torch.manual_seed(0)
    assert not torch.equal(model(pixels).logits, model(pixels).logits)


def test_names_are_checked():
    assert check_model("auto", IMAGE) == "resnet"
    assert check_model("auto", TABLE) == "mlp"
    assert check_model("auto", IMAGE, "some/weights") == "auto"
    with pytest.raises(DataError, match="nearest is 'resnet-18'"):
        check_model("resnet-81", IMAGE)
    with pytest.raises(DataError, match="reads tabular rows, but image-classification has image rows"):
        check_model("mlp", IMAGE)


def test_a_table_model_without_hidden_use_is_at_least_linear():
    """The wide path starts at nothing: before training it adds nothing."""
    model = build_model("mlp", outputs=1, features=3).model
    assert not np.any(model.wide.weight.detach().numpy())
