"""Which learning rate ``auto`` should be, by model: ``python tests/benchmarks/bench_rates.py [CASE …]``.

Each case trains a model from scratch at several rates and three seeds, which also deal the rows; prints the test score at
each rate, its mean, and in how many seeds it is above that of 2e-3.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path
from typing import Any

os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np

import ftkit as ft
from ftkit.data import DatasetView

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
RATES, SEEDS, NOW = (5e-4, 1e-3, 2e-3, 4e-3), (1, 2, 3), 2e-3


def some(view: DatasetView, rows: int) -> DatasetView:
    """A fair draw of so many rows."""
    return view[np.sort(np.random.default_rng(0).permutation(len(view))[:rows])]


def fashion() -> DatasetView:
    """3,000 of Fashion-MNIST's rows."""
    return some(ft.read(str(SHARED / "images-fashion-mnist" / "train10k-images-idx3-ubyte.gz")), 3000)


def adult() -> DatasetView:
    """6,000 of Adult's rows."""
    (path,) = (SHARED / "tab-adult").glob("*train*")
    return some(ft.read(str(path), target="column_15"), 6000)


CASES: dict[str, tuple[Any, str, str, int]] = {
    "vit digits": (lambda: ft.read("digits"), "vit", "accuracy", 12),
    "vit fashion": (fashion, "vit", "accuracy", 8),
    "ft-transformer adult": (adult, "ft-transformer", "roc_auc", 8),
    "ft-transformer breast-cancer": (lambda: ft.read("breast-cancer"), "ft-transformer", "roc_auc", 20),
    "mlp adult": (adult, "mlp", "roc_auc", 8),
}


def score(rows: DatasetView, model: str, metric: str, epochs: int, rate: float, seed: int) -> float:
    """What the test rows say."""
    recipe = {
        "data": rows,
        "model": model,
        "seed": seed,
        "metrics": [metric],
        "split": {"validation": 0, "test": 0.3},
        "training": {"epochs": epochs, "learning_rate": rate, "threads": 1, "device": "cpu"},
    }
    with tempfile.TemporaryDirectory() as folder:
        made = ft.train(recipe, runs=folder, process=False)
        return next(row["value"] for row in made.metrics if row["name"] == metric and row["split"] == "test")


def main() -> None:
    """Print a line for each case and rate."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("cases", nargs="*", default=list(CASES), metavar="CASE", help=", ".join(CASES))
    print(f"| case | rate | {' | '.join(f'seed {seed}' for seed in SEEDS)} | mean | above {NOW:g} |")
    print("|---|---|" + "---|" * (len(SEEDS) + 2), flush=True)
    for name in asked.parse_args().cases:
        make, *how = CASES[name]
        rows = make()
        found = {rate: [score(rows, *how, rate, seed) for seed in SEEDS] for rate in RATES}
        for rate, values in found.items():
            above = sum(value > now for value, now in zip(values, found[NOW], strict=True))
            each = " | ".join(f"{value:.4f}" for value in values)
            print(f"| {name} | {rate:g} | {each} | {np.mean(values):.4f} | {above} of {len(SEEDS)} |", flush=True)


if __name__ == "__main__":
    main()
