"""Where a model is worse than elsewhere: slices of rows tried one by one and in pairs, corrected for many looks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ftkit.errors import DataError
from ftkit.evaluate import intervals
from ftkit.evaluate.metrics import MetricSpec
from ftkit.evaluate.own import find_metric
from ftkit.evaluate.scoring import evaluate

BINS, MOST_VALUES, FEWEST = 4, 20, 20
# Only so many slices, the largest, are tried in pairs.
PAIRED = 60


@dataclass(frozen=True)
class Slice:
    """Rows with something in common, and how wrong the model is on them.

    Attributes
    ----------
    name : str
        What they have in common, such as ``colour = red and 3 to 7 of size``.
    rows : int array (M,)
        Their positions.
    value, rest : float
        The mean error (a share, where errors are 0 and 1) of these rows, and of all others.
    low, high : float
        Interval of ``value`` that holds for all slices tried together.
    p : float
        That the slice is no worse than the rest; for all slices tried together (Holm).
    """

    name: str
    rows: np.ndarray = field(repr=False)
    value: float
    rest: float
    low: float
    high: float
    p: float

    def sentence(self) -> str:
        """The slice in words."""
        return (
            f"{self.name}: {self.value:.3g} against {self.rest:.3g} elsewhere "
            f"({self.low:.3g} to {self.high:.3g}, {len(self.rows):,} rows)."
        )


def find_slices(
    errors: np.ndarray, features: Mapping[str, Any], *, level: float = 0.95, fewest: int = FEWEST, pairs: bool = True
) -> tuple[list[Slice], int]:
    """The slices on which errors are higher than elsewhere, the worst first.

    Every frequent value of a feature, each quarter of a number, what is missing, and all pairs of these are tried: by
    the hypergeometric test where errors are 0 and 1, by Welch's otherwise. A pair is told only where it is worse than
    each of its parts, and not where a part that is told explains it.

    Parameters
    ----------
    errors : float array (N,)
        0 or 1 for right and wrong, or any loss of at least 0.
    features : mapping of str to array (N,)
        Numbers (NaN is missing) or strings (None is missing).
    level : float, default 0.95
        Slices whose corrected p is below 1 - level are told.
    fewest : int, default 20
        Rows a slice must have.
    pairs : bool, default True
        Whether two features at once are tried.

    Returns
    -------
    list of Slice
    int
        How many slices were tried.

    Raises
    ------
    DataError
        Lengths differ, or an error is negative, NaN or infinite.

    References
    ----------
    Chung, Kraska, Polyzotis, Tae and Whang (2019), "Slice Finder: automated data slicing for model validation", ICDE.

    Examples
    --------
    >>> import numpy as np
    >>> colour = np.array(["red", "blue"] * 100)
    >>> found, tried = find_slices((np.arange(200) % 4 == 0).astype(float), {"colour": colour})
    >>> found[0].name, tried
    ('colour = red', 2)
    """
    errors = np.asarray(errors, dtype=np.float64)
    if not np.isfinite(errors).all() or (len(errors) and errors.min() < 0):
        raise DataError("errors must be numbers of at least 0.")
    names, parents, masks = _candidates(errors, features, fewest, pairs)
    if not names:
        return [], 0
    rows, p = masks.sum(axis=1), _tests(errors, masks)
    corrected = _holm(p)
    kept: list[int] = []
    out = []
    for i in np.lexsort((-(masks @ errors) / rows, corrected)):
        if corrected[i] >= 1 - level or not _adds(i, kept, errors, masks, parents, 1 - level):
            continue
        kept.append(i)
        out.append(_slice(names[i], errors, masks[i], corrected[i], 1 - (1 - level) / len(names)))
    return sorted(out, key=lambda one: (one.p, -one.value)), len(names)


def _candidates(
    errors: np.ndarray, features: Mapping[str, Any], fewest: int, pairs: bool
) -> tuple[list[str], list[tuple[int, ...]], np.ndarray]:
    """Names, the parts of pairs, and the rows of each slice to be tried, bool (S, N)."""
    names, masks, of = [], [], []
    for feature, values in features.items():
        if len(values) != len(errors):
            raise DataError(f"feature '{feature}' has {len(values):,} values for {len(errors):,} rows.")
        for said, mask in _parts(feature, np.asarray(values)):
            if fewest <= mask.sum() <= len(errors) - fewest:
                names.append(said)
                masks.append(mask)
                of.append(feature)
    if not masks:
        return [], [], np.zeros((0, len(errors)), dtype=bool)
    single = np.stack(masks)
    parents: list[tuple[int, ...]] = [()] * len(names)
    if pairs:
        large = np.sort(np.argsort(-single.sum(axis=1), kind="stable")[:PAIRED])
        both = np.zeros((len(names), len(names)))
        few = single[large].astype(np.float32)
        both[np.ix_(large, large)] = few @ few.T
        found = [(i, k) for i, k in zip(*np.nonzero(np.triu(both >= fewest, 1)), strict=True) if of[i] != of[k]]
        # A pair that is (nearly) all of one part is that part.
        found = [(i, k) for i, k in found if both[i, k] < 0.9 * min(both[i, i], both[k, k])]
        parents += found
        names += [f"{names[i]} and {names[k]}" for i, k in found]
        single = np.concatenate([single, *[single[i : i + 1] & single[k] for i, k in found]]) if found else single
    return names, parents, single


def _parts(feature: str, values: np.ndarray) -> list[tuple[str, np.ndarray]]:
    """The slices of one feature."""
    if values.dtype.kind in "iuf":
        return _quarters(feature, values.astype(np.float64))
    missing = np.array([v is None or v == "" for v in values])
    texts = np.where(missing, "", values).astype(str)
    found, counts = np.unique(texts[~missing], return_counts=True)
    common = found[np.argsort(-counts, kind="stable")][:MOST_VALUES]
    parts = [(f"{feature} = {value}", texts == value) for value in common.tolist()] if len(found) > 1 else []
    return [*parts, (f"{feature} missing", missing)]


def _quarters(feature: str, values: np.ndarray) -> list[tuple[str, np.ndarray]]:
    missing = np.isnan(values)
    known = values[~missing]
    parts = [(f"{feature} missing", missing)]
    distinct = np.unique(known)
    if len(distinct) < 2:
        return parts
    if len(distinct) <= BINS:
        return [*[(f"{feature} = {value:g}", values == value) for value in distinct], *parts]
    cuts = np.unique(np.quantile(known, np.linspace(0, 1, BINS + 1)[1:-1]))
    at = np.searchsorted(cuts, values, side="left")
    edges = [known.min(), *cuts, known.max()]
    quarters = [(edges[k], edges[k + 1], (at == k) & ~missing) for k in range(len(cuts) + 1)]
    return parts + [(f"{feature} {low:.4g} to {high:.4g}", mask) for low, high, mask in quarters]


def _tests(errors: np.ndarray, masks: np.ndarray) -> np.ndarray:
    """One-sided p that each slice is no worse than the rest, (S,)."""
    from scipy.stats import hypergeom, t

    rows, total = masks.sum(axis=1), len(errors)
    sums = masks @ errors
    if np.isin(errors, (0, 1)).all():
        return hypergeom.sf(np.rint(sums) - 1, total, int(errors.sum()), rows)
    squares = masks @ errors**2
    others, rest, rest_squares = total - rows, errors.sum() - sums, (errors**2).sum() - squares
    means = sums / rows, rest / others
    parts = [
        np.maximum(sq / n - m**2, 1e-300) / np.maximum(n - 1, 1)
        for sq, n, m in ((squares, rows, means[0]), (rest_squares, others, means[1]))
    ]
    variance = parts[0] + parts[1]
    freedom = variance**2 / (parts[0] ** 2 / np.maximum(rows - 1, 1) + parts[1] ** 2 / np.maximum(others - 1, 1))
    return t.sf((means[0] - means[1]) / np.sqrt(variance), freedom)


def _holm(p: np.ndarray) -> np.ndarray:
    order = np.argsort(p)
    out = np.empty(len(p))
    out[order] = np.maximum.accumulate(np.minimum(p[order] * (len(p) - np.arange(len(p))), 1))
    return out


def _adds(
    i: int, kept: list[int], errors: np.ndarray, masks: np.ndarray, parents: list[tuple[int, ...]], alpha: float
) -> bool:
    """Whether a slice says more than those told already: a pair must be worse within each of its parts."""
    for part in parents[i]:
        inside = masks[part]
        if _tests(errors[inside], masks[i : i + 1, inside])[0] >= alpha / len(parents):
            return False
    for other in kept:
        if parents[other] and i in parents[other]:  # a part of a pair that is told: is the rest of it bad too?
            alone = masks[i] & ~masks[other]
            if alone.sum() < 2 or _tests(errors[~masks[other]], alone[~masks[other]][None])[0] >= alpha:
                return False
    return True


def _slice(name: str, errors: np.ndarray, mask: np.ndarray, p: float, level: float) -> Slice:
    inside, n = errors[mask], int(mask.sum())
    share = np.isin(errors, (0, 1)).all()
    ends = intervals.wilson(inside.sum(), n, level) if share else intervals.mean_of_positive(inside, level)
    return Slice(
        name, np.flatnonzero(mask), float(inside.mean()), float(errors[~mask].mean()), ends.low, ends.high, float(p)
    )


def evaluate_slices(
    labels: Any, predictions: Any, slices: Mapping[str, np.ndarray], *, metrics: list[str | MetricSpec], **given: Any
) -> list[dict[str, Any]]:
    """Metrics of each slice of rows; what a slice is too small or too uniform for is undefined, never 0.

    Parameters
    ----------
    labels, predictions
        As in :func:`ftkit.evaluate.evaluate`.
    slices : mapping of str to array
        Names to masks (N,) or positions.
    metrics : list of str or MetricSpec
    **given
        ``classes``, ``level`` and ``seed`` as in :func:`ftkit.evaluate.evaluate`.

    Returns
    -------
    list of dict
        As :func:`ftkit.evaluate.evaluate`, with the slice's name as "split".

    Raises
    ------
    DataError
        As :func:`ftkit.evaluate.evaluate`, but for slices without rows.

    Examples
    --------
    >>> import numpy as np
    >>> labels, p = np.array([0, 0, 1]), np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7]])
    >>> rows = evaluate_slices(labels, p, {"none": labels == 5, "first two": [0, 1]}, metrics=["roc_auc"])
    >>> [(row["split"], row["value"], row["reason"]) for row in rows][0]
    ('none', None, 'roc_auc is undefined: there are no rows (n = 0).')
    """
    from ftkit.evaluate.score import undefined

    labels, predictions, out = np.asarray(labels), np.asarray(predictions), []
    for name, chosen in slices.items():
        at = np.asarray(chosen)
        at = np.flatnonzero(at) if at.dtype == bool else at.astype(np.int64)
        if len(at):
            out += evaluate(labels[at], predictions[at], metrics=metrics, split=name, **given)
        else:
            specs = [find_metric(metric) for metric in metrics]
            out += [undefined(0, f"{s.name} is undefined: there are no rows").row(s.name, name) for s in specs]
    return out
