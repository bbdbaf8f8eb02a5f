"""Comparisons on real runs: recipes that differ are told apart, seeds of one recipe are not declared different.

Fashion-MNIST, 3,000 train rows, judged by the 10,000 test rows: five seeds of a recipe of 3 epochs, three of one epoch.
What is asked is whether the *recipes* differ, so what is drawn anew in each of 100 repeats is both the test rows (with
replacement) and which runs stand for each side. Declared by single models, two seeds differ more often: the models do.
Run: python tests/benchmarks/bench_compare.py [RUNS]   (RUNS: a folder of the eight runs, trained there if they are not)
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np

import ftkit as ft
from ftkit.evaluate import compare_answers, compare_recipes
from ftkit.runs.comparison import judged_rows

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "images-fashion-mnist"
SEEDS = {"a": (3, 5), "b": (1, 3)}  # epochs, seeds
REPEATS = 100


def runs(folder: Path) -> dict[str, list[ft.Run]]:
    rows = ft.read(DATA / "train10k-images-idx3-ubyte.gz", test=DATA / "t10k-images-idx3-ubyte.gz")
    given = rows.given_split
    rows = rows.select(np.r_[np.flatnonzero(given == "train")[:3000], np.flatnonzero(given == "test")])
    out: dict[str, list[ft.Run]] = {}
    for name, (epochs, seeds) in SEEDS.items():
        for seed in range(seeds):
            run = ft.Run(folder / f"{name}{seed}")
            if not (run.folder / "metrics.json").exists():
                asked = {"data": rows, "model": "resnet", "split": {"validation": 0.0}, "seed": seed}
                recipe = ft.Recipe(**asked, training={"epochs": epochs})
                run = ft.train(recipe, runs=folder, name=run.name, process=False)
            out.setdefault(name, []).append(run)
    return out


def main() -> int:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(tempfile.mkdtemp())
    found = runs(folder)
    print(ft.compare(found["a"], found["b"], metrics=["accuracy", "f1_macro"]))
    print(ft.compare(found["a"][0], found["b"][0]))
    judged = {name: [judged_rows(run) for run in side] for name, side in found.items()}
    labels, a = judged["a"][0].labels, [one.answers for one in judged["a"]]
    b = [one.answers for one in judged["b"]]
    draw, counts = np.random.default_rng(0), dict.fromkeys(("recipes", "models", "swapped", "power"), 0)
    for _ in range(REPEATS):
        at, who = draw.integers(0, len(labels), len(labels)), draw.permutation(5)
        drawn = [side[at] for side in a]
        one, other = [drawn[k] for k in who[:2]], [drawn[k] for k in who[2:4]]
        counts["recipes"] += compare_recipes(labels[at], one, other, "accuracy").better is not None
        counts["models"] += compare_answers(labels[at], one[0], other[0], "accuracy").better is not None
        for _ in range(10):
            swap = (draw.random(len(at)) < 0.5)[:, None]
            mixed = np.where(swap, one[0], other[0]), np.where(swap, other[0], one[0])
            counts["swapped"] += compare_answers(labels[at], *mixed, "accuracy").better is not None
        counts["power"] += compare_recipes(labels[at], one, [side[at] for side in b[:2]], "accuracy").better == "a"
    print(f"of {REPEATS} repeats, declared different:")
    print(f"  two seeds against two others of one recipe (compare_recipes)   {counts['recipes']}")
    print(f"  one model against another, answers swapped row by row at random {counts['swapped'] / 10:.1f}")
    print(f"  one model against another of one recipe (the models do differ)  {counts['models']}")
    print(f"  two recipes that differ, two seeds each (power)                 {counts['power']}")
    return int(max(counts["recipes"], counts["swapped"] / 10) > 7 or counts["power"] < 95)


if __name__ == "__main__":
    sys.exit(main())
