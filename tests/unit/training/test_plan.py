"""The batches of an epoch."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ftkit.training.plan import plan, steps_per_epoch

KEYS = np.random.default_rng(0).integers(-(2**62), 2**62, 97)


@given(st.integers(2, 200), st.integers(2, 64), st.integers(0, 5))
def test_every_row_once_and_no_batch_of_one(n, size, epoch):
    batches = plan(np.arange(n), size, epoch, seed=1)
    assert sorted(np.concatenate(batches)) == list(range(n))
    assert len(batches) == steps_per_epoch(n, size)
    assert max(map(len, batches)) <= size + (size == 2)
    assert min(map(len, batches)) >= 2
    assert max(map(len, batches)) - min(map(len, batches)) <= 1


def test_a_plan_follows_the_rows_not_their_order():
    shuffled = np.random.default_rng(1).permutation(len(KEYS))
    here = [KEYS[batch].tolist() for batch in plan(KEYS, 10, 2, 5)]
    there = [KEYS[shuffled][batch].tolist() for batch in plan(KEYS[shuffled], 10, 2, 5)]
    assert here == there


def test_epochs_and_seeds_differ():
    first = np.concatenate(plan(KEYS, 10, 0, 5))
    assert not np.array_equal(first, np.concatenate(plan(KEYS, 10, 1, 5)))
    assert not np.array_equal(first, np.concatenate(plan(KEYS, 10, 0, 6)))
