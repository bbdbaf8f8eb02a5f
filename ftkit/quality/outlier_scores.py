"""How strange each row of a table is, by four views of it, and how strange is too strange."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

NEAR = 10
EXACT_UP_TO = 20_000
REFERENCE = 5_000
TREES, TREE_ROWS = 200, 256
BINS = 10
FAR = 1e4
# The distances see all columns together, the others one or a few at a time.
WEIGHTS = (2, 1, 1, 1)


@dataclass(frozen=True)
class Strangeness:
    """How strange the rows are.

    Attributes
    ----------
    score : ndarray of float64, shape (N,)
        Fisher's combination of four ranks; the higher the stranger.
    p : ndarray of float64, shape (N,)
        How probable a row this strange is among the others, from the shape of their tail.
    """

    score: np.ndarray
    p: np.ndarray


def strangeness(values: np.ndarray, seed: int = 0) -> Strangeness:
    """How strange each row is, by its neighbours, by isolation, by its columns' densities and by their tails.

    Parameters
    ----------
    values : ndarray of float64, shape (N, d)
        Columns in any unit, without nan: they are scaled robustly here.
    seed : int, default 0
        The isolation forest is a function of it.

    Returns
    -------
    Strangeness

    Notes
    -----
    Distance to the 10th neighbour (Ramaswamy, Rastogi and Shim 2000; above 20,000 rows among 5,000 of them, Sugiyama
    and Borgwardt 2013), isolation forest (Liu, Ting and Zhou 2008), HBOS (Goldstein and Dengel 2012), ECOD (Li et
    al. 2022, section III); combined as Fisher combines p-values (1932, section 21.1).

    Examples
    --------
    >>> values = np.random.default_rng(0).normal(size=(200, 3))
    >>> values[7] += 9
    >>> found = strangeness(values)
    >>> int(found.score.argmax()), bool(found.p[7] < 1e-6)
    (7, True)
    """
    from ftkit.quality.table_vectors import robust

    scaled = np.stack([robust(column) for column in values.T], axis=1).clip(-FAR, FAR)
    scaled = scaled[:, scaled.any(axis=0)]
    if not scaled.shape[1] or len(scaled) < 3:
        return Strangeness(np.zeros(len(values)), np.ones(len(values)))
    views = (distances(scaled, seed), isolation(scaled, seed), densities(scaled), tails(scaled))
    score = sum(-weight * np.log(_rank_p(view)) for weight, view in zip(WEIGHTS, views, strict=True))
    # In few dimensions distances grow fast in any tail: a root of them is as regular as the other views.
    regular = (views[0] ** min(1.0, scaled.shape[1] / 4), *views[1:])
    return Strangeness(score, tail_p(np.average([deviation(view) for view in regular], axis=0, weights=WEIGHTS)))


def distances(scaled: np.ndarray, seed: int = 0) -> np.ndarray:
    """The distance of each row to its tenth neighbour."""
    from sklearn.neighbors import NearestNeighbors

    n = len(scaled)
    k = min(NEAR, n - 1)
    others = scaled
    if n > EXACT_UP_TO:
        by_content = np.lexsort(scaled.T)
        others = scaled[by_content[np.random.default_rng(seed).choice(n, REFERENCE, replace=False)]]
    found = NearestNeighbors(n_neighbors=k + 1).fit(others).kneighbors(scaled)[0]
    # A row of the reference is its own nearest.
    return np.where(found[:, 0] > 0, found[:, k - 1], found[:, k])


def isolation(scaled: np.ndarray, seed: int = 0) -> np.ndarray:
    """How few random cuts set each row apart."""
    from sklearn.ensemble import IsolationForest

    by_content = np.lexsort(scaled.T)
    forest = IsolationForest(n_estimators=TREES, max_samples=min(TREE_ROWS, len(scaled)), random_state=seed)
    return -forest.fit(scaled[by_content]).score_samples(scaled)


def densities(scaled: np.ndarray) -> np.ndarray:
    """The sum over columns of minus the log of how full the bin of each value is, of ten bins of equal width."""
    out = np.zeros(len(scaled))
    for column in scaled.T:
        place = ((column - column.min()) / (column.max() - column.min()) * BINS).astype(np.int64)
        counts = np.bincount(np.minimum(place, BINS - 1), minlength=BINS) + len(scaled) * 1e-4
        out -= np.log(counts[np.minimum(place, BINS - 1)] / counts.max())
    return out


def tails(scaled: np.ndarray) -> np.ndarray:
    """The sum over columns of minus the log of the tail beyond each value: left, right, or by skew, the largest."""
    n = len(scaled)
    left, right, skewed = (np.zeros(n) for _ in range(3))
    for column in scaled.T:
        ordered = np.sort(column)
        below = -np.log(np.searchsorted(ordered, column, side="right") / n)
        above = -np.log((n - np.searchsorted(ordered, column, side="left")) / n)
        left += below
        right += above
        centred = column - column.mean()
        skewed += below if (centred**3).sum() < 0 else above
    return np.maximum(np.maximum(left, right), skewed)


def tail_p(values: np.ndarray) -> np.ndarray:
    """The share of rows expected beyond each value, if the outer tail goes on as the inner one.

    The survival beyond the median is fitted by a Weibull function between the 60th and the 95th percentile.

    Parameters
    ----------
    values : ndarray of float64, shape (N,)

    Returns
    -------
    ndarray of float64, shape (N,)
        0.5 at the median and below.

    Examples
    --------
    >>> tail_p(np.append(np.linspace(0, 1, 99), 9.0))[-1] < 1e-9
    np.True_
    """
    share = np.linspace(0.6, 0.95, 36)
    middle = np.median(values)
    beyond = np.quantile(values, share) - middle
    if beyond[0] <= 0:
        return np.where(values > middle, 0.5, 1.0)
    shape, start = np.polyfit(np.log(beyond), np.log(-np.log(2 * (1 - share))), 1)
    over = np.log(np.maximum(values - middle, 1e-12))
    return 0.5 * np.exp(-np.exp(np.clip(start + shape * over, -50, 6)))


def false_discoveries(p: np.ndarray) -> np.ndarray:
    """The share of false rows among all with a p as small (Benjamini and Hochberg 1995).

    Parameters
    ----------
    p : ndarray of float64, shape (N,)

    Returns
    -------
    ndarray of float64, shape (N,)

    Examples
    --------
    >>> false_discoveries(np.array([0.001, 0.5, 0.9, 0.02]))
    array([0.004     , 0.66666667, 0.9       , 0.04      ])
    """
    order = np.argsort(p)
    rate = p[order] * len(p) / np.arange(1, len(p) + 1)
    out = np.empty(len(p))
    out[order] = np.minimum.accumulate(rate[::-1])[::-1]
    return np.minimum(out, 1.0)


def _rank_p(view: np.ndarray) -> np.ndarray:
    """The share of rows at least as strange, ties at their middle."""
    ordered = np.sort(view)
    low, high = (np.searchsorted(ordered, view, side=side) for side in ("left", "right"))
    return 1 - (low + high) / 2 / (len(view) + 1)


def deviation(view: np.ndarray) -> np.ndarray:
    """Distance from the median in half spreads above it."""
    middle, high = np.quantile(view, (0.5, 0.9))
    return (view - middle) / (high - middle if high > middle else 1.0)
