"""What is unlike the rest, robustly; and findings of rows picked by a mask."""

from __future__ import annotations

from typing import Any

import numpy as np

from ftkit.data import DatasetView
from ftkit.quality.check import Check
from ftkit.quality.finding import Finding, Severity
from ftkit.quality.flags import counted

LEAST = 0.05  # the smallest spread taken for one: equal values have none


def robust_z(values: np.ndarray, among: np.ndarray) -> np.ndarray:
    """Distance from the median of ``among`` in standard deviations, estimated from the median deviation.

    Parameters
    ----------
    values, among : ndarray of float

    Returns
    -------
    ndarray of float, of the shape of ``values``

    Examples
    --------
    >>> robust_z(np.array([9.0]), np.array([1.0, 2.0, 3.0])).round(2)
    array([4.72])
    """
    centre = np.median(among)
    return (values - centre) / max(1.4826 * float(np.median(np.abs(among - centre))), LEAST)


def found(
    view: DatasetView,
    check: Check,
    severity: Severity,
    message: str,
    which: np.ndarray,
    scores: np.ndarray,
    suggest: dict[str, Any] | None = None,
) -> list[Finding]:
    """One finding about the rows of a mask, the surest first; none where it is empty.

    Parameters
    ----------
    view : DatasetView
    check : Check
    severity : {"info", "warning", "error"}
    message : str
        With ``{n}`` for the number of rows found, ``{all}`` for that of all, ``[is|are]`` for one and for more.
    which : ndarray of bool, shape (N,)
    scores : ndarray of float, shape (N,)
        Clipped to 0..1.
    suggest : dict, optional
        An Edit without its row. A list of N under ``values`` is cut to the rows found, in their order.

    Returns
    -------
    list of Finding
    """
    rows = np.flatnonzero(which)
    if not len(rows):
        return []
    ids = np.asarray(view.ids)
    rows = rows[np.lexsort((ids[rows], -np.clip(scores[rows], 0, 1)))]
    if suggest is not None:
        suggest = {**suggest, "because": check.code}
        if "values" in suggest:
            suggest["values"] = [suggest["values"][row] for row in rows]
    sure = np.clip(scores[rows], 0, 1).round(4).tolist()
    said = counted(len(rows), message).format(n=len(rows), all=len(view))
    return [Finding(check.code, check.name, severity, said, ids[rows].tolist(), sure, suggest)]
