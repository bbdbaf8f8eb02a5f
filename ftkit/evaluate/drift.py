"""Whether rows, answers or their trustworthiness have moved since a reference: PSI, MMD, calibration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ftkit.errors import DataError
from ftkit.evaluate.calibration import apply_temperature, fit_temperature

BINS, PERMUTATIONS, MOST_ROWS = 10, 500, 1_000
# Siddiqi's rule of thumb: below 0.1 the same, up to 0.25 a shift to look at, above it a large one.
LOOK, LARGE = 0.1, 0.25


@dataclass(frozen=True)
class Drift:
    """How far one thing has moved.

    Attributes
    ----------
    what : str
        A column, "predictions", "inputs" (all columns together) or "calibration".
    statistic : str
        "PSI", "MMD²" or "log loss gained by recalibration".
    value : float
    p : float
        By permutation: that nothing has moved; corrected over all that was looked at (Holm).
    moved : bool
        p is below 1 - level, and a PSI is at least 0.1: with many rows any trifle is significant.
    """

    what: str
    statistic: str
    value: float
    p: float
    moved: bool


def psi(reference: np.ndarray, current: np.ndarray, bins: int = BINS) -> float:
    """The population stability index of a column: 0 the same, over 0.25 another population.

    Parameters
    ----------
    reference, current : arrays (N,) and (M,)
        Numbers (NaN is missing, a bin of its own) or strings (None is missing).
    bins : int, default 10
        Of numbers: with equally many reference rows each.

    Returns
    -------
    float

    Raises
    ------
    DataError
        One of them has no row.

    References
    ----------
    Siddiqi (2006), "Credit Risk Scorecards"; Yurdakul (2018), "Statistical properties of the population stability
    index". Empty bins count half a row.

    Examples
    --------
    >>> import numpy as np
    >>> draw = np.random.default_rng(0)
    >>> before, after = draw.normal(size=2000), draw.normal(1, 1, 2000)
    >>> psi(before, draw.normal(size=2000)) < 0.02 < 0.3 < psi(before, after)
    True
    """
    reference, current = np.asarray(reference), np.asarray(current)
    if not len(reference) or not len(current):
        raise DataError("drift needs rows on both sides; one has none.")
    codes, count = _coded(reference, current, bins)
    return float(_psi(codes, np.arange(len(codes)) < len(reference), count))


def _coded(reference: np.ndarray, current: np.ndarray, bins: int) -> tuple[np.ndarray, int]:
    """The bin of every row of both, and how many bins there are."""
    if reference.dtype.kind in "iufb" and current.dtype.kind in "iufb":
        both = np.concatenate([reference, current]).astype(np.float64)
        known = both[: len(reference)][~np.isnan(both[: len(reference)])]
        cuts = np.unique(np.quantile(known, np.linspace(0, 1, bins + 1)[1:-1])) if len(known) else np.array([0.0])
        return np.where(np.isnan(both), len(cuts) + 1, np.searchsorted(cuts, both, side="left")), len(cuts) + 2
    texts = np.array(["" if v is None else str(v) for v in (*reference.tolist(), *current.tolist())])
    names, codes = np.unique(texts, return_inverse=True)
    return codes, len(names)


def _psi(codes: np.ndarray, first: np.ndarray, count: int) -> float:
    sides = [np.bincount(codes[side], minlength=count).astype(np.float64) for side in (first, ~first)]
    used = (sides[0] + sides[1]) > 0
    shares = [np.maximum(side[used], 0.5) / side.sum() for side in sides]
    return float(((shares[0] - shares[1]) * np.log(shares[0] / shares[1])).sum())


def mmd(
    reference: np.ndarray, current: np.ndarray, *, permutations: int = PERMUTATIONS, seed: int = 0
) -> tuple[float, float]:
    """The squared maximum mean discrepancy of two sets of vectors, and its p by permutation.

    Parameters
    ----------
    reference, current : float arrays (N, d), (M, d)
        Scaled alike; at most 1,000 rows of each are taken, by the seed.
    permutations : int, default 500
    seed : int, default 0

    Returns
    -------
    value : float
        Unbiased; near 0, and as often below it as above, where nothing has moved.
    p : float

    Raises
    ------
    DataError
        The widths differ, or one has fewer than 2 rows.

    References
    ----------
    Gretton, Borgwardt, Rasch, Schölkopf and Smola (2012), "A kernel two-sample test", JMLR 13: Gaussian kernel, its
    width the median distance.

    Examples
    --------
    >>> import numpy as np
    >>> draw = np.random.default_rng(0)
    >>> mmd(draw.normal(size=(80, 3)), draw.normal(0.8, 1, (80, 3)))[1] < 0.05
    True
    """
    draw = np.random.default_rng(seed)
    sides = [_some(np.asarray(part, dtype=np.float64), draw) for part in (reference, current)]
    if sides[0].shape[1:] != sides[1].shape[1:] or min(map(len, sides)) < 2:
        raise DataError(f"vectors of shape {sides[0].shape} and {sides[1].shape} cannot be compared.")
    n, both = len(sides[0]), np.concatenate(sides)
    squares = (both**2).sum(axis=1)
    distance = np.maximum(squares[:, None] + squares - 2 * both @ both.T, 0)
    middle = float(np.median(distance[np.triu_indices(len(both), 1)]))
    kernel = np.exp(-distance / (middle or 1.0))
    np.fill_diagonal(kernel, 0)
    signs = np.zeros((permutations + 1, len(both)))
    signs[0, :n] = 1
    for row in signs[1:]:
        row[draw.permutation(len(both))[:n]] = 1
    found = _mmd(kernel, signs, n)
    return float(found[0]), float((1 + (found[1:] >= found[0] - 1e-15).sum()) / (permutations + 1))


def _some(rows: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    return rows if len(rows) <= MOST_ROWS else rows[np.sort(draw.choice(len(rows), MOST_ROWS, replace=False))]


def _mmd(kernel: np.ndarray, first: np.ndarray, n: int) -> np.ndarray:
    """MMD² of each assignment of rows to the first side, (R,)."""
    m = len(kernel) - n
    of_first = first @ kernel
    within = (of_first * first).sum(axis=1)
    across = (of_first * (1 - first)).sum(axis=1)
    other = kernel.sum() - within - 2 * across
    return within / (n * (n - 1)) + other / (m * (m - 1)) - 2 * across / (n * m)


def find_drift(
    reference: Mapping[str, Any],
    current: Mapping[str, Any],
    *,
    level: float = 0.95,
    permutations: int = PERMUTATIONS,
    seed: int = 0,
) -> list[Drift]:
    """What has moved between two sets of rows: each column by PSI, all of them together by MMD.

    Parameters
    ----------
    reference, current : mapping of str to array (N,)
        Columns by name, numbers or strings; predictions may be one of them.
    level : float, default 0.95
    permutations : int, default 500
    seed : int, default 0

    Returns
    -------
    list of Drift
        Those that moved the most first; "inputs" is all columns together.

    Raises
    ------
    DataError
        A column is on one side only, or a side has no rows.

    Examples
    --------
    >>> import numpy as np
    >>> draw = np.random.default_rng(0)
    >>> before = {"age": draw.normal(size=500), "colour": draw.choice(["red", "blue"], 500)}
    >>> after = {"age": draw.normal(1, 1, 500), "colour": draw.choice(["red", "blue"], 500)}
    >>> [(d.what, d.moved) for d in find_drift(before, after) if d.moved]
    [('age', True), ('inputs', True)]
    """
    lost = set(reference) ^ set(current)
    if lost:
        raise DataError(f"column '{sorted(lost)[0]}' is on one side only.")
    draw, found = np.random.default_rng(seed), []
    blocks = []
    for name in reference:
        one, other = np.asarray(reference[name]), np.asarray(current[name])
        value = psi(one, other)
        codes, count = _coded(one, other, BINS)
        first = np.arange(len(codes)) < len(one)
        drawn = [_psi(codes, draw.permutation(first), count) for _ in range(permutations)]
        found.append((name, "PSI", value, float((1 + np.sum(np.array(drawn) >= value)) / (permutations + 1))))
        blocks.append(_scaled(one, other, codes, count))
    if len(blocks) > 1:
        both = np.concatenate(blocks, axis=1)
        n = len(next(iter(reference.values())))
        found.append(("inputs", "MMD²", *mmd(both[:n], both[n:], permutations=permutations, seed=seed)))
    return _told(found, level)


def _scaled(one: np.ndarray, other: np.ndarray, codes: np.ndarray, count: int) -> np.ndarray:
    """A column as numbers of about unit spread: ranks among the reference, or one column a common value."""
    if one.dtype.kind in "iufb" and other.dtype.kind in "iufb":
        both = np.concatenate([one, other]).astype(np.float64)
        known = np.sort(one[~np.isnan(one.astype(np.float64))])
        rank = np.searchsorted(known, both) / max(len(known), 1) - 0.5
        return np.where(np.isnan(both), 0.0, rank * 3.46)[:, None]
    common = np.argsort(-np.bincount(codes, minlength=count))[:20]
    return (codes[:, None] == common).astype(np.float64)


def calibration_drift(
    reference: tuple[np.ndarray, np.ndarray],
    current: tuple[np.ndarray, np.ndarray],
    *,
    level: float = 0.95,
    permutations: int = 200,
    seed: int = 0,
) -> Drift:
    """Whether probabilities that could be believed then can be believed now.

    Temperatures are fitted to both sets of rows; the statistic is how much lower the current rows' log loss is under
    their own temperature than under the reference's.

    Parameters
    ----------
    reference, current : (labels, probabilities)
        As in :func:`ftkit.evaluate.evaluate`.
    level : float, default 0.95
    permutations : int, default 200
    seed : int, default 0

    Returns
    -------
    Drift

    Raises
    ------
    DataError
        As :func:`ftkit.evaluate.evaluate`.

    Examples
    --------
    >>> import numpy as np
    >>> draw = np.random.default_rng(0)
    >>> p = draw.uniform(0.5, 1, 800)
    >>> sure = np.column_stack([p, 1 - p])
    >>> then, now = (draw.random(800) > p).astype(int), (draw.random(800) > 0.5 + (p - 0.5) / 3).astype(int)
    >>> calibration_drift((then, sure), (now, sure)).moved
    True
    """
    labels = np.concatenate([np.asarray(reference[0]), np.asarray(current[0])])
    p = np.concatenate([np.asarray(reference[1]), np.asarray(current[1])])
    draw, n = np.random.default_rng(seed), len(reference[0])
    value = _gained(labels, p, np.arange(len(labels)) >= n)
    drawn = []
    for _ in range(permutations):
        later = np.zeros(len(labels), dtype=bool)
        later[draw.permutation(len(labels))[: len(labels) - n]] = True
        drawn.append(_gained(labels, p, later))
    share = float((1 + np.sum(np.array(drawn) >= value)) / (permutations + 1))
    return Drift("calibration", "log loss gained by recalibration", value, share, share < 1 - level)


def _gained(labels: np.ndarray, p: np.ndarray, later: np.ndarray) -> float:
    before, now = fit_temperature(labels[~later], p[~later]), fit_temperature(labels[later], p[later])
    losses = []
    for temperature in (before, now):
        at = apply_temperature(p[later], temperature)
        losses.append(-np.log(at[np.arange(int(later.sum())), labels[later]].clip(1e-12)).mean())
    return float(losses[0] - losses[1])


def _told(found: list[tuple[str, str, float, float]], level: float) -> list[Drift]:
    order = np.argsort([p for *_, p in found], kind="stable")
    corrected, floor = np.empty(len(found)), 0.0
    for rank, i in enumerate(order):
        floor = max(floor, min(found[i][3] * (len(found) - rank), 1.0))
        corrected[i] = floor
    out = [
        Drift(what, statistic, value, float(p), bool(p < 1 - level and (statistic != "PSI" or value >= LOOK)))
        for (what, statistic, value, _), p in zip(found, corrected, strict=True)
    ]
    return sorted(out, key=lambda d: (not d.moved, d.statistic != "PSI", -d.value))
