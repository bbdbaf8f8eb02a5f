"""The tools that a run can be mirrored to: each a generator that takes points and, at last, the run's state.

It first yields what it calls the run, so that a resumed run goes on under the same name. Only names, numbers and the
recipe go out: no rows, no ids of rows, no code, no environment.
"""

from __future__ import annotations

import netrc
import os
import secrets
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ftkit.errors import MissingDependency

PROJECT = "ftkit"


@dataclass(frozen=True)
class Point:
    """Some numbers at a step.

    Attributes
    ----------
    step : int
    time : str
        In ISO form.
    values : dict of str to float
    """

    step: int
    time: str
    values: dict[str, float]

    @property
    def seconds(self) -> float:
        """The time, in seconds since 1970."""
        return datetime.fromisoformat(self.time).timestamp()


@dataclass(frozen=True)
class About:
    """What a mirror is told of the run.

    Attributes
    ----------
    folder : Path
        Of the run; a mirror that writes files writes them into ``mirrors/`` there.
    settings : dict of str to str
        The recipe, flat.
    run : str or None
        What the mirror called the run before; None where it is new to it.
    say : callable
        ``say(message)`` leaves a note in the run's events.
    """

    folder: Path
    settings: dict[str, str]
    run: str | None
    say: Callable[[str], None]

    @property
    def own(self) -> Path:
        """The folder for a mirror's files."""
        return self.folder / "mirrors"


Mirror = Generator[str | None, list[Point] | str, None]


def tensorboard(about: About) -> Mirror:
    """Event files below ``mirrors/tensorboard``: ``tensorboard --logdir runs`` shows all runs."""
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.summary.writer.event_file_writer import EventFileWriter

    writer = EventFileWriter(str(about.own / "tensorboard"))
    told = yield str(about.own / "tensorboard")
    while isinstance(told, list):
        for point in told:
            summary = Summary(value=[Summary.Value(tag=name, simple_value=v) for name, v in point.values.items()])
            writer.add_event(Event(step=point.step, wall_time=point.seconds, summary=summary))
        writer.flush()
        told = yield None
    writer.close()


def mlflow(about: About) -> Mirror:
    """A run of the experiment ``$MLFLOW_EXPERIMENT_NAME``, or ftkit, at ``$MLFLOW_TRACKING_URI``, or mlflow's own."""
    from mlflow import MlflowClient
    from mlflow.entities import Metric, Param

    client = MlflowClient()
    run = about.run
    if run is None:
        name = os.environ.get("MLFLOW_EXPERIMENT_NAME", PROJECT)
        experiment = client.get_experiment_by_name(name)
        where = experiment.experiment_id if experiment else client.create_experiment(name)
        run = client.create_run(where, run_name=about.folder.name).info.run_id
        settings = [Param(name, value[:6000]) for name, value in about.settings.items()]
        for start in range(0, len(settings), 100):  # the most that mlflow takes at once
            client.log_batch(run, params=settings[start : start + 100])
    client.set_terminated(run, "RUNNING")
    told = yield run
    while isinstance(told, list):
        metrics = [Metric(n, v, round(p.seconds * 1000), p.step) for p in told for n, v in p.values.items()]
        for start in range(0, len(metrics), 1000):
            client.log_batch(run, metrics=metrics[start : start + 1000])
        told = yield None
    client.set_terminated(run, {"done": "FINISHED", "stopped": "KILLED"}.get(told, "FAILED"))


def wandb(about: About) -> Mirror:
    """A run of the project ``$WANDB_PROJECT``, or ftkit; where there is no key, offline below ``mirrors/wandb``."""
    import wandb as tool

    mode = os.environ.get("WANDB_MODE") or ("online" if _has_key() else "offline")
    identity = about.run or secrets.token_hex(4)
    (about.own / "wandb").mkdir(exist_ok=True)  # or it would be a hidden folder
    if mode == "offline":
        about.say(
            f"W&B has no key here, or is asked to be offline: later, wandb sync {about.own / 'wandb'}/* sends it."
        )
    run = tool.init(
        project=os.environ.get("WANDB_PROJECT", PROJECT),
        name=about.folder.name,
        id=identity,
        resume="allow" if mode == "online" else None,
        mode=mode,
        dir=str(about.own),
        config=about.settings,
        settings=tool.Settings(console="off", disable_git=True, disable_code=True, silent=True, x_disable_stats=True),
    )
    told = yield identity
    while isinstance(told, list):
        for point in told:
            run.log(point.values, step=point.step)
        told = yield None
    run.finish(exit_code=0 if told in ("done", "stopped") else 1)


def _has_key() -> bool:
    """Whether W&B is told who is asking, by the environment or by ``wandb login``."""
    if "WANDB_API_KEY" in os.environ:
        return True
    host = urlsplit(os.environ.get("WANDB_BASE_URL", "https://api.wandb.ai")).hostname or ""
    try:
        return netrc.netrc().authenticators(host) is not None
    except (OSError, netrc.NetrcParseError):
        return False


def trackio(about: About) -> Mirror:
    """A run of the project ftkit in trackio's own folder (``$TRACKIO_DIR``): ``trackio show`` shows it."""
    import trackio as tool

    run = tool.init(
        project=os.environ.get("TRACKIO_PROJECT", PROJECT),
        name=about.folder.name,
        config=about.settings,
        resume="never" if about.run is None else "allow",
        embed=False,
        auto_log_cpu=False,
        auto_log_gpu=False,
    )
    told = yield about.folder.name
    while isinstance(told, list):
        for point in told:
            run.log(point.values, step=point.step)
        told = yield None
    run.finish()


MIRRORS: dict[str, Any] = {made.__name__: made for made in (tensorboard, mlflow, wandb, trackio)}


def check_mirrors(names: Iterable[str]) -> None:
    """Whether the tools that are asked for are installed.

    Raises
    ------
    MissingDependency
        One is not.
    """
    for name in names:
        if find_spec(name) is None:
            raise MissingDependency(name, "mirrors")
