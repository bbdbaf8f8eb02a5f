"""Which rows are worth a look next."""

import numpy as np
import pytest

import ftkit as ft
from ftkit.errors import DataError
from ftkit.quality.evidence import Evidence
from ftkit.quality.queue import doubts, queue


def blobs(rows=500, seed=0, copies=0):
    """Clouds with every tenth label wrong; the first wrong row some more times."""
    rng = np.random.default_rng(seed)
    true = rng.integers(0, 3, rows)
    x = rng.standard_normal((rows, 4)) + 5 * np.eye(3, 4)[true]
    given = np.where(np.arange(rows) % 10 == 0, (true + 1) % 3, true)
    columns = {f"x{i}": x[:, i] for i in range(4)} | {"id": [f"r{i}" for i in range(rows)]}
    return ft.read(columns | {"y": np.array(["a", "b", "c"])[given].tolist()}, target="y", id="id")


def test_wrong_labels_come_first():
    rows = [int(row[1:]) for row in queue(blobs(), 30)]
    assert np.mean([row % 10 == 0 for row in rows]) > 0.9


def test_no_row_comes_twice_and_no_more_than_there_are():
    view = ft.read("iris")
    rows = queue(view, 1000)
    assert len(rows) == len(set(rows)) == len(view)


def test_rows_without_a_label_are_asked_for_where_the_model_is_unsure():
    rng = np.random.default_rng(0)
    x = np.r_[rng.normal(-3, 1, 200), rng.normal(3, 1, 200), [0.0, -6.0]]
    labels = ["a"] * 200 + ["b"] * 200 + [None, None]
    columns = {"x": x, "z": rng.standard_normal(402), "y": labels, "id": [f"r{i}" for i in range(402)]}
    doubt = doubts(Evidence(ft.read(columns, target="y", id="id")))
    assert doubt[400] > doubt[401]


def test_the_order_of_rows_does_not_matter():
    view = blobs()
    order = np.random.default_rng(0).permutation(len(view))
    here, there = set(queue(view, 20)), set(queue(view.select(order), 20))
    assert len(here & there) >= 12


def test_an_empty_queue_is_refused():
    with pytest.raises(DataError, match="1 or more"):
        queue(ft.read("iris"), 0)
