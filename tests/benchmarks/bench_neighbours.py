"""Ten nearest neighbours of 20,000 × 384 beside what Datalab uses, and of a million rows, approximately.

``python tests/benchmarks/bench_neighbours.py``: CPU seconds and memory beyond the vectors, each in a process of its
own; ``… million``: an inverted file, with the recall it states and the recall it has.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

CHILD = """
import json, resource, sys, time
import numpy as np
rng = np.random.default_rng(0)
x = rng.standard_normal((20_000, 384), dtype=np.float32)
x /= np.linalg.norm(x, axis=1, keepdims=True)
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
if sys.argv[1] == "ftkit":
    from ftkit.quality.neighbours import nearest_rows
    find = lambda: nearest_rows(x, 10).rows
else:  # as cleanlab's Datalab: scikit-learn, brute force, cosine
    from sklearn.neighbors import NearestNeighbors
    find = lambda: NearestNeighbors(n_neighbors=10, metric="cosine", algorithm="brute").fit(x).kneighbors()[1]
x[:64] @ x[:64].T
before, start = peak(), time.process_time()
rows = find()
seconds, after = time.process_time() - start, peak()
found = x[:300] @ x.T
found[np.arange(300), np.arange(300)] = -2
true = np.argpartition(-found, 10, axis=1)[:, :10]
recall = float(np.mean([len(set(a) & set(b)) / 10 for a, b in zip(true.tolist(), rows[:300].tolist())]))
print(json.dumps({"seconds": seconds, "mib": after - before, "recall": recall}))
"""


def compare() -> None:
    """Ours and scikit-learn's, three times each, alternating."""
    best: dict[str, dict[str, float]] = {}
    for _ in range(3):
        for name in ("ftkit", "scikit-learn"):
            command = [sys.executable, "-c", CHILD, name]
            env = os.environ | {"OMP_NUM_THREADS": "1"}
            done = json.loads(subprocess.run(command, check=True, capture_output=True, text=True, env=env).stdout)
            best[name] = min(best.get(name, done), done, key=lambda result: result["seconds"])
    for name, result in best.items():
        print(f"{name:13} {result['seconds']:6.2f} s  {result['mib']:6.0f} MiB  recall {result['recall']:.4f}")
    ours, theirs = best.values()
    print(f"ratios: {theirs['seconds'] / ours['seconds']:.1f} × time, {theirs['mib'] / ours['mib']:.1f} × memory")


def million(rows: int = 1_000_000, width: int = 384) -> None:
    """Many rows around many centres in 40 dimensions, with noise in all."""
    import resource
    import time

    import numpy as np

    from ftkit.quality.neighbours import nearest_rows

    rng = np.random.default_rng(0)
    centres = rng.standard_normal((rows // 500, 40), dtype=np.float32)
    basis = rng.standard_normal((40, width), dtype=np.float32)
    vectors = np.empty((rows, width), dtype=np.float32)
    for start in range(0, rows, 50_000):
        block = vectors[start : start + 50_000]
        inner = centres[rng.integers(0, len(centres), len(block))]
        block[:] = (inner + 0.7 * rng.standard_normal(inner.shape, dtype=np.float32)) @ basis
        block += 0.5 * rng.standard_normal(block.shape, dtype=np.float32)
        block /= np.linalg.norm(block, axis=1, keepdims=True)
    start_time = time.process_time()
    found = nearest_rows(vectors, 10)
    seconds = time.process_time() - start_time
    some = rng.choice(rows, 300, replace=False)
    similar = vectors[some] @ vectors.T
    similar[np.arange(300), some] = -2
    true = np.argpartition(-similar, 10, axis=1)[:, :10]
    recall = np.mean([len(np.intersect1d(a, b)) / 10 for a, b in zip(true, found.rows[some], strict=True)])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{rows:,} × {width}: {seconds:.0f} s, recall stated {found.recall:.3f}, is {recall:.3f}; {peak:.1f} GiB")


if __name__ == "__main__":
    million() if sys.argv[1:] == ["million"] else compare()
