"""Texts a second, against nlpaug and against a plain Python loop; one thread, process CPU time, rounds interleaved.

``python tests/benchmarks/bench_text_augment.py`` needs the data sets beside the project; nlpaug is left out where it is
not installed.
"""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path

import numpy as np

from ftkit.augment import (
    Homophones,
    KeyboardTypos,
    OcrErrors,
    RandomCase,
    RandomDeletion,
    RandomInsertion,
    RandomSwap,
    change_texts,
)

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
ROUNDS, FEW = 3, 500


def texts() -> tuple[list[str], list[str]]:
    import ftkit as ft

    english = ft.read(next((DATA / "text-sst2").glob("*train*")))
    name = max(english.columns, key=lambda n: np.mean([len(str(s)) for s in english[:50].strings(n)]))
    chinese = ft.read(next((DATA / "text-zh-waimai").glob("*.csv*")))
    other = max(chinese.columns, key=lambda n: np.mean([len(str(s)) for s in chinese[:50].strings(n)]))
    return [str(s) for s in english.strings(name)], [str(s) for s in chinese.strings(other)]


def loop_deletion(text: str) -> str:
    return " ".join(word for word in text.split() if random.random() > 0.1)


def loop_swap(text: str) -> str:
    words = text.split()
    for _ in range(max(1, len(words) // 10)):
        i, j = random.randrange(len(words)), random.randrange(len(words))
        words[i], words[j] = words[j], words[i]
    return " ".join(words)


def loop_letters(table: dict[str, str], rate: float):
    return lambda text: "".join(random.choice(table[c]) if c in table and random.random() < rate else c for c in text)


def rate(work, some: list[str]) -> float:
    began = time.process_time()
    work(some)
    return len(some) / (time.process_time() - began)


def peers() -> dict[str, object]:
    try:
        import nlpaug.augmenter.char as char
        import nlpaug.augmenter.word as word
    except ImportError as error:
        print(f"nlpaug is left out: {error}")
        return {}
    return {
        "deletion": word.RandomWordAug(action="delete", aug_p=0.1),
        "swap": word.RandomWordAug(action="swap", aug_p=0.1),
        "keyboard": char.KeyboardAug(aug_char_p=0.03, aug_word_p=1.0, aug_char_min=0),
        "scanner": char.OcrAug(aug_char_p=0.03, aug_word_p=1.0, aug_char_min=0),
    }


def main() -> int:
    if not DATA.is_dir():
        print(f"the real data sets are not there: {DATA}")
        return 0
    english, chinese = texts()
    keys = dict.fromkeys("abcdefghijklmnopqrstuvwxyz", "qwertyuiop")
    jobs = {
        "deletion": (RandomDeletion(), loop_deletion, english),
        "swap": (RandomSwap(), loop_swap, english),
        "insertion": (RandomInsertion(), None, english),
        "keyboard": (KeyboardTypos(), loop_letters(keys, 0.03), english),
        "scanner": (OcrErrors(), loop_letters(keys, 0.03), english),
        "case": (RandomCase(), loop_letters({c: c.upper() for c in keys}, 0.1), english),
        "homophones": (Homophones(), None, chinese),
    }
    other = peers()
    for name, (step, loop, some) in jobs.items():
        ids = [str(i) for i in range(len(some))]
        change_texts(some[:10], [step], ids[:10])
        own, plain, peer = [], [], []
        for _ in range(ROUNDS):
            own.append(rate(lambda t, step=step, ids=ids: change_texts(t, [step], ids), some))
            plain += [rate(lambda t, loop=loop: [loop(x) for x in t], some)] if loop else []
            peer += [rate(lambda t, a=other[name]: [a.augment(x) for x in t], some[:FEW])] if name in other else []
        said = [f"{name:12} {np.median(own):9,.0f} texts/s"]
        said += [f"{np.median(own) / np.median(plain):6.1f} times a plain loop"] if plain else []
        said += [f"{np.median(own) / np.median(peer):6.1f} times nlpaug"] if peer else []
        print("  ".join(said), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
