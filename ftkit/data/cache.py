"""The cache folder: what was expensive to make, kept for the next time, within a bound."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

MOST = 20.0  # GB


def cache_folder() -> Path:
    """Where what can be made again is kept: ``$FTKIT_CACHE``, else ``ftkit`` in the user's cache folder."""
    base = os.environ.get("FTKIT_CACHE")
    if base:
        return Path(base)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ftkit"


def used(path: Path) -> None:
    """Note that a kept file is of use now, and remove those unused for longest beyond ``$FTKIT_CACHE_GB`` (20).

    The file itself stays, whatever its size. A reader that has a removed file open goes on undisturbed.
    """
    with suppress(OSError):  # a cache that cannot be tidied is no reason to stop
        os.utime(path)
        room = _most() - path.stat().st_size
        for other in _newest_first(path):
            room -= other.stat().st_size
            if room < 0:
                other.unlink()


def _most() -> float:
    try:
        return float(os.environ.get("FTKIT_CACHE_GB", MOST)) * 1e9
    except ValueError:
        return MOST * 1e9


def _newest_first(path: Path) -> list[Path]:
    """The other kept files, unfinished ones aside."""
    folders = (cache_folder() / "rows", cache_folder() / "vectors")
    kept = [
        file
        for folder in folders
        for file in folder.glob("*")
        if file != path and file.stem != path.stem and not file.name.startswith(".")
    ]
    return sorted(kept, key=lambda file: file.stat().st_mtime, reverse=True)
