"""Work that takes long, in a thread of its own: begun once, asked about as often as a page likes."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any, TypedDict

from ftkit.errors import FtkitError

Tell = Callable[[int, int], None]


class Progress(TypedDict):
    """How far some work is: working, done, failed or stopped; ``of`` is 0 while nobody knows how much there is."""

    state: str
    done: int
    of: int
    error: str


class Stopped(Exception):
    """Somebody asked the work to end."""


class Job:
    """Some work and how far it is.

    Parameters
    ----------
    work : callable
        Gets ``tell(done, of)``, to be called now and then: it says how far the work is, and ends it where that was
        asked.
    """

    def __init__(self, work: Callable[[Tell], Any]) -> None:
        self.result: Any = None
        self.progress = Progress(state="working", done=0, of=0, error="")
        self._work, self._asked = work, threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ask it to end; it does so when it next tells how far it is."""
        self._asked.set()

    def wait(self, seconds: float | None = None) -> Progress:
        """How far it is when it is over, or after some seconds."""
        self._thread.join(seconds)
        return self.progress

    def _run(self) -> None:
        try:
            self.result = self._work(self._tell)
            self._end("done")
        except Stopped:
            self._end("stopped")
        except FtkitError as error:
            self._end("failed", str(error))
        except Exception as error:  # told in the panel, which would wait for ever
            logging.getLogger(__name__).exception("the work of a panel failed")
            self._end("failed", f"{type(error).__name__}: {error}")

    def _tell(self, done: int, of: int) -> None:
        if self._asked.is_set():
            raise Stopped
        self.progress = {**self.progress, "done": done, "of": of}

    def _end(self, state: str, error: str = "") -> None:
        self.progress = {**self.progress, "state": state, "error": error}
