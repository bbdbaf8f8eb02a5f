"""Large arrays that lie in a file instead of memory: what 10 GB of texts need beside the texts."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress

import numpy as np

from ftkit.data.cache import cache_folder

LARGE = 1 << 26  # bytes: smaller arrays stay in memory
BLOCK = 1 << 22  # numbers worked on at a time


def scratch(shape: tuple[int, ...], dtype: type = np.float32) -> np.ndarray:
    """An array of zeros; a large one lies in an unnamed file of the cache folder, whose pages the system can let go.

    Where the file has no room, the array is in memory.

    Parameters
    ----------
    shape : tuple of int
    dtype : type, default float32

    Returns
    -------
    ndarray

    Examples
    --------
    >>> scratch((2, 3)).sum()
    np.float32(0.0)
    """
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    if size > LARGE:
        with suppress(OSError):
            cache_folder().mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=cache_folder()) as file:
                # Reserved now: a disk that is full later would end the process, not raise.
                os.posix_fallocate(file.fileno(), 0, size) if hasattr(os, "posix_fallocate") else file.truncate(size)
                return np.asarray(np.memmap(file, dtype, "r+", shape=shape))
    return np.zeros(shape, dtype)


def blocks(rows: np.ndarray) -> Iterator[slice]:
    """Slices of an array's rows, a few megabytes each.

    Parameters
    ----------
    rows : ndarray, shape (N, d)

    Yields
    ------
    slice
    """
    step = max(1, BLOCK // max(1, rows.shape[1]))
    for start in range(0, len(rows), step):
        yield slice(start, start + step)


def taken(rows: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Some rows of an array, in scratch where they are many; the array itself where they are all.

    Parameters
    ----------
    rows : ndarray, shape (N, d)
    at : ndarray of int64, shape (M,)
        Positions, rising.

    Returns
    -------
    ndarray, shape (M, d)
    """
    if len(at) == len(rows):
        return rows
    out = scratch((len(at), rows.shape[1]), rows.dtype)
    for part in blocks(out):
        out[part] = rows[at[part]]
    return out


def said_anything(vectors: np.ndarray) -> np.ndarray:
    """Whether each vector is other than zero, bool (N,)."""
    return np.concatenate([vectors[part].any(axis=1) for part in blocks(vectors)] or [np.zeros(0, dtype=bool)])
