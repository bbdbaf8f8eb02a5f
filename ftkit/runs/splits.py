"""The split a recipe asks for, and what it leaks."""

from __future__ import annotations

from ftkit.data import DatasetView, Split, check_leaks, folds, holdout, nested_folds
from ftkit.data.series import time_column
from ftkit.errors import DataError, RecipeError
from ftkit.recipe import Recipe


def splits_of(recipe: Recipe, view: DatasetView) -> list[Split]:
    """The one split of a hold-out, or one a fold: of nested folds the outer one, or the inner one asked for of each.

    Parameters
    ----------
    recipe : Recipe
    view : DatasetView

    Returns
    -------
    list of Split

    Raises
    ------
    DataError
        The rows do not allow for it.
    """
    wanted, group = recipe.split, recipe.split.group or recipe.data.group
    if wanted.method == "holdout":
        given = {"test": wanted.test, "validation": wanted.validation, "stratify": wanted.stratify}
        return [holdout(view, **given, group=group, seed=recipe.seed)]
    names = ("folds", "repeats", "validation", "test_rows", "train_rows", "gap", "purge", "embargo")
    given = {name: getattr(wanted, name) for name in names} | {"group": group, "seed": recipe.seed}
    given["method"] = _outer(recipe, view) if wanted.method == "nested" else wanted.method
    if wanted.inner_fold is None:
        return folds(view, **given)
    inner = given | {"folds": wanted.inner, "repeats": 1, "test_rows": None}
    nested = nested_folds(view, given | {"validation": 0.0}, inner)
    return [inside[wanted.inner_fold - 1] for _, inside in nested]


def _outer(recipe: Recipe, view: DatasetView) -> str:
    """The folds that nested folds judge by."""
    if recipe.split.outer != "auto":
        return recipe.split.outer
    if time_column(view) is not None:
        return "expanding"
    grouped = recipe.split.group or view.group is not None
    return ("stratified-group" if view.classes else "group") if grouped else ("stratified" if view.classes else "kfold")


def split_of(recipe: Recipe, view: DatasetView) -> tuple[Split, list[str]]:
    """The split a run trains, and the leaks in it that were allowed.

    Raises
    ------
    DataError
        The rows do not allow for it, no row is left to judge by, or it leaks and ``split.allow_leak`` is not set.
    RecipeError
        The recipe asks for folds, and does not say which one.
    """
    made, fold = splits_of(recipe, view), recipe.split.fold
    if recipe.split.method != "holdout" and fold is None:
        raise RecipeError(
            [
                f"split.fold: a run trains one fold of {len(made)}. Say which one, or train them all: "
                "ftkit train recipe.yaml, or ft.cross_validate(recipe)."
            ]
        )
    if fold is not None and fold > len(made):
        raise DataError(f"split.fold is {fold}; '{recipe.split.method}' makes {len(made)} of these rows.")
    split = made[(fold or 1) - 1]
    if not len(split.test):
        raise DataError(f"{view.name}: no row is left to judge by. Set split.test above 0, or give a test set.")
    return split, check_leaks(split, group=recipe.split.group or recipe.data.group, allow=recipe.split.allow_leak)
