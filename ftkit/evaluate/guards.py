"""What must hold of labels and predictions before anything is counted."""

from __future__ import annotations

import numpy as np

from ftkit.errors import DataError

# Probabilities come from float32 or bfloat16 softmaxes: a little outside is rounding, more is a mistake.
_OUTSIDE, _SUM = 1e-6, 1e-3


def check_classes(labels: np.ndarray, predictions: np.ndarray) -> tuple[np.ndarray, np.ndarray, int]:
    """Labels and probabilities of the rows that have a label, and how many have none.

    Parameters
    ----------
    labels : int array (N,)
        Codes 0 to K-1; -1 is missing.
    predictions : float array (N, K)
        Probabilities.

    Returns
    -------
    (labels, predictions, left_out)

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


def check_numbers(labels: np.ndarray, predictions: np.ndarray) -> tuple[np.ndarray, np.ndarray, int]:
    """Labels and predicted numbers of the rows that have a label, and how many have none.

    Parameters
    ----------
    labels : float array (N,)
        NaN is missing.
    predictions : float array (N,)

    Returns
    -------
    (labels, predictions, left_out)

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


def _labelled(labels: np.ndarray, predictions: np.ndarray, has: np.ndarray) -> tuple[np.ndarray, np.ndarray, int]:
    left_out = len(has) - int(has.sum())
    if left_out == len(has):
        raise DataError(f"none of the {len(has):,} rows has a label: there is nothing to evaluate.")
    return (labels[has], predictions[has], left_out) if left_out else (labels, predictions, 0)


def _none(wrong: np.ndarray, what: str, values: np.ndarray | None = None) -> None:
    """Raise, with the count and the first positions, where any row is wrong."""
    if not wrong.any():
        return
    first = np.flatnonzero(wrong)[:5]
    shown = ", ".join(f"{i}" if values is None else f"{i} ({values[i]:.6g})" for i in first)
    raise DataError(f"{int(wrong.sum()):,} of {len(wrong):,} {what}; first at position {shown}.")
