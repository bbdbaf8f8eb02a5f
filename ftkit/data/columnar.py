"""Columns as a Parquet file: how predictions are kept."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq


def to_parquet(columns: dict[str, np.ndarray | list]) -> bytes:
    """The bytes of a Parquet file with these columns, the same bytes for the same columns.

    Parameters
    ----------
    columns : dict of str to array, (N,)
        Numbers, or text (None is missing).

    Returns
    -------
    bytes
    """
    sink = io.BytesIO()
    pq.write_table(pa.table({name: pa.array(values) for name, values in columns.items()}), sink, compression="zstd")
    return sink.getvalue()


def read_parquet(path: str | Path, columns: list[str] | None = None) -> dict[str, np.ndarray]:
    """The columns of a Parquet file, or some of them: text as objects, numbers as they are."""
    table = pq.read_table(path, columns=columns)
    return {name: table.column(name).to_numpy() for name in table.column_names}
