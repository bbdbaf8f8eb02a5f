"""The process that trains: ``python -m ftkit.runs.worker FOLDER``."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import Any

from ftkit.errors import FtkitError
from ftkit.runs.control import Requests


def main(folder: Path) -> int:
    """Do the work of a run folder; 0, or 1 where it failed.

    SIGTERM and SIGINT ask the loop to stop: it saves a checkpoint, judges what was learned, and ends.
    """
    requests = Requests.for_run(folder)

    def stop(number: int, frame: Any) -> None:
        requests.add("stop")

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    # Imported after the signals are caught: loading torch takes seconds.
    from ftkit.runs.job import execute

    try:
        execute(folder, requests)
    except FtkitError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
