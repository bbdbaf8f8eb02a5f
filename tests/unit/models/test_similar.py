"""What a GPU would find among vectors, by the same code on the CPU: every pair compared, the best found."""

import numpy as np
import pytest

from ftkit.models import similar, similar_on_gpu
from ftkit.quality.neighbours import nearest_rows


def unit(n, d=16, seed=0):
    vectors = np.random.default_rng(seed).normal(size=(n, d)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.mark.parametrize("n", [2, 65, 700, 3001])
@pytest.mark.parametrize("k", [1, 10])
def test_the_rows_are_those_of_comparing_every_pair(n, k, monkeypatch):
    monkeypatch.setattr(similar, "WIDTH", 1500)  # several blocks, and a last one that is no multiple of a group
    vectors, k = unit(n), min(k, n - 1)
    rows, values = similar_on_gpu(vectors, k, device="cpu")
    expected = nearest_rows(vectors, k, exact=True)
    assert np.allclose(values, expected.similarity, atol=1e-6)
    assert (rows == expected.rows).mean() > 0.999
    assert not (rows == np.arange(n)[:, None]).any()


def test_rows_are_compared_with_mirrored_ones():
    vectors, signs = unit(500), np.where(np.arange(16) % 2, 1, -1).astype(np.float32)
    rows, values = similar_on_gpu(vectors, 5, signs, device="cpu")
    expected = nearest_rows(vectors, 5, exact=True, signs=signs)
    assert np.allclose(values, expected.similarity, atol=1e-6)
    assert (rows == expected.rows).mean() > 0.99
