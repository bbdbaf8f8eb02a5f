"""The runs panel: the runs of a folder as a table, and those that are chosen over each other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from traitlets import List, Unicode

from ftkit.displays import Display, show_runs
from ftkit.errors import DataError
from ftkit.panels.panel import Answer, Panel
from ftkit.runs import Feed
from ftkit.runs.folder import runs_folder
from ftkit.runs.summary import summaries


class RunsPanel(Panel):
    """The runs of a folder: state, losses, metrics, report; those that are chosen are followed live, side by side.

    Parameters
    ----------
    runs : str or Path, optional
        The folder of runs: ``$FTKIT_RUNS`` or ``./runs`` without it.

    Examples
    --------
    >>> import ftkit as ft
    >>> print(ft.RunsPanel("no-runs-here").twin())
    Runs
    ════
    <BLANKLINE>
    info: There is no run in ... yet.
    """

    view = "runs"
    asked = ("runs", "events", "control")
    folder = Unicode(help="The folder of runs.").tag(sync=True)
    chosen = List(Unicode(), help="The run folders that are followed below the table.").tag(sync=True)

    def __init__(self, runs: str | Path | None = None) -> None:
        self._feeds: dict[Path, Feed] = {}
        super().__init__(folder=str(runs_folder(runs)))

    def kept(self) -> dict[str, Any]:
        """The folder: the page can ask the server for its runs by itself."""
        return {"folder": self.folder}

    def twin(self) -> Display:
        """The table of the runs."""
        return show_runs(self.folder)

    def code(self) -> str:
        """Python that shows the chosen runs again.

        Returns
        -------
        str
        """
        names = ", ".join(repr(name) for name in self.chosen)
        return f"ft.TrainPanel({names})" if names else f"ft.RunsPanel({self.folder!r})"

    def _feed(self, folder: Path) -> Feed:
        return self._feeds.setdefault(folder, Feed(folder))

    def _known(self, run: str) -> Feed:
        folder = Path(run)
        if folder.parent != Path(self.folder) or not (folder / "events.jsonl").exists():
            raise DataError(f"run '{run}' is not in {self.folder}.")
        return self._feed(folder)

    def _answer_runs(self, folder: str) -> Answer:
        if folder != self.folder:
            raise DataError(f"folder '{folder}' is not the one of this panel, {self.folder}.")
        return {"runs": summaries(folder, self._feed)}, []

    def _answer_events(self, run: str, cursor: dict[str, Any]) -> Answer:
        header, body = self._known(run).since(cursor)
        return header, [body]

    def _answer_control(self, run: str, request: str, value: float | None = None) -> Answer:
        self._known(run).ask(request, value)
        return None, []
