"""Scalers, encoders and whole tables against scikit-learn: process CPU time, interleaved rounds; memory of one pass.

``python tests/benchmarks/bench_preprocess.py`` prints ratios (above 1: ftkit is faster), the largest difference, and
the bytes that transforming 1,000,000 x 50 takes beyond the table and the result.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    PowerTransformer,
    RobustScaler,
    StandardScaler,
    TargetEncoder,
)

import ftkit as ft
from ftkit.preprocess import OneHot, Ordinal, Scaler, TableEncoder, TargetMeans

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
ROUNDS = 5
TABLES = {
    "credit": ("tab-credit-default/UCI_Credit_Card.csv.gz", "Y"),
    "california": ("tab-california-housing/housing.csv.gz", "median_house_value"),
    "adult": ("tab-adult/adult-train.csv.gz", "column_15"),
    "bank": ("tab-bank-marketing/bank-additional-full.csv.gz", "y"),
}


def race(ours: Callable[[], object], theirs: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Their best CPU time through ours, rounds interleaved."""
    best = [np.inf, np.inf]
    for _ in range(rounds):
        for i, work in enumerate((ours, theirs)):
            began = time.process_time()
            work()
            best[i] = min(best[i], time.process_time() - began)
    return best[1] / best[0]


def say(what: str, fit: float, transform: float, apart: float) -> bool:
    """One line; whether it is as it must be."""
    fine = fit >= 1 and transform >= 1 and apart <= 1e-6
    print(f"{what:40} fit {fit:6.2f}  transform {transform:6.2f}  apart {apart:.1e}  {'' if fine else 'BELOW'}")
    return fine


def scalers(name: str, table: np.ndarray) -> list[bool]:
    peers = {"zscore": StandardScaler, "minmax": MinMaxScaler, "robust": RobustScaler}
    fine = []
    for method, peer in peers.items():
        ours, theirs = Scaler.fit(table, method), peer().fit(table)
        fit = race(lambda m=method: Scaler.fit(table, m), lambda p=peer: p().fit(table))
        transform = race(lambda o=ours: o.transform(table), lambda t=theirs: t.transform(table))
        apart = float(np.nanmax(np.abs(ours.transform(table) - theirs.transform(table))))
        fine.append(say(f"{name}: {method}", fit, transform, apart))
    return fine


def powers(name: str, table: np.ndarray) -> bool:
    """Yeo-Johnson on columns that have values of both signs or 0."""
    table = table[np.isfinite(table).all(axis=1)]
    scaler = Scaler.fit(table, "power")
    table = table[:, [kind == "yeo-johnson" for kind, _ in scaler.powers]]
    ours, theirs = Scaler.fit(table, "power"), PowerTransformer().fit(table)
    fit = race(lambda: Scaler.fit(table, "power"), lambda: PowerTransformer().fit(table), 3)
    transform = race(lambda: ours.transform(table), lambda: theirs.transform(table), 3)
    return say(f"{name}: power", fit, transform, float(np.abs(ours.transform(table) - theirs.transform(table)).max()))


def encoders(name: str, rows: ft.DatasetView) -> list[bool]:
    """From the column a user has: Arrow strings here, a column of Python strings there; and from the latter for both."""
    names = [n for n in rows.features if rows.columns[n].kind == "category"]
    arrow = {n: rows.text_cells(n) for n in names}
    plain = {n: np.array([cell or "" for cell in rows.strings(n)], dtype=object)[:, None] for n in names}
    labels = rows.labels
    fine = []

    def add(what: str, ours: Callable, theirs: Callable, use: Callable, peer: Callable) -> None:
        for form, cells in (("a view's columns", arrow), ("Python strings", {n: p[:, 0] for n, p in plain.items()})):
            made, other = {n: ours(cells[n]) for n in names}, {n: theirs(plain[n]) for n in names}
            fit = race(lambda c=cells: [ours(c[n]) for n in names], lambda: [theirs(plain[n]) for n in names])
            transform = race(
                lambda c=cells, m=made: [use(m[n], c[n]) for n in names],
                lambda o=other: [peer(o[n], plain[n]) for n in names],
            )
            whole = [n for n in names if not arrow[n].null_count]
            apart = max(float(np.abs(use(made[n], cells[n]) - peer(other[n], plain[n])).max()) for n in whole)
            fine.append(say(f"{name}: {what}, {form}", fit, transform, apart))

    add(
        "onehot",
        lambda c: OneHot.fit(c, rarest=1, most=None),
        lambda c: OneHotEncoder(sparse_output=False, dtype=np.float32).fit(c),
        lambda made, c: made.transform(c)[:, :-2],
        lambda made, c: made.transform(c),
    )
    add("ordinal", Ordinal.fit, lambda c: OrdinalEncoder().fit(c), Ordinal.codes, lambda m, c: m.transform(c)[:, 0])
    add(
        "target",
        lambda c: TargetMeans.fit(c, labels, 2),
        lambda c: TargetEncoder(target_type="binary").fit(c, labels),
        lambda made, c: made.transform(c),
        lambda made, c: made.transform(c),
    )
    return fine


def whole_table(name: str, rows: ft.DatasetView) -> bool:
    """The whole matrix: numbers filled by the median and as z-scores, categories as one-hot."""
    numbers = [n for n in rows.features if rows.columns[n].kind == "number" and not rows.missing(n)]
    words = [n for n in rows.features if rows.columns[n].kind == "category" and not rows.missing(n)]
    pandas = rows.to_pandas()
    theirs = ColumnTransformer(
        [
            ("n", make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), numbers),
            ("c", OneHotEncoder(sparse_output=False, min_frequency=2), words),
        ]
    ).fit(pandas)
    ours = TableEncoder.fit(rows, numbers, words)
    fit = race(lambda: TableEncoder.fit(rows, numbers, words), lambda: theirs.fit(pandas))
    transform = race(lambda: ours.transform(rows, len(rows)), lambda: theirs.transform(pandas))
    made = ours.transform(rows, len(rows))[:, : len(numbers)]
    expected = theirs.transform(pandas)[:, : len(numbers)].clip(-10, 10)
    # float32 here: 1e-6 of 10 deviations.
    return say(f"{name}: whole table", fit, transform, float(np.abs(made - expected).max()) / 10)


def z_scores(name: str, rows: ft.DatasetView) -> bool:
    """Numbers alone from a view, against z-scores of the pandas columns without a median."""
    numbers = [n for n in rows.features if rows.columns[n].kind == "number" and not rows.missing(n)]
    pandas = rows.to_pandas()[numbers]
    ours, theirs = TableEncoder.fit(rows, numbers, []), StandardScaler().fit(pandas)
    fit = race(lambda: TableEncoder.fit(rows, numbers, []), lambda: StandardScaler().fit(pandas))
    transform = race(lambda: ours.transform(rows, len(rows)), lambda: theirs.transform(pandas))
    apart = np.abs(ours.transform(rows, len(rows)) - theirs.transform(pandas).clip(-10, 10)).max() / 10
    return say(f"{name}: z-scores, no median in the peer", fit, transform, float(apart))


def memory(what: str) -> None:
    """In a process of its own: peak memory beyond what was there before the transform."""
    done = subprocess.run([sys.executable, __file__, what], capture_output=True, text=True, check=True)
    print(done.stdout.strip())


def measure(what: str) -> None:
    rng = np.random.default_rng(0)
    table = np.empty((1_000_000, 50))
    for j in range(50):
        table[:, j] = rng.normal(j, 3, 1_000_000)
    if what == "in place":
        scaler = Scaler.fit(table[:1000], "zscore")
        scaler.transform(table[:1000].copy())
        rows = expected = 0
    else:
        import pyarrow as pa

        view = ft.read(pa.table({f"x{j}": table[:, j] for j in range(50)}))
        del table
        encoder = TableEncoder.fit(view[:1000], [f"x{j}" for j in range(50)], [])
        rows, expected = len(view), 200
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew here
    before = memory_of("VmRSS")
    began = time.process_time()
    if rows:
        encoder.transform(view, rows)
    else:
        scaler.transform(table, out=table)
    seconds = time.process_time() - began
    print(
        f"1,000,000 x 50 {what}: {memory_of('VmHWM') - before:.0f} MiB beyond the table of 381 MiB"
        f"{f', of which the float32 result is {expected * 1e6 / 2**20:.0f}' if expected else ''}; {seconds:.2f} s"
    )


def memory_of(what: str) -> float:
    """Memory of this process now (VmRSS) or at its peak (VmHWM), MiB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{what}:")) / 1024


def large() -> int:
    """1,000,000 rows of 50 numbers alone."""
    return 0 if all(scalers("1,000,000 x 50", np.random.default_rng(0).normal(5, 3, (1_000_000, 50)))) else 1


def close() -> int:
    """What was near its mark: powers, and z-scores of numbers alone."""
    rows = ft.read(SHARED / TABLES["credit"][0], target="Y")
    numbers = [n for n in rows.features if rows.columns[n].kind == "number"]
    table = np.stack([rows.numbers(n) for n in numbers], axis=1)
    return 0 if all([powers("credit", table[:5000]), z_scores("credit", rows)]) else 1


def main() -> int:
    """Everything; 1 where something is below its mark."""
    fine = []
    views = {name: ft.read(SHARED / path, target=target) for name, (path, target) in TABLES.items()}
    for name, rows in views.items():
        numbers = [n for n in rows.features if rows.columns[n].kind == "number"]
        table = np.stack([rows.numbers(n) for n in numbers], axis=1)
        fine += scalers(name, table)
        if name == "credit":
            fine += [powers(name, table[:5000]), z_scores(name, rows)]
        if name in ("adult", "bank"):
            fine += encoders(name, rows)
        fine.append(whole_table(name, rows))
    memory("in place")
    memory("from a view")
    return 0 if all(fine) and not large() else 1


if __name__ == "__main__":
    alone = {"large": large, "close": close}
    asked = sys.argv[1] if len(sys.argv) > 1 else None
    sys.exit(main() if asked is None else alone[asked]() if asked in alone else measure(asked))
