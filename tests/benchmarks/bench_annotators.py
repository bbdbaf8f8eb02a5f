"""Several annotators' labels, on CIFAR-10N: ``python tests/benchmarks/bench_annotators.py DATA [rows]``."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import polars as pl

import ftkit as ft
from ftkit.quality.annotators import consensus, majority
from ftkit.quality.calibration import calibrate
from ftkit.quality.confident import find_label_errors, neighbour_votes
from ftkit.quality.evidence import Evidence
from ftkit.quality.folds import deal
from ftkit.quality.probe import cross_predict


def main(data: str, rows: str = "10000") -> None:
    """Consensus against singles and the majority, with and without a probe on the built-in vectors."""
    folder = Path(data) / "images-cifar10"
    names = pl.read_parquet(folder / "cifar10n_train_labels.parquet")
    some = np.sort(np.random.default_rng(0).choice(len(names), int(rows), replace=False))
    names = names[some]
    true, worse = (names[column].to_numpy().astype(np.int64) for column in ("clean_label", "worse_label"))
    said = names[["random_label1", "random_label2", "random_label3"]].to_numpy().astype(np.int64)
    vote = majority(said)
    evidence = Evidence(ft.read(folder / "train.parquet").select(some))
    vectors, near = evidence.vectors.values, evidence.neighbourhood.rows
    model = _model(vectors, near, vote)
    alone, helped = consensus(said), consensus(said, model)
    print(f"best single annotator {(said == true[:, None]).mean(axis=0).max():.4f}")
    print(f"majority vote         {(vote == true).mean():.4f}")
    print(f"consensus             {(alone.labels == true).mean():.4f}")
    print(
        f"consensus with probe  {(helped.labels == true).mean():.4f} (the probe alone {(model.argmax(1) == true).mean():.4f})"
    )
    print(f"annotators            {helped.annotators.round(3)} true {(said == true[:, None]).mean(axis=0).round(3)}")
    found = find_label_errors(
        worse, cross_predict(vectors, worse, deal(worse, None), 10, 0), votes=neighbour_votes(near, worse, 10)
    )
    print(f"noise of the worst labels {(worse != true).mean():.4f}: by annotators {helped.noise(worse):.4f}, ", end="")
    print(f"by the rows alone {found.noise:.4f}")


def _model(vectors: np.ndarray, near: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The probe's and the neighbours' opinion."""
    votes = neighbour_votes(near, labels, 10) + 0.5
    said = cross_predict(vectors, labels, deal(labels, None), 10, 0)
    return calibrate([said, votes / votes.sum(axis=1, keepdims=True)], labels)


if __name__ == "__main__":
    main(*sys.argv[1:])
