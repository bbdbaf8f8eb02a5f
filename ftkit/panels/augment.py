"""The augment panel: what random steps make of these rows, and the recipe they are written into."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, TypedDict

import numpy as np
from traitlets import Int, Unicode

from ftkit.augment import parse, step_name, steps_for
from ftkit.data import DatasetView
from ftkit.displays import Display, Note, show
from ftkit.displays.augmentation import distance_blocks, kind_to_change, measure, rows_of, show_augment
from ftkit.displays.blocks import Block, Gallery
from ftkit.displays.changed import changed_blocks
from ftkit.displays.spec import to_spec
from ftkit.errors import DataError
from ftkit.language import say
from ftkit.panels.job import Job
from ftkit.panels.panel import Answer, Panel
from ftkit.panels.recipe_book import open_recipe_book
from ftkit.panels.steps import StepFacts, chosen_of, facts_of, trial_of
from ftkit.quality import suggest_augmentation
from ftkit.recipe import Recipe, read_recipe

ROWS, SEEDS = 4, 4
HEADINGS = ("title", "caption", "text", "x_title", "y_title")
AT_ONCE = 0.3  # seconds after which an answer that takes longer says how far it is


class Kit(TypedDict):
    """What a page is told of the rows and their steps once."""

    name: str
    kind: str
    rows: int
    file: str
    steps: list[StepFacts]
    measured: bool


class AugmentPanel(Panel):
    """Steps with sliders and switches; rows before and after, by strength; steps that keep the label; a recipe written.

    Parameters
    ----------
    rows : DatasetView, Recipe, str or Path
        The rows; a recipe, whose rows and steps are meant; or the path of a ``recipe.yaml``, which is written then.
    recipe : str or Path, default "recipe.yaml"
        Where steps are written; made by the first gesture. Of a file that is there, the list ``augment`` alone is
        changed. Panels of the same file stay in step.

    Raises
    ------
    DataError
        These are no rows, or there are none.
    RecipeError
        The recipe has faults, or steps for other rows.

    Examples
    --------
    >>> import ftkit as ft
    >>> print(ft.AugmentPanel(ft.read("digits"), "none-yet.yaml").code())
    recipe = ft.Recipe(data=rows, augment=[])
    """

    view = "augment"
    asked = ("kit", "steps", "write", "preview", "distance", "suggest", "stop", "undo", "redo")
    written = Int(0, help="How often steps were written; changes with every gesture.").tag(sync=True)
    seed = Int(0, help="The seed of the first draw.").tag(sync=True)
    sample = Int(0, help="Which rows are shown.").tag(sync=True)
    recipe = Unicode(help="The file the steps are written into.").tag(sync=True)

    def __init__(self, rows: DatasetView | Recipe | str | Path, recipe: str | Path = "recipe.yaml") -> None:
        if isinstance(rows, (str, Path)):
            recipe, rows = rows, read_recipe(rows)
        if not isinstance(rows, (DatasetView, Recipe)):
            raise DataError(f"an augment panel shows rows or a recipe, not {type(rows).__name__}.")
        self._given = "recipe" if isinstance(rows, Recipe) else "rows"
        self._rows = rows if isinstance(rows, DatasetView) else rows_of(rows)
        if not len(self._rows):
            raise DataError(f"{self._rows.name} has no rows to augment.")
        self._kind = kind_to_change(self._rows)
        if not steps_for(self._kind):
            raise DataError(f"{self._rows.name}: there are no augmentations for {self._kind} rows in this version.")
        self._book = open_recipe_book(recipe)
        if not self._book.path.exists():
            self._book.base = _keys_of(rows)
        started = self._book.steps if self._book.path.exists() else _steps_of(rows)
        parse(started, kind=self._kind, where=str(recipe))
        self._begun = () if self._book.path.exists() else started
        self._measured: Any = None
        self._distance: tuple[str, Job] | None = None
        self._trials: Job | None = None
        super().__init__(recipe=self._book.path.name)
        self._book.on_change(self._changed)

    @property
    def steps(self) -> tuple[Any, ...]:
        """The steps as they stand: those of the file, or those it will begin with."""
        return self._book.steps if self._book.path.exists() else self._begun

    def twin(self) -> Display:
        """Rows before and after the steps; what was measured of those that were tried."""
        if not self.steps:
            offered = ", ".join(steps_for(self._kind))
            said = f"{self._book.path.name} has no augmentation. For {self._kind} rows there are {offered}."
            twin = Display(f"{self._rows.name}: augmentation", [Note(said)])
        else:
            twin = show_augment(self._rows, self.steps, seed=self.seed)
        tried = self._trials.result if self._trials else None
        return twin if tried is None else Display(twin.title, [*twin.blocks, *show(tried).blocks])

    def code(self) -> str:
        """Python that makes the same recipe.

        Returns
        -------
        str
        """
        steps = ", ".join(f"ft.augment.{step!r}" for step in self.steps)
        if self._given == "recipe":
            return f"recipe = recipe.replace(augment=[{steps}])"
        return f"recipe = ft.Recipe(data=rows, augment=[{steps}])"

    def _changed(self) -> None:
        self.written += 1

    def _answer_kit(self) -> Answer:
        named = {step_name(step) for step in self.steps}
        names = [*steps_for(self._kind), *sorted(named - set(steps_for(self._kind)))]
        told = Kit(
            name=self._rows.name,
            kind=self._kind,
            rows=len(self._rows),
            file=self._book.path.name,
            steps=[facts_of(name) for name in names],
            measured=self._kind not in ("series", "chat") and len(self._rows) > 2,
        )
        return told, []

    def _answer_steps(self) -> Answer:
        return {"steps": [chosen_of(step) for step in self.steps], "written": self.written, **self._book.can}, []

    def _answer_write(self, steps: list[dict[str, Any]]) -> Answer:
        self._book.write(self._read(steps))
        return self._answer_steps()

    def _answer_undo(self) -> Answer:
        self._book.undo()
        return self._answer_steps()

    def _answer_redo(self) -> Answer:
        self._book.redo()
        return self._answer_steps()

    def _answer_preview(self, steps: list[dict[str, Any]], seed: int, sample: int) -> Answer:
        """The rows before and after steps that need not be written yet, and each step by strength."""
        parsed = self._read(steps)
        rows = self._rows if self._kind == "series" else self._rows.select(self._sample(sample))
        blocks = changed_blocks(rows, self._kind, parsed, range(seed, seed + SEEDS)) if parsed else []
        return _sent(blocks)

    def _answer_distance(self, steps: list[dict[str, Any]]) -> Answer:
        """How far the measuring is; when it is over, how far the steps move the rows."""
        parsed, key = self._read(steps), json.dumps(steps)
        if self._distance is None or (self._distance[0] != key and self._distance[1].progress["state"] != "working"):
            self._distance = key, Job(lambda _: self._far(parsed))
        progress = self._distance[1].wait(AT_ONCE)
        if self._distance[0] != key:
            return {**progress, "state": "working", "blocks": []}, []
        told, pictures = _sent(self._distance[1].result or [])
        return {**progress, **told}, pictures

    def _answer_suggest(self, begin: bool = False) -> Answer:
        """How far the trials are; when they are over, what was found."""
        if begin and (self._trials is None or self._trials.progress["state"] != "working"):
            self._trials = Job(lambda tell: suggest_augmentation(self._rows, tell=tell))
        if self._trials is None:
            return {"state": "idle", "done": 0, "of": 0, "error": "", "trials": []}, []
        found = self._trials.result
        alone = [trial for trial in found.trials if len(trial.steps) == 1] if found is not None else []
        return {**self._trials.progress, "trials": [trial_of(trial, found) for trial in alone]}, []

    def _answer_stop(self) -> Answer:
        if self._trials:
            self._trials.stop()
        return None, []

    def _read(self, steps: list[dict[str, Any]]) -> tuple[Any, ...]:
        return parse([{one["name"]: one["parameters"]} for one in steps], kind=self._kind, where=self._book.path.name)

    def _far(self, steps: tuple[Any, ...]) -> list[Block]:
        if self._measured is None:
            self._measured = measure(self._rows, self._kind)
        return distance_blocks(self._measured, steps) if self._measured and steps else []

    def _sample(self, number: int) -> np.ndarray:
        """The rows that are shown: spread over all at first, then drawn."""
        rows = min(len(self._rows), ROWS)
        if number == 0:
            return np.linspace(0, len(self._rows) - 1, rows).astype(np.int64)
        return np.sort(np.random.default_rng(number).choice(len(self._rows), rows, replace=False))


def _keys_of(rows: DatasetView | Recipe) -> dict[str, Any]:
    """What a new recipe says of the rows; nothing of where they are where nobody knows."""
    if isinstance(rows, Recipe):
        return rows.to_dict(whole=False)
    origin = {key: value for key, value in (rows.origin or {}).items() if key not in ("task", "edits")}
    return {"version": 1, **({"task": rows.task} if rows.task else {}), **({"data": origin} if origin else {})}


def _steps_of(rows: DatasetView | Recipe) -> tuple[Any, ...]:
    return parse(rows.augment) if isinstance(rows, Recipe) else ()


def _sent(blocks: list[Block]) -> Answer:
    """Blocks for a page; pictures beside them as bytes, each block says which is its first."""
    told, pictures = [], []
    for block in blocks:
        if isinstance(block, Gallery):
            groups = block.groups or [""] * len(block.captions)
            named = {"captions": list(map(say, block.captions)), "groups": list(map(say, groups))}
            told.append({"type": "gallery", "title": say(block.title), "first": len(pictures), **named})
            pictures += block.pictures
        else:
            told += [_spoken(spec) for spec in to_spec("", [block])["blocks"]]
    return {"blocks": told}, pictures


def _spoken(spec: dict[str, Any]) -> dict[str, Any]:
    """A block with its headings in the language that is spoken; what it holds is data."""
    said = {key: say(spec[key]) for key in HEADINGS if isinstance(spec.get(key), str)}
    if spec["type"] == "table":
        heads = {"before": say("before")}
        columns = ((n, [heads.get(v, v) for v in values] if n == "seed" else values) for n, values in spec["columns"])
        said["columns"] = [[say(name), values] for name, values in columns]
    return {**spec, **said}
