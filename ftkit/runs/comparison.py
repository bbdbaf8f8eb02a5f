"""``compare``: runs side by side on the same test rows, and whether one is better."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from ftkit.errors import DataError, RunError
from ftkit.evaluate import compare_answers, compare_recipes, find_metric, holm
from ftkit.evaluate.difference import Difference
from ftkit.evaluate.rolling import independent
from ftkit.runs.run import Run, open_run
from ftkit.shown import Shown
from ftkit.task import get_task

Named = str | Path | Run


@dataclass(frozen=True)
class Judged:
    """A run's answers to the rows of a split, by their ids; of forecasts also what intervals and MASE need."""

    ids: np.ndarray
    labels: np.ndarray
    answers: np.ndarray
    classes: tuple[str, ...]
    groups: np.ndarray | None = None
    scales: np.ndarray | None = None


@dataclass(frozen=True, repr=False)
class Comparison(Shown):
    """What ``compare`` found.

    Attributes
    ----------
    names : tuple of str
        The runs (or recipes, each of several runs), in the order given.
    pairs : list of (str, str, Difference)
        Every pair and metric; p values hold for all pairs of a metric together (Holm).
    rows : int
        Test rows they were judged by.
    notes : tuple of str
        What else to know.
    """

    names: tuple[str, ...]
    pairs: list[tuple[str, str, Difference]]
    rows: int
    notes: tuple[str, ...] = ()

    def sentences(self) -> list[str]:
        """What can be said, one sentence a pair and metric."""
        several = len(self.names) > 2
        return [f"{a} and {b}: " * several + found.sentence(a, b) for a, b, found in self.pairs]

    def __repr__(self) -> str:
        return "\n".join(
            [f"{' and '.join(self.names)} on the same {self.rows:,} rows:", *self.sentences(), *self.notes]
        )

    def to_dict(self) -> dict[str, Any]:
        """The same as plain values, ready for JSON."""
        pairs = [
            {"run_a": a, "run_b": b, **found.to_dict(), "sentence": found.sentence(a, b)} for a, b, found in self.pairs
        ]
        return {"runs": list(self.names), "rows": self.rows, "pairs": pairs, "notes": list(self.notes)}


def compare(
    *runs: Named | Sequence[Named],
    metrics: Sequence[str] | None = None,
    runs_folder: str | Path | None = None,
    level: float = 0.95,
) -> Comparison:
    """Which of several runs is better on the same test rows, with paired intervals.

    Parameters
    ----------
    *runs : Run, name or path; or lists of them
        At least two. A list is one recipe trained several times with other seeds: lists are compared as recipes, with
        the chance of training in the interval; single runs are compared as the models they are.
    metrics : sequence of str, optional
        What to compare by; the task's own metrics by default.
    runs_folder : str or Path, optional
        Where names are looked for: ``$FTKIT_RUNS`` or ``./runs`` without it.
    level : float, default 0.95
        Of the intervals; a difference is told where p is below 1 - level after Holm's correction over the pairs.

    Returns
    -------
    Comparison
        It shows itself in a notebook.

    Raises
    ------
    RunError
        A run is not there or was not judged.
    DataError
        There are fewer than two, their test rows, labels or tasks differ, or a metric does not fit the task.

    Examples
    --------
    >>> import tempfile
    >>> import ftkit as ft
    >>> folder = tempfile.mkdtemp()
    >>> a, b = (ft.train({"data": "iris", "training": {"epochs": n}}, runs=folder, process=False) for n in (1, 40))
    >>> compare(a, b).rows
    30
    """
    if len(runs) < 2:
        raise DataError(f"{len(runs)} run was given to compare; give at least two.")
    sides = [_side(given, runs_folder) for given in runs]
    names = _names(sides)
    judged = [[judged_rows(run) for run in side] for side in sides]
    first = judged[0][0]
    for name, side in zip(names, judged, strict=True):
        for one in side:
            _same_rows(names[0], first, name, one)
    task = get_task(sides[0][0].recipe["task"])
    wanted = [find_metric(m).name if ":" not in m else m for m in (metrics or task.metrics)]
    pairs = [pair for metric in wanted for pair in _pairs(metric, names, judged, level)]
    return Comparison(names, pairs, len(first.ids), _notes(sides))


def _side(given: Named | Sequence[Named], folder: str | Path | None) -> list[Run]:
    several = [given] if isinstance(given, str | Path | Run) else list(given)
    return [run if isinstance(run, Run) else open_run(run, folder) for run in several]


def _names(sides: list[list[Run]]) -> tuple[str, ...]:
    names = [side[0].name if len(side) == 1 else f"{side[0].name} (of {len(side)})" for side in sides]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        names = [f"{side[0].folder.parent.name}/{n}" if n in twice else n for n, side in zip(names, sides, strict=True)]
    return tuple(names)


def judged_rows(run: Run, split: str = "test") -> Judged:
    """A run's answers to its test rows, or to those of another split; there may be none.

    Raises
    ------
    RunError
        It was not judged.
    """
    columns = run.predictions()
    if not columns:
        raise RunError(f"run '{run.name}' has no predictions to compare: {run.status.sentence}", run.folder)
    test = np.asarray(columns["split"]).astype(str) == split
    ids, labels = np.asarray(columns["row_id"]).astype(str)[test], np.asarray(columns["label"])[test]
    classes = tuple(name.removeprefix("p_") for name in columns if name.startswith("p_"))
    order = np.argsort(ids, kind="stable")
    if not classes:
        some = {name: np.asarray(values)[test][order] for name, values in columns.items()}
        if "scale" not in some:
            return Judged(ids[order], labels[order], some["prediction"], ())
        groups = independent(some["series"], some["window"])
        return Judged(ids[order], labels[order], some["prediction"], (), groups, some["scale"])
    code = {name: i for i, name in enumerate(classes)}
    answers = np.stack([np.asarray(columns[f"p_{name}"], float)[test] for name in classes], axis=1)
    return Judged(ids[order], np.array([code[str(v)] for v in labels])[order], answers[order], classes)


def _same_rows(a: str, first: Judged, b: str, other: Judged) -> None:
    """Refuse runs that were judged by other rows: their values cannot be compared row by row."""
    if not np.array_equal(first.ids, other.ids):
        shared = len(np.intersect1d(first.ids, other.ids))
        raise DataError(
            f"runs '{a}' and '{b}' were judged by different test rows: {len(first.ids):,} and {len(other.ids):,}, of "
            f"which {shared:,} are the same. Train them with the same data, split and split seed, or with a test set."
        )
    if first.classes != other.classes or not np.array_equal(first.labels, other.labels):
        raise DataError(f"runs '{a}' and '{b}' have the same test rows but other labels or classes.")


def _pairs(
    metric: str, names: tuple[str, ...], judged: list[list[Judged]], level: float
) -> list[tuple[str, str, Difference]]:
    """Every pair of runs by one metric; p values corrected over the pairs."""
    first, found = judged[0][0], []
    given = {"classes": first.classes or None, "level": level, "groups": first.groups, "scales": first.scales}
    couples = list(combinations(range(len(names)), 2))
    for i, k in couples:
        a, b = ([one.answers for one in judged[side]] for side in (i, k))
        if max(len(a), len(b)) > 1:
            found.append(compare_recipes(first.labels, a, b, metric, **given))
        else:
            found.append(compare_answers(first.labels, a[0], b[0], metric, **given))
    corrected = [
        new if new.p == old.p else replace(new, method=f"{new.method}; p by Holm over {len(couples)} pairs")
        for old, new in zip(found, holm(found), strict=True)
    ]
    return [(names[i], names[k], one) for (i, k), one in zip(couples, corrected, strict=True)]


def _notes(sides: list[list[Run]]) -> tuple[str, ...]:
    """What a reader of single runs must know: they are models, not recipes."""
    if any(len(side) > 1 for side in sides):
        return ()
    recipes = [{k: v for k, v in side[0].recipe.items() if k not in ("seed", "data")} for side in sides]
    if all(recipe == recipes[0] for recipe in recipes[1:]):
        return ("The recipes are the same but for the seed: what differs is the chance of training, not the recipe.",)
    return ("This is about these models. Whether a recipe is better takes several seeds: compare([a1, a2], [b1, b2]).",)
