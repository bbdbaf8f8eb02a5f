"""A worker of a search: ``python -m ftkit.runs.searcher FOLDER``, on any machine that sees the folder."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ftkit.errors import FtkitError
from ftkit.evaluate import find_metric
from ftkit.recipe import Recipe, read_recipe
from ftkit.runs.control import Requests
from ftkit.runs.events import HEARTBEAT_SECONDS, EventLog, Follower, history
from ftkit.runs.events import NAME as EVENTS
from ftkit.runs.files import read_json, write_json
from ftkit.runs.folder import RECIPE
from ftkit.runs.process import identity
from ftkit.runs.run import Run
from ftkit.runs.space import draw, with_values
from ftkit.runs.study import Study, worker_file

NAME = "search.json"
STOP = "stop"
POLL_SECONDS = 1.0


class _PrunedError(Exception):
    """Raised between two folds, where going on is not worth it."""


class _StoppedError(Exception):
    """The search was stopped in the middle of a trial."""


def work(folder: Path) -> None:
    """Take trials of a search, one after the other, until as many are finished as wanted, or it is stopped.

    Parameters
    ----------
    folder : Path
        The search's.

    Raises
    ------
    MissingDependency
        Optuna is not installed.
    """
    about = read_json(folder / NAME, {})
    recipe = Recipe(**about["recipe"])
    study = Study(folder, about["space"], about["trials"], recipe.seed, about["pruning"])
    with _heartbeat(folder):
        while not (folder / STOP).exists():
            trial = study.claim()
            if trial is not None:
                _work_on(trial, study, recipe, about["metric"], folder)
            elif study.over():
                return
            else:  # another worker's trial is under way; it may come back into the queue
                time.sleep(POLL_SECONDS)


def _work_on(trial: Any, study: Study, base: Recipe, metric: str, folder: Path) -> None:
    name = trial.user_attrs["run"]
    judge = _Judge(trial, metric)
    try:
        recipe = with_values(base, draw(trial, study.space))
        one = recipe.split.method == "holdout" or recipe.split.fold is not None
        value = (_train if one else _cross_validate)(recipe, folder, name, judge)
    except _PrunedError:
        study.finish(trial, "pruned", judge.last)
    except _StoppedError:
        study.put_back(trial.number)
    except FtkitError as error:
        study.finish(trial, "failed", None, str(error))
    else:
        study.finish(trial, "done", value)


def _train(recipe: Recipe, folder: Path, name: str, judge: _Judge) -> float:
    """Train one run here; its best score by the validation rows, lower is better."""
    from ftkit.runs.job import execute
    from ftkit.runs.start import make_run

    run = Run(folder / name)
    if not (run.folder / RECIPE).exists():
        run, recipe = make_run(recipe, folder, name)
    else:  # of a worker that was killed
        recipe = read_recipe(run.folder / RECIPE)
    requests = _Watching(run.folder, judge, folder / STOP)
    if run.state != "done":
        EventLog(run.folder).write("state", state="queued")
        execute(run.folder, requests, recipe)
    if requests.stopped:
        raise _StoppedError
    judge.follow(history(Follower(run.folder / EVENTS).read()))
    if requests.pruned:
        raise _PrunedError
    return judge.best()


def _cross_validate(recipe: Recipe, folder: Path, name: str, judge: _Judge) -> float:
    """Train every fold here; the mean of its metric over the folds, lower is better."""
    from ftkit.runs.validation import cross_validate

    values: list[float] = []

    def tell(number: int, of: int, run: Run) -> None:
        if (folder / STOP).exists():
            raise _StoppedError
        if number > 1:
            before = Run(folder / name / f"fold-{number - 1}").metrics
            values.append(
                judge.signed(next(m["value"] for m in before if (m["name"], m["split"]) == (judge.metric, "test")))
            )
            if judge.told(sum(values) / len(values), number - 1):
                raise _PrunedError

    found = cross_validate(recipe, runs=folder, name=name, tell=tell)
    return judge.signed(
        next(m["value"] for m in found.metrics if (m["name"], m["split"]) == (judge.metric, "over folds"))
    )


class _Judge:
    """A trial's scores as they come in, so that lower is better."""

    def __init__(self, trial: Any, metric: str) -> None:
        self.trial, self.metric, self.last = trial, metric, None
        self.scores: dict[int, float] = {}

    def signed(self, value: float | None) -> float:
        if value is None:
            raise FtkitError(f"{self.metric} is undefined for these rows, so the trial has no score.")
        return -value if self.metric != "loss" and find_metric(self.metric).greater_is_better else value

    def told(self, score: float, number: int) -> bool:
        """Note a score; whether going on is not worth it."""
        self.last, self.scores[number] = score, score
        self.trial.report(score, number)
        return self.trial.should_prune()

    def follow(self, events: list[dict[str, Any]]) -> bool:
        """Note the evaluations among events; whether going on is not worth it."""
        worthless = False
        for event in events:
            epoch = round(event.get("epoch", 0))
            if event["event"] == "evaluation" and not event.get("asked") and epoch not in self.scores:
                worthless = self.told(self.signed(event[self.metric]), epoch)
        return worthless

    def best(self) -> float:
        """The best score of all."""
        if not self.scores:
            raise FtkitError("the trial was never judged: there are no validation rows. Give split.validation a share.")
        return min(self.scores.values())


class _Watching(Requests):
    """Asks a trial's training to stop where its evaluations say so, or where the search is stopped."""

    def __init__(self, folder: Path, judge: _Judge, stop: Path) -> None:
        super().__init__(folder)
        self._events, self._judge, self._stop = Follower(folder / EVENTS), judge, stop
        self.pruned = self.stopped = False

    def __call__(self, step: int = 0) -> list[dict[str, Any]]:
        if not (self.pruned or self.stopped):
            self.stopped = self._stop.exists()
            self.pruned = not self.stopped and self._judge.follow(self._events.read())
            if self.stopped or self.pruned:
                self.add("stop")
        return super().__call__(step)


@contextmanager
def _heartbeat(folder: Path) -> Iterator[None]:
    """A file of this worker's, touched every few seconds."""
    who, over = identity(), threading.Event()
    path = worker_file(folder, who)
    path.parent.mkdir(exist_ok=True)
    write_json(path, who)

    def beat() -> None:
        while not over.wait(HEARTBEAT_SECONDS):
            path.touch()

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        path.unlink(missing_ok=True)


def main(folder: Path) -> int:
    """Work on a search; 0, or 1 where that was not possible. SIGTERM and SIGINT put the trial back and end it."""

    def stop(number: int, frame: Any) -> None:
        raise SystemExit(128 + number)

    signal.signal(signal.SIGTERM, stop)
    try:
        work(folder)
    except FtkitError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
