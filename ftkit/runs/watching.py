"""A run folder for somebody's own ``transformers.Trainer``: the same events, the same requests."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

from ftkit.errors import DataError
from ftkit.runs.control import Requests
from ftkit.runs.environment import describe_environment, typed_command
from ftkit.runs.events import EventLog
from ftkit.runs.files import write_json
from ftkit.runs.folder import new_folder
from ftkit.runs.process import identity
from ftkit.runs.run import Run


def watch(trainer: Any, *, runs: str | Path | None = None, name: str | None = None) -> Run:
    """A run that follows a Trainer: ``trainer.train()`` writes its events there, and obeys what is asked of it.

    Pause, continue, stop, checkpoint, evaluate and another learning rate are obeyed at the next step, whoever asks:
    ``run.pause()``, ``ftkit pause RUN``, a panel. The Trainer trains as it would without; only where
    ``gradient_accumulation_steps`` would make its gradient too large is that mended, and said.

    Parameters
    ----------
    trainer : transformers.Trainer
        Or one made from it, such as trl's SFTTrainer.
    runs : str or Path, optional
        The folder of runs: ``$FTKIT_RUNS`` or ``./runs`` without it.
    name : str, optional
        The run's name; the first free of ``<model>-trainer-1``, … without it.

    Returns
    -------
    Run
        Queued until ``trainer.train()`` is called.

    Raises
    ------
    DataError
        It is no Trainer.
    RunError
        The folder cannot be made.

    Examples
    --------
    >>> watch("trainer")
    Traceback (most recent call last):
        ...
    ftkit.errors.DataError: watch: a transformers.Trainer is asked, not 'str'.
    """
    if not all(hasattr(trainer, part) for part in ("add_callback", "train", "args", "model")):
        raise DataError(f"watch: a transformers.Trainer is asked, not '{type(trainer).__name__}'.")
    from ftkit.training.watch import Bridge, mend_accumulation

    folder = new_folder(runs, name, stem=f"{type(trainer.model).__name__}-trainer")
    log = EventLog(folder)
    log.write("state", state="queued")
    device = f"{trainer.args.device}, by transformers' Trainer"
    described = describe_environment(device, 0, "")
    write_json(folder / "environment.json", {"command": typed_command(), **described})
    if mend_accumulation(trainer):
        log.write(
            "note",
            message=f"{type(trainer.model).__name__} does not divide its loss by the rows of the whole batch, though "
            "transformers takes it to: model_accepts_loss_kwargs was set to False, so that accumulated gradients are "
            "right.",
        )
    bridge = Bridge(trainer, log.write, Requests(folder))
    trainer.add_callback(bridge)
    trainer.train = _told(trainer.train, log, bridge)
    return Run(folder)


def _told(train: Any, log: EventLog, bridge: Any) -> Any:
    """A Trainer's ``train`` that says when it begins, and how it ends."""

    @functools.wraps(train)
    def told(*given: Any, **options: Any) -> Any:
        log.write("started", **identity())
        log.write("state", state="running")
        try:
            result = train(*given, **options)
        except BaseException as error:
            log.write("state", state="failed", error=f"{type(error).__name__}: {error}")
            raise
        log.write("state", state="stopped" if bridge.stopped else "done")
        return result

    return told
