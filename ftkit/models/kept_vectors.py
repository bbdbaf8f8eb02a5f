"""Vectors of rows by a pre-trained model, kept in the cache folder: what was embedded once is not embedded again."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from ftkit.data.cache import cache_folder, used

VERSION = "v1"


def keep_vectors(rows: np.ndarray, model: str, embed: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """The vectors of rows, of which only those that are not kept yet are made.

    They are kept in ``$FTKIT_CACHE/vectors`` (``~/.cache/ftkit/vectors`` by default) as safetensors, by what each row
    says and by the files of the model; files unused for longest go where the cache is over ``$FTKIT_CACHE_GB`` (20).
    The folder can be removed at any time.

    Parameters
    ----------
    rows : ndarray of uint64, shape (N,)
        A hash of what is embedded of each row. Equal ones are embedded once.
    model : str
        A local folder, or a hub id.
    embed : callable
        Positions, shape (M,), to their vectors, float32 (M, d).

    Returns
    -------
    ndarray of float32, shape (N, d)

    Examples
    --------
    >>> keep_vectors(np.array([3, 3], np.uint64), "/no/such/folder", lambda at: np.ones((len(at), 2), np.float32)).shape
    (2, 2)
    """
    distinct, first, back = np.unique(rows, return_index=True, return_inverse=True)
    print_of = fingerprint(model)
    known = _Known(distinct) if print_of is None else _known(print_of, distinct)
    new = np.flatnonzero(~known.there)
    if len(new):
        vectors = np.asarray(embed(first[new]), dtype=np.float32)
        known.take(new, vectors)
        # The files of a hub's model are there only now, where it was loaded for the first time.
        print_of = print_of or fingerprint(model)
        if print_of is not None:
            _save(print_of, distinct[new], vectors)
    return known.vectors[back]


def fingerprint(model: str) -> str | None:
    """What tells this state of a model from others: its files, or the hub's commit; None where there are none."""
    folder = Path(model)
    if not folder.is_dir():
        from transformers.utils import cached_file

        with suppress(OSError, ValueError):
            folder = Path(cached_file(model, "config.json", local_files_only=True) or model).parent
    files = sorted(file for file in folder.rglob("*") if file.is_file()) if folder.is_dir() and folder.name else []
    if not any(file.name == "config.json" for file in files):
        return None
    about = [(str(f.relative_to(folder)), f.stat().st_size, f.stat().st_mtime_ns) for f in files]
    return blake2b(f"{VERSION}{about}".encode(), digest_size=8).hexdigest()


class _Known:
    """The vectors that are known of some distinct rows."""

    def __init__(self, rows: np.ndarray) -> None:
        self.rows, self.there = rows, np.zeros(len(rows), dtype=bool)
        self.vectors = np.zeros((len(rows), 0), dtype=np.float32)

    def take(self, at: np.ndarray, vectors: np.ndarray) -> None:
        """Learn the vectors of the rows at ``at``."""
        if not self.vectors.shape[1]:
            self.vectors = np.zeros((len(self.rows), vectors.shape[1]), dtype=np.float32)
        self.vectors[at], self.there[at] = vectors, True


def _known(print_of: str, rows: np.ndarray) -> _Known:
    """What the files of this model hold of the rows."""
    known = _Known(rows)
    for path in sorted((cache_folder() / "vectors").glob(f"{print_of}-*.safetensors")):
        try:
            with safe_open(path, framework="numpy") as file:
                held = file.get_tensor("rows")
                place = np.searchsorted(held, rows).clip(max=len(held) - 1)
                at = np.flatnonzero((held[place] == rows) & ~known.there)
                if len(at):
                    known.take(at, file.get_tensor("vectors")[place[at]])
                    used(path)
        except (OSError, SafetensorError):
            continue  # removed meanwhile, or not whole: its rows are embedded again
    return known


def _save(print_of: str, rows: np.ndarray, vectors: np.ndarray) -> None:
    """Keep vectors, rows in ascending order; where there is no room for them they are not kept."""
    name = f"{print_of}-{blake2b(rows.tobytes(), digest_size=8).hexdigest()}.safetensors"
    path = cache_folder() / "vectors" / name
    unfinished = path.with_name(f".{name}.{os.getpid()}.tmp")
    with suppress(OSError, SafetensorError):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            save_file({"rows": rows, "vectors": np.ascontiguousarray(vectors)}, unfinished)
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)
        used(path)
