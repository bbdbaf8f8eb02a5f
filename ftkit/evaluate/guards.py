"""What must hold of labels and predictions before anything is counted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ftkit.errors import DataError

# Probabilities come from float32 or bfloat16 softmaxes: a little outside is rounding, more is a mistake.
_OUTSIDE, _SUM = 1e-6, 1e-3


def check_classes(labels: np.ndarray, predictions: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Labels and probabilities of the rows that have a label, and which those are.

    Parameters
    ----------
    labels : int array (N,)
        Codes 0 to K-1; -1 is missing.
    predictions : float array (N, K)
        Probabilities.

    Returns
    -------
    (labels, predictions, known)
        ``known`` is bool (N,): which rows have a label.

    Raises
    ------
    DataError
        A length, shape, code or probability is wrong; says how many rows and the first of them.
    """
    labels, predictions = np.asarray(labels), np.asarray(predictions)
    if predictions.ndim != 2 or predictions.shape[1] < 1:
        raise DataError(f"predictions have shape {predictions.shape}; expected rows × classes.")
    _lengths(labels, predictions)
    if labels.dtype.kind not in "iub":
        raise DataError(f"labels are {labels.dtype}; expected whole numbers, the codes of the classes.")
    classes = predictions.shape[1]
    _none((labels < -1) | (labels >= classes), f"labels are outside 0..{classes - 1}", labels)
    _none(~np.isfinite(predictions).all(axis=1), "predictions are NaN or infinite")
    low, high = predictions.min(axis=1), predictions.max(axis=1)
    _none((low < -_OUTSIDE) | (high > 1 + _OUTSIDE), "probabilities are outside 0..1", np.where(low < 0, low, high))
    sums = predictions.sum(axis=1, dtype=np.float64)
    _none(np.abs(sums - 1) > _SUM, "probabilities do not sum to 1", sums)
    return _labelled(labels.astype(np.int64, copy=False), predictions, labels >= 0)


def check_numbers(labels: np.ndarray, predictions: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Labels and predicted numbers of the rows that have a label, and which those are.

    Parameters
    ----------
    labels : float array (N,)
        NaN is missing.
    predictions : float array (N,)

    Returns
    -------
    (labels, predictions, known)
        ``known`` is bool (N,): which rows have a label.

    Raises
    ------
    DataError
        A length, shape, label or prediction is wrong; says how many rows and the first of them.
    """
    labels, predictions = np.asarray(labels), np.asarray(predictions)
    if predictions.ndim == 2 and predictions.shape[1] == 1:
        predictions = predictions[:, 0]
    if predictions.ndim != 1:
        raise DataError(f"predictions have shape {predictions.shape}; expected one number a row.")
    _lengths(labels, predictions)
    if labels.dtype.kind not in "iubf" or predictions.dtype.kind not in "iubf":
        raise DataError(f"labels are {labels.dtype} and predictions {predictions.dtype}; expected numbers.")
    labels, predictions = labels.astype(np.float64), predictions.astype(np.float64)
    _none(np.isinf(labels), "labels are infinite")
    _none(~np.isfinite(predictions), "predictions are NaN or infinite")
    return _labelled(labels, predictions, ~np.isnan(labels))


def _lengths(labels: np.ndarray, predictions: np.ndarray) -> None:
    if labels.ndim != 1 or len(labels) != len(predictions):
        raise DataError(
            f"there are labels of shape {labels.shape} for {len(predictions):,} predictions; expected one each."
        )
    if not len(labels):
        raise DataError("there are no rows to evaluate.")


def _labelled(
    labels: np.ndarray, predictions: np.ndarray, has: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    if not has.any():
        raise DataError(f"none of the {len(has):,} rows has a label: there is nothing to evaluate.")
    return (labels, predictions, has) if has.all() else (labels[has], predictions[has], has)


def check_texts(labels: Sequence[str | None], predictions: Sequence[str]) -> tuple[list[str], list[str], np.ndarray]:
    """Wanted and written texts of the rows that have a wanted one (not None), and which those are.

    Raises
    ------
    DataError
        Lengths differ, something is no text, or no row has a label.
    """
    if len(labels) != len(predictions) or not len(labels):
        raise DataError(f"there are {len(labels):,} labels for {len(predictions):,} predictions; expected one each.")
    _none(np.array([not isinstance(text, str) for text in predictions]), "predictions are no text")
    _none(np.array([text is not None and not isinstance(text, str) for text in labels]), "labels are no text")
    has = np.array([text is not None for text in labels])
    if not has.any():
        raise DataError(f"none of the {len(has):,} rows has a label: there is nothing to evaluate.")
    kept = np.flatnonzero(has)
    return [str(labels[i]) for i in kept], [str(predictions[i]) for i in kept], has


def check_units(
    weights: np.ndarray | None, groups: np.ndarray | None, rows: int
) -> tuple[np.ndarray | None, np.ndarray | None, np.ndarray | None]:
    """Weights and codes of groups of the rows that count, and which those are (None: all).

    Raises
    ------
    DataError
        A length is wrong; a weight is negative, NaN or infinite; all are 0.
    """
    if groups is not None:
        groups = np.asarray(groups)
        if groups.shape != (rows,):
            raise DataError(f"groups have shape {groups.shape} for {rows:,} rows; expected one each.")
        groups = np.unique(groups.astype(str) if groups.dtype == object else groups, return_inverse=True)[1]
    if weights is None:
        return None, groups, None
    weights = np.asarray(weights, dtype=np.float64)
    if weights.shape != (rows,):
        raise DataError(f"weights have shape {weights.shape} for {rows:,} rows; expected one each.")
    _none(~np.isfinite(weights) | (weights < 0), "weights are negative, NaN or infinite", weights)
    counted = np.flatnonzero(weights)
    if not len(counted):
        raise DataError(f"all {rows:,} weights are 0: there is nothing to evaluate.")
    if len(counted) == rows:
        return weights, groups, None
    return weights[counted], None if groups is None else groups[counted], counted


def _none(wrong: np.ndarray, what: str, values: np.ndarray | None = None) -> None:
    """Raise, with the count and the first positions, where any row is wrong."""
    if not wrong.any():
        return
    first = np.flatnonzero(wrong)[:5]
    shown = ", ".join(f"{i}" if values is None else f"{i} ({values[i]:.6g})" for i in first)
    raise DataError(f"{int(wrong.sum()):,} of {len(wrong):,} {what}; first at position {shown}.")
