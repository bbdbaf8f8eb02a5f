"""Augmentations as a page knows them: what they do, a control for each parameter, and what trials have shown."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, TypedDict

from ftkit.augment import STEPS, describe, dump
from ftkit.language import named, say, word

# Steps that need more than a slider: a table of words, a model that translates. A recipe's own are shown.
NOT_OFFERED = ("synonyms", "back_translation")


class FieldFacts(TypedDict):
    """A parameter and what a control for it must know; ``kind`` is number, whole, choice, flag, text or other.

    ``title`` and ``titles`` are what it and its options are called.
    """

    name: str
    title: str
    kind: str
    low: float
    high: float
    unit: str
    options: list[str]
    titles: list[str]


class StepFacts(TypedDict):
    """A step that can be chosen: what it does, which labels keep, what it may change, and its parameters."""

    name: str
    title: str
    does: str
    keeps: str
    may_alter: list[str]
    fields: list[FieldFacts]
    parameters: dict[str, Any]
    offered: bool


class Chosen(TypedDict):
    """A step of the recipe, by its name and parameters."""

    name: str
    parameters: dict[str, Any]


class TrialFacts(TypedDict):
    """A step that was tried: its verdict, why, and the change in agreement with its interval."""

    step: Chosen
    verdict: str
    sentence: str
    value: float
    low: float
    high: float
    suggested: bool


def chosen_of(step: Any) -> Chosen:
    """A step by its name and parameters."""
    [(name, parameters)] = dump([step])[0].items()
    return Chosen(name=name, parameters=parameters)


def facts_of(name: str) -> StepFacts:
    """What a page must know of a step to offer it and draw its controls."""
    kind = STEPS[name]
    told = describe([kind()])[0]
    return StepFacts(
        name=name,
        title=named("step", name),
        does=say(told["does"]),
        keeps=say(told["keeps"]),
        may_alter=[word("altered", part) for part in told["may_alter"]],
        fields=[_field(field) for field in fields(kind)],
        parameters=told["parameters"],
        offered=name not in NOT_OFFERED,
    )


def _field(field: Any) -> FieldFacts:
    told, value = field.metadata, field.default
    if "options" in told:
        kind = "choice"
    elif isinstance(value, bool):
        kind = "flag"
    elif isinstance(value, int | float):
        kind = "whole" if told.get("whole") else "number"
    else:
        kind = "text" if isinstance(value, str) else "other"
    options = list(told.get("options", ()))
    return FieldFacts(
        name=field.name,
        title=word("parameter", field.name),
        kind=kind,
        low=told.get("low", 0.0),
        high=told.get("high", 1.0),
        unit=word("unit", told.get("unit", "")),
        options=options,
        titles=[word("option", str(option)) for option in options],
    )


def trial_of(trial: Any, found: Any) -> TrialFacts:
    """One trial of a suggestion."""
    step = trial.steps[0]
    return TrialFacts(
        step=chosen_of(step),
        verdict=trial.verdict,
        sentence=say(trial.sentence),
        value=trial.agreement.value,
        low=trial.agreement.low,
        high=trial.agreement.high,
        suggested=step in list(found),
    )
