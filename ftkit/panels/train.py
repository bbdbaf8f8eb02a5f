"""The train panel: a run while it goes on, and the hands on it."""

from __future__ import annotations

from typing import Any

from traitlets import Enum, Float, List, Unicode

from ftkit.displays import Display
from ftkit.displays.training import show_trainings
from ftkit.errors import DataError, nearest
from ftkit.panels.panel import Answer, Panel
from ftkit.panels.push import start_pushing
from ftkit.runs import Feed, Run, open_run
from ftkit.runs.control import code_of


class TrainPanel(Panel):
    """Runs followed live: losses, rate, speed, memory, time left, log; pause, continue, stop, checkpoint, evaluate.

    It follows the run folders, so a run of another kernel, another notebook or last week is shown as well, and nothing
    is lost with a page or a kernel.

    Parameters
    ----------
    *runs : Run, or name or folder of a run
        One, or several to lay over each other.

    Raises
    ------
    RunError
        There is no such run.
    DataError
        No run was given.

    Examples
    --------
    >>> import ftkit as ft
    >>> ft.TrainPanel(ft.Run("runs/not-begun")).twin().title
    'Training'
    """

    view = "train"
    asked = ("events", "control")
    runs = List(Unicode(), help="The run folders.").tag(sync=True)
    x = Enum(["step", "epoch", "seconds"], "step", help="What runs along the charts.").tag(sync=True)
    smooth = Float(0.0, help="Weight of what came before in the smoothed loss, 0 to 0.99.").tag(sync=True)

    def __init__(self, *runs: Run | str) -> None:
        if not runs:
            raise DataError("a train panel needs a run: ft.TrainPanel(run), or the name of one.")
        found = [run if isinstance(run, Run) else open_run(run) for run in runs]
        self._feeds = {str(run.folder): Feed(run.folder) for run in found}
        super().__init__(runs=list(self._feeds))

    def kept(self) -> dict[str, Any]:
        """The run folders: the page can follow them by itself."""
        return {"runs": list(self.runs)}

    def twin(self) -> Display:
        """State and curves of the run, or of all of them side by side."""
        return show_trainings([Run(folder) for folder in self._feeds])

    def code(self) -> str:
        """Python that asks the same of the runs again.

        Returns
        -------
        str
        """
        return "\n".join(code_of(feed.folder) for feed in self._feeds.values())

    def bundles(self) -> list[dict[str, Any]]:
        """See ``Panel.bundles``; a page that cannot ask a busy kernel is told what is new from now on."""
        shown = super().bundles()
        if len(shown) > 1:
            start_pushing(self, list(self._feeds.values()))
        return shown

    def _feed(self, run: str) -> Feed:
        if run not in self._feeds:
            raise DataError(f"run '{run}' is not in this panel; {nearest(run, self._feeds)}.")
        return self._feeds[run]

    def _answer_events(self, run: str, cursor: dict[str, Any]) -> Answer:
        """What happened in a run since a cursor; see ``ftkit.runs.Feed.since``."""
        header, body = self._feed(run).since(cursor)
        return header, [body]

    def _answer_control(self, run: str, request: str, value: float | None = None) -> Answer:
        """A request for a run; see ``ftkit.runs.control``."""
        self._feed(run).ask(request, value)
        return None, []
