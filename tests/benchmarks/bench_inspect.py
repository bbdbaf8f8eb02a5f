"""The whole ``inspect`` against Datalab on labels and embeddings, and on a large Parquet table.

``python tests/benchmarks/bench_inspect.py embeddings [rows] [ftkit|given|datalab …]``: rows of short texts with 384
numbers each, 20 classes, a tenth of the labels wrong; each tool in a process of its own, the data made before the clock
starts. Datalab gets out-of-fold probabilities for nothing; so does ftkit as ``given``, else it works its own out. Either
way it draws a learning curve and looks at the texts as well.
``… parquet [rows]``: 30 columns; rows a second and memory.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

WIDTH, CLASSES = 384, 20


def embedded(rows: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Vectors around centres in 40 dimensions with noise in all, labels of which a tenth is wrong, probabilities."""
    rng = np.random.default_rng(0)
    centres = rng.standard_normal((400, 40), dtype=np.float32)
    basis = rng.standard_normal((40, WIDTH), dtype=np.float32)
    near = rng.integers(0, len(centres), rows)
    vectors = np.empty((rows, WIDTH), dtype=np.float32)
    for start in range(0, rows, 20_000):
        part = slice(start, start + 20_000)
        inner = centres[near[part]] + 0.7 * rng.standard_normal((len(near[part]), 40), dtype=np.float32)
        vectors[part] = inner @ basis + 0.5 * rng.standard_normal((len(inner), WIDTH), dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    true = near % CLASSES
    labels = np.where(rng.random(rows) < 0.1, rng.integers(0, CLASSES, rows), true)
    said = rng.standard_normal((rows, CLASSES))
    said[np.arange(rows), true] += 3
    np.exp(said, out=said)
    return vectors, labels, said / said.sum(axis=1, keepdims=True)


def run_given(vectors: np.ndarray, labels: np.ndarray, said: np.ndarray) -> None:
    """Every check, with the probabilities that Datalab gets."""
    order = np.argsort([f"c{k}" for k in range(CLASSES)])
    run_ftkit(vectors, labels, said, probabilities=said[:, order])


def run_ftkit(vectors: np.ndarray, labels: np.ndarray, said: np.ndarray, **given: np.ndarray) -> None:
    """Every check."""
    import ftkit as ft

    texts = [f"row {i} {i * 7919 % 100_003} of the shelf {i * 104_729 % 999_983}" for i in range(len(labels))]
    view = ft.read({"text": texts, "label": [f"c{k}" for k in labels]}, text="text", target="label")
    found = ft.inspect(view, vectors=vectors, **given)
    slow = sorted(found.checks, key=lambda check: -check.seconds)[:6]
    print("  " + ", ".join(f"{check.code} {check.seconds:.1f} s" for check in slow), file=sys.stderr)
    print("  failed:", [(c.code, c.reason) for c in found.checks if c.outcome == "failed"], file=sys.stderr)


def run_datalab(vectors: np.ndarray, labels: np.ndarray, said: np.ndarray) -> None:
    """Its default issue types."""
    from cleanlab import Datalab

    lab = Datalab({"label": labels}, label_name="label", verbosity=0)
    lab.find_issues(features=vectors, pred_probs=said)


RUNS = {"ftkit": run_ftkit, "given": run_given, "datalab": run_datalab}


def embeddings(rows: int = 20_000, *names: str) -> None:
    """Each tool's CPU seconds and memory."""
    done = {}
    for name in names or RUNS:
        done[name] = _child("one", name, str(rows))
        print(f"{rows:,} × {WIDTH}: {name:8} {done[name]['seconds']:7.1f} s  {done[name]['mib']:6.0f} MiB", flush=True)
    for name in [name for name in ("ftkit", "given") if {name, "datalab"} <= done.keys()]:
        print(f"datalab takes {done['datalab']['seconds'] / done[name]['seconds']:.1f} times as long as {name}")


def one(name: str, rows: str) -> None:
    """In the child."""
    data = embedded(int(rows))
    import sklearn.linear_model  # noqa: F401

    import ftkit.data.reader  # noqa: F401

    _clocked(lambda: RUNS[name](*data))


def make_parquet(path: str, rows: str) -> None:
    """Thirty columns: numbers, counts, categories, dates, texts, gaps, sentinels, a constant, a target."""
    import polars as pl

    rng, n = np.random.default_rng(0), int(rows)
    columns = {f"x{i}": rng.standard_normal(n) for i in range(12)} | {
        f"n{i}": rng.integers(0, 500, n) for i in range(6)
    }
    columns |= {f"c{i}": np.array([f"kind {k}" for k in range(5 + i)])[rng.integers(0, 5 + i, n)] for i in range(6)}
    columns |= {"price": np.exp(rng.standard_normal(n)), "gaps": np.where(rng.random(n) < 0.1, np.nan, rng.random(n))}
    columns |= {"odd": np.where(rng.random(n) < 0.01, -999.0, rng.random(n)), "same": np.ones(n)}
    columns |= {"day": np.datetime64("2020-01-01") + rng.integers(0, 1500, n).astype("timedelta64[D]")}
    columns["label"] = np.where(columns["x0"] + columns["x1"] + rng.standard_normal(n) > 0, "yes", "no")
    pl.DataFrame(columns).write_parquet(path, row_group_size=100_000)


def parquet(rows: int = 1_000_000) -> None:
    """The whole of ``inspect``, from the path."""
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "table.parquet")
        subprocess.run([sys.executable, __file__, "make_parquet", path, str(rows)], check=True)
        done = _child("table", path)
    rate = rows / done["seconds"]
    print(f"{rows:,} × 30: {done['seconds']:.1f} s, {rate:,.0f} rows/s, {done['mib']:,.0f} MiB")


def table(path: str) -> None:
    """In the child: ftkit."""
    import ftkit as ft
    import ftkit.quality.checks

    def work() -> None:
        found = ft.inspect(ft.read(path, target="label"))
        slow = sorted(found.checks, key=lambda check: -check.seconds)[:6]
        print("  " + ", ".join(f"{check.code} {check.seconds:.1f} s" for check in slow), file=sys.stderr)
        print("  failed:", [(c.code, c.reason) for c in found.checks if c.outcome == "failed"], file=sys.stderr)

    _clocked(work)


def _clocked(work) -> None:
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, time.process_time()
    work()
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": time.process_time() - start, "mib": after - before}))


def _child(*args: str) -> dict[str, float]:
    command, env = [sys.executable, __file__, *args], os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=env)
    return json.loads(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    part, *rest = sys.argv[1:] or ["parquet"]
    parts = {f.__name__: f for f in (embeddings, one, make_parquet, parquet, table)}
    numbers = part in ("embeddings", "parquet") and rest
    parts[part](*([int(rest[0]), *rest[1:]] if numbers else rest))
