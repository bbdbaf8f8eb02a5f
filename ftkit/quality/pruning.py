"""Confident learning in one pass: which labels a model confidently takes for another, and which of them to doubt.

The rules, their names and their flags are those of the paper and of its authors' package, so that results can be
compared; the work is done block by block, and only rows that can be flagged are ranked.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from ftkit.errors import DataError, nearest

Rule = Literal[
    "prune_by_noise_rate",
    "prune_by_class",
    "both",
    "confident_learning",
    "predicted_neq_given",
    "low_normalized_margin",
    "low_self_confidence",
]
BLOCK = 4096
# Two probabilities nearer than this are equal; a class below twice this is never confident.
CLOSE = 1e-6
TINY = 1e-100
FEWEST = 1


@dataclass(frozen=True)
class Scan:
    """What one pass over the probabilities keeps.

    Attributes
    ----------
    joint : ndarray of int64, shape (K, K)
        The confident joint: how many rows labelled j (rows) are confidently taken for k (columns); at least 1 of each
        class with itself.
    other : ndarray of bool, shape (N,)
        A row is confidently taken for another class than it is labelled as.
    agrees : ndarray of bool, shape (N,)
        The given label is the most likely, or as good as.
    """

    joint: np.ndarray
    other: np.ndarray
    agrees: np.ndarray


def prune(labels: np.ndarray, probabilities: np.ndarray, rule: Rule = "prune_by_noise_rate") -> np.ndarray:
    """Which labels confident learning doubts.

    Parameters
    ----------
    labels : ndarray of int, shape (N,)
        0 to K - 1.
    probabilities : ndarray of float, shape (N, K)
        Of models that have not seen the row.
    rule : str, default "prune_by_noise_rate"
        How flags follow from the confident joint.

    Returns
    -------
    ndarray of bool, shape (N,)

    Raises
    ------
    DataError
        There is no such rule.

    References
    ----------
    Northcutt, Jiang and Chuang (2021), "Confident learning: estimating uncertainty in dataset labels", JAIR 70,
    sections 3.1 (confident joint) and 3.2 (pruning).

    Examples
    --------
    >>> said = np.array([[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.2, 0.8], [0.05, 0.95]])
    >>> prune(np.array([0, 0, 1, 1, 0]), said).tolist()
    [False, False, False, False, True]
    """
    if rule not in get_args(Rule):
        raise DataError(f"rule '{rule}' is not known; {nearest(rule, get_args(Rule))}.")
    scan = scan_rows(labels, probabilities)
    if rule.startswith("low_"):
        return _lowest(labels, probabilities, scan, rule)
    if rule == "predicted_neq_given":
        return ~scan.agrees
    if rule == "confident_learning":
        return scan.other & ~scan.agrees
    flags = ~scan.agrees
    if rule != "prune_by_class":
        flags &= _by_class(labels, probabilities, scan, _by_noise_rate)
    if rule != "prune_by_noise_rate":
        flags &= _by_class(labels, probabilities, scan, _by_probability)
    return flags


def scan_rows(labels: np.ndarray, probabilities: np.ndarray) -> Scan:
    """What the rules need of each row, read once in blocks that fit the cache."""
    n, classes = probabilities.shape
    cut = thresholds(labels, probabilities) - CLOSE
    joint = np.zeros(classes**2, np.int64)
    other, agrees = np.empty(n, dtype=bool), np.empty(n, dtype=bool)
    ones = np.ones(classes, np.float32)
    for start in range(0, n, BLOCK):
        block, given = probabilities[start : start + BLOCK], labels[start : start + BLOCK]
        here, every = slice(start, start + len(block)), np.arange(len(block))
        best = block.argmax(axis=1)
        top = block[every, best]
        confident = block >= cut
        count = confident.astype(np.float32) @ ones
        guess = best.copy()
        # One class is confident and it is not the likeliest: thresholds differ from class to class.
        odd = np.flatnonzero((count == 1) & (top < cut[best]))
        guess[odd] = confident[odd].argmax(axis=1)
        sure = count > 0
        joint += np.bincount(given[sure] * classes + guess[sure], minlength=classes**2)
        other[here] = sure & (guess != given)
        agrees[here] = _agree(block, given, block[every, given] + CLOSE, top)
    joint = joint.reshape(classes, classes)
    np.fill_diagonal(joint, np.maximum(joint.diagonal(), 1))
    return Scan(joint, other, agrees)


def _agree(block: np.ndarray, given: np.ndarray, raised: np.ndarray, top: np.ndarray) -> np.ndarray:
    """Whether the given label, its probability raised a little, is the first of the largest."""
    agrees = raised > top
    for i in np.flatnonzero(raised == top):
        row = block[i].copy()
        row[given[i]] += CLOSE
        agrees[i] = row.argmax() == given[i]
    return agrees


def thresholds(labels: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """The mean probability of each class among the rows labelled as it; 2, which nothing reaches, without any."""
    means = []
    for k in range(probabilities.shape[1]):
        own = probabilities[np.flatnonzero(labels == k), k]
        means.append(own.mean() if len(own) else 2)
    return np.clip(means, 2 * CLOSE, None)


def calibrated(joint: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The confident joint scaled so that each row sums to the rows with that label, in whole numbers."""
    counts = np.bincount(labels, minlength=len(joint))
    scaled = (joint.T / np.maximum(joint.sum(axis=1), TINY) * counts).T
    return _whole(scaled / np.maximum(scaled.sum(), TINY) * len(labels))


def prune_counts(joint: np.ndarray) -> np.ndarray:
    """How many rows to doubt: entry (j, k) of those labelled k in favour of j; a class keeps at least one row."""
    counts = joint.T
    diagonal = counts.diagonal()
    kept = np.maximum(diagonal, FEWEST)
    others = np.maximum(np.count_nonzero(counts, axis=0) - 1.0, 1.0)
    new = np.maximum(counts - (kept - diagonal) / others, 0)
    np.fill_diagonal(new, kept)
    return _whole(new.astype(np.int64))


def _whole(table: np.ndarray) -> np.ndarray:
    """The table in whole numbers whose rows keep their sums: the largest remainders give way."""
    out = np.array([_whole_row(row) for row in table.astype(float)])
    return out.astype(np.int64)


def _whole_row(row: np.ndarray) -> np.ndarray:
    whole, wanted = row.round(), row.sum().round()
    while abs(whole.sum().round() - wanted) > CLOSE:
        short = np.round(wanted - whole.sum().round())
        step = -1 if short < 0 else 1
        turn = np.argsort(row - whole)[::-step][: min(int(abs(short)), len(row))]
        whole[turn] += step
    return whole


def _by_class(labels: np.ndarray, probabilities: np.ndarray, scan: Scan, rule: Callable) -> np.ndarray:
    """The flags of a rule that looks at the rows of one label at a time."""
    counts = prune_counts(calibrated(scan.joint, labels))
    flags = np.zeros(len(labels), dtype=bool)
    for k in range(len(counts)):
        rows = np.flatnonzero(labels == k)
        if len(rows) > FEWEST:
            flags[rows] = rule(probabilities[rows], k, counts[:, k], ~scan.agrees[rows])
    return flags


def _by_noise_rate(block: np.ndarray, k: int, counts: np.ndarray, doubtful: np.ndarray) -> np.ndarray:
    """For each other class, the rows labelled k with the largest margin in its favour."""
    flags = np.zeros(len(block), dtype=bool)
    which = np.flatnonzero(doubtful)
    some = block[which]
    for j in np.flatnonzero(counts > 0):
        if j == k:
            continue
        margin = some[:, k] - some[:, j]
        # Every row with a margin in favour of j is among the doubtful; unless that is too few, the rest can wait.
        taken = _least(margin, counts[j]) if np.count_nonzero(margin < -2 * CLOSE) >= counts[j] else None
        if taken is not None:
            flags[which[taken]] = True
        else:
            flags[_least_of_all(-(block[:, j] - block[:, k]), counts[j])] = True
    return flags


def _by_probability(block: np.ndarray, k: int, counts: np.ndarray, doubtful: np.ndarray) -> np.ndarray:
    """The rows labelled k with the least probability of it."""
    flags = np.zeros(len(block), dtype=bool)
    flags[_least_of_all(block[:, k], len(block) - counts[k])] = True
    return flags


def _least(values: np.ndarray, n: int) -> np.ndarray | None:
    """A mask of the ``n`` smallest values; None where a tie leaves them open."""
    if n >= len(values):
        return np.ones(len(values), dtype=bool)
    mask = values <= np.partition(values, n - 1)[n - 1]
    return mask if np.count_nonzero(mask) == n else None


def _least_of_all(values: np.ndarray, n: int) -> np.ndarray:
    """The ``n`` smallest values, as positions or a mask; ties as a sort leaves them."""
    if n < 1:
        return np.zeros(len(values), dtype=bool)
    mask = _least(values, n)
    return np.argsort(values)[:n] if mask is None else mask


def _lowest(labels: np.ndarray, probabilities: np.ndarray, scan: Scan, rule: str) -> np.ndarray:
    """As many rows as are confidently taken for another class, those with the least quality."""
    n = int(np.count_nonzero(scan.other & ~scan.agrees))
    low = rule == "low_self_confidence"
    quality = probabilities[np.arange(len(labels)), labels] if low else normalized_margin(labels, probabilities)
    flags = np.zeros(len(labels), dtype=bool)
    flags[_least_of_all(quality, n)] = True
    return flags


def normalized_margin(labels: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """(p(given) - the largest other p + 1) / 2, shape (N,)."""
    out = np.empty(len(labels), probabilities.dtype)
    for start in range(0, len(labels), BLOCK):
        block = probabilities[start : start + BLOCK].copy()
        at = np.arange(len(block)), labels[start : start + BLOCK]
        own = block[at]
        block[at] = -np.inf
        out[start : start + BLOCK] = (own - block.max(axis=1) + 1) / 2
    return out
