"""Random numbers that are a function of what they are for, not of how many were drawn before.

``value = hash(seed, epoch, row key, stream)``: no generator state, so a resumed, re-ordered or re-batched run meets the
very same numbers, and a checkpoint has nothing to store. The hash is SplitMix64's finaliser, applied once to bind the
row to (seed, epoch) and once to bind the stream. Only 64-bit integer operations that wrap, so numpy and torch, on any
device, agree to the bit.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

_WORD = 1 << 64
# Streams kept for each step, so that a step's numbers do not move when another learns to draw one more.
STREAMS = 64
# The stream that orders rows: beyond those of any step.
ORDER = 0x0DE2


def _signed(value: int) -> int:
    """A 64-bit pattern as the signed integer numpy and torch hold it in."""
    value %= _WORD
    return value - _WORD if value >= _WORD // 2 else value


GAMMA = _signed(0x9E3779B97F4A7C15)
FIRST, SECOND = _signed(0xBF58476D1CE4E5B9), _signed(0x94D049BB133111EB)


def _xorshift(z: Any, bits: int) -> Any:
    """``z ^ (z >>> bits)``: the mask makes the arithmetic shift of signed integers a logical one."""
    return z ^ ((z >> bits) & ((1 << (64 - bits)) - 1))


def mix(z: Any) -> Any:
    """SplitMix64's finaliser of every element of an int64 array or tensor: a bijection that looks random.

    Parameters
    ----------
    z : int64 numpy array or torch tensor, any shape but ()
        What is mixed.

    Returns
    -------
    array or tensor of the same kind and shape

    References
    ----------
    Steele, Lea and Flood (2014), "Fast splittable pseudorandom number generators", section 3, with the constants of
    Stafford's "Mix13".
    """
    z = _xorshift(z, 30) * FIRST
    z = _xorshift(z, 27) * SECOND
    return _xorshift(z, 31)


def _mix_word(value: int) -> int:
    return int(mix(np.array([_signed(value)], dtype=np.int64))[0])


def state(seed: int, epoch: int, keys: Any) -> Any:
    """What all random numbers of these rows in this epoch are made from.

    Parameters
    ----------
    seed, epoch : int
        Any integers.
    keys : int64 array or tensor (N,)
        One key a row: :func:`row_keys`, or positions.

    Returns
    -------
    int64 array or tensor (N,)
    """
    return mix(keys * GAMMA + _mix_word(_mix_word(seed) + epoch))


def branch(states: Any, number: int) -> Any:
    """States of their own for the ``number``-th use of rows' states, such as a step of a list.

    Parameters
    ----------
    states : int64 array or tensor (N,)
    number : int

    Returns
    -------
    int64 array or tensor (N,)
    """
    return mix(states + _signed((number + 1) * GAMMA))


def uniform(seed: int, epoch: int, keys: Any, stream: int | Sequence[int] = 0) -> Any:
    """Uniform numbers in [0, 1), one for each row, a function of the four arguments alone.

    Parameters
    ----------
    seed, epoch : int
        Any integers.
    keys : int64 numpy array or torch tensor (N,)
        One key a row: :func:`row_keys`, or positions.
    stream : int or sequence of S int, default 0
        What the number is for; different streams of a row are independent.

    Returns
    -------
    float64 array or tensor (N,), or (N, S) for a sequence of streams
        Of the kind of ``keys``, on its device; numpy and torch agree to the bit.

    Examples
    --------
    >>> import numpy as np
    >>> keys = np.arange(4)
    >>> uniform(0, 1, keys).round(3)
    array([0.256, 0.335, 0.508, 0.646])
    >>> bool((uniform(0, 1, keys[::-1]) == uniform(0, 1, keys)[::-1]).all())
    True
    """
    rows = state(seed, epoch, keys)
    if isinstance(stream, (int, np.integer)):
        z = mix(rows + _signed((int(stream) + 1) * GAMMA))
    else:
        z = mix(rows[:, None] + _steps(rows, [_signed((s + 1) * GAMMA) for s in stream])[None])
    return _unit((z >> 11) & ((1 << 53) - 1))


def _steps(like: Any, values: list[int]) -> Any:
    """A list of integers as an array or tensor beside another."""
    if isinstance(like, np.ndarray):
        return np.array(values, dtype=np.int64)
    return like.new_tensor(values)


def _unit(bits: Any) -> Any:
    """53 random bits as a float64 in [0, 1)."""
    numbers = bits.astype(np.float64) if isinstance(bits, np.ndarray) else bits.double()
    return numbers * 2.0**-53


def epoch_order(seed: int, epoch: int, keys: np.ndarray) -> np.ndarray:
    """The order in which an epoch meets its rows, whatever the order they were read in.

    Parameters
    ----------
    seed, epoch : int
    keys : int64 array (N,)

    Returns
    -------
    int64 array (N,)
        Positions.

    Examples
    --------
    >>> import numpy as np
    >>> epoch_order(7, 0, np.arange(5)).tolist()
    [3, 0, 4, 1, 2]
    """
    return np.lexsort((keys, uniform(seed, epoch, keys, ORDER)))


def row_keys(ids: Iterable[str]) -> np.ndarray:
    """A stable 64-bit key of each row id.

    Parameters
    ----------
    ids : iterable of N str
        Row ids, as ``view.ids`` has them.

    Returns
    -------
    int64 array (N,)
        BLAKE2b of the id's UTF-8 bytes: the same on every machine, in every run.

    Examples
    --------
    >>> row_keys(["a.png", "向日葵/1.jpg"]).tolist()
    [6266261796961190882, 3313848607414914529]
    """
    blake = hashlib.blake2b
    digests = b"".join(blake(str(i).encode("utf-8", "surrogatepass"), digest_size=8).digest() for i in ids)
    return np.frombuffer(digests, dtype="<i8").astype(np.int64)
