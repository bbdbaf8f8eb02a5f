"""Files that are whole or not there: written under another name, flushed to the disk, renamed."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any


def write_bytes(path: Path, content: bytes) -> Path:
    """Write a file so that a reader sees the old one or the whole new one, never a part.

    Parameters
    ----------
    path : Path
    content : bytes

    Returns
    -------
    Path
        The same path.

    Raises
    ------
    OSError
        The disk is full or the folder cannot be written; what was there before is still there.
    """
    building = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with building.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        building.replace(path)
    finally:
        building.unlink(missing_ok=True)
    return path


def write_json(path: Path, value: Any) -> Path:
    """Write a value as JSON, whole or not at all; NaN is not JSON and is refused."""
    return write_bytes(path, json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False).encode())


def read_json(path: Path, default: Any) -> Any:
    """The value in a JSON file, or ``default`` where the file is not there yet."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return default
