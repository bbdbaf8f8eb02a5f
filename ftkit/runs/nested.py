"""What the inner folds of one outer fold choose."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ftkit.errors import DataError
from ftkit.evaluate import find_metric
from ftkit.recipe import Recipe
from ftkit.recipe.grid import grid_points, recipe_keys
from ftkit.runs.run import Run
from ftkit.runs.start import train


def choose(recipe: Recipe, folder: Path) -> dict[str, Any]:
    """The values of the grid that are best, by the first metric, on the inner folds of one outer fold.

    Parameters
    ----------
    recipe : Recipe
        ``split.method`` is nested, and ``split.fold`` says which outer fold.
    folder : Path
        Where the inner runs go; those that are done already are not trained again.

    Returns
    -------
    dict
        ``chosen``: the values; of equals those listed first. ``by``: the metric. ``tried``: for each combination its
        values, the metric on each inner fold, and their mean.

    Raises
    ------
    DataError
        The metric has no value for any of them.
    """
    fold, inner = recipe.split.fold, recipe.split.inner
    tried = []
    for number, point in enumerate(grid_points(recipe.split.grid), 1):
        at = recipe.replace(**recipe_keys(point))
        runs = [
            trained(at.replace(split={"inner_fold": k}), folder, f"fold-{fold}-choice-{number}-inner-{k}")
            for k in range(1, inner + 1)
        ]
        rows = [_first(run) for run in runs]
        values = [row["value"] for row in rows]
        mean = None if None in values else float(np.mean(values))
        tried.append({"values": point, "inner": values, "mean": mean})
    name = rows[0]["name"]
    known = [one for one in tried if one["mean"] is not None]
    if not known:
        raise DataError(
            f"nested folds: {name} has no value on the inner folds of fold {fold}; choose by another metric."
        )
    best = (max if find_metric(name).greater_is_better else min)(known, key=lambda one: one["mean"])
    return {"chosen": best["values"], "by": name, "tried": tried}


def trained(recipe: Recipe, folder: Path, name: str) -> Run:
    """The run of that name, trained unless it is done already."""
    run = Run(folder / name)
    if run.folder.exists() and run.state == "done":
        return run
    return train(recipe, runs=folder, name=name, process=False)


def _first(run: Run) -> dict[str, Any]:
    """The first metric of the rows held out."""
    return next(row for row in run.metrics if row["split"] == "test" and "label" not in row)
