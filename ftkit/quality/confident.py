"""``find_label_errors``: how probable it is that a label is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from ftkit.errors import DataError, nearest
from ftkit.quality.calibration import calibrate
from ftkit.quality.channel import clean_probabilities, estimate_channel, true_class
from ftkit.quality.pruning import Rule, calibrated, prune, scan_rows

Method = Literal["posterior", "confident_learning"]
# Probabilities of other programs may be off by rounding; further than this outside 0..1 they are none.
ROUNDING = 1e-3
STEEPEST = 12.0
SMOOTH = 0.5


@dataclass(frozen=True)
class LabelErrors:
    """What is known of each label.

    Attributes
    ----------
    score : ndarray of float64, shape (N,)
        The probability that the label is wrong, 0..1; 0 where there is no label.
    flagged : ndarray of bool, shape (N,)
        Which labels to look at.
    suggested : ndarray of int64, shape (N,)
        The most probable other class where a label is flagged, else the label.
    joint : ndarray of float64, shape (K, K)
        The share of rows labelled j (rows) that are k (columns); sums to 1.
    expected_precision : float
        Which share of the flagged labels is expected to be wrong, 0..1; nan where none is flagged. The mean score,
        times the part of the disagreement of the surest rows that is not the model's own error.
    """

    score: np.ndarray
    flagged: np.ndarray
    suggested: np.ndarray
    joint: np.ndarray
    expected_precision: float

    @property
    def noise(self) -> float:
        """The share of all labels that is estimated to be wrong, 0..1."""
        return float(1 - np.trace(self.joint))


def find_label_errors(
    labels: np.ndarray,
    probabilities: np.ndarray,
    method: Method = "posterior",
    *,
    rule: Rule = "prune_by_noise_rate",
    votes: np.ndarray | None = None,
    seed: int = 0,
) -> LabelErrors:
    """How probable it is that each label is wrong, which to look at, and what they might be instead.

    "posterior" calibrates the probabilities, together with the neighbours' votes where there are any, estimates how
    labels go wrong from the surest rows, inverts that channel by expectation maximisation, and returns the posterior
    that the label is wrong. Where most disagreements are the model's own errors, a disagreement counts less the less
    confident the model is in another class. "confident_learning" flags exactly what the paper's rules flag.

    Parameters
    ----------
    labels : ndarray of int, shape (N,)
        0 to K - 1; -1 where missing.
    probabilities : ndarray of float, shape (N, K)
        Of models that have not seen the row ("out of fold").
    method : {"posterior", "confident_learning"}, default "posterior"
    rule : str, default "prune_by_noise_rate"
        For "confident_learning": how flags follow from the confident joint.
    votes : ndarray of float, shape (N, K), optional
        How many of a row's nearest other rows have each label (``neighbour_votes``); "posterior" uses them.
    seed : int, default 0
        Above 20,000 rows calibration looks at a sample.

    Returns
    -------
    LabelErrors

    Raises
    ------
    DataError
        Shapes do not fit, a label is outside 0..K - 1, a probability outside 0..1 or missing, fewer than two rows are
        labelled, or there is no such method or rule.

    References
    ----------
    Northcutt, Jiang and Chuang (2021), "Confident learning: estimating uncertainty in dataset labels", JAIR 70, section
    3; Patrini et al. (2017), CVPR, section 4.1, for the channel. See ``estimate_channel`` and ``calibrate``.

    Examples
    --------
    >>> said = np.tile([[0.97, 0.03], [0.03, 0.97]], (100, 1))
    >>> labels = np.tile([0, 1], 100)
    >>> labels[0] = 1
    >>> found = find_label_errors(labels, said)
    >>> np.flatnonzero(found.flagged).tolist(), found.suggested[0].item()
    ([0], 0)
    """
    if method not in get_args(Method):
        raise DataError(f"method '{method}' is not known; {nearest(method, get_args(Method))}.")
    labels, said = check_probabilities(labels, probabilities)
    known = np.flatnonzero(labels >= 0)
    if len(known) < 2:
        raise DataError(f"{len(known)} of {len(labels):,} rows have a label; label errors need two or more.")
    some, given = said[known], labels[known]
    if method == "posterior":
        found = _posterior(given, some, None if votes is None else votes[known], seed)
    else:
        found = _confident(given, some, rule)
    return found if len(known) == len(labels) else _spread(found, labels, known)


def neighbour_votes(neighbours: np.ndarray, labels: np.ndarray, classes: int) -> np.ndarray:
    """How many of each row's neighbours have each label, nearer ones counting more; a missing label has no vote.

    Parameters
    ----------
    neighbours : ndarray of int, shape (N, k)
        Positions of other rows, the nearest first, such as ``nearest_rows(vectors, 40).rows``.
    labels : ndarray of int, shape (N,)
        -1 where missing.
    classes : int

    Returns
    -------
    ndarray of float64, shape (N, K)
        The r-th neighbour counts 1 / sqrt(r).

    References
    ----------
    Stone (1977), "Consistent nonparametric regression", Annals of Statistics 5, section 3, for weights that fall with
    the rank.

    Examples
    --------
    >>> neighbour_votes(np.array([[1, 2], [0, 2], [0, 1]]), np.array([0, 0, 1]), 2).round(1).tolist()
    [[1.0, 0.7], [1.0, 0.7], [1.7, 0.0]]
    """
    said = labels[neighbours]
    rows = np.broadcast_to(np.arange(len(labels))[:, None], said.shape)
    weights = np.broadcast_to(1 / np.sqrt(1 + np.arange(said.shape[1])), said.shape)
    there = said >= 0
    votes = np.bincount(rows[there] * classes + said[there], weights=weights[there], minlength=len(labels) * classes)
    return votes.reshape(-1, classes)


def check_probabilities(labels: np.ndarray, probabilities: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The labels as int64 and the probabilities within 0..1, or what is wrong with them."""
    labels, said = np.asarray(labels), np.asarray(probabilities)
    if said.ndim != 2 or labels.shape != (len(said),):
        raise DataError(
            f"labels have shape {labels.shape} and probabilities {said.shape}; (N,) and (N, K) with one N are needed."
        )
    if labels.dtype.kind not in "iu":
        raise DataError(f"labels are {labels.dtype}; whole numbers from 0 (-1 where missing) are needed.")
    if len(labels) and not -1 <= labels.min() <= labels.max() < said.shape[1]:
        raise DataError(
            f"labels run from {labels.min()} to {labels.max()} and probabilities have {said.shape[1]} columns; "
            "0 to K - 1 is needed (-1 where missing)."
        )
    low, high = (said.min(), said.max()) if said.size else (0.0, 1.0)
    if not (low >= -ROUNDING and high <= 1 + ROUNDING):
        raise DataError(f"probabilities run from {low:g} to {high:g}; 0 to 1 without missing values is needed.")
    said = np.clip(said, 0, 1) if low < 0 or high > 1 else said
    return labels.astype(np.int64, copy=False), said


def _posterior(labels: np.ndarray, said: np.ndarray, votes: np.ndarray | None, seed: int) -> LabelErrors:
    every, classes = np.arange(len(labels)), said.shape[1]
    sources = [said]
    if votes is not None:
        sources.append((votes + SMOOTH) / (votes.sum(axis=1, keepdims=True) + SMOOTH * classes))
    said = calibrate(sources, labels, seed)
    channel, believed = estimate_channel(labels, said)
    clean = clean_probabilities(said, channel)
    truth = true_class(clean, channel, labels)
    share = np.bincount(labels, minlength=classes) / len(labels)
    errors, unlike = float(share @ (1 - channel.diagonal())), float((said.argmax(axis=1) != labels).mean())
    # Of many disagreements few are label errors: then only a confident one says much.
    odds = np.log(max(unlike, 1e-9) / max(errors, 1e-9))
    steep = float(np.clip(2 * (odds - 1.5), 0, STEEPEST))
    wrong = 1 - truth[every, labels]
    score = wrong * _confidence(labels, clean) ** steep
    joint = np.stack([truth[labels == k].sum(axis=0) for k in range(classes)]) / len(labels)
    return _found(labels, score, score > 0.5, truth, joint, believed)


def _confidence(labels: np.ndarray, clean: np.ndarray) -> np.ndarray:
    """How near another class comes to the probability at which it is confident, at most 1."""
    usual = np.array([clean[labels == k, k].mean() if (labels == k).any() else 2.0 for k in range(clean.shape[1])])
    near = clean / np.maximum(usual, 1e-12)
    near[np.arange(len(labels)), labels] = 0
    return np.minimum(near.max(axis=1), 1)


def _confident(labels: np.ndarray, said: np.ndarray, rule: Rule) -> LabelErrors:
    flagged = prune(labels, said, rule)
    joint = calibrated(scan_rows(labels, said).joint, labels)
    score = np.clip(1 - said[np.arange(len(labels)), labels].astype(np.float64), 0, 1)
    return _found(labels, score, flagged, said, joint / max(joint.sum(), 1))


def _found(
    labels: np.ndarray,
    score: np.ndarray,
    flagged: np.ndarray,
    truth: np.ndarray,
    joint: np.ndarray,
    believed: float = 1.0,
) -> LabelErrors:
    doubted = np.flatnonzero(flagged)
    others = truth[doubted].copy()
    others[np.arange(len(doubted)), labels[doubted]] = -1
    suggested = labels.copy()
    suggested[doubted] = others.argmax(axis=1)
    precision = believed * float(score[doubted].mean()) if len(doubted) else float("nan")
    return LabelErrors(score, flagged, suggested, joint, precision)


def _spread(found: LabelErrors, labels: np.ndarray, known: np.ndarray) -> LabelErrors:
    """The same with a place for rows without a label."""
    score, flagged, suggested = np.zeros(len(labels)), np.zeros(len(labels), dtype=bool), labels.copy()
    score[known], flagged[known], suggested[known] = found.score, found.flagged, found.suggested
    return LabelErrors(score, flagged, suggested, found.joint, found.expected_precision)
