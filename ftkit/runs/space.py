"""What a search tries: values of a recipe's keys, as choices or as ranges."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ftkit.errors import RecipeError, nearest
from ftkit.recipe import PARAMETERS, Recipe

KEYS = {"low", "high", "log", "step"}


def check_space(recipe: Recipe, space: Mapping[str, Any]) -> None:
    """Whether every value of a space gives a recipe.

    Parameters
    ----------
    recipe : Recipe
    space : mapping of str to list or dict
        A parameter's flat name (``learning_rate``) or its path (``training.learning_rate``) to a list of choices, or to
        ``{"low": …, "high": …}``, with ``"log": True`` for even shares of its powers and ``"step"`` for steps. Both
        ends whole give whole numbers.

    Raises
    ------
    RecipeError
        Faults, all at once: a name that is no parameter, a range that does not rise, a value the recipe refuses.
    """
    faults = (
        [] if space else ["space: is empty; name what to try, such as {'learning_rate': {'low': 1e-4, 'high': 1e-2}}."]
    )
    for name, values in space.items():
        fault = _fault(name, values)
        if fault:
            faults.append(fault)
            continue
        for value in [values["low"], values["high"]] if isinstance(values, Mapping) else values:
            try:
                with_values(recipe, {name: value})
            except RecipeError as error:
                faults += error.faults
    if faults:
        raise RecipeError(list(dict.fromkeys(faults)), "space")


def with_values(recipe: Recipe, values: Mapping[str, Any]) -> Recipe:
    """A recipe with other values.

    Examples
    --------
    >>> with_values(Recipe(data="iris"), {"learning_rate": 0.01, "training.epochs": 3}).training.epochs
    3
    """
    keys: dict[str, Any] = {}
    for name, value in values.items():
        path = _path(name)
        if len(path) == 1:
            keys[path[0]] = value
        else:
            keys.setdefault(path[0], {})[path[1]] = value
    return recipe.replace(**keys)


def draw(trial: Any, space: Mapping[str, Any]) -> dict[str, Any]:
    """A value for each name, drawn by an Optuna trial. Choices are drawn by their place, so they may be anything."""
    drawn = {}
    for name, values in space.items():
        if not isinstance(values, Mapping):
            drawn[name] = values[trial.suggest_categorical(name, list(range(len(values))))]
        elif isinstance(values["low"], int) and isinstance(values["high"], int):
            step = {"step": values["step"]} if "step" in values else {}
            drawn[name] = trial.suggest_int(name, values["low"], values["high"], log=values.get("log", False), **step)
        else:
            step = {"step": values["step"]} if "step" in values else {}
            drawn[name] = trial.suggest_float(name, values["low"], values["high"], log=values.get("log", False), **step)
    return drawn


def shown(params: Mapping[str, Any], space: Mapping[str, Any]) -> dict[str, Any]:
    """The values behind an Optuna trial's parameters."""
    return {k: v if isinstance(space[k], Mapping) else space[k][v] for k, v in params.items() if k in space}


def _path(name: str) -> tuple[str, ...]:
    return PARAMETERS[name] if name in PARAMETERS else tuple(name.split("."))


def _fault(name: str, values: Any) -> str | None:
    if name not in PARAMETERS and _path(name) not in PARAMETERS.values():
        return f"{name}: is not a parameter; {nearest(name, PARAMETERS)}."
    if isinstance(values, (list, tuple)):
        return (
            None
            if len(values) > 1
            else f"{name}: has {len(values)} choices; give at least two, or set it in the recipe."
        )
    if not isinstance(values, Mapping) or not {"low", "high"} <= set(values) <= KEYS:
        return f"{name}: {values!r}; asked is a list of choices, or {{'low': …, 'high': …}} with 'log' or 'step'."
    low, high = values["low"], values["high"]
    numbers = all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in (low, high))
    if not numbers or not low < high or (values.get("log") and low <= 0):
        return f"{name}: from {low!r} to {high!r}; asked are numbers that rise, over 0 where 'log' is true."
    if values.get("log") and "step" in values:
        return f"{name}: has both 'log' and 'step'; asked is one of them."
    return None
