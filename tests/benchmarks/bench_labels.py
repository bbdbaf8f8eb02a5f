"""Label errors against cleanlab (>= 2.8), and how far a learning curve is to be trusted.

``python tests/benchmarks/bench_labels.py DATA [published|noisy|speed|curve …]`` where DATA is the folder of real sets.
Truth of the published sets covers the rows people were asked about only, so every average precision is a lower bound.
"""

from __future__ import annotations

import json
import sys
import time
import tracemalloc
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl

import ftkit as ft
from ftkit.quality.confident import find_label_errors, neighbour_votes
from ftkit.quality.evidence import Evidence
from ftkit.quality.folds import deal
from ftkit.quality.learning_curve import learning_curve
from ftkit.quality.probe import cross_predict, probe_vectors
from ftkit.quality.pruning import Rule, prune

RANKINGS = (
    ("self_confidence", False),
    ("self_confidence", True),
    ("normalized_margin", False),
    ("normalized_margin", True),
    ("confidence_weighted_entropy", False),
)


def best_of_cleanlab(wrong: np.ndarray, labels: np.ndarray, said: np.ndarray) -> float:
    """The largest average precision of its rankings, alone or with the rows its filters flag first."""
    from cleanlab.filter import find_label_issues
    from cleanlab.rank import get_label_quality_scores
    from sklearn.metrics import average_precision_score

    flags = [np.zeros(len(labels), dtype=bool)]
    flags += [find_label_issues(labels, said, filter_by=rule, n_jobs=1) for rule in Rule.__args__]
    best = 0.0
    for method, adjust in RANKINGS:
        doubt = -get_label_quality_scores(labels, said, method=method, adjust_pred_probs=adjust)
        best = max(best, *(average_precision_score(wrong, doubt + 10 * flag) for flag in flags))
    return best


def published(data: Path) -> None:
    """The authors' probabilities, errors verified by people."""
    folder = data / "images-cifar10"
    said = np.load(folder / "cleanlab_cifar10_test_pyx.npy")
    labels = pl.read_parquet(folder / "test.parquet", columns=["label"])["label"].to_numpy()
    wrong = np.zeros(len(labels), dtype=bool)
    asked = wrong.copy()
    for row in json.loads((folder / "cleanlab_cifar10_mturk.json").read_text()):
        wrong[int(row["id"])], asked[int(row["id"])] = row["mturk"]["given"] < 3, True
    _compare("cifar10 test", wrong, asked, labels, said)
    table = pl.read_parquet(data / "text-imdb-label-errors" / "imdb_test_5000.parquet")
    said = np.clip(table[["p_neg", "p_pos"]].to_numpy(), 0, 1)
    wrong = table["verified_error"].fill_null(False).to_numpy()
    _compare("imdb", wrong, table["verified_error"].is_not_null().to_numpy(), table["label"].to_numpy(), said)


def _compare(name: str, wrong: np.ndarray, asked: np.ndarray, labels: np.ndarray, said: np.ndarray) -> None:
    from sklearn.metrics import average_precision_score

    found = find_label_errors(labels, said)
    mine, theirs = average_precision_score(wrong, found.score), best_of_cleanlab(wrong, labels, said)
    among = average_precision_score(wrong[asked], found.score[asked])
    print(
        f"{name:24} AP {mine:.4f}, best of cleanlab {theirs:.4f}, ratio {mine / theirs:.4f}; among asked rows {among:.4f}"
    )


def noisy(data: Path, rows: int = 10_000) -> None:
    """CIFAR-10N: people's labels of the train images, with the built-in vectors; both get the same probabilities."""
    from sklearn.metrics import average_precision_score

    names = pl.read_parquet(data / "images-cifar10" / "cifar10n_train_labels.parquet")
    some = np.sort(np.random.default_rng(0).choice(len(names), rows, replace=False))
    view = ft.read(data / "images-cifar10" / "train.parquet").select(some)
    evidence = Evidence(view)
    vectors, near = evidence.vectors.values, evidence.neighbourhood.rows
    true = names["clean_label"].to_numpy()[some]
    for column in ("aggre_label", "random_label1", "worse_label"):
        labels = names[column].to_numpy()[some].astype(np.int64)
        said = cross_predict(vectors, labels, deal(labels, None), 10, 0)
        found = find_label_errors(labels, said, votes=neighbour_votes(near, labels, 10))
        wrong = labels != true
        mine, theirs = average_precision_score(wrong, found.score), best_of_cleanlab(wrong, labels, said)
        right = wrong[found.flagged].mean()
        print(
            f"cifar10n {column:15} AP {mine:.4f}, best of cleanlab {theirs:.4f}, ratio {mine / theirs:.3f}; noise "
            f"{found.noise:.3f} (true {wrong.mean():.3f}); precision {right:.2f} (expected {found.expected_precision:.2f})"
        )


def speed(rows: int = 500_000) -> None:
    """The same flags, in less time and memory."""
    from cleanlab.filter import find_label_issues

    for classes in (10, 100):
        rng = np.random.default_rng(0)
        true = rng.integers(0, classes, rows)
        labels = np.where(rng.random(rows) < 0.1, rng.integers(0, classes, rows), true)
        said = rng.standard_normal((rows, classes))
        said[np.arange(rows), true] += 3
        np.exp(said, out=said)
        said /= said.sum(axis=1, keepdims=True)
        ratios, same = [], True
        for _ in range(3):
            start = time.process_time()
            mine = prune(labels, said)
            middle = time.process_time()
            theirs = find_label_issues(labels, said, n_jobs=1)
            ratios.append((time.process_time() - middle) / (middle - start))
            same &= np.array_equal(mine, theirs)
        print(f"{rows:,} × {classes}: same flags {same}, {np.median(ratios):.1f} times faster, ", end="")
        ours = _peak(prune, labels, said)
        others = _peak(partial(find_label_issues, n_jobs=1), labels, said)
        print(f"{ours:.1f} MiB against {others:.1f} (1/{others / ours:.0f})")
    labels, said = labels[:20_000], said[:20_000]
    same = [
        np.array_equal(prune(labels, said, rule), find_label_issues(labels, said, filter_by=rule, n_jobs=1))
        for rule in Rule.__args__
    ]
    print(f"all {len(same)} rules alike at 20,000 rows: {all(same)}")


def _peak(call, labels: np.ndarray, said: np.ndarray) -> float:
    tracemalloc.start()
    call(labels, said)
    peak = tracemalloc.get_traced_memory()[1] / 2**20
    tracemalloc.stop()
    return peak


def real_sets(data: Path) -> dict[str, ft.DatasetView]:
    """Sets of every kind, large enough that a quarter of them has a curve."""
    sms = pl.read_csv(data / "text-sms-spam" / "sms.tsv.gz", separator="\t", has_header=False, quote_char=None)
    news = pl.read_csv(data / "text-ag-news" / "ag_news_test.csv.gz", has_header=False)
    waimai = pl.read_csv(data / "text-zh-waimai" / "waimai_10k.csv.gz")
    adult = pl.read_csv(data / "tab-adult" / "adult-train.csv.gz", has_header=False).drop_nulls()
    wine = data / "tab-wine-quality" / "winequality-white.csv.gz"
    wine = pl.read_csv(wine, has_header=False)
    as_text = {"task": "text-classification"}
    return {
        "sms": ft.read(sms.to_dict(as_series=False), target="column_0", text="column_1", **as_text),
        "ag-news": ft.read(
            {"text": news["column_2"].to_list(), "label": news["column_0"].to_list()},
            target="label",
            text="text",
            **as_text,
        ),
        "waimai": ft.read(waimai.to_dict(as_series=False), target="label", text="review", **as_text),
        "adult": ft.read(adult.to_dict(as_series=False), target="column_14", task="tabular-classification"),
        "wine": ft.read(wine.to_dict(as_series=False), target="column_11", task="tabular-classification"),
        "housing": ft.read(data / "tab-california-housing" / "housing.csv.gz", target="median_house_value"),
        "cifar10": ft.read(data / "images-cifar10" / "test.parquet"),
    }


def curve(data: Path, seeds: int = 3, most: int = 12_000) -> None:
    """A curve fitted on a quarter of the rows, against the score with all of them."""
    inside, widths = [], []
    for name, view in real_sets(data).items():
        x, target = probe_vectors(Evidence(view)), view.labels
        classes = len(view.classes) or None
        known = np.flatnonzero(target >= 0 if classes else np.isfinite(target))
        for seed in range(seeds):
            rows = np.random.default_rng(seed).permutation(known)[:most]
            quarter = rows[: len(rows) // 4]
            value, low, high = learning_curve(x[quarter], target[quarter], classes, seed=seed).at(int(len(rows) * 0.8))
            said = cross_predict(x[rows], target[rows], deal(target[rows], None, seed=seed), classes, seed)
            truth = _score(said, target[rows], classes)
            inside.append(low <= truth <= high)
            widths.append(high - low)
            mark = "" if inside[-1] else "  outside"
            print(f"{name:8} seed {seed}: {value:.3f} ({low:.3f} to {high:.3f}), with all rows {truth:.3f}{mark}")
    print(f"inside {sum(inside)} of {len(inside)}; median width {np.median(widths):.3f}")


def _score(said: np.ndarray, target: np.ndarray, classes: int | None) -> float:
    if classes is None:
        return float(1 - np.mean((said - target) ** 2) / np.var(target))
    return float(np.mean(said.argmax(axis=1) == target))


def main(data: str, *parts: str) -> None:
    """Run the parts asked for, all by default."""
    every = {"published": published, "noisy": noisy, "speed": lambda _: speed(), "curve": curve}
    for name in parts or every:
        every[name](Path(data))


if __name__ == "__main__":
    main(*sys.argv[1:])
