"""How good a probe gets with how many rows, and what more rows would bring."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ftkit.data import DatasetView
from ftkit.errors import DataError
from ftkit.quality.check import Check, SkipCheckError
from ftkit.quality.evidence import Evidence
from ftkit.quality.finding import Finding
from ftkit.quality.folds import FOLDS, deal
from ftkit.quality.labels import labels_of
from ftkit.quality.linear import fit_ridge, fit_softmax, strength_for, with_constant
from ftkit.quality.probe import can_probe, probe_vectors

FEWEST = 100
SMALLEST = 20
POINTS = 7
RANGE = 16
# More rows than these say no more about the curve's shape, only later.
MOST = 20_000
DRAWS = 4000
# No curve is a power law to better than this, nor to better than this part of what it has come down.
ROUGH = 0.003
STEEP = 0.2
LEVEL = 0.95
# Below this gain from doubling, more rows are not what is missing.
WORTHWHILE = 0.01


@dataclass(frozen=True)
class LearningCurve:
    """A probe's score at several numbers of train rows, and the power laws that fit it.

    Attributes
    ----------
    metric : str
        ``accuracy`` or ``r2``.
    sizes : ndarray of int64, shape (S,)
        Train rows.
    scores : ndarray of float64, shape (S, R)
        The score of each repetition; subsets of one repetition are nested.
    draws : ndarray of float64, shape (D, 3)
        Floor a, factor b and exponent c of error(n) = a + b n^-c, drawn from what fits.
    spread : float
        The standard error that all scores share because the rows they are measured on are few.
    rows : int
        The rows there are; a curve stops at four fifths of them.
    """

    metric: str
    sizes: np.ndarray
    scores: np.ndarray
    draws: np.ndarray
    spread: float
    rows: int

    def at(self, n: int, level: float = LEVEL) -> tuple[float, float, float]:
        """The score to be expected with ``n`` train rows.

        Parameters
        ----------
        n : int
        level : float, default 0.95

        Returns
        -------
        (value, low, high)
        """
        noise = np.random.default_rng(0).standard_normal(len(self.draws)) * self.spread
        return _middle(1 - self._errors(n) + noise, level)

    def gain(self, factor: float = 2.0, level: float = LEVEL) -> tuple[float, float, float]:
        """How much more is to be expected from ``factor`` times the rows.

        Parameters
        ----------
        factor : float, default 2.0
        level : float, default 0.95

        Returns
        -------
        (value, low, high)
        """
        n = int(self.sizes[-1])
        return _middle(self._errors(n) - self._errors(n * factor), level)

    def _errors(self, n: float) -> np.ndarray:
        floor, factor, exponent = self.draws.T
        return floor + factor * n**-exponent


def learning_curve(
    x: np.ndarray,
    target: np.ndarray,
    classes: int | None = None,
    *,
    folds: np.ndarray | None = None,
    strength: float | None = None,
    seed: int = 0,
) -> LearningCurve:
    """The learning curve of a linear probe, with the power laws that fit it.

    Parameters
    ----------
    x : ndarray of float32, shape (N, d)
        Vectors of the rows.
    target : ndarray, shape (N,)
        Class codes 0 to K - 1, or numbers.
    classes : int, optional
        K; None for numbers.
    folds : ndarray of int, shape (N,), optional
        Which rows are held out together; five stratified folds by default.
    strength : float, optional
        Of the probe's penalty with four fifths of the rows; by default the one that judges the first fold best.
    seed : int, default 0

    Returns
    -------
    LearningCurve

    Raises
    ------
    DataError
        There are fewer than 100 rows.

    References
    ----------
    Hestness et al. (2017), "Deep learning scaling is predictable, empirically", section 3, for the power law; Viering
    and Loog (2023), "The shape of learning curves: a review", IEEE TPAMI 45, section 5, for how far to trust it.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> x = rng.standard_normal((400, 4)).astype(np.float32)
    >>> curve = learning_curve(x, (x[:, 0] + rng.standard_normal(400) > 0).astype(int), 2)
    >>> curve.metric, int(curve.sizes[-1]), bool(0.7 < curve.at(800)[0] < 0.8)
    ('accuracy', 320, True)
    """
    if len(x) < FEWEST:
        raise DataError(f"a learning curve needs {FEWEST} rows; there are {len(x)}.")
    # However the rows come, the same ones make up the subsets.
    along = np.random.default_rng(seed).standard_normal(x.shape[1], dtype=np.float32)
    order = np.argsort(x @ along, kind="stable")
    x, target = with_constant(x[order]), target[order]
    folds = deal(target, None, FOLDS, seed) if folds is None else folds[order]
    train = min(np.bincount(np.unique(folds, return_inverse=True)[1], minlength=2).max(), len(x) - 1)
    largest = len(x) - int(train)
    least = max(SMALLEST, 2 * (classes or 1))
    sizes = np.unique(np.geomspace(min(max(least, largest / RANGE), largest), largest, POINTS).astype(int))
    strength = strength_for(x, target, folds == folds.min(), classes) if strength is None else strength
    whole = strength * largest
    scores = np.stack([_fold(x, target, classes, folds == fold, sizes, whole, seed) for fold in np.unique(folds)], 1)
    spread = _spread(scores[-1].mean(), len(x), classes)
    draws = _draws(sizes, 1 - scores, seed)
    return LearningCurve("r2" if classes is None else "accuracy", sizes, scores, draws, spread, len(x))


def enough_rows(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """What a probe would gain from more rows.

    How: a linear probe is fitted on nested subsets of seven sizes, five times, and measured on rows held out. Power
    laws error(n) = a + b n^-c are fitted to the result and weighed by how well they fit, the largest sizes most
    (Hestness et al. 2017, section 3; Viering and Loog, IEEE TPAMI 45, 2023, section 5); all that fit make the interval
    of 95%. Above 20,000 rows a sample of so many is looked at, and the curve is carried on to all. A large model's
    curve may be steeper than a probe's.

    Do: collect or augment rows where doubling them brings much. Where it brings next to nothing, better labels, better
    features or another model are worth more.
    """
    curve = curve_of(view, evidence)
    value = curve.at(int(len(view) * 0.8))[0]
    gain, low, high = curve.gain()
    unit = 100 if curve.metric == "accuracy" else 1
    what = "points of accuracy" if curve.metric == "accuracy" else "of R²"
    digits = 1 if unit == 100 else 3
    message = (
        f"Doubling the rows should bring {gain * unit:+.{digits}f} ± {(high - low) / 2 * unit:.{digits}f} {what}; a "
        f"linear probe has {value:.1%} with {int(len(view) * 0.8):,} train rows."
    )
    if unit == 1:
        message = message.replace(f"{value:.1%}", f"{value:.3f}")
    return [Finding(check.code, check.name, "warning" if low >= WORTHWHILE else "info", message)]


def curve_of(view: DatasetView, evidence: Evidence) -> LearningCurve:
    """The learning curve of a view's labelled rows, of a sample above 20,000.

    Parameters
    ----------
    view : DatasetView
    evidence : Evidence

    Returns
    -------
    LearningCurve

    Raises
    ------
    SkipCheckError
        Fewer than 100 rows are labelled, or all have one label.
    """
    labels = labels_of(view)
    known = np.flatnonzero(labels >= 0 if labels.dtype.kind == "i" else np.isfinite(labels))
    if len(known) < FEWEST:
        raise SkipCheckError(f"a learning curve needs {FEWEST} labelled rows; there are {len(known)}")
    if len(known) > MOST:
        known = np.sort(np.random.default_rng(evidence.seed).choice(known, MOST, replace=False))
    if len(np.unique(labels[known])) < 2:
        raise SkipCheckError("all rows have the same label")
    classes = len(view.classes) or None
    x, folds, strength = probe_vectors(evidence)[known], evidence.folds[known], evidence.strength
    return learning_curve(x, labels[known], classes, folds=folds, strength=strength, seed=evidence.seed)


def _fold(
    x: np.ndarray,
    target: np.ndarray,
    classes: int | None,
    held: np.ndarray,
    sizes: np.ndarray,
    strength: float,
    seed: int,
) -> np.ndarray:
    """The score on one fold after training on nested subsets of the others."""
    order = np.random.default_rng(seed).permutation(np.flatnonzero(~held))
    wanted, weights, scores = target[held], None, []
    for size in sizes:
        some = order[:size]
        if classes is None:
            said = x[held] @ fit_ridge(x[some], target[some], strength / size)
            scores.append(1 - np.mean((said - wanted) ** 2) / max(np.var(target), 1e-30))
        else:
            weights = fit_softmax(x[some], target[some], classes, strength / size, start=weights)
            scores.append(np.mean((x[held] @ weights).argmax(axis=1) == wanted))
    return np.array(scores)


def _spread(score: float, rows: int, classes: int | None) -> float:
    """The standard error of a share of so many rows; of R², of a correlation's square."""
    if classes is not None:
        return float(np.sqrt(max(score * (1 - score), 1 / rows) / rows))
    square = float(np.clip(score, 0, 1))
    return float(2 * np.sqrt(max(square, 1e-3)) * (1 - square) / np.sqrt(rows))


def _draws(sizes: np.ndarray, errors: np.ndarray, seed: int) -> np.ndarray:
    """Power laws that fit the mean errors (S, R), as often as they fit well."""
    rng = np.random.default_rng(seed)
    mean = errors.mean(axis=1)
    # The far end of the curve is where it goes on from: what is steeper and earlier counts for less.
    noise = np.sqrt(errors.var(axis=1, ddof=1) / errors.shape[1] / 2 + ROUGH**2 + (STEEP * (mean - mean[-1])) ** 2)
    floors = np.linspace(0, 1, 60) * min(mean.min(), 1.0)
    exponents = np.geomspace(0.05, 2.0, 60)
    floor, exponent = (grid.ravel() for grid in np.meshgrid(floors, exponents))
    basis = sizes[None, :] ** -exponent[:, None] / noise
    wanted = (mean[None, :] - floor[:, None]) / noise
    square = (basis**2).sum(axis=1)
    factor = np.maximum((basis * wanted).sum(axis=1) / square, 0)
    misfit = ((wanted - factor[:, None] * basis) ** 2).sum(axis=1)
    # Exponents near one half are what theory and practice know best.
    odds = -misfit / 2 - (np.log(exponent / 0.4) / 0.8) ** 2 / 2
    weights = np.exp(odds - odds.max())
    # A misfit beyond the noise means that no power law fits: everything is that much less certain.
    wider = np.sqrt(max(misfit.min() / max(len(sizes) - 3, 1), 1))
    chosen = rng.choice(len(weights), DRAWS, p=weights / weights.sum())
    factors = factor[chosen] + wider * rng.standard_normal(DRAWS) / np.sqrt(square[chosen])
    return np.stack([floor[chosen], np.maximum(factors, 0), exponent[chosen]], axis=1)


def _middle(values: np.ndarray, level: float) -> tuple[float, float, float]:
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return float(np.median(values)), float(low), float(high)


CHECKS = (Check("SIZ201", "learning curve", "model", can_probe, enough_rows),)
