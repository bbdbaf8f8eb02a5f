"""A template executed headlessly: checked, run, frozen.

The run's state is written by who sees it end: the worker for the training, this process for the notebook. A saved
notebook cannot be trusted to say so: after a killed kernel it claims that every cell completed.
"""

from __future__ import annotations

import os
import shutil
import socket
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ftkit.errors import FtkitError, RecipeError, RunError, nearest
from ftkit.recipe.parameters import PARAMETERS, recipe_from
from ftkit.recipe.recipe import Recipe
from ftkit.reports.template import Template, bind
from ftkit.runs import Run, Status, check_data, new_folder
from ftkit.runs.environment import COMMAND, typed_command
from ftkit.runs.events import EventLog
from ftkit.runs.process import identity

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
    stem = f"{Path(recipe.data.path or 'rows').stem or 'rows'}-{template.name}"
    folder = new_folder(runs, name, stem=stem)
    run = Run(folder)
    if made:
        made(run)
    values |= {"runs": str(folder.parent), "name": folder.name}
    log = EventLog(folder)
    log.write("notebook", state="running", template=template.name, **identity())
    with _telling(run, tell):
        state, fault = _execute(template, values, folder)
    log.write("notebook", state=state, **({"error": fault} if fault else {}))
    if fault and not run.recipe:
        log.write("state", state="failed", error=fault)
    from ftkit.reports.freeze import freeze

    if (folder / NOTEBOOK).exists():
        freeze(folder / NOTEBOOK, folder / REPORT, run=run)
    if fault:
        raise RunError(fault, folder)
    return run


def _execute(template: Template, values: dict[str, Any], folder: Path) -> tuple[str, str | None]:
    """Run the notebook; how it ended (done, failed, died), and what went wrong in one sentence."""
    import papermill
    from jupyter_client.kernelspec import NoSuchKernel
    from nbclient.exceptions import DeadKernelError

    values = {name: value for name, value in values.items() if name in template.defaults}
    try:
        papermill.execute_notebook(
            str(template.path),
            str(folder / NOTEBOOK),
            parameters=values,
            progress_bar=False,
            store_widget_state=False,
            kernel_manager_class=_kernel_manager(folder),
        )
        return "done", None
    except papermill.PapermillExecutionError as error:
        ours = error.ename in {kind.__name__ for kind in (FtkitError, *FtkitError.__subclasses__())}
        return "failed", error.evalue if ours else f"{template.name}: {error.ename}: {error.evalue}"
    except DeadKernelError:
        return "died", f"The notebook's kernel died (kill -9, or a lack of memory). {_what_of_the_training(folder)}"
    except NoSuchKernel as error:
        from jupyter_client.kernelspec import find_kernel_specs

        shutil.rmtree(folder)
        raise RecipeError(
            [f"kernel '{error.name}' is not there; {nearest(error.name, find_kernel_specs())}."]
        ) from None


def _kernel_manager(folder: Path) -> type:
    """A manager of the notebook's kernel: what the kernel says on its own goes into the run's log.

    Where there are socket files it talks over one: nobody else on the machine can listen then.
    """
    from jupyter_client.manager import AsyncKernelManager

    class RunKernelManager(AsyncKernelManager):
        def __init__(self, **keys: Any) -> None:
            super().__init__(**({"transport": "ipc"} if hasattr(socket, "AF_UNIX") else {}), **keys)

        async def _async_launch_kernel(self, kernel_cmd: list[str], **keys: Any) -> None:
            with (folder / "worker.log").open("ab") as log:
                environment = {**(keys.get("env") or os.environ), COMMAND: typed_command()}
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


class _telling:  # noqa: N801 - used as a verb, like contextlib's own
    """Tell the run's status from a thread of its own while the notebook runs."""

    def __init__(self, run: Run, tell: Callable[[Status], None] | None) -> None:
        self.run, self.tell = run, tell
        self.over = threading.Event()

    def __enter__(self) -> None:
        if self.tell:
            self.thread = threading.Thread(target=self._follow, daemon=True)
            self.thread.start()

    def __exit__(self, *raised: object) -> None:
        self.over.set()
        if self.tell:
            self.thread.join()
            self.tell(self.run.status)

    def _follow(self) -> None:
        while not self.over.wait(TELL_SECONDS):
            self.tell(self.run.status)
