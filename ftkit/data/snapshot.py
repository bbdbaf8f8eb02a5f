"""A view as one Parquet file that reads back as it was."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ftkit.data import convert
from ftkit.data.image_field import describe
from ftkit.data.source import first_line
from ftkit.errors import DataError

if TYPE_CHECKING:
    from ftkit.data.view import DatasetView

KEY = b"ftkit.snapshot"
ID, SPLIT = "ftkit.row_id", "ftkit.split"
BLOCK = 4096


def save(view: DatasetView, path: Path) -> Path:
    """Write the rows, their ids, splits and roles; see DatasetView.save."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with unfinished.open("wb") as file:
            _write(view, file)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except (OSError, pa.ArrowException) as error:
        raise DataError(f"{path} cannot be written: {first_line(error)}. Choose another place or make room.") from None
    finally:
        unfinished.unlink(missing_ok=True)
    return path


def _write(view: DatasetView, file: Any) -> None:
    schema = _schema(view)
    with pq.ParquetWriter(file, schema, compression="zstd") as writer:
        for start in range(0, max(len(view), 1), BLOCK):
            part = view[start : start + BLOCK]
            columns = [_column(part, field) for field in view._reading.source.schema]
            columns.append(pa.chunked_array([pa.array(part.ids.tolist(), pa.string())]))
            if part.given_split is not None:
                columns.append(pa.chunked_array([pa.array(part.given_split.tolist(), pa.string())]))
            writer.write_table(pa.table(columns, schema=schema))


def _column(view: DatasetView, field: pa.Field) -> pa.ChunkedArray:
    """The cells as they are written: image files by their bytes, pixels as they are."""
    images = describe(field)
    return view.column(field.name) if images is None or images.form == "array" else convert.encoded(view, field.name)


def _schema(view: DatasetView) -> pa.Schema:
    reading = view._reading
    fields = []
    for field in reading.source.schema:
        images = describe(field)
        keep = images is None or images.form == "array" or (images.form == "struct" and not images.paths)
        fields.append(field if keep else pa.field(field.name, convert.ENCODED))
    fields.append(pa.field(ID, pa.string()))
    if view.given_split is not None:
        fields.append(pa.field(SPLIT, pa.string()))
    settled = {
        "target": view.target,
        "task": view.task,
        "split": reading.split_column,
        "id": (reading.id_columns or [None])[0],
    }
    asked = asdict(reading.asked) | settled
    if view.task is not None and view.classes:
        asked["classes"] = list(view.classes)
    metadata = dict(reading.source.schema.metadata or {})
    metadata[KEY] = json.dumps({"version": 1, "name": view.name, "asked": asked}, ensure_ascii=False).encode()
    return pa.schema(fields, metadata=metadata)


def facts(schema: pa.Schema) -> dict[str, Any] | None:
    """What a snapshot says about itself, or None for any other file."""
    written = (schema.metadata or {}).get(KEY)
    return None if written is None else json.loads(written)


def splits(cells: pa.ChunkedArray) -> np.ndarray:
    """The splits a snapshot keeps."""
    return np.array(cells.to_pylist(), dtype="U10")
