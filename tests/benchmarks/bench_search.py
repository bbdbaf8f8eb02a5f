"""A search that loses a worker, and what it finds against random draws: ``python tests/benchmarks/bench_search.py``.

The first part runs whole trials: 30 of them, two workers, one killed with -9 in the middle of a training. The second
asks the same Study 10 times for 30 trials, with the loop itself as the objective (breast-cancer, one epoch, the loss of
rows held out), and draws as many at random from the same space.
"""

from __future__ import annotations

import argparse
import os
import signal
import statistics
import tempfile
import time
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np
import optuna
import torch
from sklearn.datasets import load_breast_cancer

import ftkit as ft
from ftkit.models import build_model
from ftkit.runs.files import read_json
from ftkit.runs.space import draw
from ftkit.runs.study import WORKERS, Study
from ftkit.training import Settings, TableRows, choose_device, make_loss, train
from ftkit.training.prediction import predict

SPACE = {
    "learning_rate": {"low": 1e-5, "high": 1.0, "log": True},
    "weight_decay": {"low": 1e-4, "high": 1.0, "log": True},
    "batch_size": [8, 16, 32, 64],
    "schedule": ["cosine", "constant", "one_cycle"],
}
TRIALS = 30


def killed(root: Path) -> None:
    """30 trials, two workers, one of them killed while it trains."""
    recipe = {"data": "breast-cancer", "training": {"epochs": 3, "threads": 1}}
    began = time.monotonic()
    found = ft.search(recipe, SPACE, trials=TRIALS, workers=2, runs=root)
    while sum(row.state in ("done", "pruned") for row in found.trials) < 5:
        time.sleep(0.1)
    while True:
        running = [row for row in found.trials if row.state == "running"]
        stepped = [row for row in running if found.run(row).status.step]
        if stepped:
            break
        time.sleep(0.01)
    trial = next(t for t in found._study.study.get_trials(deepcopy=False) if t.user_attrs.get("run") == stepped[0].run)
    os.kill(trial.user_attrs["worker"]["pid"], signal.SIGKILL)
    found.wait(timeout=1800)
    states = [row.state for row in found.trials]
    again = [row for row in found.trials if row.tries > 1]
    print(
        f"{len(states)} trials, {states.count('done')} done, {states.count('pruned')} pruned, "
        f"{states.count('failed')} failed, {states.count('running') + states.count('waiting')} stuck; killed was "
        f"{stepped[0].run}, now {again[0].state if again else 'lost'} at its try {again[0].tries if again else 0}; "
        f"{time.monotonic() - began:.0f} s; left behind by workers: {len(list((found.folder / WORKERS).glob('*')))}"
    )
    assert read_json(found.folder / "search.json", {})["trials"] == len(states)


def objective(seed: int):
    """The loss of held-out rows after an epoch of the loop."""
    features, labels = load_breast_cancer(return_X_y=True)
    features = ((features - features.mean(0)) / features.std(0)).astype(np.float32)
    order = np.random.default_rng(seed).permutation(len(labels))
    place, loss = choose_device("cpu", "fp32"), make_loss()
    parts = [
        TableRows(features[p], labels[p].astype(np.int64), p.astype(np.int64), place.device)
        for p in (order[:400], order[400:])
    ]

    def job(values: dict) -> float:
        model = build_model("mlp", outputs=2, features=features.shape[1], dropout=0.0, seed=seed).model
        for _ in train(model, parts[0], loss, Settings(epochs=1, seed=seed, **values), place):
            pass
        return loss.of_predictions(predict(model, parts[1], place, "class"), parts[1].labels)

    return job


def compared(root: Path, seeds: int) -> None:
    """The best of as many trials, ours and random, on the same objective."""
    gains = []
    for seed in range(seeds):
        job = objective(seed)
        (root / str(seed)).mkdir()
        study = Study(root / str(seed), SPACE, TRIALS, seed, pruning=False)
        ours = []
        while (trial := study.claim()) is not None:
            ours.append(job(draw(trial, SPACE)))
            study.finish(trial, "done", ours[-1])
        random = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=seed))
        drawn = [job(draw(random.ask(), SPACE)) for _ in range(TRIALS)]
        gains.append(min(drawn) - min(ours))
        print(f"  seed {seed}: search {min(ours):.4f}, random {min(drawn):.4f}", flush=True)
    mean, half = statistics.mean(gains), 2.262 * statistics.stdev(gains) / len(gains) ** 0.5
    print(f"random's best loss minus the search's: {mean:+.4f}, 95% interval {mean - half:+.4f} to {mean + half:+.4f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", default=["killed", "compared"])
    parser.add_argument("--seeds", type=int, default=10)
    given = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        if "killed" in given.parts:
            killed(Path(folder))
        if "compared" in given.parts:
            compared(Path(folder), given.seeds)
