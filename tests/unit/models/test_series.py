"""Forecasters: any sizes, saved and loaded, and as their papers have it."""

import pytest
import torch

from ftkit.errors import DataError
from ftkit.models.build import build_model
from ftkit.models.saved import load_saved
from ftkit.training.optimizer import rate_scales

NAMES = ("linear", "dlinear", "nhits", "patchtst", "patchtsmixer")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("context", "horizon"), [(36, 12), (5, 1), (2, 3)])
def test_any_sizes_come_back_from_disk(name, context, horizon, tmp_path):
    model = build_model(name, outputs=horizon, context=context, dropout=0.2, seed=1).model.eval()
    past = torch.randn(4, context)
    ahead = model(past).logits
    assert ahead.shape == (4, horizon)
    model.save_pretrained(tmp_path)
    assert torch.equal(load_saved(tmp_path, "series")(past).logits, ahead)
    again = build_model("auto", outputs=horizon, context=context, weights=str(tmp_path)).model.eval()
    assert torch.equal(again(past).logits, ahead)


@pytest.mark.parametrize("name", NAMES)
def test_dropout_is_settable(name):
    model = build_model(name, outputs=3, context=24, dropout=0.5).model
    assert {m.p for m in model.modules() if isinstance(m, torch.nn.Dropout) and m.p} == {0.5}


def test_dlinear_is_two_linear_maps_of_trend_and_rest():
    model = build_model("dlinear", outputs=2, context=8).model.eval()
    with torch.no_grad():
        for p in model.parameters():
            p.copy_(torch.randn_like(p))
        one, other = torch.randn(2, 1, 8)
        # Linear: what it says of a sum is the sum of what it says, but for the bias.
        zero = model(torch.zeros(1, 8)).logits
        assert torch.allclose(
            model(one + other).logits - zero, model(one).logits + model(other).logits - 2 * zero, atol=1e-5
        )


def test_rates_by_layer_where_there_is_no_head():
    scales = rate_scales(build_model("nhits", outputs=3, context=24).model, layer_decay=0.5)
    assert min(scales.values()) < max(scales.values()) == 1


def test_weights_that_do_not_fit_are_named(tmp_path):
    build_model("dlinear", outputs=3, context=24).model.save_pretrained(tmp_path)
    for told, message in (
        ({"name": "nhits"}, "asked is a nhits, but .* of a dlinear"),
        ({"context": 12}, "read a context of 24 steps"),
        ({"outputs": 5}, "forecast 3 steps"),
    ):
        asked = {"name": "auto", "outputs": 3, "context": 24, "weights": str(tmp_path)} | told
        with pytest.raises(DataError, match=message):
            build_model(asked.pop("name"), **asked)
