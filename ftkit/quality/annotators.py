"""Several people's labels of the same rows: what they agree on, and how good each of them is."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from ftkit.data import DatasetView
from ftkit.errors import DataError
from ftkit.quality.calibration import calibrate
from ftkit.quality.channel import clean_probabilities
from ftkit.quality.check import Check, SkipCheckError
from ftkit.quality.confident import check_probabilities
from ftkit.quality.evidence import Evidence
from ftkit.quality.finding import Finding
from ftkit.quality.probe import is_table

NAMES = re.compile(r"^(.*(?:label|annot|rater|coder|worker|vote|标注|标签|评审).*?)[ _-]?(\d+)$", re.IGNORECASE)
ROUNDS = 50
SETTLED = 1e-4
# How many rows' worth of the mean annotator each one starts with, a class.
PRIOR = 10.0
MOST_CLASSES = 1000
ROWS = 1000


@dataclass(frozen=True)
class Consensus:
    """What several annotators' labels say together.

    Attributes
    ----------
    labels : ndarray of int64, shape (N,)
        The most probable class of each row; -1 where nobody has labelled it and there is no model.
    agreement : ndarray of float64, shape (N,)
        The share of the row's annotations that equal the consensus, 0..1; nan without any.
    quality : ndarray of float64, shape (N,)
        The probability that the consensus is right, 0..1.
    annotators : ndarray of float64, shape (M,)
        The probability that a label of each annotator is right, 0..1; nan for one who gave none.
    confusion : ndarray of float64, shape (M, K, K)
        The probability that each annotator calls a row of class i (rows) j (columns).
    probabilities : ndarray of float64, shape (N, K)
        The posterior of the classes.
    """

    labels: np.ndarray
    agreement: np.ndarray
    quality: np.ndarray
    annotators: np.ndarray
    confusion: np.ndarray
    probabilities: np.ndarray

    def noise(self, labels: np.ndarray) -> float:
        """The share of some labels of the same rows that is wrong, as far as the annotators can tell.

        Parameters
        ----------
        labels : ndarray of int, shape (N,)
            -1 where missing.

        Returns
        -------
        float
            0..1; nan where all are missing.
        """
        rows = np.flatnonzero((labels >= 0) & (self.labels >= 0))
        return float(1 - self.probabilities[rows, labels[rows]].mean()) if len(rows) else float("nan")


def consensus(annotations: np.ndarray, probabilities: np.ndarray | None = None) -> Consensus:
    """The class that several annotators' labels speak for, with or without a model's opinion.

    Every annotator has a confusion matrix, shrunk towards that of all, and every row a prior: the classes' shares, or
    what a model says of the row. Both and the posterior of the classes are found by expectation maximisation. A model's
    probabilities are calibrated to the annotators' majority first and freed of the noise the majority still has, so
    that a model no better than chance is not listened to.

    Parameters
    ----------
    annotations : ndarray of int, shape (N, M)
        Classes 0 to K - 1 by M annotators; -1 where missing.
    probabilities : ndarray of float, shape (N, K), optional
        Of models that have not seen the row, such as a probe's on the majority's labels.

    Returns
    -------
    Consensus

    Raises
    ------
    DataError
        The annotations are no (N, M) table of whole numbers, all are missing, or the probabilities do not fit them.

    References
    ----------
    Dawid and Skene (1979), "Maximum likelihood estimation of observer error-rates using the EM algorithm", Applied
    Statistics 28, section 2; Goh, Tkachenko and Mueller (2022), "CROWDLAB: supervised learning to infer consensus
    labels and quality scores for data with multiple annotators", section 3, for weighing in a model.

    Examples
    --------
    >>> said = consensus(np.array([[0, 0, 1], [1, 1, 1], [0, 0, 0], [1, 1, 0], [2, 2, -1]]))
    >>> said.labels.tolist(), said.agreement.round(2).tolist()
    ([0, 1, 0, 1, 2], [0.67, 1.0, 1.0, 0.67, 1.0])
    """
    said = _check(annotations)
    rows, who = np.nonzero(said >= 0)
    what = said[rows, who]
    classes = int(what.max()) + 1 if probabilities is None else np.shape(probabilities)[-1]
    votes = np.bincount(rows * classes + what, minlength=len(said) * classes).reshape(-1, classes).astype(np.float64)
    prior = None if probabilities is None else _prior(votes, probabilities)
    posterior, confusion = _dawid_skene(rows, who, what, votes, said.shape[1], prior)
    labels = np.where((votes.sum(axis=1) > 0) | (prior is not None), posterior.argmax(axis=1), -1)
    given = votes.sum(axis=1)
    agreement = np.full(len(said), np.nan)
    np.divide(votes[np.arange(len(said)), labels], given, out=agreement, where=given > 0)
    counts = np.bincount(who, minlength=said.shape[1])
    right = np.bincount(who, weights=posterior[rows, what], minlength=said.shape[1])
    quality = np.divide(right, counts, out=np.full(len(counts), np.nan), where=counts > 0)
    return Consensus(labels, agreement, posterior.max(axis=1), quality, confusion, posterior)


def majority(annotations: np.ndarray) -> np.ndarray:
    """The label most annotators gave, the lowest class of a tie; int64 (N,), -1 where none was given.

    Parameters
    ----------
    annotations : ndarray of int, shape (N, M)
        -1 where missing.

    Returns
    -------
    ndarray of int64, shape (N,)

    Raises
    ------
    DataError
        The annotations are no (N, M) table of whole numbers, or all are missing.

    Examples
    --------
    >>> majority(np.array([[1, 1, 0], [-1, -1, -1]])).tolist()
    [1, -1]
    """
    said = _check(annotations)
    counts = np.stack([(said == k).sum(axis=1) for k in range(int(said.max()) + 1)], axis=1)
    return np.where(counts.sum(axis=1) > 0, counts.argmax(axis=1), -1)


def several_annotators(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """Rows whose label is not what several annotators' labels speak for.

    How: columns such as ``label_1``, ``label_2``, … are one annotator each. Their error rates and the true classes are
    estimated together (Dawid and Skene, Applied Statistics 28, 1979, section 2); for images and texts a probe's opinion
    of the row is weighed in (Goh, Tkachenko and Mueller 2022, "CROWDLAB"). Listed are rows whose consensus is another
    class than the target; without a target, rows without an agreement. What share of the target is wrong is estimated
    from rows and labels (LAB201) where a probe can look at the rows: the annotators' own estimate supposes that they
    err independently, and people err alike on hard rows, so that it is too low.

    Do: take the consensus as the target, look at the rows it is least sure of, and ask for another opinion there. Give
    less work, or better instructions, to the annotator that is least often right.
    """
    names = annotator_columns(view)
    codes, classes = _codes(view, names)
    if (codes >= 0).sum() == 0:
        raise SkipCheckError("the annotators' columns are empty")
    has_labels = view.target is not None and bool(view.classes)
    model = evidence.probabilities if has_labels and not is_table(view) and view.features else None
    if model is not None:
        model = np.pad(model, ((0, 0), (0, len(classes) - model.shape[1])), constant_values=1e-6)
    said = consensus(codes, model)
    labels = view.labels if has_labels else majority(codes)
    differs = (said.labels >= 0) & (labels >= 0) & (said.labels != labels)
    torn = differs if has_labels else said.agreement <= 0.5
    worst = int(np.nanargmin(said.annotators))
    message = (
        f"{len(names)} annotators agree in {np.nanmean(_unanimous(codes)):.0%} of the rows; their consensus is right "
        f"with {said.quality.mean():.0%}, '{names[worst]}' least often ({said.annotators[worst]:.0%})."
    )
    if has_labels:
        noise = evidence.label_errors.noise if model is not None else said.noise(labels)
        message += f" About {noise:.0%} of '{view.target}' are wrong."
    what = "have a label other than the consensus" if has_labels else "have no agreement"
    message += f" {int(torn.sum()):,} rows {what}."
    score = 1 - said.probabilities[np.arange(len(labels)), np.maximum(labels, 0)] if has_labels else 1 - said.quality
    rows = np.flatnonzero(torn)
    rows = rows[np.argsort(-score[rows], kind="stable")][:ROWS]
    suggest = None
    if has_labels and len(rows):
        values = [classes[k] for k in said.labels[rows]]
        suggest = {"op": "relabel", "column": view.target, "values": values, "because": check.code}
    scores = [round(float(s), 4) for s in score[rows]]
    severity = "warning" if len(rows) else "info"
    return [Finding(check.code, check.name, severity, message, view.ids[rows].tolist(), scores, suggest)]


def annotator_columns(view: DatasetView) -> list[str]:
    """The columns that hold one annotator's labels each: two or more whose names differ in a last number only.

    Parameters
    ----------
    view : DatasetView

    Returns
    -------
    list of str
        In the order of their numbers; of several such families the largest.
    """
    families: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for name, column in view.columns.items():
        found = NAMES.match(name)
        if found and column.role in ("feature", "ignored", "text") and column.kind in ("number", "category", "boolean"):
            families[found[1].lower()].append((int(found[2]), name))
    largest = max(families.values(), key=len, default=[])
    return [name for _, name in sorted(largest)] if len(largest) > 1 else []


def has_annotators(view: DatasetView) -> str | None:
    """Applies where there are several annotators' columns."""
    names = annotator_columns(view)
    if not names:
        return "there are no columns of several annotators, such as label_1 and label_2"
    values = {cell for name in names for cell in view.column(name).unique().slice(0, MOST_CLASSES).to_pylist()}
    return None if len(values) < MOST_CLASSES else "the annotators' columns hold no classes"


def _codes(view: DatasetView, names: list[str]) -> tuple[np.ndarray, list[str]]:
    """The annotations as codes (N, M), and what they stand for: the view's classes first."""
    classes = list(view.classes) if view.target is not None and view.task is not None else []
    place = {name: i for i, name in enumerate(classes)}
    out = np.full((len(view), len(names)), -1, dtype=np.int64)
    for column, name in enumerate(names):
        for row, cell in enumerate(view.strings(name)):
            if cell is not None and cell.strip():
                out[row, column] = place.setdefault(cell.strip(), len(place))
    return out, list(place)


def _unanimous(codes: np.ndarray) -> np.ndarray:
    """1.0 where all of a row's annotations are equal, else 0.0; nan with fewer than two."""
    known = codes >= 0
    high = np.where(known, codes, -1).max(axis=1)
    low = np.where(known, codes, np.iinfo(np.int64).max).min(axis=1)
    return np.where(known.sum(axis=1) > 1, (high == low).astype(float), np.nan)


def _check(annotations: np.ndarray) -> np.ndarray:
    said = np.asarray(annotations)
    if said.ndim != 2 or said.dtype.kind not in "iu":
        raise DataError(
            f"annotations are {said.dtype} of shape {said.shape}; whole numbers of shape (N, M) are needed."
        )
    if not (said >= 0).any():
        raise DataError(f"none of {said.size:,} annotations is there (-1 means missing).")
    return said.astype(np.int64, copy=False)


def _prior(votes: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """What the model says of the true classes: calibrated to the majority, whose own errors are taken out."""
    given = np.where(votes.sum(axis=1) > 0, votes.argmax(axis=1), -1)
    _, said = check_probabilities(given, probabilities)
    said = calibrate([said], given)
    rows = np.flatnonzero(votes.sum(axis=1) > 0)
    classes = votes.shape[1]
    # How often two annotators differ says how often the majority errs, whatever the model thinks.
    alone = 1 - float((votes[rows].max(axis=1) / votes[rows].sum(axis=1)).mean())
    channel = np.full((classes, classes), alone / 2 / max(classes - 1, 1))
    np.fill_diagonal(channel, 1 - alone / 2)
    return clean_probabilities(said, channel)


def _dawid_skene(
    rows: np.ndarray, who: np.ndarray, what: np.ndarray, votes: np.ndarray, annotators: int, prior: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    """The posterior of the classes (N, K) and the annotators' confusion matrices (M, K, K)."""
    posterior = (votes + 1e-2) / (votes + 1e-2).sum(axis=1, keepdims=True)
    if prior is not None:
        posterior = _normalise(np.log(posterior) + np.log(np.maximum(prior, 1e-9)))
    for _ in range(ROUNDS):
        confusion = _confusion(rows, who, what, posterior, annotators)
        base = posterior.mean(axis=0)[None, :] if prior is None else prior
        scores = np.log(np.maximum(np.broadcast_to(base, posterior.shape), 1e-9))
        log = np.log(confusion)
        scores = scores + np.stack(
            [np.bincount(rows, weights=log[who, k, what], minlength=len(votes)) for k in range(votes.shape[1])], axis=1
        )
        new = _normalise(scores)
        moved = np.abs(new - posterior).max()
        posterior = new
        if moved < SETTLED:
            break
    return posterior, confusion


def _confusion(
    rows: np.ndarray, who: np.ndarray, what: np.ndarray, posterior: np.ndarray, annotators: int
) -> np.ndarray:
    classes = posterior.shape[1]
    counts = np.stack(
        [
            np.bincount(who * classes + what, weights=posterior[rows, k], minlength=annotators * classes)
            for k in range(classes)
        ]
    )
    counts = counts.reshape(classes, annotators, classes).transpose(1, 0, 2)
    pooled = counts.sum(axis=0) + np.eye(classes) + 1 / classes
    pooled /= pooled.sum(axis=1, keepdims=True)
    counts = counts + PRIOR * pooled
    return counts / counts.sum(axis=2, keepdims=True)


def _normalise(scores: np.ndarray) -> np.ndarray:
    scores = np.exp(scores - scores.max(axis=1, keepdims=True))
    return scores / scores.sum(axis=1, keepdims=True)


CHECKS = (Check("ANN201", "annotators", "model", has_annotators, several_annotators),)
