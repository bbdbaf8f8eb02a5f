"""Runs that begin with weights: a layer frozen, adapters beside frozen ones, a DenseNet, a name that does not fit."""

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

import ftkit as ft
from ftkit.errors import DataError
from ftkit.models.saved import load_saved

TRAINING = {"epochs": 1, "batch_size": 64}


@pytest.fixture(scope="module")
def rows():
    return ft.read("digits").select(np.arange(0, 1797, 6))


def run_of(tmp_path, rows, **model):
    return ft.train({"data": rows, "model": model, "training": TRAINING}, runs=tmp_path, process=False)


@pytest.fixture(scope="module")
def weights(tmp_path_factory, rows):
    return run_of(tmp_path_factory.mktemp("runs"), rows, name="densenet").folder / "model"


def test_a_trained_densenet_goes_on_with_a_layer_frozen(tmp_path, rows, weights):
    run = run_of(tmp_path, rows, weights=str(weights), freeze="denseblock1")
    before, after = (load_file(folder / "model.safetensors") for folder in (weights, run.folder / "model"))
    kept = {name for name in before if torch.equal(before[name], after[name])}
    frozen = {name for name in before if name.startswith(("features.conv0", "features.norm0", "features.denseblock1."))}
    assert frozen <= kept
    assert "features.denseblock2.denselayer1.conv1.weight" not in kept
    assert any("Frozen up to features.denseblock1" in e.get("message", "") for e in run.events())


def test_adapters_are_merged_into_the_model_that_is_saved(tmp_path, rows, weights):
    pytest.importorskip("peft", reason="peft comes with the extra 'chat'")
    run = run_of(tmp_path, rows, weights=str(weights), lora={"r": 2})
    assert (
        load_file(run.folder / "model" / "model.safetensors").keys() == load_file(weights / "model.safetensors").keys()
    )
    judged = run.predictions()
    said = ft.predict(run, rows).frame()
    where = {row: i for i, row in enumerate(said["row_id"].to_list())}
    picked = [where[row] for row in judged["row_id"]]
    for name in (column for column in judged if column.startswith("p_")):
        np.testing.assert_array_equal(said[name].to_numpy()[picked], judged[name])
    assert type(load_saved(run.folder / "model", "image")).__name__ == "DenseNetForImageClassification"


def test_a_name_that_the_weights_are_not_is_told(tmp_path, rows, weights):
    with pytest.raises(DataError, match="asks for a resnet, but weights"):
        run_of(tmp_path, rows, name="resnet-18", weights=str(weights))
