"""Small trainings."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from ftkit.training import TableRows


@pytest.fixture(scope="session")
def table():
    """100 rows of 5 numbers, and whether the first two sum to more than 0."""
    rng = np.random.default_rng(0)
    features = rng.normal(size=(100, 5)).astype(np.float32)
    labels = (features[:, 0] + features[:, 1] > 0).astype(np.int64)
    return TableRows(features, labels, np.arange(100, dtype=np.int64) * 7919, torch.device("cpu"))
