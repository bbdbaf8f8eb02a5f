"""How near the loop is to the limit of a GPU: ``python tests/benchmarks/bench_gpu.py [table small images vit neighbours compile]``.

Wall time between two waits for the device, rounds interleaved, medians of ratios. The limit, 1.00, is forward and
backward on ready batches, without augmentation and without an optimiser. The bare eager loop of the table is what one
writes by hand: forward, backward, fused AdamW. Random pixels; weights are drawn.
"""

from __future__ import annotations

import statistics
import sys
import time

import numpy as np
import torch
from torch import nn
from transformers import ResNetConfig, ResNetForImageClassification, ViTConfig, ViTForImageClassification

from ftkit.augment import compose
from ftkit.training import ImageRows, Settings, TableRows, choose_device, compiling, make_loss, train
from ftkit.training.event import Note
from ftkit.training.plan import plan

GPU = torch.device("cuda")
MEAN, STD, BATCHES = (0.5,) * 3, (0.25,) * 3, 48


def measured(job) -> float:
    """Seconds from an idle device to an idle device."""
    torch.cuda.synchronize()
    begin = time.perf_counter()
    job()
    torch.cuda.synchronize()
    return time.perf_counter() - begin


def compare(title: str, jobs: dict, rounds: int) -> None:
    """Seconds of each job, rounds interleaved; the first round of each only warms up. Shares of the first."""
    for job in jobs.values():
        job()
    seconds = {name: [] for name in jobs}
    for turn in range(rounds):
        for name in list(jobs) if turn % 2 else list(jobs)[::-1]:
            seconds[name].append(measured(jobs[name]))
    first = next(iter(jobs))
    print(f"\n{title}", flush=True)
    for name, took in seconds.items():
        shares = [a / b for a, b in zip(seconds[first], took, strict=True)]
        spread = f"{min(shares):.2f} to {max(shares):.2f}"
        print(f"  {name:44} {statistics.median(shares):5.2f} ({spread})   {statistics.median(took):6.3f} s", flush=True)


def limit(model, batches, loss, precision, optimizer=None):
    """Forward and backward alone, or with a step."""

    def job():
        model.train()
        for inputs, labels in batches:
            with torch.autocast("cuda", torch.bfloat16, enabled=precision == "bf16"):
                logits = model(inputs).logits
            loss.mean(logits.float(), labels).backward()
            if optimizer:
                optimizer.step()
            model.zero_grad(set_to_none=True)

    return job


def loop(model, rows, loss, settings, precision="bf16"):
    """Our loop, whole: guard, clipping, optimiser, events, and a checkpoint at the end."""
    place = choose_device("cuda", precision)

    def job():
        for event in train(model, rows, loss, settings, place):
            if isinstance(event, Note):
                print("   ", event.message)

    return job


class Plain(nn.Module):
    """50-256-128-2 with nothing else."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(50, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, 2))

    def forward(self, features):
        return Output(self.layers(features))


class Output:
    """What has ``.logits``."""

    def __init__(self, logits):
        self.logits = logits


def table(rounds: int = 5) -> None:
    """An MLP 50-256-128-2, batches of 256."""
    rng, n = np.random.default_rng(0), 200_000
    features = rng.normal(size=(n, 50)).astype(np.float32)
    labels = (features[:, :5].sum(1) > 0).astype(np.int64)
    rows, loss = TableRows(features, labels, np.arange(n), GPU), make_loss()
    settings = Settings(epochs=1, batch_size=256, log_every=10, compile=False)
    order = [torch.from_numpy(part).to(GPU) for part in plan(rows.keys, 256, 0, 0)]
    x, y = torch.from_numpy(features).to(GPU), torch.from_numpy(labels).to(GPU)
    ready = [(x[part], y[part]) for part in order]
    first, second, third = Plain().to(GPU), Plain().to(GPU), Plain().to(GPU)
    fused = torch.optim.AdamW(second.parameters(), fused=True)
    compare(
        f"table, {len(order)} steps",
        {
            "bare eager loop: ready batches, fused AdamW": limit(second, ready, loss, "fp32", fused),
            "forward and backward alone": limit(first, ready, loss, "fp32"),
            "ftkit's loop": loop(third, rows, loss, settings, "fp32"),
        },
        rounds,
    )


def pictures(model, batch: int, title: str, rounds: int) -> None:
    """224 x 224 pixels in bf16 and channels last, with and without augmentation of the batch."""
    rng, n = np.random.default_rng(0), BATCHES * batch
    pixels, labels = rng.integers(0, 255, (n, 224, 224, 3), dtype=np.uint8), rng.integers(0, 1000, n)
    steps = ["flip", {"rotate": {"degrees": 15}}, {"resized_crop": {}}, {"color": {}}]
    augment, plain = compose(steps, size=(224, 224)), compose([], size=(224, 224))
    made = [lambda p, k, e, f=f: f(p, k, e, mean=MEAN, std=STD) for f in (augment, plain)]
    rows = ImageRows(pixels, np.arange(n), labels, np.arange(n), *made, GPU)
    bare = ImageRows(pixels, np.arange(n), labels, np.arange(n), made[1], made[1], GPU)
    loss = make_loss()
    settings = Settings(epochs=1, batch_size=batch, learning_rate=1e-4, log_every=10, compile=False)
    ready = [bare.batch(part, None) for part in plan(rows.keys, batch, 0, 0)]
    rows.batch(np.arange(batch), 0)
    torch.cuda.synchronize()
    begin = time.perf_counter()
    for part in plan(rows.keys, batch, 0, 0):
        rows.batch(part, 0)
    asked = (time.perf_counter() - begin) * 1000 / BATCHES
    torch.cuda.synchronize()
    done = (time.perf_counter() - begin) * 1000 / BATCHES
    print(f"\n{title}: augmenting a batch of {batch}: {asked:.1f} ms of the host, {done:.1f} ms in all")
    fused = torch.optim.AdamW(model.parameters(), lr=1e-4, fused=True)
    compare(
        title,
        {
            "limit: forward and backward, ready batches": limit(model, ready, loss, "bf16"),
            "the same with fused AdamW": limit(model, ready, loss, "bf16", fused),
            "ftkit's loop without augmentation": loop(model, bare, loss, settings),
            "ftkit's loop with augmentation": loop(model, rows, loss, settings),
        },
        rounds,
    )


def images(rounds: int = 3) -> None:
    """ResNet-50."""
    model = ResNetForImageClassification(ResNetConfig(num_labels=1000)).to(GPU, memory_format=torch.channels_last)
    pictures(model, 256, f"ResNet-50, {BATCHES} batches of 256", rounds)


def vit(rounds: int = 3) -> None:
    """ViT-B/16."""
    model = ViTForImageClassification(ViTConfig(num_labels=1000)).to(GPU)
    pictures(model, 256, f"ViT-B/16, {BATCHES} batches of 256", rounds)


def small(rounds: int = 5) -> None:
    """The smallest ResNet on 32 x 32 pixels in batches of 64, with augmentation."""
    from ftkit.models import build_model

    rng, n = np.random.default_rng(0), 400 * 64
    pixels, labels = rng.integers(0, 255, (n, 32, 32, 3), dtype=np.uint8), rng.integers(0, 10, n)
    steps = ["flip", {"rotate": {"degrees": 5}}, {"crop": {}}]
    made = [
        lambda p, k, e, f=f: f(p, k, e, mean=MEAN, std=STD) for f in (compose(s, size=(32, 32)) for s in (steps, []))
    ]
    rows, bare = (ImageRows(pixels, np.arange(n), labels, np.arange(n), f, made[1], GPU) for f in made)
    ready = [bare.batch(part, None) for part in plan(rows.keys, 64, 0, 0)]
    first, second, third = (
        build_model("resnet", outputs=10, image=(32, 32, 3)).model.to(GPU, memory_format=torch.channels_last)
        for _ in range(3)
    )
    fused, loss = torch.optim.AdamW(first.parameters(), fused=True), make_loss()
    settings = Settings(epochs=1, batch_size=64, log_every=10, compile=False)
    compare(
        "the smallest ResNet, 400 batches of 64 at 32 x 32",
        {
            "bare eager loop: ready batches, fused AdamW": limit(first, ready, loss, "bf16", fused),
            "ftkit's loop without augmentation": loop(second, bare, loss, settings),
            "ftkit's loop with augmentation": loop(third, rows, loss, settings),
        },
        rounds,
    )


def compile_pays(rounds: int = 1) -> None:
    """The trial of torch.compile, made to happen in a short run."""
    compiling.SECONDS = 0.0
    rng, n = np.random.default_rng(0), 64 * 24
    pixels, labels = rng.integers(0, 255, (n, 224, 224, 3), dtype=np.uint8), rng.integers(0, 1000, n)
    plain = compose([], size=(224, 224))
    made = lambda p, k, e: plain(p, k, e, mean=MEAN, std=STD)  # noqa: E731
    rows = ImageRows(pixels, np.arange(n), labels, np.arange(n), made, made, GPU)
    model = ViTForImageClassification(ViTConfig(num_labels=1000)).to(GPU)
    print("\ntorch.compile, ViT-B/16 in batches of 64", flush=True)
    for _ in range(rounds):
        took = measured(loop(model, rows, make_loss(), Settings(epochs=4, batch_size=64, learning_rate=1e-4)))
        print(f"  the whole run: {took:.1f} s")


def neighbours(rounds: int = 1, n: int = 1_000_000) -> None:
    """Ten neighbours of a million vectors of 384 numbers, every pair compared."""
    from ftkit.models import similar_on_gpu

    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((n, 384), dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    similar_on_gpu(vectors[:20_000], 10)
    for size in (20_000, 200_000, n)[: 3 if rounds else 0]:
        begin = time.perf_counter()
        rows, _ = similar_on_gpu(vectors[:size], 10)
        took = time.perf_counter() - begin
        some = np.arange(100)
        found = vectors[some] @ vectors[:size].T
        found[some, some] = -2
        true = np.argpartition(-found, 10, axis=1)[:, :10]
        recall = np.mean([len(np.intersect1d(a, b)) / 10 for a, b in zip(true, rows[some], strict=True)])
        print(f"neighbours of {size:,} x 384: {took:.2f} s, recall {recall:.4f}", flush=True)


JOBS = {"table": table, "small": small, "images": images, "vit": vit, "neighbours": neighbours, "compile": compile_pays}

if __name__ == "__main__":
    torch.backends.cudnn.benchmark = True  # for all of them alike, as a run of ftkit sets it
    print(torch.cuda.get_device_name(), torch.__version__)
    for name in sys.argv[1:] or JOBS:
        JOBS[name]()
