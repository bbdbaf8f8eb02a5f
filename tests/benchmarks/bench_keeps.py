"""Which augmentations keep the label of digits, Fashion-MNIST (1,000 rows) and flowers: every trial, with its interval.

``python tests/benchmarks/bench_keeps.py [digits|fashion|flowers]…`` needs the data sets beside the project.
"""

from __future__ import annotations

import sys
import tarfile
import tempfile
import time
from pathlib import Path

import numpy as np

import ftkit as ft

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"


def rows(name: str, folder: Path) -> ft.DatasetView:
    if name == "digits":
        return ft.read("digits")
    if name == "fashion":
        view = ft.read(DATA / "images-fashion-mnist" / "train10k-images-idx3-ubyte.gz")
        return view.select(np.random.default_rng(0).permutation(len(view))[:1000])
    with tarfile.open(DATA / "images-flowers5" / "flowers5.tar") as tar:
        tar.extractall(folder, filter="data")
    return ft.read(folder)


def main() -> None:
    if not DATA.is_dir():
        print(f"the real data sets are not there: {DATA}")
        return
    for name in sys.argv[1:] or ("digits", "fashion", "flowers"):
        with tempfile.TemporaryDirectory() as folder:
            view, began = rows(name, Path(folder)), time.process_time()
            found = ft.augment.suggest(view)
        print(
            f"{name}: {found.rows} rows, plain {found.score:.4f}, {time.process_time() - began:.0f} s of CPU: {found}"
        )
        for trial in found.trials:
            print(f"  {trial.verdict:9} agreement {trial.agreement} use {trial.use} ", *trial.steps, flush=True)


if __name__ == "__main__":
    main()
