"""How well rows fit their task, and which pre-trained model knows their kind best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ftkit.data import DatasetView
from ftkit.errors import DataError
from ftkit.evaluate.intervals import wilson
from ftkit.quality.check import Check, SkipCheckError
from ftkit.quality.evidence import Evidence
from ftkit.quality.finding import Finding
from ftkit.quality.folds import folds_of
from ftkit.quality.labels import labels_of
from ftkit.quality.linear import softmax
from ftkit.quality.probe import can_probe, cross_predict, out_of_fold_numbers

LEVEL = 0.95
MOST = 10_000
CLUSTERS = 5
RESAMPLES = 500


@dataclass(frozen=True)
class Ranked:
    """How much a candidate model knows of the rows' kind.

    Attributes
    ----------
    model : str or None
        Path or hub id; None for the built-in descriptors.
    log_me : float
        The mean log evidence of the labels given the model's vectors: higher is better.
    leep : float
        The mean log probability of the labels given the vectors' clusters, at most 0; nan for numbers.
    score : float
        What a linear probe on the vectors reaches out of fold: accuracy, or R².
    low, high : float
        Its interval of 95%.
    """

    model: str | None
    log_me: float
    leep: float
    score: float
    low: float
    high: float


def rank_models(view: DatasetView, models: Sequence[str | None], *, seed: int = 0) -> list[Ranked]:
    """The candidate models, the one that knows the rows' kind best first, without training any.

    Parameters
    ----------
    view : DatasetView
        Labelled rows; above 10,000 a sample is looked at.
    models : sequence of str or None
        Paths or hub ids; None stands for the built-in descriptors.
    seed : int, default 0

    Returns
    -------
    list of Ranked
        By LogME.

    Raises
    ------
    DataError
        A model cannot be loaded, or there are no usable labels.

    References
    ----------
    You et al. (2021), "LogME: practical assessment of pre-trained models for transfer learning", ICML, section 4;
    Nguyen et al. (2020), "LEEP: a new measure to evaluate transferability of learned representations", ICML, section 3;
    Li et al. (2021), "Ranking neural checkpoints", CVPR, section 3, for LEEP on clusters of the vectors.

    Examples
    --------
    >>> import ftkit as ft
    >>> [ranked.score > 0.9 for ranked in rank_models(ft.read("digits"), [None])]
    [True]
    """
    labels = view.labels
    known = np.flatnonzero(labels >= 0 if labels.dtype.kind == "i" else np.isfinite(labels))
    if len(known) < CLUSTERS * 4:
        raise DataError(f"models are ranked on {CLUSTERS * 4} labelled rows or more; there are {len(known)}.")
    if len(known) > MOST:
        known = np.sort(np.random.default_rng(seed).choice(known, MOST, replace=False))
    part = view.select(known)
    ranked = [_rank(Evidence(part, model, seed=seed)) for model in models]
    return sorted(ranked, key=lambda one: -one.log_me)


def log_me(vectors: np.ndarray, target: np.ndarray, classes: int | None = None) -> float:
    """The logarithm of the largest evidence of the labels under a Bayesian linear model, a row and a class.

    Parameters
    ----------
    vectors : ndarray of float, shape (N, d)
    target : ndarray, shape (N,)
        Class codes, or numbers.
    classes : int, optional
        K; None for numbers.

    Returns
    -------
    float

    References
    ----------
    You et al. (2021), ICML, algorithm 1.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x = rng.standard_normal((200, 5))
    >>> log_me(x, (x[:, 0] > 0).astype(int), 2) > log_me(x, rng.integers(0, 2, 200), 2)
    True
    """
    x = np.asarray(vectors, dtype=np.float64)
    columns = [(target - target.mean()) / max(target.std(), 1e-30)] if classes is None else None
    columns = columns or [(target == k).astype(np.float64) for k in range(classes)]
    values, basis = np.linalg.eigh(x.T @ x)
    values = np.maximum(values, 0)
    return float(np.mean([_evidence(x, basis, values, column) for column in columns]))


def leep(source: np.ndarray, labels: np.ndarray, classes: int) -> float:
    """The mean log probability of the labels as a model's own classes foretell them, at most 0.

    Parameters
    ----------
    source : ndarray of float, shape (N, Z)
        The probabilities of the classes the model was trained on, or of clusters of its vectors.
    labels : ndarray of int, shape (N,)
    classes : int

    Returns
    -------
    float

    References
    ----------
    Nguyen et al. (2020), ICML, section 3.

    Examples
    --------
    >>> leep(np.eye(2)[[0, 1, 0, 1]], np.array([1, 0, 1, 0]), 2)
    0.0
    """
    joint = np.stack([source[labels == k].sum(axis=0) for k in range(classes)]) / len(labels)
    given = joint / np.maximum(joint.sum(axis=0, keepdims=True), 1e-300)
    return float(np.log(np.maximum((source @ given.T)[np.arange(len(labels)), labels], 1e-300)).mean())


def fits(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """Whether the rows say anything about the target.

    How: a cheap probe answers for every row without having seen it. Its accuracy, with Wilson's interval, is compared
    with always naming the most frequent class; for numbers its R² with 0, the mean's.

    Do: where the probe is no better than that, look whether the right columns are features, whether labels and rows
    have been shuffled apart, or whether a model of the rows' kind is needed: ``rank_models(view, [...])`` compares
    candidates, ``inspect(view, model=...)`` looks with one of them.
    """
    labels = labels_of(view)
    value, low, high, base, what = _against_base(view, labels, evidence)
    who = "A probe reaches" if evidence.predicted is None else "The given probabilities reach"
    said = f"{who} {value:.3f} {what} ({low:.3f} to {high:.3f})"
    if low <= base:
        return [check.finding("warning", f"{said}, no better than {base:.3f} without looking at the rows.")]
    return [check.finding("info", f"{said}; {base:.3f} without looking at the rows.")]


def _against_base(view: DatasetView, labels: np.ndarray, evidence: Evidence) -> tuple[float, float, float, float, str]:
    """The probe's score, its interval, what needs no probe, and the score's name."""
    if labels.dtype.kind != "i":
        known = np.flatnonzero(np.isfinite(labels))
        value, low, high = _r2(labels[known], out_of_fold_numbers(evidence)[known], evidence.seed)
        return value, low, high, 0.0, "R²"
    known = np.flatnonzero(labels >= 0)
    right = (evidence.probabilities[known].argmax(axis=1) == labels[known]).sum()
    if not len(known):
        raise SkipCheckError("no row has a label")
    low, high, _ = wilson(float(right), float(len(known)), LEVEL)
    base = np.bincount(labels[known]).max() / len(known)
    return right / len(known), low, high, float(base), "accuracy"


def _rank(evidence: Evidence) -> Ranked:
    view, vectors = evidence.view, evidence.vectors.values
    labels, classes = view.labels, len(view.classes) or None
    said = cross_predict(vectors, labels, folds_of(view, labels, seed=evidence.seed), classes, evidence.seed)
    if classes is None:
        score, low, high = _r2(labels, said, evidence.seed)
        return Ranked(evidence.model, log_me(vectors, labels), float("nan"), score, low, high)
    right = float((said.argmax(axis=1) == labels).sum())
    low, high, _ = wilson(right, float(len(labels)), LEVEL)
    clusters = leep(_clusters(vectors, CLUSTERS * classes, evidence.seed), labels, classes)
    return Ranked(evidence.model, log_me(vectors, labels, classes), clusters, right / len(labels), low, high)


def _clusters(vectors: np.ndarray, count: int, seed: int) -> np.ndarray:
    """The probability of each cluster, (N, clusters)."""
    from sklearn.cluster import MiniBatchKMeans

    means = MiniBatchKMeans(min(count, len(vectors) // 2), random_state=seed, n_init=1).fit(vectors)
    distance = means.transform(vectors) ** 2
    return softmax(-distance / max(np.median(distance.min(axis=1)), 1e-12))


def _evidence(x: np.ndarray, basis: np.ndarray, values: np.ndarray, y: np.ndarray) -> float:
    """The largest log evidence of one column, a row: precision of weights and noise by fixed-point iteration."""
    n, d = x.shape
    projected = basis.T @ (x.T @ y)
    alpha = beta = 1.0
    for _ in range(20):
        gamma = (beta * values / (alpha + beta * values)).sum()
        weights = beta * projected / (alpha + beta * values)
        squares = max((weights**2).sum(), 1e-12)
        rest = max(y @ y - 2 * weights @ projected + (values * weights**2).sum(), 1e-9)
        new = gamma / squares, (n - gamma) / rest
        if abs(new[0] - alpha) < 1e-3 * alpha and abs(new[1] - beta) < 1e-3 * beta:
            break
        alpha, beta = new
    weights = beta * projected / (alpha + beta * values)
    rest = max(y @ y - 2 * weights @ projected + (values * weights**2).sum(), 1e-9)
    logs = d * np.log(alpha) + n * np.log(beta) - np.log(alpha + beta * values).sum() - n * np.log(2 * np.pi)
    return float((logs - beta * rest - alpha * (weights**2).sum()) / 2 / n)


def _r2(target: np.ndarray, said: np.ndarray, seed: int) -> tuple[float, float, float]:
    """R² and its interval from resampled rows."""
    rng = np.random.default_rng(seed)
    draws = [rng.integers(0, len(target), len(target)) for _ in range(RESAMPLES)]
    scores = [_plain_r2(target[draw], said[draw]) for draw in draws]
    low, high = np.quantile(scores, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return _plain_r2(target, said), float(low), float(high)


def _plain_r2(target: np.ndarray, said: np.ndarray) -> float:
    return float(1 - np.mean((target - said) ** 2) / max(np.var(target), 1e-30))


CHECKS = (Check("FIT201", "fit to the task", "model", can_probe, fits),)
