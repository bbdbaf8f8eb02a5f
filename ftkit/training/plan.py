"""The batches of an epoch, as a pure function: a resumed run goes on with a slice of it."""

from __future__ import annotations

import itertools
import math

import numpy as np

from ftkit.augment.counter import epoch_order, uniform

# The stream of random numbers that orders batches; rows and augmentations have their own.
BATCH_ORDER = 0x0DE3
CHUNK = 50  # batches whose rows are sorted by length together


def steps_per_epoch(rows: int, batch_size: int) -> int:
    """How many batches an epoch has: so many that none has a single row, which batch norm cannot learn from."""
    return max(1, min(math.ceil(rows / batch_size), rows // 2))


def size_of(positions: np.ndarray, lengths: np.ndarray | None) -> int:
    """How many rows a batch has, or tokens with its padding where rows have lengths."""
    return len(positions) if lengths is None else len(positions) * int(lengths[positions].max())


def plan(
    keys: np.ndarray, batch_size: int, epoch: int, seed: int, lengths: np.ndarray | None = None
) -> list[np.ndarray]:
    """The positions of the rows in each batch of an epoch.

    A row's place is drawn from (seed, epoch, row id), so the plan does not depend on the order in which the rows were
    read. Batches differ in size by one row at most, and none has a single row: of an odd number of rows in batches of
    two, one has three.

    Parameters
    ----------
    keys : int64 array, (N,)
        One a row, from its id.
    batch_size : int
        Rows in a batch, at least 2.
    epoch : int
        From 0.
    seed : int
    lengths : int array, (N,), optional
        Where rows differ in length, such as texts: batches are then of rows of like length, which wastes little on
        padding. Rows are sorted within chunks of 50 batches in random order, and the batches put in random order.

    Returns
    -------
    list of int64 arrays
        Every position once.

    Examples
    --------
    >>> [len(batch) for batch in plan(np.arange(5), 2, epoch=0, seed=7)]
    [3, 2]
    """
    order = epoch_order(seed, epoch, keys)
    steps = steps_per_epoch(len(keys), batch_size)
    if lengths is None:
        return np.array_split(order, steps)
    batches = np.array_split(order, steps)
    edges = np.cumsum([0, *map(len, batches)])
    chunks = np.linspace(0, steps, max(1, round(steps / CHUNK)) + 1).round().astype(int)
    for first, last in itertools.pairwise(edges[chunks]):
        rows = order[first:last]  # the batches are views of it
        rows[:] = rows[np.argsort(lengths[rows], kind="stable")]
    turns = uniform(seed, epoch, np.arange(steps), BATCH_ORDER)
    return [batches[turn] for turn in np.argsort(turns, kind="stable")]
