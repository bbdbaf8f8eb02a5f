"""Attention over columns: tokens, saving, weights of another model."""

import pytest
import torch
from transformers import AutoModel

import ftkit as ft
from ftkit.errors import DataError
from ftkit.models import build_model

WIDTHS = (1, 3, 1)


def new(**keys):
    return build_model("ft-transformer", outputs=2, classes=("低", "高"), features=WIDTHS, **keys).model


def test_a_category_is_one_token():
    model = new()
    rows = torch.tensor([[0.5, 0, 1, 0, 2.0]])
    tokens = model.tokens(rows)
    assert tokens.shape == (1, 1 + len(WIDTHS), 64)
    torch.testing.assert_close(tokens[0, 2], model.tokens.weight[2] + model.tokens.bias[1])
    torch.testing.assert_close(tokens[0, 1], 0.5 * model.tokens.weight[0] + model.tokens.bias[0])


def test_what_is_saved_is_found_by_auto_model(tmp_path):
    model = new().eval()
    model.save_pretrained(tmp_path)
    rows = torch.randn(4, 5)
    assert torch.equal(AutoModel.from_pretrained(tmp_path).eval()(rows).logits, model(rows).logits)


def test_weights_of_another_model_or_other_columns_are_told(tmp_path):
    new().save_pretrained(tmp_path / "attention")
    with pytest.raises(DataError, match=r"asked is a mlp, but weights '.*' are of a ft-transformer"):
        build_model("mlp", outputs=2, features=WIDTHS, weights=str(tmp_path / "attention"))
    with pytest.raises(DataError, match="read 5 encoded columns, but these rows have 4"):
        build_model("auto", outputs=2, features=(1, 3), weights=str(tmp_path / "attention"))
    build_model("resnet", outputs=2, image=(32, 32, 3)).model.save_pretrained(tmp_path / "image")
    with pytest.raises(DataError, match=r"asked is a model of tables, but weights '.*' are of a resnet"):
        build_model("auto", outputs=2, features=(1, 3), weights=str(tmp_path / "image"))


def test_it_learns_what_a_linear_model_cannot(tmp_path):
    draw = torch.Generator().manual_seed(0)
    x = torch.randn(600, 2, generator=draw)
    table = {"a": x[:, 0].tolist(), "b": x[:, 1].tolist(), "y": ["same" if s > 0 else "other" for s in x.prod(1)]}
    training = {"epochs": 15, "batch_size": 32, "dropout": 0.0}
    run = ft.train({"data": ft.read(table, target="y"), "model": "ft-transformer", "training": training}, runs=tmp_path, process=False)  # fmt: skip
    accuracy = next(row["value"] for row in run.metrics if (row["name"], row["split"]) == ("accuracy", "test"))
    assert accuracy > 0.85
    assert len(ft.predict(run, ft.read(table))) == 600
