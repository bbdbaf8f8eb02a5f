"""A process that tells another tool what a run tells: ``python -m ftkit.runs.mirror FOLDER NAME``.

It follows the run's events and knows nothing of its training, so whatever becomes of it the run goes on. It ends with
the run, and goes on with the run where it left off: no step is told twice.
"""

from __future__ import annotations

import contextlib
import sys
import time
import traceback
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from ftkit.recipe import read_recipe
from ftkit.runs.events import NAME as EVENTS
from ftkit.runs.events import EventLog, Follower
from ftkit.runs.feed import Feed
from ftkit.runs.files import read_json, write_json
from ftkit.runs.folder import RECIPE
from ftkit.runs.mirrors import MIRRORS, About, Point
from ftkit.runs.process import start_process
from ftkit.runs.secrets import redact

try:
    import fcntl
except ImportError:  # Windows: the mirror of a resumed run does not wait for the one before
    fcntl = None

POLL_SECONDS = 1.0
STEP = ("loss", "learning_rate", "gradient_norm", "rows_per_second")
NO_METRIC = ("step", "epoch", "seconds", "asked")

_children: list[Any] = []  # kept, so that one that ends is not left as a zombie


def start_mirrors(folder: Path, names: list[str]) -> None:
    """Start a process for each of these tools."""
    _children.extend(start_process("ftkit.runs.mirror", folder, name) for name in names)


def main(folder: Path, name: str) -> int:
    """Follow a run to its end; what goes wrong is said in its events, once."""
    (folder / "mirrors").mkdir(exist_ok=True)
    with _alone(folder / "mirrors" / f"{name}.lock"):
        try:
            _follow(folder, name)
        except Exception as error:
            sys.stderr.write(redact(traceback.format_exc()))
            _say(
                folder,
                name,
                f"The mirror to {name} has failed; the run goes on without it ({type(error).__name__}: {error}).",
            )
            return 1
    return 0


def _say(folder: Path, name: str, message: str) -> None:
    last = max((event.get("step", 0) for event in Follower(folder / EVENTS).read()), default=0)
    EventLog(folder).write("note", message=message, step=last, mirror=name)


def _follow(folder: Path, name: str) -> None:
    kept = folder / "mirrors" / f"{name}.json"
    known = {"run": None, "told": {}} | read_json(kept, {})
    about = About(folder, flat(read_recipe(folder / RECIPE).to_dict()), known["run"], partial(_say, folder, name))
    mirror = MIRRORS[name](about)
    known["run"] = next(mirror)
    write_json(kept, known)
    follower, feed = Follower(folder / EVENTS), Feed(folder)
    while True:
        feed.read()
        new = follower.read()
        if feed.status.over and not new:
            break
        points = [point for event in new for point in points_of(event, known["told"])]
        if points:
            mirror.send(points)
            write_json(kept, known)
        time.sleep(POLL_SECONDS)
    with contextlib.suppress(StopIteration):
        mirror.send(feed.status.state)


def points_of(event: dict[str, Any], told: dict[str, int]) -> Iterator[Point]:
    """The numbers of an event, unless they are of a step that was told before.

    Parameters
    ----------
    event : dict
    told : dict of str to int
        By kind of event the last step that was told; it is moved on.

    Yields
    ------
    Point

    Examples
    --------
    >>> told = {}
    >>> event = {"event": "step", "step": 3, "time": "2026-01-01T00:00:00+00:00", "loss": 0.5}
    >>> [point.values for point in points_of(event, told)], list(points_of(event, told))
    ([{'train/loss': 0.5}], [])
    """
    kind, step = event["event"], event.get("step", 0)
    if kind == "step":
        values = {f"train/{name}": event.get(name) for name in STEP}
    elif kind == "evaluation":
        values = {f"{event.get('split', 'validation')}/{name}": v for name, v in event.items() if name not in NO_METRIC}
    elif kind == "metric":
        kind, values = f"metric {event['name']}", {f"{event.get('split', 'test')}/{event['name']}": event.get("value")}
    else:
        return
    numbers = {name: float(v) for name, v in values.items() if isinstance(v, int | float) and not isinstance(v, bool)}
    if numbers and step > told.get(kind, -1):
        told[kind] = step
        yield Point(step, event["time"], numbers)


def flat(recipe: dict[str, Any], above: str = "") -> dict[str, str]:
    """The keys of a recipe by their paths, without what looks like a secret.

    Examples
    --------
    >>> flat({"seed": 7, "data": {"path": "https://me:pw@host/x"}})
    {'seed': '7', 'data.path': 'https://[redacted]@host/x'}
    """
    found: dict[str, str] = {}
    for name, value in recipe.items():
        path = f"{above}{name}"
        if isinstance(value, dict) and value:
            found |= flat(value, f"{path}.")
        elif value is not None:
            found[path] = redact(str(value))
    return found


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Wait until the mirror of the process before has ended."""
    with path.open("w") as file:
        if fcntl is not None:
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2]))
