"""The batches of an epoch, as a pure function: a resumed run goes on with a slice of it."""

from __future__ import annotations

import math

import numpy as np

from ftkit.augment.counter import uniform

ORDER = 0x0DE2  # the stream of random numbers that orders rows; augmentations have their own


def steps_per_epoch(rows: int, batch_size: int) -> int:
    """How many batches an epoch has: so many that none has a single row, which batch norm cannot learn from."""
    return max(1, min(math.ceil(rows / batch_size), rows // 2))


def plan(keys: np.ndarray, batch_size: int, epoch: int, seed: int) -> list[np.ndarray]:
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

    Returns
    -------
    list of int64 arrays
        Every position once.

    Examples
    --------
    >>> [len(batch) for batch in plan(np.arange(5), 2, epoch=0, seed=7)]
    [3, 2]
    """
    order = np.lexsort((keys, uniform(seed, epoch, keys, ORDER)))
    return np.array_split(order, steps_per_epoch(len(keys), batch_size))
