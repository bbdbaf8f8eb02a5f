"""Checks of how varied rows are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ftkit.data import DatasetView
from ftkit.quality.check import Check, SkipCheckError
from ftkit.quality.finding import Finding
from ftkit.quality.outliers import has_vectors
from ftkit.quality.scratch import said_anything, taken
from ftkit.quality.strange_vectors import classes_of

if TYPE_CHECKING:
    from ftkit.quality.evidence import Evidence

FEWEST = 30
COMPARED = 200
MUCH_LESS = 0.4
HARDLY = 5.0
SHOWN = 5


@dataclass(frozen=True)
class Diversity:
    """How varied the rows are.

    Attributes
    ----------
    vendi : float
        The effective number of different rows, 1 to N.
    by_class : dict of str to float
        The same of each class, each at the same number of rows: how well it is covered.
    compared : int
        That number of rows.
    """

    vendi: float
    by_class: dict[str, float]
    compared: int


def vendi_score(vectors: np.ndarray) -> float:
    """The effective number of different rows: the exponential of the entropy of their similarities' eigenvalues.

    Parameters
    ----------
    vectors : ndarray of float32, shape (N, d)
        Rows of unit length.

    Returns
    -------
    float
        1 where all are the same, N where none has anything to do with another. It cannot exceed d.

    Notes
    -----
    Friedman and Dieng, *The Vendi Score*, TMLR 2023, sections 3 and 3.2: the eigenvalues of the N × N similarities are
    those of the d × d matrix of the columns, so that the cost is linear in N.

    Examples
    --------
    >>> round(vendi_score(np.eye(3, dtype=np.float32)), 3), round(vendi_score(np.ones((3, 1), dtype=np.float32)), 3)
    (3.0, 1.0)
    """
    n = len(vectors)
    if not n:
        return 0.0
    small = vectors.T @ vectors if vectors.shape[1] <= n else vectors @ vectors.T
    values = np.linalg.eigvalsh(small.astype(np.float64) / n)
    values = values[values > 1e-12]
    values /= values.sum()
    return float(np.exp(-(values * np.log(values)).sum()))


def diversity_of(evidence: Evidence) -> Diversity:
    """How varied the rows are, and each class.

    Parameters
    ----------
    evidence : Evidence

    Returns
    -------
    Diversity

    Raises
    ------
    DataError
        The rows have no vectors.

    Examples
    --------
    >>> import ftkit as ft
    >>> from ftkit.quality.evidence import Evidence
    >>> sorted(diversity_of(Evidence(ft.read("iris"))).by_class)
    ['setosa', 'versicolor', 'virginica']
    """
    view, vectors = evidence.view, evidence.vectors.values
    said = said_anything(vectors)
    classes = np.where(said, classes_of(view), -1)
    counts = np.bincount(classes[classes >= 0], minlength=1)
    usable = [int(code) for code in np.flatnonzero(counts >= FEWEST)]
    compared = min(COMPARED, *(int(counts[code]) for code in usable)) if len(usable) > 1 else 0
    by_class = {}
    for code in usable if compared else []:
        own = np.flatnonzero(classes == code)
        own = own[np.lexsort(vectors[own, :3].T)]
        rng = np.random.default_rng(evidence.seed)
        by_class[view.classes[code]] = vendi_score(vectors[own[rng.choice(len(own), compared, replace=False)]])
    return Diversity(vendi_score(taken(vectors, np.flatnonzero(said))), by_class, compared)


def low_diversity(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """Rows, or classes, that say the same over and over.

    How: the Vendi score (Friedman and Dieng 2023, section 3) of the rows' vectors: the effective number of different
    rows, computed exactly from the columns. Classes are compared at the same number of rows, 200 at most; one is
    listed where its score is below 0.4 of the median of the classes. The rows as a whole are named below 5.

    Do: for a class that is covered thinly, collect rows of other kinds, not more of the same; augmentation helps less.
    """
    if len(view) < FEWEST:
        raise SkipCheckError(f"there are fewer than {FEWEST} rows")
    found = diversity_of(evidence)
    out = []
    if found.vendi < HARDLY:
        message = f"The {len(view):,} rows are as varied as {found.vendi:.1f} different ones (Vendi score)."
        out.append(check.finding("warning", message))
    usual = float(np.median(list(found.by_class.values()))) if found.by_class else 0.0
    thin = sorted((score, name) for name, score in found.by_class.items() if score < MUCH_LESS * usual)
    if thin:
        listed = ", ".join(f"'{name}' {score:.1f}" for score, name in thin[:SHOWN])
        message = (
            f"{len(thin)} of {len(found.by_class)} classes are much less varied than the others: of {found.compared} "
            f"rows each, the effective number of different ones is {listed}; the usual is {usual:.1f} (Vendi score)."
        )
        out.append(check.finding("info", message))
    return out


CHECKS = (Check("DIV201", "low diversity", "model", has_vectors, low_diversity),)
