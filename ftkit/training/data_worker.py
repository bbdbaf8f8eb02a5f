"""A process that reads rows ahead of the loop: ``python -m ftkit.training.data_worker``.

What reads comes first, pickled, then positions; for each of them goes back what was read, or why it cannot be. The two
ends are processes of one run, and their pipes are seen by nobody else. It ends when its standard input does: also where
the run was killed.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys

from ftkit.data.files import use_threads
from ftkit.errors import FtkitError


def main() -> None:
    """Read what is asked for until nobody asks any more."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the run
    use_threads(1)
    requests = sys.stdin.buffer
    try:
        read = pickle.load(requests)  # noqa: S301 - from the run itself
        while True:
            positions = pickle.load(requests)  # noqa: S301
            try:
                answer = (True, read(positions))
            except FtkitError as error:
                answer = (False, str(error))
            pickle.dump(answer, answers, pickle.HIGHEST_PROTOCOL)
            answers.flush()
    except (EOFError, BrokenPipeError, pickle.UnpicklingError):  # the run is over, or was killed
        os._exit(0)  # the pipe that is closed already is not to be flushed


if __name__ == "__main__":
    main()
