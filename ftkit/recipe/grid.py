"""The values that nested folds choose among: every combination of a grid."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

from ftkit.errors import nearest
from ftkit.recipe.parameters import PARAMETERS

# What may be chosen: how rows are prepared and the model is made and trained, not which rows there are.
CHOSEN = {name: path for name, path in PARAMETERS.items() if path[0] in ("preprocess", "augment", "model", "training")}


def grid_points(grid: Mapping[str, list[Any]]) -> list[dict[str, Any]]:
    """Every combination of the values, the last name's changing fastest.

    Parameters
    ----------
    grid : mapping of str to list
        Flat names, as templates have them, to the values to try.

    Returns
    -------
    list of dict

    Examples
    --------
    >>> grid_points({"epochs": [5, 10], "dropout": [0.0, 0.2]})[1]
    {'epochs': 5, 'dropout': 0.2}
    """
    return [dict(zip(grid, values, strict=True)) for values in product(*grid.values())]


def recipe_keys(point: Mapping[str, Any]) -> dict[str, Any]:
    """One combination as ``Recipe.replace`` takes it.

    Examples
    --------
    >>> recipe_keys({"epochs": 5, "dropout": 0.2, "augment": []})
    {'training': {'epochs': 5, 'dropout': 0.2}, 'augment': []}
    """
    keys: dict[str, Any] = {}
    for name, value in point.items():
        section, *key = CHOSEN[name]
        if key:
            keys.setdefault(section, {})[key[0]] = value
        else:
            keys[section] = value
    return keys


def grid_faults(split: Mapping[str, Any]) -> list[str]:
    """What is wrong with the keys of a split that only nested folds have."""
    grid, nested = split.get("grid") or {}, split.get("method") == "nested"
    if not isinstance(grid, dict):
        return []
    if nested and not grid:
        return ["split.grid: nested folds choose among values; give some, such as {learning_rate: [0.001, 0.01]}."]
    if not nested:
        alone = [name for name in ("grid", "inner_fold", "outer") if split.get(name) not in (None, {}, "auto")]
        return [f"split.{name}: belongs to method: nested only." for name in alone]
    inner, one = split.get("inner", 3), split.get("inner_fold")
    faults = [f"split.inner_fold: is {one}; there are {inner} inner folds."] if (one or 0) > inner else []
    faults += [f"split.grid.{name}: cannot be chosen; {nearest(name, CHOSEN)}." for name in grid if name not in CHOSEN]
    faults += [
        f"split.grid.{name}: {values!r} is no list of values to try, such as [0.001, 0.01]."
        for name, values in grid.items()
        if not (isinstance(values, list) and values)
    ]
    return faults
