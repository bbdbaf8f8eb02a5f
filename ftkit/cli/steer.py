"""The verbs that steer a run: pause, continue, stop, checkpoint, evaluate, set, resume, replay."""

from __future__ import annotations

from argparse import Namespace

from ftkit.cli.screen import say
from ftkit.errors import RecipeError, RunError, nearest
from ftkit.runs import open_run, resume
from ftkit.training.launch import launched


def steer(arguments: Namespace) -> int:
    """Write the request, and say what was asked of which run."""
    run = open_run(arguments.run, arguments.runs)
    if arguments.request in ("pause", "stop", "checkpoint", "evaluate"):
        getattr(run, arguments.request)()
    else:
        if arguments.request == "continue" and run.state != "paused":
            raise RunError(f"run '{run.name}' is not paused: {run.status.sentence}", run.folder)
        resume(run)
        if launched():
            return 0
    say(f"Asked {run.name} to {arguments.request}. See: ftkit show {run.name}")
    if arguments.request == "resume":
        say(f"When it is done: ftkit report {run.name}")
    return 0


def set_numbers(arguments: Namespace) -> int:
    """``ftkit set RUN name=value …``: all faults of the words before anything is asked."""
    from ftkit.recipe.parameters import parse_value
    from ftkit.runs.control import CHANGES

    run, numbers, faults = open_run(arguments.run, arguments.runs), {}, []
    for word in arguments.change:
        name, equals, text = word.partition("=")
        if name not in CHANGES or not equals:
            faults.append(f"'{word}': asked is NAME=VALUE; {nearest(name, CHANGES)}.")
            continue
        numbers[name] = parse_value(name, text)
    if faults:
        raise RecipeError(faults, "set")
    run.set(**numbers)
    listed = ", ".join(f"{name} {value:g}" for name, value in numbers.items())
    say(f"Asked {run.name} to go on with {listed}. See: ftkit show {run.name}")
    return 0


def replay(arguments: Namespace) -> int:
    """``ftkit replay RUN``."""
    from ftkit.cli.look import print_run
    from ftkit.cli.progress import ProgressBar
    from ftkit.runs import replay as repeat

    with ProgressBar(quiet=arguments.json) as bar:
        again = repeat(open_run(arguments.run, arguments.runs), runs=arguments.runs, name=arguments.name).wait(tell=bar)
    print_run(again, arguments.json)
    return 0
