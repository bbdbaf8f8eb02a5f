"""The verbs that steer a run: pause, continue, stop, resume."""

from __future__ import annotations

from argparse import Namespace

from ftkit.cli.screen import say
from ftkit.errors import RunError
from ftkit.runs import open_run, resume


def steer(arguments: Namespace) -> int:
    """Write the request, and say what was asked of which run."""
    run = open_run(arguments.run, arguments.runs)
    if arguments.request == "pause":
        run.pause()
    elif arguments.request == "stop":
        run.stop()
    else:
        if arguments.request == "continue" and run.state != "paused":
            raise RunError(f"run '{run.name}' is not paused: {run.status.sentence}", run.folder)
        resume(run)
    say(f"Asked {run.name} to {arguments.request}. See: ftkit show {run.name}")
    if arguments.request == "resume":
        say(f"When it is done: ftkit report {run.name}")
    return 0
