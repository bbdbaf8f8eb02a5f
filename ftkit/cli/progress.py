"""A run's progress: a live bar in a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from types import TracebackType

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from ftkit.cli.screen import say
from ftkit.runs import Status

LINE_SECONDS = 10.0


class ProgressBar:
    """Shows each Status it is called with; to be used in a ``with``.

    Parameters
    ----------
    quiet : bool, default False
        Show nothing.
    """

    def __init__(self, quiet: bool = False) -> None:
        self.quiet = quiet
        self.live = sys.stdout.isatty() and not quiet
        self._stage, self._epoch, self._told = "", -1, 0.0
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=32),
            MofNCompleteColumn(),
            TextColumn("{task.fields[loss]}"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            transient=True,
        )

    def __enter__(self) -> ProgressBar:
        if self.live:
            self._bar.start()
            self._task = self._bar.add_task("starting", total=None, loss="")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.live:
            self._bar.stop()

    def __call__(self, status: Status) -> None:
        """Show where the run is."""
        if self.quiet:
            return
        (self._move if self.live else self._line)(status)

    def _move(self, status: Status) -> None:
        words = status.state if status.state == "paused" else (status.stage or "starting the notebook")
        loss = f"loss {status.loss:.4f}" if status.loss is not None else ""
        self._bar.update(self._task, description=words, total=status.steps or None, completed=status.step, loss=loss)

    def _line(self, status: Status) -> None:
        """One line a stage, and one an epoch but not more often than every ten seconds."""
        if status.stage and status.stage != self._stage:
            self._stage, self._told = status.stage, time.monotonic()
            say(status.stage)
        elif status.epochs and int(status.epoch) > self._epoch and time.monotonic() - self._told > LINE_SECONDS:
            self._epoch, self._told = int(status.epoch), time.monotonic()
            loss = f", loss {status.loss:.4f}" if status.loss is not None else ""
            say(f"epoch {status.epoch:.1f} of {status.epochs}{loss}")
