"""Whole jobs on real data, by ``ftkit run``: what they reach, and how long they take.

``python tests/benchmarks/bench_jobs.py`` needs the data sets beside the project; it exits 1 where a figure is missed.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
FASHION, ADULT, AMES = DATA / "images-fashion-mnist", DATA / "tab-adult", DATA / "tab-ames-housing"
JOBS = {
    # name: (template and parameters, metric, at least, at most seconds)
    "digits": (["finetune-image", "-p", "data", "digits"], "accuracy", 0.97, 90),
    "fashion-mnist": (
        ["finetune-image", "-p", "data", str(FASHION / "train10k-images-idx3-ubyte.gz"), "-p", "test",
         str(FASHION / "t10k-images-idx3-ubyte.gz"), "-p", "epochs", "5", "-p", "augment", "flip"],
        "accuracy", 0.86, 300,
    ),
    "adult": (
        ["finetune-tabular", "-p", "data", str(ADULT / "adult-train.csv.gz"), "-p", "test",
         str(ADULT / "adult-test.csv.gz"), "-p", "target", "column_15", "-p", "epochs", "10"],
        "roc_auc", 0.90, 300,
    ),
    "ames": (
        ["finetune-tabular", "-p", "data", str(AMES / "AmesHousing.csv.gz"), "-p", "target", "SalePrice"],
        "r2", 0.80, 300,
    ),
}  # fmt: skip


def run(name: str, runs: str) -> tuple[dict, float]:
    """The test metric of a job, and its seconds from the shell's prompt to the report."""
    words, metric, _, _ = JOBS[name]
    command = [sys.executable, "-c", "import sys; from ftkit.cli import main; sys.exit(main())"]
    began = time.perf_counter()
    done = subprocess.run(
        [*command, "run", *words, "--runs", runs, "--name", name, "--json"], capture_output=True, text=True, check=True
    )
    metrics = json.loads(done.stdout)["metrics"]
    return next(m for m in metrics if (m["name"], m["split"]) == (metric, "test")), time.perf_counter() - began


def main() -> int:
    if not DATA.is_dir():
        print(f"the real data sets are not there: {DATA}")
        return 0
    missed = False
    with tempfile.TemporaryDirectory() as runs:
        for name, (_, metric, least, seconds) in JOBS.items():
            row, took = run(name, runs)
            met = row["value"] >= least and took <= seconds
            missed |= not met
            print(
                f"{name:14} {metric} {row['value']:.4f} ({row['low']:.4f} to {row['high']:.4f}), at least {least}; "
                f"{took:.0f} s, at most {seconds}: {'met' if met else 'MISSED'}",
                flush=True,
            )
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
