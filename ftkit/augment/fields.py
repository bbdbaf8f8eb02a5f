"""Fields of a step that know what they admit."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import Field, field, fields
from functools import partial
from typing import Any

from ftkit.errors import RecipeError, nearest


def checked(
    default: Any, fault: Callable[[Any], str | None], keep: Callable[[Any], Any] = lambda v: v, **more: Any
) -> Any:
    """A dataclass field whose value is looked at.

    ``fault(value)`` is the sentence that says what is wrong with it, or None; ``keep(value)`` is what the step holds;
    ``more`` is kept in the field's metadata, for whoever draws a control for it.
    """
    return field(default=default, metadata={"fault": fault, "keep": keep, **more})


def number(default: float, low: float, high: float, unit: str = "") -> Any:
    """A dataclass field for a finite number from ``low`` to ``high``, both included."""
    fault = partial(_number_fault, low=low, high=high, unit=unit)
    return checked(default, fault, float, low=low, high=high, unit=unit)


def whole(default: int, low: int, high: int, unit: str = "") -> Any:
    """A dataclass field for a whole number from ``low`` to ``high``, both included."""
    fault = partial(_number_fault, low=low, high=high, unit=unit, whole=True)
    return checked(default, fault, int, low=low, high=high, unit=unit, whole=True)


def choice(default: str, *options: str) -> Any:
    """A dataclass field for one word of a few."""
    return checked(default, partial(_choice_fault, options=options), options=options)


def flag(default: bool) -> Any:
    """A dataclass field for true or false."""
    return checked(default, lambda v: None if isinstance(v, bool) else f"{v!r} is not true or false.")


def colour(default: float) -> Any:
    """A dataclass field for a grey from 0 to 1, or a colour of three such numbers."""
    return checked(default, _colour_fault, _colour)


class Step:
    """What every step has: checked fields, the kinds of rows it is for, and how many uniform numbers a row needs.

    Attributes
    ----------
    kinds : tuple of {"image", "text", "tabular", "series", "chat"}
        The kinds of rows it changes.
    draws : int
        Uniform numbers a row needs, at most 63: the 64th decides whether ``p`` comes up.
    keeps : str
        Which labels survive it, in a sentence.
    may_alter : tuple of str
        What a label may hang on and the step may change, in words, where it can be named.
    """

    kinds: tuple[str, ...] = ()
    draws = 0
    keeps = ""
    may_alter: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        given = {f.name: getattr(self, f.name) for f in fields(self)}
        faults = faults_of(type(self), given, type(self).__name__)
        if faults:
            raise RecipeError(faults, where="augmentation")
        for f in fields(self):
            object.__setattr__(self, f.name, f.metadata["keep"](given[f.name]))

    @staticmethod
    def contradiction(given: Mapping[str, Any]) -> str | None:
        """What is wrong between fields that are right one by one."""
        return None


def faults_of(step: type[Step], given: Mapping[str, Any], path: str) -> list[str]:
    """One sentence for every parameter a step does not admit, each with its path."""
    known: dict[str, Field] = {f.name: f for f in fields(step)}
    found = {
        name: known[name].metadata["fault"](value)
        if name in known
        else f"there is no such parameter; {nearest(name, known)}."
        for name, value in given.items()
    }
    faults = [f"{path}.{name}: {fault}" for name, fault in found.items() if fault]
    if not faults:
        whole = {name: f.default for name, f in known.items()} | dict(given)
        wrong = step.contradiction(whole)
        faults = [f"{path}: {wrong}"] if wrong else []
    return faults


def ordered(given: Mapping[str, Any], low: str = "low", high: str = "high") -> str | None:
    """The contradiction of two parameters of which the first must not be above the second."""
    if given[low] <= given[high]:
        return None
    return f"{low} ({given[low]:g}) is above {high} ({given[high]:g})."


def _number_fault(value: Any, low: float, high: float, unit: str = "", whole: bool = False) -> str | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return f"{value!r} is not a {'whole ' if whole else ''}number from {low:g} to {high:g}."
    if whole and value != int(value):
        return f"{value!r} is not a whole number."
    if not low <= value <= high:
        return f"{value:g} is outside {low:g} to {high:g}{unit and ' ' + unit}."
    return None


def _choice_fault(value: Any, options: tuple[str, ...]) -> str | None:
    return None if value in options else f"{value!r} is not known; {nearest(value, options)}."


def _colour_fault(value: Any) -> str | None:
    values = value if isinstance(value, (list, tuple)) else [value]
    good = all(isinstance(v, (int, float)) and not isinstance(v, bool) and 0 <= v <= 1 for v in values)
    return None if good and len(values) in (1, 3) else f"{value!r} is not a number from 0 to 1, or three of them."


def _colour(value: Any) -> Any:
    return tuple(map(float, value)) if isinstance(value, (list, tuple)) else float(value)
