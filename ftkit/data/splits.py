"""The names of the splits that data comes with."""

from __future__ import annotations

import re
from collections.abc import Sequence

SPLITS = {
    **dict.fromkeys(("train", "training", "训练", "训练集"), "train"),
    **dict.fromkeys(("validation", "valid", "val", "dev", "eval", "验证", "验证集"), "validation"),
    **dict.fromkeys(("test", "testing", "t10k", "测试", "测试集"), "test"),
}


def split_of(name: str | None) -> str | None:
    """The split a folder or a cell is called after, or None."""
    return None if name is None else SPLITS.get(name.strip().lower())


def split_in(file_name: str) -> str | None:
    """The one split a file name speaks of (``adult-test.csv.gz``, ``train-00000-of-00002.parquet``), or None."""
    words = re.split(r"[^a-z]+|(?<=train)(?=\d)", file_name.lower())
    found = {split_of(word) for word in [*words, file_name.lower().split(".")[0].split("-")[0]]} - {None}
    return found.pop() if len(found) == 1 else None


def canonical_splits(values: Sequence[str | None]) -> list[str] | None:
    """Each value as train, validation or test; None where one is neither."""
    names = [split_of(value) for value in values]
    return None if any(name is None for name in names) or not names else [str(name) for name in names]
