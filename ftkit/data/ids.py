"""Row ids: they name a row for ever, whatever its position."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from ftkit.data.hashing import mix
from ftkit.errors import DataError

EXACT = ("id", "row_id", "rowid", "_id", "uid", "uuid", "guid", "index")
LIKE = re.compile(r"(?:.*[\W_])?(?:id|uid|uuid|guid|index|idx|row)|.*[a-z0-9]I[dD]", re.UNICODE)
HEX = np.frombuffer(b"0123456789abcdef", dtype=np.uint8)


def looks_like_id(name: str) -> bool:
    """Whether a column of this name may hold row ids."""
    return bool(LIKE.fullmatch(name) or LIKE.fullmatch(name.lower()))


def candidates(schema: pa.Schema, taken: set[str]) -> list[str]:
    """Columns that may hold row ids, the likeliest first."""
    found = [
        field.name
        for field in schema
        if field.name not in taken
        and looks_like_id(field.name)
        and (pa.types.is_integer(field.type) or pa.types.is_string(field.type) or pa.types.is_large_string(field.type))
    ]
    return sorted(found, key=lambda name: EXACT.index(name.lower()) if name.lower() in EXACT else len(EXACT))


def hex_ids(hashes: np.ndarray) -> np.ndarray:
    """Each hash as 16 hex digits."""
    octets = mix(hashes).astype(">u8").view(np.uint8).reshape(-1, 8)
    digits = np.empty((len(octets), 16), dtype=np.uint8)
    digits[:, 0::2], digits[:, 1::2] = HEX[octets >> 4], HEX[octets & 15]
    return digits.reshape(-1).view("S16").astype("U16") if len(digits) else np.array([], dtype="U16")


def count_copies(ids: np.ndarray) -> np.ndarray:
    """The same ids, where the second and later of equal ones end in ``-2``, ``-3``, … in order."""
    order = np.argsort(ids, kind="stable")
    ranked = ids[order]
    first = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]])
    if len(first) == len(ids):
        return ids
    copy = np.arange(len(ids)) - np.repeat(first, np.diff(np.r_[first, len(ids)]))
    out = ids.astype(f"U{ids.dtype.itemsize // 4 + 8}")
    later = np.flatnonzero(copy > 0)
    out[order[later]] = [f"{ids[order[i]]}-{copy[i] + 1}" for i in later]
    return out


def prefix_meeting(ids: np.ndarray, splits: np.ndarray | None) -> np.ndarray:
    """The same ids, where those of a later split that an earlier one has too begin with ``<split>/``."""
    if splits is None or len(np.unique(ids)) == len(ids):
        return ids
    out = ids.astype(f"U{ids.dtype.itemsize // 4 + 12}")
    seen = np.array([], dtype=ids.dtype)
    for split in _in_order(splits):
        rows = np.flatnonzero(splits == split)
        meeting = rows[np.isin(ids[rows], seen)]
        out[meeting] = [f"{split or 'other'}/{ids[row]}" for row in meeting]
        seen = np.union1d(seen, ids[rows])
    return out


def per_split(hashes: np.ndarray, splits: np.ndarray | None) -> np.ndarray:
    """Content ids: copies are counted inside each split, and ids that meet across splits are prefixed."""
    ids = hex_ids(hashes)
    if len(np.unique(hashes)) == len(hashes):
        return ids
    if splits is None:
        return count_copies(ids)
    out = ids.astype("U24")
    for split in _in_order(splits):
        rows = np.flatnonzero(splits == split)
        out[rows] = count_copies(ids[rows])
    return prefix_meeting(out, splits)


def first_repeat(ids: np.ndarray, splits: np.ndarray | None) -> str | None:
    """An id that two rows of the same split have, or None."""
    for split in [None] if splits is None else _in_order(splits):
        part = ids if splits is None else ids[splits == split]
        values, counts = np.unique(part, return_counts=True)
        if (counts > 1).any():
            return str(values[counts > 1][0])
    return None


def check_given(name: str, where: str, ids: Sequence[str | None], repeat: str | None) -> None:
    """A column the user named as the id column must name every row once.

    Raises
    ------
    DataError
        It has missing or repeated values.
    """
    missing = sum(value is None for value in ids)
    if missing:
        raise DataError(f"{where}: id column '{name}' has {missing:,} missing values. Fill them, or leave out id=.")
    if repeat is not None:
        raise DataError(
            f"{where}: id column '{name}' has {repeat!r} in more than one row. "
            "Choose a column that names every row once, or leave out id=."
        )


def _in_order(splits: np.ndarray) -> list[str]:
    """The splits, train first, then by first appearance."""
    values, first = np.unique(splits, return_index=True)
    return [str(v) for v in sorted(values, key=lambda v: (v != "train", first[list(values).index(v)]))]
