"""kill -9 at 20 random moments in each of 12 settings: ``python tests/benchmarks/bench_kill.py [SETTING …]``.

Each time a run is killed once, somewhere between its first step and its end, goes on from what is on disk, and has to
come to bitwise the weights and the events of the run that was left alone. Processes are forked from one that has loaded
torch already. Exits 1 where one comes to something else.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

os.environ["OMP_NUM_THREADS"] = "1"
os.environ["HF_HUB_OFFLINE"] = "1"

import numpy as np
import peft  # noqa: F401 - loaded once, before the forks
import sklearn.datasets  # noqa: F401
import torch
from safetensors.torch import save_file
from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification

import ftkit as ft
from ftkit.augment import row_keys
from ftkit.preprocess import TextInput
from ftkit.recipe import Recipe
from ftkit.runs.control import Requests
from ftkit.runs.events import NAME as EVENTS
from ftkit.runs.events import EventLog, Follower, history
from ftkit.runs.job import execute
from ftkit.runs.prepare import Prepared
from ftkit.runs.process import identity
from ftkit.runs.readers import TextReader
from ftkit.runs.splits import split_of
from ftkit.runs.start import make_run
from ftkit.runs.trainer import Trainer
from ftkit.task import get_task
from ftkit.training import TokenRows, choose_device
from ftkit.training.data_workers import DataWorkers, Fetched

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
KILLS, IMAGES_READ, TEXTS, LENGTH = 20, 120, 160, 64
TRAINING = {"epochs": 3, "batch_size": 16, "checkpoint_every": 7, "log_every": 3, "threads": 1, "dropout": 0.0}
RATE = (11, 0.0005)  # at which step somebody changes it, to what
TOLD = ("step", "not_finite", "evaluation", "checkpoint", "changed", "settled", "metric")
CLOCK = {"time", "seconds", "rows_per_second"}

TABLE, IMAGES = {"data": "breast-cancer"}, {"data": "digits", "preprocess": {"image_size": 32}}
SETTINGS: dict[str, dict[str, Any]] = {
    "plain": TABLE,
    "bucketing": {"texts": "held"},
    "augmentation": IMAGES | {"augment": ["crop", "noise", {"mix_up": {"alpha": 1}}]},
    "data workers": IMAGES | {"augment": ["crop"], "training": {"data_workers": 1}},
    "accumulation": TABLE | {"training": {"micro_batch_size": 5}},
    "L1": TABLE | {"training": {"l1": 1e-3}},
    "layer decay": TABLE | {"training": {"layer_decay": 0.7, "head_rate": 2.0}},
    "dropout": TABLE | {"training": {"dropout": 0.3}},
    "EMA": TABLE | {"training": {"ema": 0.9}},
    "live learning rate": TABLE,
    "LoRA": IMAGES | {"model": {"name": "vit", "lora": {"r": 4, "dropout": 0.1}}},
    "streaming set": {"texts": "streamed"},
}


class Asked(Requests):
    """Requests of a run that somebody asks for another rate, and that is killed a while after a step."""

    rate = False
    kill_at, after = -1, 0.0

    def __call__(self, step: int = 0) -> list[dict[str, Any]]:
        """The requests; the clock of the kill is set on the way."""
        lines = super().__call__(step)
        if step == self.kill_at:
            timer = threading.Timer(self.after, os.kill, (os.getpid(), signal.SIGKILL))
            timer.daemon = True
            timer.start()
        changed = [*lines, *history(Follower(self._follower.path.parent / EVENTS).read())] if step == RATE[0] else []
        known = any(line.get("request", line.get("name")) == "learning_rate" for line in changed)
        if self.rate and step == RATE[0] and not known:
            lines.append({"request": "learning_rate", "value": RATE[1]})
        return lines


def begin(name: str, folder: Path) -> Path:
    """The folder of a run that has not begun."""
    keys = dict(SETTINGS[name])
    texts = keys.pop("texts", None)
    if texts:
        path = folder / "texts.jsonl"
        path.write_text("".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in short_messages()))
        (folder / "made").mkdir()
        recipe = {"data": str(path), "training": TRAINING, "seed": 3}
        (folder / "made" / "recipe.yaml").write_text(Recipe(**recipe).to_yaml())
        return folder / "made"
    if keys["data"] == "digits":
        keys["data"] = ft.read("digits")[:IMAGES_READ]
    if "lora" in keys.get("model", {}):
        base = partial(ft.train, keys | {"model": {"name": "vit"}, "training": TRAINING}, runs=folder, name="base")
        forked(partial(base, process=False), folder / "base.log")
        keys["model"] = keys["model"] | {"weights": str(folder / "base" / "model")}
    run, _ = make_run(Recipe(**keys | {"training": TRAINING | keys.get("training", {}), "seed": 3}), folder, "made")
    return run.folder


def short_messages() -> list[dict[str, str]]:
    """Rows of SMS: real texts of many lengths."""
    view = ft.read(str(SHARED / "text-sms-spam" / "sms.tsv.gz"), header=False)
    target, text = (view.strings(name) for name in list(view.columns)[:2])
    chosen = np.concatenate([np.flatnonzero(target == label)[: TEXTS // 2] for label in np.unique(target)])
    return [{"label": target[i], "text": text[i]} for i in chosen]


def work(name: str, folder: Path, requests: Asked) -> None:
    """Do the work of a run, in a process of its own."""
    if "texts" in SETTINGS[name]:
        train_texts(folder, requests, SETTINGS[name]["texts"] == "streamed")
    else:
        execute(folder, requests)


def train_texts(folder: Path, requests: Asked, streamed: bool) -> None:
    """The training of a run of texts, which no recipe has yet: a small BERT over real tokens, in buckets."""
    from ftkit.recipe import read_recipe

    recipe, task, place = read_recipe(folder / "recipe.yaml"), get_task("text-classification"), choose_device("cpu")
    torch.set_num_threads(1)
    view, log = ft.read(recipe.data.path), EventLog(folder)
    log.write("started", **identity())
    split = split_of(recipe, view)[0]
    form = TextInput(AutoTokenizer.from_pretrained(str(SHARED / "weights" / "stories260k")), LENGTH)
    rows, begun = {}, []
    for part, some in (("train", split.train), ("validation", split.validation)):
        read = TextReader(some, "text", form)
        tokens = read(np.arange(len(some)))
        lengths = np.array([len(row) for row in tokens])
        if streamed:
            begun.append(DataWorkers(read, 1, log.write, some.ids))
        held = Fetched(begun[-1], (len(some),)) if streamed else np.concatenate(tokens)
        rows[part] = TokenRows(held, lengths, some.labels, row_keys(some.ids), place.device)
    sizes = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    torch.manual_seed(0)
    model = BertForSequenceClassification(BertConfig(vocab_size=512, max_position_embeddings=LENGTH, **sizes))
    prepared = Prepared(split, rows, {}, {}, view)
    Trainer(folder, recipe, task, prepared, model, place, log, requests).run()
    for workers in begun:
        workers.close()
    (folder / "model").mkdir()
    save_file(
        {name: value.contiguous() for name, value in model.state_dict().items()}, folder / "model" / "model.safetensors"
    )


def forked(do: Callable[[], None], log: Path) -> int:
    """Do it in a process of its own: 0, or minus the signal that ended it.

    Raises
    ------
    RuntimeError
        It failed.
    """
    pid = os.fork()
    if pid == 0:
        with log.open("ab") as file:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
        try:
            do()
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if code > 0:
        raise RuntimeError(log.read_text()[-3000:])
    return code


def take(name: str, folder: Path, kill_at: int = -1, after: float = 0.0) -> int:
    """Take a run up, or go on with it; see ``forked``."""
    requests = Asked.for_run(folder)
    requests.kill_at, requests.after, requests.rate = kill_at, after, name == "live learning rate"
    return forked(partial(work, name, folder, requests), folder / "worker.log")


def result(folder: Path) -> tuple[str, list[dict[str, Any]]]:
    """The weights' hash, and what the events tell of the training."""
    weights = hashlib.sha256((folder / "model" / "model.safetensors").read_bytes()).hexdigest()
    events = history(Follower(folder / EVENTS).read())
    return weights, [{k: v for k, v in e.items() if k not in CLOCK} for e in events if e["event"] in TOLD]


def orphans() -> list[int]:
    """Data workers whose run is gone."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            parent = int((path / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == 1 and b"ftkit.training.data_worker" in (path / "cmdline").read_bytes():
                found.append(int(path.name))
    return found


def compare(name: str, kills: int, folder: Path, seed: int) -> int:
    """How many of the killed runs come to the same as the whole one."""
    made, dice = begin(name, folder), random.Random(f"{name} {seed}")
    whole = folder / "whole"
    shutil.copytree(made, whole)
    began = time.perf_counter()
    take(name, whole)
    wanted = result(whole)
    steps = next(event["steps"] for event in Follower(whole / EVENTS).read() if event["event"] == "plan")
    equal = 0
    for number in range(kills):
        killed = folder / f"killed-{number}"
        while True:
            shutil.copytree(made, killed)
            at, after = dice.randrange(steps), dice.uniform(0.0, 0.05)
            if take(name, killed, at, after) == -signal.SIGKILL:
                break
            shutil.rmtree(killed)  # it was over before
        take(name, killed)
        same = result(killed) == wanted
        equal += same
        if not same:
            print(f"{name}: killed {after * 1000:.0f} ms after step {at}: differs, see {killed}", flush=True)
        else:
            shutil.rmtree(killed)
    seconds = time.perf_counter() - began
    print(f"| {name} | {steps} | {len(wanted[1])} | **{equal} of {kills}** | {seconds / (kills + 1):.1f} |", flush=True)
    return equal


def main() -> int:
    """Print the table; 1 where a killed run came to something else."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("settings", nargs="*", default=list(SETTINGS), metavar="SETTING", help=", ".join(SETTINGS))
    asked.add_argument("--kills", type=int, default=KILLS)
    asked.add_argument("--seed", type=int, default=0)
    given = asked.parse_args()
    torch.set_num_threads(1)
    print("| setting | steps | events | bitwise equal | seconds a kill |\n|---|---|---|---|---|", flush=True)
    scratch = Path(tempfile.mkdtemp(prefix="ftkit-kill-"))
    failed = 0
    for name in given.settings:
        folder = scratch / name.replace(" ", "-")
        folder.mkdir()
        failed += given.kills - compare(name, given.kills, folder, given.seed)
        if not failed:
            shutil.rmtree(folder)
    time.sleep(1)
    left = orphans()
    print(f"{len(left)} data workers outlived their runs {left or ''}")
    return 1 if failed or left else 0


if __name__ == "__main__":
    sys.exit(main())
