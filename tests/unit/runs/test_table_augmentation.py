"""Tables are augmented in runs: rows anew each epoch, labels mixed, rare classes filled."""

import numpy as np
import pytest
import torch

import ftkit as ft
from ftkit.augment import row_keys
from ftkit.errors import RecipeError
from ftkit.runs.table_augmentation import augmented_rows
from ftkit.training import TableRows


@pytest.fixture
def rows():
    rng = np.random.default_rng(0)
    features = rng.normal(size=(100, 3)).astype(np.float32)
    labels = (np.arange(100) < 80).astype(np.int64)
    return TableRows(features, labels, row_keys(f"{i}" for i in range(100)), torch.device("cpu"))


def test_train_batches_change_by_epoch_and_prediction_does_not(rows):
    made = augmented_rows(rows, [{"jitter": {"std": 0.1}}], [0, 1, 2], 0, 2)
    at = np.arange(10)
    first, again, next_epoch = (made.batch(at, epoch)[0] for epoch in (0, 0, 1))
    assert torch.equal(first, again)
    assert not torch.equal(first, next_epoch)
    assert torch.equal(made.batch(at, None)[0], torch.from_numpy(rows.features[:10]))
    assert torch.equal(made.batch(at[::-1].copy(), 0)[0].flip(0), first)


def test_smote_adds_rows_and_mix_up_mixes_labels(rows):
    made = augmented_rows(rows, ["smote", {"mix_up": {"alpha": 1.0}}], [0, 1, 2], 0, 2)
    assert len(made) == 160
    _, labels = made.batch(np.arange(160), 0)
    assert labels.shape == (160, 2)
    assert labels.sum(dim=1).numpy() == pytest.approx(1)
    assert ((labels > 0) & (labels < 1)).any()


def test_a_run_takes_every_step_for_tables(tmp_path):
    recipe = ft.Recipe(
        data="breast-cancer", augment=["smote", {"jitter": {"std": 0.05}}, "feature_dropout", "mix_up"],
        training={"epochs": 4, "threads": 1},
    )  # fmt: skip
    run = ft.train(recipe, process=False, runs=tmp_path)
    assert next(m for m in run.metrics if m["name"] == "accuracy" and m["split"] == "test")["value"] > 0.9


def test_faults_are_told_before_anything_starts():
    with pytest.raises(RecipeError, match="smote"):
        ft.Recipe(data="diabetes", task="tabular-regression", augment=["smote"])
    with pytest.raises(RecipeError, match="changes text rows"):
        ft.Recipe(data="iris", task="tabular-classification", augment=["random_swap"])
