"""A bridge for people's own ``transformers.Trainer``: the events and the requests of our loop, in theirs.

The only file that knows transformers' Trainer. It opens no file: ``write`` is called with the name and the fields of
each event, and ``control`` is asked for requests once a step.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from transformers import TrainerCallback

from ftkit.training.requests import POLL_SECONDS, Requests


class Bridge(TrainerCallback):
    """What a Trainer calls: its steps become events, requests become what it does next.

    Parameters
    ----------
    trainer : transformers.Trainer
    write : callable
        ``write(event, **fields)``.
    control : callable
        ``control(step)`` gives the requests since it was last asked.
    """

    def __init__(self, trainer: Any, write: Callable[..., None], control: Requests) -> None:
        self.trainer, self.write, self.control = trainer, write, control
        self.rate_scale, self.stopped = 1.0, False
        self._rates: list[float] = []
        self._since, self._begin = time.perf_counter(), 0

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Say how much there is to do; the first step may be one after a checkpoint."""
        rows = args.per_device_train_batch_size * args.gradient_accumulation_steps * max(1, args.world_size)
        self._rows, self._since, self._begin, self.stopped = rows, time.perf_counter(), state.global_step, False
        epochs = round(state.num_train_epochs)
        self.write("plan", steps=state.max_steps, epochs=epochs, batch_size=rows, learning_rate=args.learning_rate)
        if state.global_step:
            self.write("resumed", step=state.global_step)
        self.write("stage", stage="training")

    def on_step_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Obey what was asked; a pause waits here."""
        waiting = False
        while True:
            for request in self.control(state.global_step):
                waiting = self._obey(request, state.global_step, control, waiting)
            if not waiting:
                return
            time.sleep(POLL_SECONDS)

    def on_pre_optimizer_step(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """The schedule's rate times what somebody changed it by, while the step is taken."""
        groups = self.trainer.optimizer.param_groups
        self._rates = [group["lr"] for group in groups]
        for group in groups:
            group["lr"] = group["lr"] * self.rate_scale

    def on_optimizer_step(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Give the schedule its own rates back: it may count from them."""
        for group, rate in zip(self.trainer.optimizer.param_groups, self._rates, strict=True):
            group["lr"] = rate

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, Any] | None = None, **kwargs: Any) -> None:
        """A line of the Trainer's own log, as a step event."""
        if not logs or "loss" not in logs:
            return
        rows = self._rows * (state.global_step - self._begin)
        self.write(
            "step",
            step=state.global_step,
            epoch=round(state.epoch or 0.0, 4),
            loss=float(logs["loss"]),
            learning_rate=float(logs.get("learning_rate", 0.0)) * self.rate_scale,
            rows_per_second=round(rows / max(time.perf_counter() - self._since, 1e-9), 1),
            gradient_norm=float(logs.get("grad_norm", 0.0)),
        )
        self._since, self._begin = time.perf_counter(), state.global_step

    def on_evaluate(self, args: Any, state: Any, control: Any, metrics: Any = None, **kwargs: Any) -> None:
        """What the Trainer's evaluation came to, by names without ``eval_``."""
        named = {k.removeprefix("eval_"): v for k, v in (metrics or {}).items() if isinstance(v, int | float)}
        skipped = ("epoch", "runtime", "samples_per_second", "steps_per_second")
        values = {k: v for k, v in named.items() if k not in skipped}
        told = {"step": state.global_step, "epoch": round(state.epoch or 0.0, 4), "split": "validation"}
        self.write("evaluation", **told, seconds=named.get("runtime"), **values)

    def on_save(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """The Trainer saved a checkpoint, in its own form and its own folder."""
        self.write("checkpoint", step=state.global_step, folder=f"{args.output_dir}/checkpoint-{state.global_step}")

    def _obey(self, request: dict[str, Any], step: int, control: Any, waiting: bool) -> bool:
        """Follow a request; whether the training waits."""
        match request:
            case {"request": "pause"} if not waiting:
                self.write("state", state="paused", step=step)
                return True
            case {"request": "continue"} if waiting:
                self.write("state", state="running", step=step)
                return False
            case {"request": "stop"}:
                control.should_training_stop = control.should_save = self.stopped = True
                return False
            case {"request": "checkpoint"}:
                control.should_save = True
            case {"request": "evaluate"}:
                control.should_evaluate = True
            case {"request": "learning_rate", "value": value}:
                self.rate_scale = float(value) / self.trainer.args.learning_rate
                self.write("changed", step=step, name="learning_rate", value=float(value))
            case {"request": "batch_size" | "epochs" as name}:
                self.write("note", step=step, message=f"transformers' Trainer cannot change {name} while it trains.")
        return waiting


def mend_accumulation(trainer: Any) -> bool:
    """Let the Trainer divide accumulated losses itself where the model does not; whether that was to be mended.

    transformers 5 takes a forward with ``**kwargs`` for one that divides its loss by the labels of the whole batch.
    BERT, ResNet and others have them and do not divide, so that ``gradient_accumulation_steps=k`` makes their gradient
    k times too large. Causal models and those with a text to answer do divide.
    """
    name = type(trainer.model).__name__
    divides = "ForCausalLM" in name or "ForConditionalGeneration" in name or "LMHead" in name
    if divides or not getattr(trainer, "model_accepts_loss_kwargs", False):
        return False
    trainer.model_accepts_loss_kwargs = False
    return True
