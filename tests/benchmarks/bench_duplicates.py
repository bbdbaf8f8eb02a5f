"""Near-duplicate texts and images against what can be installed, and against known truth.

``python tests/benchmarks/bench_duplicates.py texts [rows]``: texts with 5% planted near-duplicates (case, punctuation,
one word, a tenth of the words; every third in Chinese): recall, precision, CPU seconds beside rensa and datasketch
where they are installed. ``… memory [rows]``: peak memory of a million. ``… cifar``: the lists of ciFAIR.
"""

from __future__ import annotations

import csv
import re
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

DATA = Path(__file__).parents[3] / "shared" / "data"
KINDS = ("case", "punctuation", "one word", "a tenth")
THRESHOLD = 0.6
PAIRS_OF = tuple[np.ndarray, np.ndarray]


def vocabulary(rng: np.random.Generator, chinese: bool, words: int = 20_000) -> np.ndarray:
    """Invented words of Latin letters (3 to 9) or of Chinese characters (1 to 3)."""
    low, high, sizes = (0x4E00, 0x5FFF, (1, 4)) if chinese else (97, 123, (3, 10))
    return np.array(["".join(map(chr, rng.integers(low, high, rng.integers(*sizes)))) for _ in range(words)])


def planted(rows: int, share: float = 0.05, seed: int = 0) -> tuple[list[str], set[tuple[int, int]], np.ndarray]:
    """Texts, the planted pairs, and the kind of each pair by its later text."""
    rng = np.random.default_rng(seed)
    copies = int(rows * share)
    texts, origins = [], []
    books = {chinese: vocabulary(rng, chinese) for chinese in (False, True)}
    for i in range(rows - copies):
        chinese = i % 3 == 0
        words = books[chinese][np.minimum(rng.zipf(1.3, rng.integers(12, 40)), 19_999)]
        words = np.where(rng.random(len(words)) < 0.5, words, rng.choice(books[chinese], len(words)))
        origins.append((words, "" if chinese else " "))
        texts.append(origins[-1][1].join(words))
    chosen = rng.choice(rows - copies, copies, replace=False)
    kinds = np.arange(copies) % len(KINDS)
    for row, kind in zip(chosen.tolist(), kinds.tolist(), strict=True):
        texts.append(change(*origins[row], KINDS[kind], books[origins[row][1] == ""], rng))
    pairs = {(row, rows - copies + i) for i, row in enumerate(chosen.tolist())}
    return texts, pairs, kinds


def change(words: np.ndarray, space: str, kind: str, book: np.ndarray, rng: np.random.Generator) -> str:
    """The text with a small change."""
    words = words.astype(object).copy()
    if kind == "case":
        return space.join(words).upper() if space else "".join(chr(ord(c)) for c in space.join(words)) + "　"
    if kind == "punctuation":
        marks = ",.!?" if space else "，。！？"
        return space.join(w + (marks[rng.integers(4)] if rng.random() < 0.4 else "") for w in words)
    count = 1 if kind == "one word" else max(1, round(len(words) / 10))
    for place in rng.choice(len(words), count, replace=False):
        words[place] = book[rng.integers(len(book))]
    return space.join(words)


def ours(texts: list[str]) -> PAIRS_OF:
    """ftkit: every pair verified."""
    from ftkit.quality.minhash import similar_texts

    found = similar_texts(texts, THRESHOLD)
    return found.first, found.second


def grams(text: str) -> list[str]:
    """The runs of characters the peers are given."""
    text = text.lower()
    return [text[i : i + 5] for i in range(max(1, len(text) - 4))]


def rensa_pairs(texts: list[str]) -> PAIRS_OF:
    """rensa: signatures of all texts at once, 32 bands of 4, its answers as they are."""
    from rensa import RMinHash, RMinHashLSH

    hashes = RMinHash.from_token_sets((grams(text) for text in texts), 128, 42)
    lsh = RMinHashLSH(THRESHOLD, 128, 32)
    lsh.insert_pairs(list(enumerate(hashes)))
    found = lsh.query_all(hashes)
    pairs = [(i, other) for i, others in enumerate(found) for other in others if i < other]
    return np.array([i for i, _ in pairs]), np.array([j for _, j in pairs])


def rensa_verified(texts: list[str]) -> PAIRS_OF:
    """The same job as ours with rensa: punctuation and case away first, then every pair verified."""
    bare = [re.sub(r"[\W_]+", "", text.lower()) for text in texts]
    first, second = rensa_pairs(bare)
    sets: dict[int, set[str]] = {}
    keep = []
    for one, other in zip(first.tolist(), second.tolist(), strict=True):
        a, b = (sets.setdefault(row, set(grams(bare[row]))) for row in (one, other))
        keep.append(len(a & b) >= THRESHOLD * len(a | b))
    return first[keep], second[keep]


def datasketch_pairs(texts: list[str]) -> PAIRS_OF:
    """datasketch: MinHash and LSH with 128 permutations."""
    from datasketch import MinHash, MinHashLSH

    lsh = MinHashLSH(THRESHOLD, 128)
    first, second = [], []
    batch = MinHash.bulk(([g.encode() for g in grams(text)] for text in texts), num_perm=128)
    for i, one in enumerate(batch):
        for other in lsh.query(one):
            first.append(other)
            second.append(i)
        lsh.insert(i, one, check_duplication=False)
    return np.array(first), np.array(second)


PEERS = {
    "ftkit": ours,
    "rensa": rensa_pairs,
    "rensa + verify": rensa_verified,
    "datasketch": datasketch_pairs,
}


def texts_bench(rows: int) -> None:
    """Recall, precision and time of each."""
    texts, truth, kinds = planted(rows)
    for name, find in PEERS.items():
        try:
            seconds, (first, second) = timed(lambda find=find: find(texts))
        except ImportError:
            print(f"{name:15} not installed")
            continue
        found = set(zip(first.tolist(), second.tolist(), strict=True))
        hit = np.array([pair in found for pair in sorted(truth, key=lambda pair: pair[1])])
        by_kind = "  ".join(f"{kind} {hit[kinds == k].mean():.3f}" for k, kind in enumerate(KINDS))
        precision = len(found & truth) / max(len(found), 1)
        print(f"{name:15} {seconds:7.2f} s  recall {hit.mean():.4f}  precision {precision:.5f}  ({by_kind})")


def timed(work: Callable[[], PAIRS_OF]) -> tuple[float, PAIRS_OF]:
    """CPU seconds of this process, threads included, and the answer."""
    start = time.process_time()
    answer = work()
    return time.process_time() - start, answer


def memory_bench(rows: int) -> None:
    """Peak memory, the texts themselves included."""
    texts, truth, _ = planted(rows)
    seconds, (first, second) = timed(lambda: ours(texts))
    found = set(zip(first.tolist(), second.tolist(), strict=True))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{rows:,} texts: {seconds:.1f} s, {peak:.2f} GiB at most, recall {len(found & truth) / len(truth):.4f}")


def cifar_bench() -> None:
    """The pairs ciFAIR lists as near, among all 60,000 images: found as that pair, and as a test image at all."""
    import ftkit as ft
    from ftkit.quality.near_images import similar_images

    folder = DATA / "images-cifar10"
    pixels = np.concatenate([ft.read(folder / f"{part}.parquet").pixels((32, 32))[0] for part in ("test", "train")])
    listed = []
    for name, offset in (("duplicates_test_train.csv", 10_000), ("duplicates_test_test.csv", 0)):
        with (folder / name).open(newline="") as file:
            rows = csv.DictReader(file)
            listed += [(int(row["TestID"]), int(row["TrainID"]) + offset, int(row["Judgment"])) for row in rows]
    start = time.process_time()
    found = similar_images(pixels)
    seconds = time.process_time() - start
    pairs = set(zip(found.first.tolist(), found.second.tolist(), strict=True))
    touched = {row for pair in pairs for row in pair}
    near = [(min(a, b), max(a, b)) for a, b, judged in listed if judged <= 1]
    exact = np.mean([pair in pairs for pair in near])
    image = np.mean([pair[0] in touched for pair in near])
    with_test = sum(first < 10_000 for first, _ in pairs)
    print(f"CIFAR-10: {seconds:.0f} s; of {len(near)} listed near pairs {exact:.3f} found as that pair, {image:.3f} as")
    print(
        f"test image; {with_test} pairs with a test image, {len(pairs)} in all. ciFAIR lists no mirrored ones and one"
    )
    print("train image for each test image: precision has to be judged by eye (see docs/LOG.md).")


if __name__ == "__main__":
    what, *rest = sys.argv[1:] or ["texts"]
    if what == "texts":
        texts_bench(int(rest[0]) if rest else 100_000)
    elif what == "memory":
        memory_bench(int(rest[0]) if rest else 1_000_000)
    elif what == "cifar":
        cifar_bench()
