from __future__ import annotations

import numpy as np
import pytest

from ftkit.quality.neighbours import SAMPLE, most_similar, nearest_rows


def unit(n: int, d: int, seed: int = 0) -> np.ndarray:
    x = np.random.default_rng(seed).standard_normal((n, d), dtype=np.float32)
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def by_hand(x: np.ndarray, k: int, signs: np.ndarray | None = None) -> np.ndarray:
    similar = x @ (x if signs is None else x * signs).T
    np.fill_diagonal(similar, -2)
    return np.sort(similar, axis=1)[:, ::-1][:, :k]


@pytest.mark.parametrize("n", [2, 7, SAMPLE, SAMPLE + 1, 2500])
def test_exact_is_exact(n):
    x = unit(n, 16)
    found = nearest_rows(x, 10)
    k = min(10, n - 1)
    np.testing.assert_allclose(found.similarity, by_hand(x, k), atol=1e-5)
    assert not (found.rows == np.arange(n)[:, None]).any()
    assert (found.recall, found.rows.shape) == (1.0, (n, k))


def test_rows_belong_to_their_similarities():
    x = unit(1500, 16)
    found = nearest_rows(x, 5)
    np.testing.assert_allclose((x[:, None] * x[found.rows]).sum(axis=2), found.similarity, atol=1e-5)


def test_equal_rows_find_each_other():
    x = np.repeat(unit(900, 8), 2, axis=0)
    found = nearest_rows(x, 1)
    assert (found.rows.ravel() == np.arange(1800) ^ 1).all()


def test_mirrored():
    x, signs = unit(1400, 12), np.where(np.arange(12) % 2, -1, 1).astype(np.float32)
    np.testing.assert_allclose(nearest_rows(x, 4, signs=signs).similarity, by_hand(x, 4, signs), atol=1e-5)


@pytest.mark.parametrize("n", [0, 1])
def test_nobody_there(n):
    assert nearest_rows(unit(n, 4), 3).rows.shape == (n, 0)


def test_approximate_states_its_recall():
    x = np.repeat(unit(60, 24), 100, axis=0) + 0.4 * unit(6000, 24, 1)
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    found = nearest_rows(x, 10, exact=False)
    true = nearest_rows(x, 10, exact=True).rows
    hit = np.mean([len(np.intersect1d(a, b)) / 10 for a, b in zip(found.rows, true, strict=True)])
    assert found.recall >= 0.95
    assert abs(found.recall - hit) < 0.03
    assert not (found.rows == np.arange(6000)[:, None]).any()


def test_more_asked_than_there_is():
    rows, _ = most_similar(unit(2, 4), unit(3, 4), 9)
    assert sorted(rows[0].tolist()) == [0, 1, 2]
