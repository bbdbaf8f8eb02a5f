"""What right and random edits are measured to be worth: ``python tests/benchmarks/bench_worth.py DATA``."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl

import ftkit as ft
from ftkit.quality.worth import worth


def show(name: str, view: ft.DatasetView, true: np.ndarray) -> None:
    """The worth of relabelling or dropping the wrong rows, and of dropping or relabelling as many random ones."""
    rng = np.random.default_rng(11)
    ids, given, classes = view.ids, view.labels, view.classes
    wrong = np.flatnonzero(given != true)
    other = rng.choice(len(view), len(wrong), replace=False)
    turned = (given[other] + rng.integers(1, len(classes), len(other))) % len(classes)
    edits = [_edit(ids[i], "relabel", classes[true[i]], "right relabel", view.target) for i in wrong]
    edits += [_edit(ids[i], "drop", None, "right drop", None) for i in wrong]
    edits += [_edit(ids[i], "drop", None, "random drop", None) for i in other]
    edits += [
        _edit(ids[i], "relabel", classes[k], "random relabel", view.target) for i, k in zip(other, turned, strict=True)
    ]
    start = time.perf_counter()
    for one in worth(view, edits):
        print(
            f"{name:16} {one.group:15} {one.n:6,} edits {one.change:+.4f} ({one.low:+.4f} to {one.high:+.4f}) {one.helps}"
        )
    print(f"{time.perf_counter() - start:.1f} s")


def _edit(row: str, op: str, value: str | None, because: str, column: str | None) -> dict:
    return {"row": str(row), "op": op, "column": column, "value": value, "because": because}


def main(data: str) -> None:
    """CIFAR-10N's worst labels of 5,000 images; adult with a tenth of the labels flipped."""
    folder = Path(data) / "images-cifar10"
    names = pl.read_parquet(folder / "cifar10n_train_labels.parquet")
    some = np.sort(np.random.default_rng(0).choice(len(names), 5000, replace=False))
    images = pl.read_parquet(folder / "train.parquet")[some]
    true = names["clean_label"].to_numpy()[some]
    with tempfile.TemporaryDirectory() as temporary:
        path = Path(temporary) / "images.parquet"
        images.with_columns(label=pl.Series(names["worse_label"].to_numpy()[some].astype(str))).write_parquet(path)
        show("cifar10n worst", ft.read(path, target="label", task="image-classification"), true)
    table = pl.read_csv(Path(data) / "tab-adult" / "adult-train.csv.gz", has_header=False).drop_nulls()
    rich = table["column_14"].str.contains(">50K").to_numpy()
    flipped = rich ^ (np.random.default_rng(1).random(len(rich)) < 0.1)
    columns = table.drop("column_14").to_dict(as_series=False) | {"income": np.where(flipped, "rich", "poor").tolist()}
    view = ft.read(columns, target="income", task="tabular-classification")
    show("adult 10% flips", view, rich.astype(np.int64) if view.classes[1] == "rich" else 1 - rich.astype(np.int64))


if __name__ == "__main__":
    main(*sys.argv[1:])
