"""``cross_validate``: a run a fold, and what the folds say together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ftkit.data import check_leaks
from ftkit.errors import RunError
from ftkit.evaluate import corrected_mean, evaluate, find_metric
from ftkit.recipe import Recipe
from ftkit.recipe.grid import grid_points, recipe_keys
from ftkit.runs.check import check_data
from ftkit.runs.files import read_json, write_json
from ftkit.runs.folder import runs_folder
from ftkit.runs.nested import choose, trained
from ftkit.runs.run import Run
from ftkit.runs.splits import splits_of
from ftkit.shown import Shown
from ftkit.task import get_task

NAME = "validation.json"
INNER = "inner"


@dataclass(frozen=True, repr=False)
class Validation(Shown):
    """The folds of a recipe, trained and judged.

    Attributes
    ----------
    folder : Path
        Holds ``fold-1``, ``fold-2``, … (run folders) and ``validation.json``.
    method : str
        The scheme, in words.
    folds : list of dict
        For each fold: its run's name, its rule, its rows, and its metrics; of nested folds what was chosen, and all
        that was tried.
    metrics : list of dict
        For each metric: the mean over the folds with Nadeau and Bengio's interval ("over folds"), and the value of all
        rows held out, taken together ("pooled").
    leaks : list of str
        Leaks that were allowed.
    """

    folder: Path
    method: str
    folds: list[dict[str, Any]]
    metrics: list[dict[str, Any]]
    leaks: list[str]

    @property
    def runs(self) -> list[Run]:
        """The runs, one a fold."""
        return [Run(self.folder / fold["run"]) for fold in self.folds]

    def __repr__(self) -> str:
        told = [f"{m['name']} {m['value']:.4g} ({m['split']})" for m in self.metrics if m["value"] is not None]
        return f"Validation in {self.folder} by {self.method}: " + ", ".join(told)

    def to_dict(self) -> dict[str, Any]:
        """The same as plain values, ready for JSON."""
        return {"method": self.method, "folds": self.folds, "metrics": self.metrics, "leaks": self.leaks}


def cross_validate(
    recipe: Recipe | dict[str, Any],
    *,
    runs: str | Path | None = None,
    name: str | None = None,
    tell: Callable[[int, int, Run], None] | None = None,
) -> Validation:
    """Train and judge every fold of a recipe, one after the other; folds that are done already are not trained again.

    Parameters
    ----------
    recipe : Recipe or dict
        Its ``split.method`` is one of folds. With ``nested`` every fold first chooses among the values of
        ``split.grid`` by its own inner folds, and is then trained with what was best there: the rows that judge it had
        no part in the choice.
    runs : str or Path, optional
        The folder of runs: ``$FTKIT_RUNS`` or ``./runs`` without it.
    name : str, optional
        The folder in it that holds the folds' runs; ``validation-1``, ``-2``, … without it.
    tell : callable, optional
        Called with the fold, how many there are, and its run before it is trained.

    Returns
    -------
    Validation

    Raises
    ------
    RecipeError
        The recipe has faults.
    DataError
        The rows do not fit it, or a fold leaks.
    RunError
        A fold's training failed; the folds before it are kept.

    Examples
    --------
    >>> import tempfile
    >>> recipe = {"data": "iris", "split": {"method": "stratified", "folds": 2}, "training": {"epochs": 2}}
    >>> found = cross_validate(recipe, runs=tempfile.mkdtemp())
    >>> [(m["name"], m["split"]) for m in found.metrics[:2]]
    [('accuracy', 'over folds'), ('accuracy', 'pooled')]
    """
    recipe = recipe if isinstance(recipe, Recipe) else Recipe(**recipe)
    if recipe.split.method == "holdout":
        recipe = recipe.replace(split={"method": "stratified"})
    for point in grid_points(recipe.split.grid):
        recipe.replace(**recipe_keys(point))  # every combination is a recipe without faults
    view, task = check_data(recipe.replace(split={"fold": 1}))
    made = splits_of(recipe, view)
    leaks = _leaks(recipe, made)
    folder = _folder(runs, name)
    done = []
    for number, split in enumerate(made, 1):
        run = Run(folder / f"fold-{number}")
        if tell:
            tell(number, len(made), run)
        one = recipe.replace(split={"fold": number})
        choice = choose(one, folder / INNER) if recipe.split.method == "nested" else {}
        run = trained(one.replace(**recipe_keys(choice.get("chosen", {}))), folder, run.name)
        told = [row for row in run.metrics if row["split"] == "test" and "label" not in row]
        done.append({"run": run.name, "rule": split.rule, "rows": split.counts(), "metrics": told} | choice)
    method = f"{'nested, ' * (recipe.split.method == 'nested')}{made[0].rule.split(':')[0]}"
    found = Validation(folder, method, done, _together(done, folder, task.name, recipe), leaks)
    write_json(folder / NAME, found.to_dict())
    return found


def open_validation(folder: str | Path) -> Validation:
    """The validation a folder holds.

    Raises
    ------
    RunError
        There is none.
    """
    told = read_json(Path(folder) / NAME, None)
    if told is None:
        raise RunError(f"{folder}: there is no {NAME}; make one with ft.cross_validate.")
    return Validation(Path(folder), **told)


def _leaks(recipe: Recipe, made: list[Any]) -> list[str]:
    """Leaks of any fold, before the first is trained."""
    group = recipe.split.group or recipe.data.group
    found = [said for split in made for said in check_leaks(split, group=group, allow=recipe.split.allow_leak)]
    return list(dict.fromkeys(found))


def _folder(runs: str | Path | None, name: str | None) -> Path:
    root = runs_folder(runs)
    names = [name] if name else [f"validation-{k}" for k in range(1, 10_000)]
    folder = next(root / n for n in names if name or not (root / n).exists())
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _together(folds: list[dict[str, Any]], folder: Path, task: str, recipe: Recipe) -> list[dict[str, Any]]:
    """For each metric: the mean over the folds, and the value of all held-out rows together."""
    held, trained = (np.mean([fold["rows"][part] for fold in folds]) for part in ("test", "train"))
    pooled = _pooled(folds, folder, list(recipe.metrics or get_task(task).metrics))
    out = []
    for row in folds[0]["metrics"]:
        values = [m["value"] for fold in folds for m in fold["metrics"] if m["name"] == row["name"]]
        out.append(corrected_mean(row["name"], values, held / trained))
        out += [m for m in pooled if m["name"] == row["name"]]
    return out


def _pooled(folds: list[dict[str, Any]], folder: Path, metrics: list[str]) -> list[dict[str, Any]]:
    """All rows held out, each by the model that had not seen it; rows held out several times count as one group."""
    from ftkit.runs.comparison import judged_rows

    sides = [judged_rows(Run(folder / fold["run"])) for fold in folds]
    labels, answers, ids = (np.concatenate([getattr(s, n) for s in sides]) for n in ("labels", "answers", "ids"))
    repeated = len(np.unique(ids)) < len(ids)
    scales = None if sides[0].scales is None else np.concatenate([side.scales for side in sides])
    plain = [m for m in metrics if not find_metric(m).per_class]
    return evaluate(
        labels,
        answers,
        metrics=plain,
        split="pooled",
        classes=sides[0].classes or None,
        groups=ids if repeated else None,
        scales=scales,
    )
