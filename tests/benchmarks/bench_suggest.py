"""What the suggested augmentation is worth on few rows: Fashion-MNIST with 1,000 train rows, trained with and without,
over several seeds, judged on all 10,000 test rows. Each seed draws its own train rows, the suggestion is made from them
alone, and both runs share them.

Run: OMP_NUM_THREADS=1 python tests/benchmarks/bench_suggest.py FASHION_MNIST_FOLDER [SEEDS EPOCHS]
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np
from scipy.stats import t

import ftkit as ft

TRAIN = 1000


def rows(folder: Path, seed: int) -> ft.DatasetView:
    """1,000 train rows that the seed draws, and all test rows."""
    view = ft.read(folder / "train10k-images-idx3-ubyte.gz", test=folder / "t10k-images-idx3-ubyte.gz")
    train, test = (np.flatnonzero(view.given_split == name) for name in ("train", "test"))
    return view.select(np.concatenate([np.random.default_rng(seed).choice(train, TRAIN, replace=False), test]))


def accuracy(run: ft.Run) -> float:
    return next(m["value"] for m in run.metrics if m["name"] == "accuracy" and m["split"] == "test")


def one(folder: Path, seed: int, epochs: int, runs: str) -> tuple[float, float]:
    """Test accuracy without augmentation, and with the one suggested."""
    view = rows(folder, seed)
    keys = {
        "split": {"validation": 0},
        "preprocess": {"image_size": 32},
        "training": {"epochs": epochs, "batch_size": 64},
        "seed": seed,
    }
    suggested = ft.augment.suggest(view.select(np.flatnonzero(view.given_split == "train")), seed=seed)
    print(seed, list(suggested), flush=True)
    plain, better = (
        ft.train(ft.Recipe(data=view, augment=steps, **keys), runs=runs, process=False) for steps in ([], suggested)
    )
    return accuracy(plain), accuracy(better)


def interval(difference: np.ndarray) -> str:
    """Student's 95% interval of the mean of paired differences."""
    half = t.ppf(0.975, len(difference) - 1) * difference.std(ddof=1) / np.sqrt(len(difference))
    return f"{difference.mean():+.4f} ({difference.mean() - half:+.4f} to {difference.mean() + half:+.4f})"


def main() -> None:
    folder = Path(sys.argv[1])
    seeds, epochs = (int(given) for given in (sys.argv[2:4] or (5, 100)))
    results = []
    with tempfile.TemporaryDirectory() as runs:
        for seed in range(seeds):
            results.append(one(folder, seed, epochs, runs))
            print(seed, *(f"{value:.4f}" for value in results[-1]), flush=True)
    none, augmented = np.array(results).T
    print(f"none {none.mean():.4f}, augmented {augmented.mean():.4f}: {interval(augmented - none)}")


if __name__ == "__main__":
    main()
