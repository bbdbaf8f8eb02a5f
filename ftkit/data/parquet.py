"""Parquet files, snapshots among them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from ftkit.data import snapshot
from ftkit.data.files import read_bytes
from ftkit.data.image_field import binary_field, describe, without_paths
from ftkit.data.part import Part
from ftkit.data.source import Parquet, Source, column
from ftkit.errors import DataError

SUFFIXES = (".parquet", ".pq")
MAGIC = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"BM", b"II*\0", b"MM\0*")


def open_parquet(path: Path, shown: str) -> Part:
    """The rows of a Parquet file; nothing but its footer is read.

    Raises
    ------
    DataError
        It is no whole Parquet file, or has no rows.
    """
    source = Parquet(path, read_bytes(path) if path.suffix.lower() == ".gz" else None)
    if not source.rows:
        raise DataError(f"{shown} has {len(source.schema)} columns and no rows.")
    facts = snapshot.facts(source.schema)
    source.schema = pa.schema([without_paths(field) for field in source.schema], metadata=source.schema.metadata)
    if facts is not None:
        return _snapshot(source, shown, facts)
    source.schema = mark_images(source)
    return Part(source, shown)


def mark_images(source: Source) -> pa.Schema:
    """The schema, where columns of bytes that begin like images are marked as images."""
    schema = source.schema
    for i, field in enumerate(schema):
        binary = pa.types.is_binary(field.type) or pa.types.is_large_binary(field.type)
        if not binary or describe(field) is not None:
            continue
        first = source.cells(field.name, np.array([0]))[0].as_py() or b""
        if first.startswith(MAGIC) or first[8:12] == b"WEBP":
            schema = schema.set(i, binary_field(field.name, field.type))
    return schema


def _snapshot(source: Parquet, shown: str, facts: dict[str, Any]) -> Part:
    """A file that DatasetView.save wrote: ids, splits and roles as they were."""
    ids = column(source, snapshot.ID)
    splits = snapshot.splits(column(source, snapshot.SPLIT)) if snapshot.SPLIT in source.schema.names else None
    keep = [field for field in source.schema if field.name not in (snapshot.ID, snapshot.SPLIT)]
    source.schema = pa.schema(keep, metadata=source.schema.metadata)
    return Part(source, facts["name"], splits, ids, facts=facts["asked"])
