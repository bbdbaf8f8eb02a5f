"""DenseNet: the published sizes, names and weights; loaded from a file, an old file, timm's folder, our own folder."""

import json
import re

import pytest
import torch
from safetensors.torch import save_file
from torch.nn import functional
from transformers import AutoModelForImageClassification

from ftkit.errors import DataError, MissingDependency
from ftkit.models import build_model
from ftkit.models.densenet import SIZES, DenseNetConfig, DenseNetForImageClassification, new_densenet
from ftkit.models.weights import read_processor

PUBLISHED = {"densenet-121": 7_978_856, "densenet-161": 28_681_000, "densenet-169": 14_149_480, "densenet-201": 20_013_928}  # fmt: skip


def published(name: str, classes: int = 1000, seed: int = 0) -> dict[str, torch.Tensor]:
    """Random tensors under the names and shapes that torchvision and timm publish, written down from their layout."""
    growth, blocks, width = (SIZES[name][key] for key in ("growth_rate", "blocks", "stem_size"))
    shapes = {"features.conv0.weight": (width, 3, 7, 7)} | norm("features.norm0", width)
    for b, count in enumerate(blocks, start=1):
        for i in range(1, count + 1):
            at = f"features.denseblock{b}.denselayer{i}"
            shapes |= norm(f"{at}.norm1", width) | {f"{at}.conv1.weight": (4 * growth, width, 1, 1)}
            shapes |= norm(f"{at}.norm2", 4 * growth) | {f"{at}.conv2.weight": (growth, 4 * growth, 3, 3)}
            width += growth
        if b < len(blocks):
            at = f"features.transition{b}"
            shapes |= norm(f"{at}.norm", width) | {f"{at}.conv.weight": (width // 2, width, 1, 1)}
            width //= 2
    shapes |= norm("features.norm5", width) | {"classifier.weight": (classes, width), "classifier.bias": (classes,)}
    draw = torch.Generator().manual_seed(seed)
    tensors = {name: torch.randn(shape, generator=draw) * 0.05 for name, shape in shapes.items()}
    for name in tensors:
        if name.endswith("running_var"):
            tensors[name] = tensors[name].abs() + 0.5
        elif re.search(r"norm\d?\.weight$", name):
            tensors[name] += 1
    return tensors


def norm(name: str, width: int) -> dict[str, tuple[int, ...]]:
    return {f"{name}.{part}": (width,) for part in ("weight", "bias", "running_mean", "running_var")}


def reference(w: dict[str, torch.Tensor], x: torch.Tensor) -> torch.Tensor:
    """The network of the paper, read straight from the published names."""

    def bn_relu(x, name):
        stats = (w[f"{name}.{part}"] for part in ("running_mean", "running_var", "weight", "bias"))
        return functional.relu(functional.batch_norm(x, *stats))

    x = functional.conv2d(x, w["features.conv0.weight"], stride=2, padding=3)
    x = functional.max_pool2d(bn_relu(x, "features.norm0"), 3, stride=2, padding=1)
    for b in range(1, 5):
        at, i = f"features.denseblock{b}.denselayer", 1
        while f"{at}{i}.conv1.weight" in w:
            new = functional.conv2d(bn_relu(x, f"{at}{i}.norm1"), w[f"{at}{i}.conv1.weight"])
            x = torch.cat(
                [x, functional.conv2d(bn_relu(new, f"{at}{i}.norm2"), w[f"{at}{i}.conv2.weight"], padding=1)], 1
            )
            i += 1
        if b < 4:
            at = f"features.transition{b}"
            x = functional.avg_pool2d(functional.conv2d(bn_relu(x, f"{at}.norm"), w[f"{at}.conv.weight"]), 2)
    x = bn_relu(x, "features.norm5").mean(dim=(2, 3))
    return functional.linear(x, w["classifier.weight"], w["classifier.bias"])


def labels(count: int) -> dict:
    names = [f"c{i}" for i in range(count)]
    return {"num_labels": count, "id2label": dict(enumerate(names)), "label2id": {n: i for i, n in enumerate(names)}}


@pytest.mark.parametrize("name", SIZES)
def test_published_weights_load_strictly_and_give_equal_logits(name):
    with torch.device("meta"):
        model = new_densenet(name, 224, 224, 3, labels(1000))
    assert sum(p.numel() for p in model.parameters()) == PUBLISHED[name]
    tensors = published(name)
    counters = {key: torch.tensor(0) for key in model.state_dict() if key.endswith("num_batches_tracked")}
    model.load_state_dict(tensors | counters, strict=True, assign=True)
    pixels = torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        torch.testing.assert_close(model.eval()(pixels).logits, reference(tensors, pixels), rtol=0, atol=0)


def test_a_file_of_published_weights_keeps_or_changes_its_head(tmp_path):
    tensors = published("densenet-121", classes=3)
    save_file(tensors, tmp_path / "densenet121.safetensors")
    file = str(tmp_path / "densenet121.safetensors")
    pixels = torch.randn(2, 3, 64, 64)
    kept = build_model("densenet-121", outputs=3, classes=("a", "b", "c"), image=(64, 64, 3), weights=file)
    assert f"The head of {file} was kept." in kept.notes
    with torch.no_grad():
        assert torch.equal(kept.model.eval()(pixels).logits, reference(tensors, pixels))
    changed = build_model("auto", outputs=2, classes=("a", "b"), image=(64, 64, 3), weights=file)
    assert f"The head of {file} (3 classes) was replaced for 2 classes: classifier." in changed.notes
    own = changed.model.state_dict()
    assert all(torch.equal(own[key], value) for key, value in tensors.items() if not key.startswith("classifier"))


def test_old_names_of_a_pickled_file_are_read_without_running_it(tmp_path):
    tensors = published("densenet-121", classes=2)
    old = {re.sub(r"(denselayer\d+\.(?:norm|conv))([12])\.", r"\1.\2.", f"module.{k}"): v for k, v in tensors.items()}
    assert any(".norm.1." in key for key in old)
    torch.save(old, tmp_path / "old.pth")
    pixels = torch.randn(1, 3, 64, 64)
    model = build_model("densenet-121", outputs=2, image=(64, 64, 3), weights=str(tmp_path / "old.pth")).model
    with torch.no_grad():
        assert torch.equal(model.eval()(pixels).logits, reference(tensors, pixels))
    torch.save(model, tmp_path / "code.pth")
    with pytest.raises(DataError, match="more than tensors"):
        build_model("densenet", outputs=2, image=(64, 64, 3), weights=str(tmp_path / "code.pth"))


def test_a_folder_of_timms_form(tmp_path):
    tensors = published("densenet-121", classes=4)
    save_file(tensors, tmp_path / "model.safetensors")
    told = {"input_size": [3, 288, 288], "mean": [0.1, 0.2, 0.3], "std": [0.5, 0.5, 0.5]}
    config = {"architecture": "densenet121", "num_classes": 4, "pretrained_cfg": told}
    (tmp_path / "config.json").write_text(json.dumps(config))
    built = build_model("densenet", outputs=2, classes=("a", "b"), image=(64, 64, 3), weights=str(tmp_path))
    assert torch.equal(built.model.features.conv0.weight, tensors["features.conv0.weight"])
    assert read_processor(str(tmp_path))["size"] == {"height": 288, "width": 288}
    (tmp_path / "config.json").write_text(json.dumps(config | {"architecture": "resnet50"}))
    with pytest.raises(MissingDependency, match=r"timm.*ftkit\[timm\]"):
        build_model("auto", outputs=2, image=(64, 64, 3), weights=str(tmp_path))


def test_what_is_saved_loads_through_the_auto_class(tmp_path):
    model = build_model("densenet", outputs=2, classes=("猫", "狗"), image=(32, 32, 1), dropout=0.3).model.eval()
    model.save_pretrained(tmp_path)
    again = AutoModelForImageClassification.from_pretrained(tmp_path).eval()
    pixels = torch.randn(2, 1, 32, 32)
    assert isinstance(again, DenseNetForImageClassification)
    assert again.config.id2label == {0: "猫", 1: "狗"}
    assert torch.equal(again(pixels).logits, model(pixels).logits)


def test_other_weights_are_told(tmp_path):
    save_file({"conv1.weight": torch.zeros(2, 3, 3, 3)}, tmp_path / "resnet.safetensors")
    with pytest.raises(DataError, match=r"are not a DenseNet's \(they hold conv1.weight"):
        build_model("auto", outputs=2, image=(32, 32, 3), weights=str(tmp_path / "resnet.safetensors"))
    tensors = published("densenet-121", classes=2)
    tensors.pop("features.norm5.bias")
    save_file(tensors, tmp_path / "torn.safetensors")
    with pytest.raises(DataError, match=r"are a DenseNet's but for features\.norm5\.bias"):
        build_model("auto", outputs=2, image=(32, 32, 3), weights=str(tmp_path / "torn.safetensors"))
    (tmp_path / "cut.safetensors").write_bytes(b"\x00" * 20)
    with pytest.raises(DataError, match="cannot be read"):
        build_model("auto", outputs=2, image=(32, 32, 3), weights=str(tmp_path / "cut.safetensors"))


def test_the_head_drops_while_training_only():
    model = DenseNetForImageClassification(DenseNetConfig(blocks=(2, 2), growth_rate=8, stem_size=8, dropout=0.5))
    pixels = torch.randn(2, 3, 32, 32)
    assert torch.equal(model.eval()(pixels).logits, model(pixels).logits)
    model.train()
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.eval()
    assert not torch.equal(model(pixels).logits, model(pixels).logits)
