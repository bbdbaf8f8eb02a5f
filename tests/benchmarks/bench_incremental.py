"""Fashion-MNIST in 5 steps of 2 classes: what is left of the old classes, by method against forgetting.

``python tests/benchmarks/bench_incremental.py [--small] [METHOD …]`` needs the data sets beside the project (``--small``
takes a third of the rows, and is done in a few minutes of one slow core); it exits 1 where
replay is not 20 points of mean accuracy above plain fine-tuning, or another method is below it by more than noise.
Accuracy alone is measured, so it may run beside other work.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

import ftkit as ft

FASHION = Path(__file__).resolve().parents[3] / "shared" / "data" / "images-fashion-mnist"
SMALL = "--small" in sys.argv
STEPS, EPOCHS = 5, 4
TRAIN, TEST = (160, 200) if SMALL else (500, 1000)  # rows of each class
METHODS: dict[str, dict[str, Any]] = {
    "none": {"method": "none"},
    "replay": {"method": "replay", "rows": 200},
    "herding": {"method": "replay", "rows": 200, "choose": "herding"},
    "ewc": {"method": "ewc"},
    "lwf": {"method": "lwf"},
}
LEAST_GAIN, NOISE = 0.20, 0.01


def increments() -> list[Any]:
    """The rows of each step: 1,000 to train on, 2,000 to judge by."""
    tables, labels = {}, {}
    for split, file in (("train", "train10k-images-idx3-ubyte.gz"), ("test", "t10k-images-idx3-ubyte.gz")):
        view = ft.read(FASHION / file)
        labels[split] = view.labels
        tables[split] = view.to_arrow().append_column("split", pa.array([split] * len(view)))
    out = []
    for step in range(STEPS):
        parts = []
        for split, table in tables.items():
            for label in (2 * step, 2 * step + 1):
                at = np.flatnonzero(labels[split] == label)
                parts.append(table.take(at[: TRAIN if split == "train" else TEST]))
        out.append(ft.read(pa.concat_tables(parts), target="label", split="split"))
    return out


def learn(views: list[Any], remember: dict[str, Any], runs: str) -> Any:
    """The last of the runs, each of which goes on from the one before."""
    run = None
    for view in views:
        recipe: dict[str, Any] = {
            "data": view,
            "split": {"validation": 0.0},
            "model": {"name": "resnet"} if run is None else {"weights": str(run.folder / "model")},
            "training": {"epochs": EPOCHS, "batch_size": 32, "learning_rate": 1e-3, "remember": remember},
        }
        run = ft.train(recipe, runs=runs, process=False)
        print("   ", told(run), flush=True)
    return run


def told(run: Any) -> str:
    """Accuracies and forgetting in one line."""
    rows = [m for m in run.metrics if "increment" in m["split"]]
    return ", ".join(f"{m['name']} of {m['split']} {m['value']:.3f}" for m in rows)


def main() -> int:
    """Every method that is asked for, one after the other."""
    if not FASHION.is_dir():
        print(f"the real data sets are not there: {FASHION}")
        return 0
    views, means = increments(), {}
    for name in [word for word in sys.argv[1:] if word != "--small"] or METHODS:
        print(name, flush=True)
        with tempfile.TemporaryDirectory() as runs:
            metrics = learn(views, METHODS[name], runs).metrics
        found = {(m["name"], m["split"]): m for m in metrics}
        mean, lost = found["accuracy", "all increments"], found["forgetting", "increments before"]
        means[name] = mean["value"]
        print(
            f"{name:8} mean accuracy {mean['value']:.3f} ({mean['low']:.3f} to {mean['high']:.3f}), forgetting "
            f"{lost['value']:.3f} ({lost['low']:.3f} to {lost['high']:.3f})",
            flush=True,
        )
    plain = means.get("none", 0.0)
    least = {"replay": plain + LEAST_GAIN, "herding": plain + LEAST_GAIN}
    return int(any(value < least.get(name, plain - NOISE) for name, value in means.items()))


if __name__ == "__main__":
    sys.exit(main())
