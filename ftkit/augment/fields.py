"""Fields of a step that know what they admit."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import Field, field, fields
from typing import Any

from ftkit.errors import RecipeError, nearest


def number(default: float, low: float, high: float, unit: str = "") -> Any:
    """A dataclass field for a finite number from ``low`` to ``high``, both included."""
    return field(default=default, metadata={"low": low, "high": high, "unit": unit})


def choice(default: str, *options: str) -> Any:
    """A dataclass field for one word of a few."""
    return field(default=default, metadata={"options": options})


class Step:
    """What every step has: checked fields, and how many uniform numbers a row needs."""

    draws = 0
    keeps = ""

    def __post_init__(self) -> None:
        given = {f.name: getattr(self, f.name) for f in fields(self)}
        faults = faults_of(type(self), given, type(self).__name__)
        if faults:
            raise RecipeError(faults, where="augmentation")
        for f in fields(self):
            if "low" in f.metadata:
                object.__setattr__(self, f.name, float(given[f.name]))

    @staticmethod
    def contradiction(given: Mapping[str, Any]) -> str | None:
        """What is wrong between fields that are right one by one."""
        return None


def faults_of(step: type[Step], given: Mapping[str, Any], path: str) -> list[str]:
    """One sentence for every parameter a step does not admit, each with its path."""
    known = {f.name: f for f in fields(step)}
    faults = [
        f"{path}.{name}: {_fault(value, known[name])}"
        if name in known
        else f"{path}.{name}: there is no such parameter; {nearest(name, known)}."
        for name, value in given.items()
        if name not in known or _fault(value, known[name])
    ]
    if not faults:
        whole = {name: f.default for name, f in known.items()} | dict(given)
        wrong = step.contradiction(whole)
        faults = [f"{path}: {wrong}"] if wrong else []
    return faults


def _fault(value: Any, known: Field) -> str | None:
    """Why a value does not fit its field, or None."""
    meta = known.metadata
    if "options" in meta:
        return None if value in meta["options"] else f"{value!r} is not known; {nearest(value, meta['options'])}."
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return f"{value!r} is not a number from {meta['low']:g} to {meta['high']:g}."
    if not meta["low"] <= value <= meta["high"]:
        return f"{value:g} is outside {meta['low']:g} to {meta['high']:g}{meta['unit'] and ' ' + meta['unit']}."
    return None
