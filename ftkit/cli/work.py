"""The verbs that do the work: run, train, report."""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ftkit.cli.look import print_run
from ftkit.cli.progress import ProgressBar
from ftkit.cli.screen import interval, number, print_json, say, table
from ftkit.errors import FtkitError, RecipeError
from ftkit.runs import Run, open_run
from ftkit.training.launch import launched

if TYPE_CHECKING:
    from ftkit.recipe import Recipe


def run(arguments: Namespace) -> int:
    """``ftkit run TEMPLATE``."""
    from ftkit.reports import read_template, run_template

    template = read_template(arguments.template)
    given = _given(arguments) | ({"allow_leak": True} if arguments.allow_leak else {})
    with ProgressBar(quiet=arguments.json) as bar, _stopping() as seen:
        made = run_template(template, given, runs=arguments.runs, name=arguments.name, tell=bar, made=seen.append)
    print_run(made, arguments.json)
    return 0


def train(arguments: Namespace) -> int:
    """``ftkit train recipe.yaml``."""
    import ftkit
    from ftkit.recipe import read_recipe
    from ftkit.reports import report as freeze_report

    recipe = read_recipe(arguments.recipe)
    if arguments.allow_leak:
        recipe = recipe.replace(split={"allow_leak": True})
    if arguments.plan:
        return _plan(arguments, recipe)
    if recipe.split.method != "holdout" and recipe.split.fold is None:
        return _folds(arguments, recipe)
    if launched():
        return _together(arguments, recipe)
    with ProgressBar(quiet=arguments.json) as bar, _stopping() as seen:
        made = ftkit.train(recipe, runs=arguments.runs, name=arguments.name)
        seen.append(made)
        made.wait(tell=bar)
        freeze_report(made)
    print_run(made, arguments.json)
    return 0


def _together(arguments: Namespace, recipe: Recipe) -> int:
    """One of the processes that torchrun started: they train one run, and the first tells of it."""
    import ftkit
    from ftkit.reports import report as freeze_report

    made = ftkit.train(recipe, runs=arguments.runs, name=arguments.name)
    if os.environ["RANK"] == "0":
        freeze_report(made)
        print_run(made, arguments.json)
    return 0


def _plan(arguments: Namespace, recipe: Recipe) -> int:
    """What a recipe's run will take."""
    import ftkit

    found = ftkit.estimate(recipe)
    if arguments.json:
        print_json(found.to_dict())
    else:
        say(ftkit.show(found))
    return 0


def _folds(arguments: Namespace, recipe: Recipe) -> int:
    """Every fold of a recipe, one after the other, and their report."""
    from ftkit.displays import show
    from ftkit.reports.compose import page_of
    from ftkit.reports.freeze import freeze
    from ftkit.runs import cross_validate

    def tell(number: int, of: int, run: Run) -> None:
        if not arguments.json:
            say(f"fold {number} of {of}: {run.folder}")

    found = cross_validate(recipe, runs=arguments.runs, name=arguments.name, tell=tell)
    display = show(found)
    freeze(page_of(display), found.folder / "report.html", title=display.title)
    if arguments.json:
        print_json(found.to_dict())
        return 0
    rows = [(m["name"], m["split"], number(m["value"]), interval(m), f"{m['n']:,}") for m in found.metrics]
    table(["metric", "of", "value", "95% interval", "n"], rows, right=("value", "n"))
    say(f"report  {found.folder / 'report.html'}")
    return 0


def report(arguments: Namespace) -> int:
    """``ftkit report RUN``."""
    from ftkit.reports import report as freeze_report

    say(freeze_report(open_run(arguments.run, arguments.runs), arguments.out))
    return 0


def _given(arguments: Namespace) -> dict[str, Any]:
    """The parameters from the file and the command line; all faults of reading them at once."""
    from ftkit.recipe.parameters import parse_value
    from ftkit.recipe.strict_yaml import load_yaml_file

    given: dict[str, Any] = {}
    if arguments.file:
        given = load_yaml_file(arguments.file) or {}
        if not isinstance(given, dict):
            raise RecipeError(["parameters are names and values, such as 'epochs: 3'."], arguments.file)
        given = {str(name): value for name, value in given.items()}
    faults = []
    for name, text in arguments.parameter:
        try:
            given[name] = parse_value(name, text)
        except RecipeError as error:
            faults += error.faults
    if faults:
        raise RecipeError(faults, "parameters")
    return given


@contextmanager
def _stopping() -> Iterator[list[Run]]:
    """Ctrl-C and SIGTERM ask the training to stop; it saves a checkpoint first."""
    seen: list[Run] = []
    try:
        yield seen
    except FtkitError:
        raise
    except BaseException:
        for made in seen:
            if made.recipe and not made.status.over:
                made.stop()
                say(f"Asked {made.name} to stop; it saves what it learned. Go on with: ftkit resume {made.name}")
        raise
