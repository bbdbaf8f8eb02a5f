"""Steps made weaker or stronger."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

# Where a parameter does nothing, if that is not at 0.
NEUTRAL = {("Scale", "low"): 1.0, ("Scale", "high"): 1.0, ("WindowSlice", "share"): 1.0}
NEUTRAL |= {("ResizedCrop", name): 1.0 for name in ("low", "high", "ratio")}
# Parameters that are no strength: how often, how smooth, how many.
FIXED = ("p", "knots", "neighbours", "alpha", "balance")


def stronger(step: Any, factor: float) -> Any:
    """The step with every strength moved away from doing nothing by a factor, within what it admits.

    Parameters
    ----------
    step : step
    factor : float, 0 or more
        Below 1 it is weaker.

    Returns
    -------
    step

    Examples
    --------
    >>> from ftkit.augment import Rotate, Scale
    >>> stronger(Rotate(20), 0.5).degrees, stronger(Scale(0.8, 1.2), 0.5).low
    (10.0, 0.9)
    """
    changed = {}
    for f in fields(step):
        value = getattr(step, f.name)
        if f.name in FIXED or "low" not in f.metadata or f.metadata.get("whole"):
            continue
        neutral = NEUTRAL.get((type(step).__name__, f.name), 0.0)
        wanted = neutral + factor * (value - neutral)
        changed[f.name] = min(max(wanted, f.metadata["low"]), f.metadata["high"])
    return replace(step, **changed)
