"""Seconds for metrics with 95% intervals of a million rows, against resampling them with scikit-learn's metrics.

The loop is timed over a few resamples and extrapolated to 1,000. One thread, CPU time; the ratio is what counts.
The ends are held against an exact bootstrap of 20,000 rows by scikit-learn, as shares of its half width.
Run: OMP_NUM_THREADS=1 python tests/benchmarks/bench_evaluate.py
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from sklearn import metrics as sk

from ftkit.evaluate import evaluate

ROWS, RESAMPLES, TIMED = 1_000_000, 1_000, 3


def seconds(work: Callable[[], object], times: int = 3) -> float:
    took = []
    for _ in range(times):
        start = time.process_time()
        work()
        took.append(time.process_time() - start)
    return min(took)


def peer(metric: Callable, labels: np.ndarray, answers: np.ndarray) -> Callable[[], object]:
    draw = np.random.default_rng(0)

    def one() -> float:
        at = draw.integers(0, ROWS, ROWS)
        return metric(labels[at], answers[at])

    return one


def main() -> None:
    draw = np.random.default_rng(0)
    labels = draw.integers(0, 2, ROWS)
    p = 1 / (1 + np.exp(-draw.normal(size=ROWS) - 1.2 * (2 * labels - 1)))
    both, guess = np.column_stack([1 - p, p]), (p > 0.5).astype(int)
    numbers = draw.normal(size=ROWS)
    near = numbers + draw.normal(size=ROWS)
    cases = {
        "accuracy": (labels, both, guess, sk.accuracy_score),
        "f1_macro": (labels, both, guess, lambda y, g: sk.f1_score(y, g, average="macro")),
        "roc_auc": (labels, both, p, sk.roc_auc_score),
        "average_precision": (labels, both, p, sk.average_precision_score),
        "matthews_corrcoef": (labels, both, guess, sk.matthews_corrcoef),
        "log_loss": (labels, both, p, sk.log_loss),
        "r2": (numbers, near, near, sk.r2_score),
        "mse": (numbers, near, near, sk.mean_squared_error),
    }
    for name, (true, ours, theirs, metric) in cases.items():
        mine = seconds(lambda true=true, ours=ours, name=name: evaluate(true, ours, metrics=[name], split="test"))
        loop = seconds(peer(metric, true, theirs), TIMED) * RESAMPLES
        print(f"{name:18} {mine:7.3f} s with all its checks   scikit-learn loop {loop:7,.0f} s   {loop / mine:9,.0f} ×")
    three = ["roc_auc", "average_precision", "f1"]
    mine = seconds(lambda: evaluate(labels, both, metrics=three, split="test"))
    loop = RESAMPLES * seconds(peer(_three, labels, p), TIMED)
    print(
        f"AUC + AP + F1      {mine:7.3f} s with all its checks   scikit-learn loop {loop:7,.0f} s   {loop / mine:9,.0f} ×"
    )
    table_only()
    ends()


def _three(labels: np.ndarray, scores: np.ndarray) -> tuple[float, float, float]:
    area, precision = sk.roc_auc_score(labels, scores), sk.average_precision_score(labels, scores)
    return area, precision, sk.f1_score(labels, scores > 0.5)


def ends(rows: int = 20_000, resamples: int = 2_000) -> None:
    """How far our ends are from those of an exact bootstrap, as a share of its half width."""
    draw = np.random.default_rng(1)
    labels = draw.integers(0, 2, rows)
    p = 1 / (1 + np.exp(-draw.normal(size=rows) - 1.2 * (2 * labels - 1)))
    names = ("roc_auc", "average_precision", "f1", "f1_macro")
    drawn = []
    for _ in range(resamples):
        at = draw.integers(0, rows, rows)
        drawn.append([*_three(labels[at], p[at]), sk.f1_score(labels[at], p[at] > 0.5, average="macro")])
    told = evaluate(labels, np.column_stack([1 - p, p]), metrics=names, split="test")
    told = {row["name"]: row for row in told}  # of F1, that of class 1, which comes last
    for k, name in enumerate(names):
        low, high = np.quantile(np.array(drawn)[:, k], [0.025, 0.975])
        half = (high - low) / 2
        apart = max(abs(told[name]["low"] - low), abs(told[name]["high"] - high)) / half
        print(f"{name:18} ends within {apart:.1%} of the exact bootstrap's half width")


def table_only() -> None:
    """Macro F1 from the confusion table, the table given: what a comparison or a slice pays."""
    from ftkit.evaluate import confusion
    from ftkit.evaluate.averages import f1s, macro
    from ftkit.evaluate.tables import resampled

    draw = np.random.default_rng(0)
    labels = draw.integers(0, 10, ROWS)
    guess = np.where(draw.random(ROWS) < 0.8, labels, draw.integers(0, 10, ROWS))
    table = confusion(labels, guess, 10)
    mine = seconds(lambda: macro(f1s, resampled(table, RESAMPLES, 0)))
    whole = seconds(lambda: macro(f1s, resampled(confusion(labels, guess, 10), RESAMPLES, 0)))
    loop = seconds(peer(lambda y, g: sk.f1_score(y, g, average="macro"), labels, guess), TIMED) * RESAMPLES
    print(f"macro F1, 10 classes, from the table {mine:.4f} s   scikit-learn loop {loop:,.0f} s   {loop / mine:,.0f} ×")
    print(f"macro F1, 10 classes, table counted too {whole:.4f} s   {loop / whole:,.0f} ×")


if __name__ == "__main__":
    main()
