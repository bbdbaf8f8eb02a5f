"""The ResNets for CIFAR: the published sizes and weights, and the accuracy they are known for."""

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

import ftkit as ft
from ftkit.errors import DataError
from ftkit.models import build_model
from ftkit.models.frozen import layers_of
from ftkit.models.saved import load_saved
from ftkit.models.weights import read_processor

PARAMETERS = {"cifar-resnet-20": 269_722, "cifar-resnet-32": 464_154, "cifar-resnet-44": 658_586, "cifar-resnet-56": 853_018}  # fmt: skip
IMAGE = (32, 32, 3)


@pytest.fixture
def weights(shared):
    return shared / "weights" / "cifar10-resnet20" / "resnet20_cifar10.safetensors"


@pytest.mark.parametrize("name", PARAMETERS)
def test_sizes_are_the_papers(name):
    model = build_model(name, outputs=10, image=IMAGE).model
    assert sum(p.numel() for p in model.parameters()) == PARAMETERS[name]


def test_published_weights_load_by_their_names(weights, tmp_path):
    built = build_model("auto", outputs=10, image=IMAGE, weights=str(weights))
    ours, theirs = built.model.state_dict(), load_file(weights)
    assert all(torch.equal(ours[name], value) for name, value in theirs.items())
    assert any("was kept" in note for note in built.notes)
    pixels = torch.randn(2, 3, 32, 32)
    built.model.eval().save_pretrained(tmp_path)
    assert torch.equal(load_saved(tmp_path, "image")(pixels).logits, built.model(pixels).logits)
    again = build_model("cifar-resnet-20", outputs=3, image=IMAGE, weights=str(tmp_path))
    assert any("(10 classes) was replaced for 3 classes" in note for note in again.notes)
    assert list(layers_of(again.model))[-1] == "layer3"


def test_other_weights_are_named(weights, tmp_path):
    with pytest.raises(DataError, match=r"asks for a densenet, but weights .* are of a cifar"):
        build_model("densenet-121", outputs=10, image=IMAGE, weights=str(weights))


def test_it_names_what_it_is_known_to_name(weights, shared):
    """0.81 of the JPEG copies, with the normalisation it was trained with; 500 rows: at least 0.75."""
    view = ft.read(shared / "images-cifar10" / "test.parquet", target="label").select(np.arange(0, 10_000, 20))
    pixels, _ = view.pixels((32, 32), channels=3)
    normal = (pixels / 255 - (0.485, 0.456, 0.406)) / (0.229, 0.224, 0.225)
    model = build_model("auto", outputs=10, image=IMAGE, weights=str(weights)).model.eval()
    with torch.no_grad():
        found = model(torch.from_numpy(normal.transpose(0, 3, 1, 2)).float()).logits.argmax(1).numpy()
    assert (found == view.labels).mean() > 0.75


def test_a_file_of_its_weights_is_known_to_read_small_images(tmp_path):
    model = build_model("cifar-resnet-20", outputs=10, image=(32, 32, 3)).model
    save_file(model.state_dict(), tmp_path / "resnet20.safetensors")
    told = read_processor(str(tmp_path / "resnet20.safetensors"))
    assert (told["size"], told["image_mean"][0]) == ({"height": 32, "width": 32}, 0.485)
