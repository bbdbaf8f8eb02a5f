"""Seconds for metrics with 95% intervals of a million rows, against resampling them with scikit-learn's metrics.

The loop is timed over a few resamples and extrapolated to 2,000. One thread, CPU time; the ratio is what counts.
Run: OMP_NUM_THREADS=1 python tests/benchmarks/bench_evaluate.py
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from sklearn import metrics as sk

from ftkit.evaluate import evaluate

ROWS, RESAMPLES, TIMED = 1_000_000, 2_000, 3


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
        "log_loss": (labels, both, p, sk.log_loss),
        "r2": (numbers, near, near, sk.r2_score),
        "mse": (numbers, near, near, sk.mean_squared_error),
    }
    for name, (true, ours, theirs, metric) in cases.items():
        mine = seconds(lambda true=true, ours=ours, name=name: evaluate(true, ours, metrics=[name], split="test"))
        loop = seconds(peer(metric, true, theirs), TIMED) * RESAMPLES
        print(f"{name:9} {mine:7.3f} s with all its checks   scikit-learn loop {loop:9,.0f} s   {loop / mine:9,.0f} ×")
    table_only()


def table_only() -> None:
    """Macro F1 from the confusion table, the table given: what a comparison or a slice pays."""
    from ftkit.evaluate import confusion
    from ftkit.evaluate.tables import f1_macro, resampled

    draw = np.random.default_rng(0)
    labels = draw.integers(0, 10, ROWS)
    guess = np.where(draw.random(ROWS) < 0.8, labels, draw.integers(0, 10, ROWS))
    table = confusion(labels, guess, 10)
    mine = seconds(lambda: f1_macro(resampled(table, RESAMPLES, 0)))
    loop = seconds(peer(lambda y, g: sk.f1_score(y, g, average="macro"), labels, guess), TIMED) * RESAMPLES
    print(f"macro F1 of a 10 × 10 table {mine:.4f} s   scikit-learn loop {loop:,.0f} s   {loop / mine:,.0f} ×")


if __name__ == "__main__":
    main()
