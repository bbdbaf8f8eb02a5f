"""Files on disk: their bytes, and hashes of them, read in threads."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from hashlib import blake2b
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from ftkit.data.source import Source
from ftkit.errors import DataError

T = TypeVar("T")
BLOCK = 4096
_most_threads = min(8, (os.cpu_count() or 1) + 1)


def use_threads(most: int) -> None:
    """Read with so many threads from now on: 1 in a process that is one of several which read."""
    global _most_threads  # noqa: PLW0603 - how a process reads is one thing for all of it
    _most_threads = most


def threaded(work: Callable[[Any], T], things: Iterable[Any]) -> list[T]:
    """What ``work`` makes of each thing, in order, worked on by a few threads."""
    if _most_threads == 1:
        return [work(thing) for thing in things]
    with ThreadPoolExecutor(max_workers=_most_threads) as pool:
        return list(pool.map(work, things))


def read_bytes(path: Path) -> bytes:
    """The bytes of a file, unpacked where its name ends in .gz.

    Raises
    ------
    DataError
        The file cannot be read or unpacked.
    """
    try:
        if path.suffix.lower() == ".gz":
            with gzip.open(path) as file:
                return file.read()
        return path.read_bytes()
    except (OSError, EOFError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise DataError(f"{path} cannot be read: {reason}. Is the file whole, and may you read it?") from None


class FileHashes:
    """The content hashes of the files of a source, each file read once at most."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}

    def of(self, source: Source, name: str, rows: np.ndarray) -> np.ndarray:
        """One uint64 for each row, from the bytes of its file; of a file that cannot be read, from its path."""
        out = np.empty(len(rows), dtype=np.uint64)
        for start in range(0, len(rows), BLOCK):
            paths = source.cells(name, rows[start : start + BLOCK]).to_pylist()
            new = [path for path in paths if path not in self._known]
            self._known.update(zip(new, threaded(_digest, new), strict=True))
            out[start : start + len(paths)] = [self._known[path] for path in paths]
        return out


def _digest(path: str) -> int:
    try:
        content = Path(path).read_bytes()
    except OSError:
        content = b"unreadable\0" + path.encode("utf-8", "surrogateescape")
    return int.from_bytes(blake2b(content, digest_size=8).digest(), "little")
