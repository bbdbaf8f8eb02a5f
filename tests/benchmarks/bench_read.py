"""How long and how much memory opening large data takes: ``python tests/benchmarks/bench_read.py [rows] [files]``.

Each step runs in a process of its own; its peak memory is what the step adds to importing ftkit's readers.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

STEPS = ("open", "ids", "labels", "fingerprint")
CHILD = """
import json, resource, sys, time
import ftkit as ft
import ftkit.data.reader
import polars
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
step, path = sys.argv[1:]
ft.read("iris").labels
before, start = peak(), time.perf_counter()
view = ft.read(path)
if step != "open":
    getattr(view, step)
seconds = time.perf_counter() - start
print(json.dumps({"rows": len(view), "seconds": seconds, "mib": peak() - before}))
"""


def make_parquet(path: Path, rows: int) -> None:
    """A table of ten columns: numbers with and without fractions, words, codes, a truth value and a target."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    rng = np.random.default_rng(0)
    words = np.array(["红", "green", "blue", "grey", "black"])
    columns = {f"x{i}": rng.standard_normal(rows) for i in range(5)}
    columns |= {
        "count": rng.integers(0, 1000, rows),
        "flag": rng.random(rows) < 0.5,
        "word": words[rng.integers(0, 5, rows)],
    }
    columns |= {"code": np.char.add("n", rng.integers(0, rows, rows).astype(str)), "label": rng.integers(0, 4, rows)}
    pq.write_table(pa.table(columns), path, row_group_size=100_000)


def make_folder(root: Path, files: int) -> None:
    """Class folders of files that look like images by their name alone: opening must not look inside."""
    for name in range(10):
        (root / f"class {name}").mkdir(parents=True)
    for i in range(files):
        (root / f"class {i % 10}" / f"picture-{i:06d}.jpg").write_bytes(b"not decoded")


def measure(step: str, path: Path) -> dict[str, float]:
    """One step in a fresh process."""
    command = [sys.executable, "-c", CHILD, step, str(path)]
    done = subprocess.run(
        command, check=True, capture_output=True, text=True, env=os.environ | {"OMP_NUM_THREADS": "1"}
    )
    return json.loads(done.stdout)


def main(rows: int = 1_000_000, files: int = 100_000) -> None:
    """Make the data, measure, print."""
    with tempfile.TemporaryDirectory() as folder:
        table, photos = Path(folder) / "table.parquet", Path(folder) / "photos"
        make_folder(photos, files)
        # In a process of its own: a child's peak begins at the memory of the process that starts it.
        subprocess.run([sys.executable, __file__, "make", str(table), str(rows)], check=True)
        for name, path in (("parquet", table), ("folder", photos)):
            for step in STEPS:
                best = min((measure(step, path) for _ in range(3)), key=lambda result: result["seconds"])
                rate = best["rows"] / best["seconds"]
                print(f"{name:8} {step:12} {best['seconds']:7.3f} s {rate:14,.0f} rows/s {best['mib']:7.0f} MiB")


if __name__ == "__main__":
    if sys.argv[1:2] == ["make"]:
        make_parquet(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        main(*map(int, sys.argv[1:]))
