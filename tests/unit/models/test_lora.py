"""Adapters: what learns, what is merged, what is told."""

import pytest
import torch
from transformers import AutoModelForImageClassification

from ftkit.errors import DataError
from ftkit.models import build_model
from ftkit.models.frozen import train_mode
from ftkit.models.lora import add_lora, merge_lora

pytest.importorskip("peft", reason="peft comes with the extra 'chat'")


def new(name):
    torch.manual_seed(0)
    return build_model(name, outputs=3, classes=("a", "b", "c"), image=(32, 32, 3)).model


def learn(model, pixels, steps=3):
    train_mode(model)
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=0.01)
    for _ in range(steps):
        torch.nn.functional.cross_entropy(model(pixels).logits, torch.tensor([0, 1, 2, 0])).backward()
        optimizer.step()
        optimizer.zero_grad()


@pytest.mark.parametrize(("name", "dora"), [("vit", False), ("vit", True), ("resnet", False), ("densenet", False)])
def test_adapters_learn_merge_and_leave_a_plain_model(name, dora, tmp_path):
    model, pixels = new(name), torch.randn(4, 3, 32, 32)
    before = {key: value.clone() for key, value in model.state_dict().items()}
    untouched = model.eval()(pixels).logits
    add_lora(model, r=4, dora=dora)
    torch.testing.assert_close(model.eval()(pixels).logits, untouched, atol=1e-5, rtol=1e-4)
    learn(model, pixels)
    frozen = {key.replace(".base_layer", ""): value for key, value in model.state_dict().items() if "lora_" not in key}
    assert all(torch.equal(value, before[key]) for key, value in frozen.items() if not key.startswith("classifier"))
    learned = model.eval()(pixels).logits
    assert not torch.allclose(learned, untouched, atol=1e-3)
    merge_lora(model)
    torch.testing.assert_close(model.eval()(pixels).logits, learned, atol=1e-4, rtol=1e-3)
    assert model.state_dict().keys() == before.keys()
    model.save_pretrained(tmp_path)
    again = AutoModelForImageClassification.from_pretrained(tmp_path).eval()
    assert torch.equal(again(pixels).logits, model(pixels).logits)


def test_only_the_layers_that_are_asked_for():
    model = new("vit")
    add_lora(model, r=2, target_modules=["q_proj", "v_proj"])
    beside = {key.split(".lora_")[0].rsplit(".", 1)[-1] for key, _ in model.named_parameters() if ".lora_" in key}
    assert beside == {"q_proj", "v_proj"}


def test_an_unknown_layer_is_told():
    with pytest.raises(DataError, match=r"target_modules: there is no layer 'q_prj'; nearest is 'q_proj'"):
        add_lora(new("vit"), target_modules=["q_prj"])
