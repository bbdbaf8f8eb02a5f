"""A run that several processes train together, started by torchrun; process 0 alone writes its folder."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ftkit.errors import FtkitError, RecipeError, RunError
from ftkit.recipe import Recipe, read_recipe
from ftkit.runs.control import Requests
from ftkit.runs.folder import RECIPE
from ftkit.runs.run import Run


def train_together(training: Any, begin: Callable[[], tuple[Path, Recipe | None]]) -> Run:
    """Train a run in this process and the others that were started with it.

    Parameters
    ----------
    training : TrainingSection
        Of the recipe: how many processes it asks for, and how they share the work.
    begin : callable
        Called in process 0 alone: the run's folder, made by then, and its recipe.

    Returns
    -------
    Run
        When it is over, in every process.

    Raises
    ------
    RecipeError
        There are not as many processes as asked for; the recipe has what several processes cannot do.
    FtkitError
        As ``execute``.
    """
    from ftkit.runs.job import execute
    from ftkit.training.processes import joined

    if training.unfreeze_every:
        raise RecipeError(["training.unfreeze_every: is not for several processes. Use model.freeze."])
    with joined(training.parallel) as processes:
        fault, recipe, folder = None, None, None
        if processes.rank == 0:
            try:
                folder, recipe = begin()
            except FtkitError as error:
                fault = error
        told = processes.tell((folder, None if fault is None else str(fault)))
        if told[1] is not None:
            # Said once, by process 0.
            raise fault if fault is not None else SystemExit(1)
        folder = told[0]
        recipe = recipe or read_recipe(folder / RECIPE)
        try:
            execute(folder, None if processes.rank == 0 else Requests(folder), recipe, processes)
        except RuntimeError as error:
            if processes.rank == 0:
                raise RunError(_lost(folder, processes.count, error), folder) from error
            sys.exit(1)
    return Run(folder)


class SharedRequests:
    """Requests that process 0 reads, obeyed by all of them at the same step.

    Parameters
    ----------
    own : Requests
        Of process 0; the others' is not asked.
    processes : Processes
    """

    def __init__(self, own: Requests, processes: Any) -> None:
        self.own, self.processes = own, processes
        self.refused, self.journal = own.refused, []

    def add(self, request: str) -> None:
        """A request from inside the process; counts in process 0."""
        self.own.add(request)

    def __call__(self, step: int = 0) -> list[dict[str, Any]]:
        """What came in since the last call."""
        if self.processes.rank:
            return self.processes.tell(None)
        self.own.journal, self.journal = self.own.journal + self.journal, []
        return self.processes.tell(self.own(step))


def _lost(folder: Path, count: int, error: Exception) -> str:
    said = str(error).splitlines()[0] if str(error) else type(error).__name__
    return (
        f"one of the {count} processes ended or cannot be reached: {said}. Go on with: "
        f"torchrun --nproc-per-node {count} -m ftkit resume {folder.name}"
    )
