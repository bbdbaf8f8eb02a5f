"""What a cheap model says of rows it has not seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from ftkit.data import DatasetView
from ftkit.errors import DataError
from ftkit.preprocess import TableEncoder
from ftkit.quality.calibration import calibrate
from ftkit.quality.check import SkipCheckError, has_features, has_target
from ftkit.quality.folds import FOLDS
from ftkit.quality.linear import fit_ridge, fit_softmax, said_of, softmax, strength_for, with_constant
from ftkit.task import get_task

if TYPE_CHECKING:
    from ftkit.quality.evidence import Evidence

FEWEST = 20
# Train rows of one fold; above, a sample of them.
MOST_LINEAR = 50_000
MOST_TREES = 20_000
# Trees are grown where rows × columns × trees a round stay below this: about ten seconds.
TREE_WORK = 6_000_000
ROUNDS = 60


def out_of_fold(evidence: Evidence, *, without: np.ndarray | None = None) -> np.ndarray:
    """The probabilities of the classes for every row, by a probe fitted on the other folds.

    The probe is a multinomial logistic regression on the rows' vectors. For tables it is that on the encoded columns
    or, where they fit better and the table is not too large, gradient-boosted trees. Calibrated by temperature.

    Parameters
    ----------
    evidence : Evidence
    without : ndarray of bool, shape (N,), optional
        Rows that the probe is not fitted on, such as those whose labels are in doubt.

    Returns
    -------
    ndarray of float64, shape (N, K)
        Rows without a label have probabilities too.

    Raises
    ------
    SkipCheckError
        Too few rows are labelled, or all are of one class, or there is nothing to learn from.

    References
    ----------
    Stone (1974), "Cross-validatory choice and assessment of statistical predictions", JRSS B 36, section 2.
    """
    view = evidence.view
    labels, folds = _usable(evidence)
    classes = len(view.classes)
    labels = labels if without is None else np.where(without, -1, labels)
    strength = evidence.strength if without is None else None  # cleaner labels may be believed more
    said = [cross_predict(probe_vectors(evidence), labels, folds, classes, evidence.seed, strength)]
    if _trees_fit(view, classes if classes > 2 else 1):
        said.append(_cross_trees(codes_of(view), labels, folds, classes, evidence.seed))
    known = np.flatnonzero(labels >= 0)
    losses = [-np.log(np.maximum(p[known, labels[known]], 1e-9)).mean() for p in said]
    return calibrate([said[int(np.argmin(losses))]], labels, evidence.seed)


def out_of_fold_numbers(evidence: Evidence) -> np.ndarray:
    """The prediction for every row's number, by a probe fitted on the other folds.

    Parameters
    ----------
    evidence : Evidence

    Returns
    -------
    ndarray of float64, shape (N,)

    Raises
    ------
    SkipCheckError
        Too few rows have a number, or there is nothing to learn from.
    """
    target, folds = _usable(evidence)
    said = [cross_predict(probe_vectors(evidence), target, folds, None, evidence.seed, evidence.strength)]
    if _trees_fit(evidence.view, 1):
        said.append(_cross_trees(codes_of(evidence.view), target, folds, None, evidence.seed))
    known = np.isfinite(target)
    return said[int(np.argmin([np.abs(p[known] - target[known]).mean() for p in said]))]


def probe_vectors(evidence: Evidence) -> np.ndarray:
    """What a linear probe looks at: a table's encoded columns, else the rows' vectors; float32 (N, d).

    Parameters
    ----------
    evidence : Evidence

    Returns
    -------
    ndarray of float32, shape (N, d)

    Raises
    ------
    SkipCheckError
        There are no columns of features.
    """
    view = evidence.view
    if not view.features:
        raise SkipCheckError("there are no columns of features")
    if not is_table(view):
        return evidence.vectors.values
    return table_encoder(view).transform(view, len(view))


def table_encoder(view: DatasetView) -> TableEncoder:
    """What turns a table's columns into what a linear probe looks at."""
    return TableEncoder.fit(view, *_columns(view))


def can_probe(view: DatasetView) -> str | None:
    """None, or why a cheap model cannot be fitted on some of the rows and asked about the others."""
    reason = has_target(view) or has_features(view)
    if reason is None and get_task(view.task).kind == "series":
        return "the rows of a series cannot be held out one by one"
    return reason


def is_table(view: DatasetView) -> bool:
    """Whether the rows are those of a table."""
    return view.task is not None and get_task(view.task).kind == "tabular"


def codes_of(view: DatasetView) -> np.ndarray:
    """A table's columns as trees want them: numbers, and categories numbered from the most frequent; float64 (N, d)."""
    numbers, categories = _columns(view)
    columns = [view.numbers(name) for name in numbers] + [_codes(view.strings(name)) for name in categories]
    return np.stack(columns, axis=1)


def _columns(view: DatasetView) -> tuple[list[str], list[str]]:
    """The features that are numbers, and those that are categories."""
    kinds = {name: view.columns[name].kind for name in view.features}
    numbers = [name for name, kind in kinds.items() if kind in ("number", "boolean", "date")]
    return numbers, [name for name, kind in kinds.items() if kind in ("category", "text")]


def _codes(cells: np.ndarray) -> np.ndarray:
    known = np.array([cell is not None for cell in cells])
    values, inverse, counts = np.unique(cells[known].astype(str), return_inverse=True, return_counts=True)
    rank = np.empty(len(values))
    rank[np.argsort(-counts, kind="stable")] = np.arange(len(values))
    out = np.full(len(cells), np.nan)
    out[known] = rank[inverse]
    return out


def _usable(evidence: Evidence) -> tuple[np.ndarray, np.ndarray]:
    """The labels and the folds, or why there cannot be any."""
    view = evidence.view
    try:
        labels = view.labels
    except DataError as error:
        raise SkipCheckError(f"the labels cannot be used: {error}") from None
    known = labels[labels >= 0] if labels.dtype.kind == "i" else labels[np.isfinite(labels)]
    if len(known) < FEWEST:
        raise SkipCheckError(f"a probe needs {FEWEST} rows with a label; {len(known)} have one")
    if len(np.unique(known)) < 2:
        raise SkipCheckError("all rows have the same label")
    return labels, evidence.folds


def strength_of(evidence: Evidence) -> float:
    """How small a linear probe's weights are held: the strength whose probe judges the first fold best.

    Parameters
    ----------
    evidence : Evidence

    Returns
    -------
    float

    Raises
    ------
    SkipCheckError
        Too few rows are labelled, or all are of one class, or there is nothing to learn from.
    """
    target, folds = _usable(evidence)
    return _strength(probe_vectors(evidence), target, folds, len(evidence.view.classes) or None, evidence.seed)


def _strength(x: np.ndarray, target: np.ndarray, folds: np.ndarray, classes: int | None, seed: int) -> float:
    some = np.random.default_rng(seed).permutation(np.flatnonzero(_known(target)))[:MOST_TREES]
    held = folds[some] == folds[some].min()
    return strength_for(with_constant(x[some]), target[some], held, classes) if 0 < held.sum() < len(held) else 1e-3


def cross_predict(
    x: np.ndarray,
    target: np.ndarray,
    folds: np.ndarray,
    classes: int | None,
    seed: int,
    strength: float | None = None,
) -> np.ndarray:
    """What linear probes fitted on the other folds say of each fold: probabilities (N, K), or numbers (N,).

    Parameters
    ----------
    x : ndarray of float32, shape (N, d)
    target : ndarray, shape (N,)
        Codes (-1 missing) or numbers (nan missing).
    folds : ndarray of int, shape (N,)
    classes : int or None
        None for numbers.
    seed : int
        Draws the sample of train rows where there are more than 50,000.
    strength : float, optional
        Of the penalty; by default the one whose probe judges the first fold best.

    Returns
    -------
    ndarray of float64
    """
    strength = _strength(x, target, folds, classes, seed) if strength is None else strength

    def fitted(train: np.ndarray, test: np.ndarray) -> np.ndarray:
        known_rows = with_constant(x[train])
        if classes is None:
            return said_of(x, np.flatnonzero(test), fit_ridge(known_rows, target[train], strength))
        return softmax(said_of(x, np.flatnonzero(test), fit_softmax(known_rows, target[train], classes, strength)))

    return _over_folds(fitted, _known(target), folds, classes, MOST_LINEAR, seed)


def _cross_trees(x: np.ndarray, target: np.ndarray, folds: np.ndarray, classes: int | None, seed: int) -> np.ndarray:
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    kind = HistGradientBoostingRegressor if classes is None else HistGradientBoostingClassifier

    def fitted(train: np.ndarray, test: np.ndarray) -> np.ndarray:
        trees = kind(max_iter=ROUNDS, learning_rate=0.15, max_leaf_nodes=15, early_stopping=False, random_state=seed)
        trees.fit(x[train], target[train])
        if classes is None:
            return trees.predict(x[test])
        said = np.zeros((int(test.sum()), classes))
        said[:, trees.classes_.astype(int)] = trees.predict_proba(x[test])
        return said

    return _over_folds(fitted, _known(target), folds, classes, MOST_TREES, seed)


def _over_folds(
    fitted: Callable[[np.ndarray, np.ndarray], np.ndarray],
    known: np.ndarray,
    folds: np.ndarray,
    classes: int | None,
    most: int,
    seed: int,
) -> np.ndarray:
    """Each fold as it is seen from the others, at most ``most`` rows of them."""
    rng = np.random.default_rng(seed)
    out = np.zeros(len(folds) if classes is None else (len(folds), classes))
    for fold in range(int(folds.max()) + 1):
        train = np.flatnonzero(known & (folds != fold))
        if len(train) > most:
            train = np.sort(rng.choice(train, most, replace=False))
        test = folds == fold
        if test.any() and len(train):
            out[test] = fitted(train, test)
    return out


def _trees_fit(view: DatasetView, trees: int) -> bool:
    return is_table(view) and min(len(view), MOST_TREES) * FOLDS * len(view.features) * trees <= TREE_WORK


def _known(target: np.ndarray) -> np.ndarray:
    return target >= 0 if target.dtype.kind == "i" else np.isfinite(target)
