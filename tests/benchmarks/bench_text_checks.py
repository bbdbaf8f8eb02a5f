"""Texts: boilerplate planted into 100,000 texts, found again; the time of every check of texts.

Run with ``OMP_NUM_THREADS=1 python tests/benchmarks/bench_text_checks.py [texts]``.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np

import ftkit as ft
from ftkit.quality.check import SkipCheckError
from ftkit.quality.evidence import Evidence
from ftkit.quality.text_checks import CHECKS

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
FOOTERS = (
    "This message is confidential and meant only for the person it is addressed to.",
    "Sent from my phone, please excuse any errors and brevity. To unsubscribe write to the list owner.",
    "Copyright 2024 by the authors. All rights reserved, no part may be reproduced without permission.",
    "本邮件仅供指定收件人使用，如误收请立即删除并通知发件人。",
)
PLANTED = 0.01


def make(count: int) -> tuple[list[str], np.ndarray]:
    """Sentences of real texts in new orders, one in a hundred with a footer; and which."""
    rng = np.random.default_rng(0)
    reviews = ft.read(SHARED / "text-imdb-label-errors" / "imdb_test_5000.parquet", text="text").strings("text")
    chinese = ft.read(SHARED / "text-zh-waimai").strings("review")
    words = np.array([word for text in reviews for word in text.replace("<br />", " ").split()])
    starts = rng.integers(0, len(words) - 200, (count, 8))
    texts = [" ".join(" ".join(words[s : s + 12]) for s in row) for row in starts]
    for i in range(0, count, 10):
        texts[i] = "".join(chinese[j] for j in rng.integers(0, len(chinese), 3))
    which = rng.choice(count, int(PLANTED * count), replace=False)
    for place, i in enumerate(which):
        texts[i] += " " + FOOTERS[place % len(FOOTERS)]
    return texts, which


def main(count: int = 100_000) -> None:
    """Measure and print."""
    texts, which = make(count)
    size = sum(map(len, texts)) / 1e6
    view = ft.read({"text": texts, "n": list(range(count))}, text="text", id="n")
    print(f"{count:,} texts, {size:.0f} million characters")
    evidence = Evidence(view)
    for check in CHECKS:
        start = time.process_time()
        try:
            found = check.run(view, check, evidence)
        except SkipCheckError:
            continue
        rows = {int(row) for finding in found for row in finding.rows}
        print(f"{check.code} {check.name:20} {time.process_time() - start:6.2f} s {len(rows):7,} rows")
        if check.code == "TXT207":
            right = len(rows & set(which.tolist()))
            print(f"       recall {right / len(which):.4f}, precision {right / max(len(rows), 1):.4f}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
