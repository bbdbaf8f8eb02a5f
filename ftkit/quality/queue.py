"""Which rows are worth a person's look next."""

from __future__ import annotations

from typing import Any

import numpy as np

from ftkit.errors import DataError
from ftkit.quality.annotators import _codes, annotator_columns, consensus
from ftkit.quality.evidence import Evidence
from ftkit.quality.labels import labels_of

# Of so many times the rows asked for, those that differ most from each other are chosen.
CHOICE = 10


def queue(source: Any, n: int = 100, *, seed: int = 0) -> list[str]:
    """The ids of the rows worth a person's look next, the most valuable first.

    What a look is worth: the probability that the label is wrong; without a label, that the model's own answer is; with
    several annotators, that their consensus is. Rows near one that is already in the queue, and just as doubtful, wait:
    one answer speaks for both.

    Parameters
    ----------
    source : Inspection or DatasetView
    n : int, default 100
    seed : int, default 0

    Returns
    -------
    list of str
        At most ``n`` row ids.

    Raises
    ------
    DataError
        ``n`` is below 1, or the labels cannot be used.
    SkipCheckError
        There are too few labelled rows for a model.

    References
    ----------
    Goh and Mueller (2023), "ActiveLab: active learning with re-labeling by multiple annotators", section 3, for rows
    with and without labels in one queue; Wei, Iyer and Bilmes (2015), "Submodularity in data subset selection and
    active learning", ICML, section 4, for coverage.

    Examples
    --------
    >>> import ftkit as ft
    >>> len(queue(ft.read("iris"), 5))
    5
    """
    if n < 1:
        raise DataError(f"a queue of {n} rows was asked for; 1 or more is needed.")
    evidence = source.evidence if hasattr(source, "evidence") else Evidence(getattr(source, "view", source), seed=seed)
    doubt = doubts(evidence)
    best = np.argsort(-doubt, kind="stable")[: CHOICE * n]
    return evidence.view.ids[best[_spread(evidence.vectors.values[best], doubt[best], n)]].tolist()


def doubts(evidence: Evidence) -> np.ndarray:
    """The probability that what is known of each row's class is wrong, float64 (N,).

    Parameters
    ----------
    evidence : Evidence

    Returns
    -------
    ndarray of float64, shape (N,)
    """
    labels = labels_of(evidence.view)
    said = evidence.probabilities
    given = 1 - said[np.arange(len(labels)), np.maximum(labels, 0)]
    # A label's posterior tells sure errors from unsure ones; where it is silent, the probe's own doubt breaks the tie.
    doubt = np.where(labels >= 0, 0.99 * evidence.label_errors.score + 0.01 * given, 1 - said.max(axis=1))
    names = annotator_columns(evidence.view)
    if names:
        codes, classes = _codes(evidence.view, names)
        padded = np.pad(said, ((0, 0), (0, len(classes) - said.shape[1])), constant_values=1e-6)
        doubt = np.maximum(doubt, 1 - consensus(codes, padded).quality)
    return doubt


def _spread(vectors: np.ndarray, doubt: np.ndarray, n: int) -> list[int]:
    """The positions of ``n`` rows: doubtful, and unlike those before them."""
    left = doubt.copy()
    chosen: list[int] = []
    for _ in range(min(n, len(doubt))):
        at = int(left.argmax())
        chosen.append(at)
        near = np.clip(vectors @ vectors[at], 0, 1) ** 4
        left = left * (1 - 0.5 * near)
        left[chosen] = -1
    return chosen
