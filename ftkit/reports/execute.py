"""A template executed headlessly: checked, run, frozen.

The run's state is written by who sees it end: the worker for the training, this process for the notebook. A saved
notebook cannot be trusted to say so: after a killed kernel it claims that every cell completed.
"""

from __future__ import annotations

import os
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ftkit.errors import FtkitError, RecipeError, RunError, nearest
from ftkit.recipe.parameters import PARAMETERS, recipe_from
from ftkit.recipe.recipe import Recipe
from ftkit.reports.template import Template, bind
from ftkit.runs import Run, Status, check_data, new_folder
from ftkit.runs.environment import COMMAND, typed_command
from ftkit.runs.events import NAME as EVENTS
from ftkit.runs.events import EventLog, Follower
from ftkit.runs.folder import MADE
from ftkit.runs.process import identity
from ftkit.runs.status import read_status

NOTEBOOK = "notebook.ipynb"
REPORT = "report.html"
TELL_SECONDS = 0.2


def check(template: Template, given: Mapping[str, Any]) -> tuple[dict[str, Any], Recipe]:
    """The template's parameters and the recipe they make, after all that can be known is known to fit.

    Parameters
    ----------
    template : Template
    given : mapping
        Names to values.

    Returns
    -------
    (dict, Recipe)

    Raises
    ------
    RecipeError
        Faults of names, types and ranges: all of them in one message.
    DataError
        The rows cannot be read or do not fit.
    """
    faults: list[str] = []
    values = {name: value for name, value in template.defaults.items() if name in PARAMETERS}
    try:
        values |= {n: v for n, v in bind(template, given).items() if n in PARAMETERS}
    except RecipeError as error:
        faults += error.faults
        values |= {n: v for n, v in given.items() if n in values}
    try:
        recipe = recipe_from(values)
    except RecipeError as error:
        faults += error.faults
    if faults:
        raise RecipeError(faults, f"template {template.name}")
    check_data(recipe)
    return bind(template, given), recipe


def run_template(
    template: Template,
    given: Mapping[str, Any],
    *,
    runs: str | Path | None = None,
    name: str | None = None,
    tell: Callable[[Status], None] | None = None,
    made: Callable[[Run], None] | None = None,
) -> Run:
    """Execute a template and freeze it: a run folder with ``notebook.ipynb`` and ``report.html``.

    Parameters
    ----------
    template : Template
    given : mapping
        Its parameters.
    runs, name : optional
        Where the run folder goes; see ``ft.train``.
    tell : callable, optional
        Called with the run's Status a few times a second.
    made : callable, optional
        Called with the Run as soon as its folder is there.

    Returns
    -------
    Run

    Raises
    ------
    RecipeError, DataError
        Something does not fit; nothing was started and no folder was made.
    RunError
        A cell failed, the kernel died, or the training failed; the folder keeps what was written, and a report of it.
    """
    values, recipe = check(template, given)
    check_kernel(template)
    stem = f"{Path(recipe.data.path or 'rows').stem or 'rows'}-{template.name}"
    folder = new_folder(runs, name, stem=stem)
    run = Run(folder)
    if made:
        made(run)
    values |= {"runs": str(folder.parent), "name": folder.name}
    log = EventLog(folder)
    log.write("notebook", state="running", template=template.name, **identity())
    try:
        with _telling(run, tell):
            state, fault = _execute(template, values, folder)
    except BaseException:
        log.write("notebook", state="died", error="The notebook was interrupted.")
        raise
    log.write("notebook", state=state, **({"error": fault} if fault else {}))
    if not run.recipe:
        log.write("state", **({"state": "failed", "error": fault} if fault else {"state": "done"}))
    from ftkit.reports.freeze import freeze

    if (folder / NOTEBOOK).exists():
        freeze(folder / NOTEBOOK, folder / REPORT, run=run)
    if fault:
        raise RunError(fault, folder)
    return run


def check_kernel(template: Template) -> None:
    """Whether the kernel a template asks for is installed.

    Raises
    ------
    RecipeError
        It is not; those that are there are named.
    """
    from jupyter_client.kernelspec import find_kernel_specs

    known = find_kernel_specs()
    if template.kernel not in known:
        raise RecipeError(
            [f"kernel '{template.kernel}' is not there; {nearest(template.kernel, known)}."], str(template.path)
        )


def _execute(template: Template, values: dict[str, Any], folder: Path) -> tuple[str, str | None]:
    """Run the notebook; how it ended (done, failed, died), and what went wrong in one sentence."""
    import papermill
    from nbclient.exceptions import DeadKernelError

    values = {name: value for name, value in values.items() if name in template.defaults}
    try:
        with tempfile.TemporaryDirectory(prefix="ftkit-") as sockets:
            papermill.execute_notebook(
                str(template.path),
                str(folder / NOTEBOOK),
                parameters=values,
                progress_bar=False,
                store_widget_state=False,
                kernel_manager_class=_kernel_manager(folder, Path(sockets)),
            )
        return "done", None
    except papermill.PapermillExecutionError as error:
        ours = error.ename in {kind.__name__ for kind in (FtkitError, *FtkitError.__subclasses__())}
        return "failed", error.evalue if ours else f"{template.name}: {error.ename}: {error.evalue}"
    except DeadKernelError:
        return "died", f"The notebook's kernel died (kill -9, or a lack of memory). {_what_of_the_training(folder)}"
    except RuntimeError as error:
        return "died", f"The notebook's kernel did not start: {error}. Its last words are in {folder / 'worker.log'}."


def _kernel_manager(folder: Path, sockets: Path) -> type:
    """A manager of the notebook's kernel: what the kernel says on its own goes into the run's log.

    Where there are socket files it talks over some of its own: nobody else on the machine can listen then.
    """
    from jupyter_client.manager import AsyncKernelManager

    local = {"transport": "ipc", "ip": str(sockets / "kernel")} if hasattr(socket, "AF_UNIX") else {}
    told = {COMMAND: typed_command(), MADE: str(folder)}

    class RunKernelManager(AsyncKernelManager):
        def __init__(self, **keys: Any) -> None:
            super().__init__(**local, **keys)

        async def _async_launch_kernel(self, kernel_cmd: list[str], **keys: Any) -> None:
            with (folder / "worker.log").open("ab") as log:
                environment = {**(keys.get("env") or os.environ), **told}
                await super()._async_launch_kernel(kernel_cmd, **{**keys, "stderr": log, "env": environment})

        _launch_kernel = _async_launch_kernel

    return RunKernelManager


def _what_of_the_training(folder: Path) -> str:
    run = Run(folder)
    if not run.recipe:
        return "It had not begun to train."
    if run.status.over:
        return f"The training is {run.status.sentence} See: ftkit report {run.name}"
    return f"The training goes on in its own process; see: ftkit show {run.name}, then: ftkit report {run.name}"


@contextmanager
def _telling(run: Run, tell: Callable[[Status], None] | None) -> Iterator[None]:
    """Tell the run's status from a thread of its own while the notebook runs."""
    if tell is None:
        yield
        return
    over = threading.Event()
    follower, seen = Follower(run.folder / EVENTS), []

    def look() -> None:
        seen.extend(follower.read())
        tell(read_status(run.folder, seen))

    def follow() -> None:
        while not over.wait(TELL_SECONDS):
            look()

    thread = threading.Thread(target=follow, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        look()
