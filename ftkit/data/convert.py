"""Views as other libraries' objects, and as a few lines of text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ftkit.data.cells import strings
from ftkit.data.chat_type import is_messages, tidy
from ftkit.data.image import UnreadableImageError, png
from ftkit.data.image_field import ImageField
from ftkit.data.image_field import describe as describe_image
from ftkit.data.scan import cell_bytes, image_cells, picture

if TYPE_CHECKING:
    import datasets
    import polars as pl

    from ftkit.data.view import DatasetView

ENCODED = pa.struct([("bytes", pa.binary()), ("path", pa.string())])


def frame(columns: Mapping[str, Sequence[Any] | np.ndarray]) -> pl.DataFrame:
    """A polars DataFrame of columns that are sequences.

    Parameters
    ----------
    columns : mapping of str to sequence
        Columns of one length. A column of several types becomes one of strings.

    Returns
    -------
    polars.DataFrame

    Examples
    --------
    >>> frame({"class": ["cat", "dog"], "rows": [3, 5]}).shape
    (2, 2)
    """
    import polars as pl

    def series(name: str, values: Sequence[Any] | np.ndarray) -> pl.Series:
        listed = values.tolist() if isinstance(values, np.ndarray) else list(values)
        try:
            return pl.Series(name, listed)
        except (TypeError, pl.exceptions.PolarsError):
            if all(value is None or isinstance(value, (int, float)) for value in listed):
                return pl.Series(name, listed, pl.Float64, strict=False)
            return pl.Series(name, [value if value is None else str(value) for value in listed])

    return pl.DataFrame([series(name, values) for name, values in columns.items()])


def describe(view: DatasetView) -> str:
    """The few lines a view prints as."""
    columns = view.columns.values()
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in Counter(column.kind for column in columns).items())
    lines = [
        f"DatasetView {view.name!r}: {len(view):,} rows, {len(columns):,} columns",
        f"  task    {view.task_reason}",
    ]
    lines.append(f"  columns {kinds}")
    splits = view.given_split
    counts = Counter(splits.tolist()) if splits is not None else {}
    said = ", ".join(
        f"{counts[name]:,} {name or 'in none'}" for name in ("train", "validation", "test", "") if counts.get(name)
    )
    lines.append(f"  split   {said or 'none came with the data'}")
    return "\n".join(lines)


def count_missing(cells: pa.ChunkedArray) -> int:
    """How many cells are null or NaN."""
    nan = pc.sum(pc.is_nan(cells)).as_py() or 0 if pa.types.is_floating(cells.type) else 0
    return cells.null_count + nan


def row(view: DatasetView, position: int) -> dict[str, Any]:
    """One row of the source: images as PIL images (None where unreadable), class codes by their names."""
    reading = view._reading
    out: dict[str, Any] = {}
    for field in reading.source.schema:
        if field.name == reading.image_column:
            out[field.name] = picture(reading, position)
            continue
        cell = reading.source.cells(field.name, np.array([position]))
        names = reading.hub_names.get(field.name)
        value = (strings(cell, names) if names else cell)[0].as_py()
        out[field.name] = tidy(value) if is_messages(field.type) else value
    return out


def to_arrow(view: DatasetView) -> pa.Table:
    """The selected rows under the schema of the source."""
    schema = view._reading.source.schema
    return pa.table([view.column(name) for name in schema.names], schema=schema)


def to_polars(view: DatasetView) -> pl.DataFrame:
    """The selected rows in polars."""
    import polars as pl

    return pl.from_arrow(to_arrow(view))  # type: ignore[return-value]


def to_datasets(view: DatasetView) -> datasets.Dataset:
    """The selected rows with the hub's features."""
    import datasets

    schema = view._reading.source.schema
    table = pa.table({name: encoded(view, name) for name in schema.names})
    features = datasets.Features.from_arrow_schema(table.schema)
    for field in schema:
        if describe_image(field) is not None:
            features[field.name] = datasets.Image()
    for name, names in view._reading.hub_names.items():
        features[name] = datasets.ClassLabel(names=list(names))
    coded = view.target is not None and view.task is not None and view.target not in view._reading.hub_names
    if coded and view.classes and table.schema.field(view.target).type != pa.bool_():
        features[view.target] = datasets.ClassLabel(names=list(view.classes))
        codes = view._take(view._reading.labels.values)
        at = table.schema.get_field_index(view.target)
        table = table.set_column(at, view.target, pa.array(codes, mask=codes < 0))
    return datasets.Dataset(table.replace_schema_metadata(None).cast(features.arrow_schema))


def encoded(view: DatasetView, name: str) -> pa.ChunkedArray:
    """A column whose images, if it has any, are the hub's structs of bytes and path."""
    source = view._reading.source
    form = describe_image(source.schema.field(name))
    if form is None or (form.form == "struct" and not form.paths):
        return view.column(name)
    chunks = []
    rows = view.source_rows
    for start in range(0, len(rows), 1024):
        cells = image_cells(source, name, form, rows[start : start + 1024])
        chunks.append(pa.array([_struct(cell, form) for cell in cells], ENCODED))
    return pa.chunked_array(chunks, type=ENCODED)


def _struct(cell: Any, form: ImageField) -> dict[str, Any]:
    if isinstance(cell, np.ndarray):
        return {"bytes": png(cell), "path": None}
    path = cell["path"] if isinstance(cell, dict) else cell if isinstance(cell, str) else None
    try:
        data = cell_bytes(cell, form)
    except UnreadableImageError:
        data = None
    return {"bytes": data, "path": Path(path).name if path else None}
