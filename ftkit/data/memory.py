"""Objects of other libraries that hold rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from ftkit.data.image_field import describe, with_paths
from ftkit.data.json_table import Layout, as_table, holds_chats
from ftkit.data.parquet import mark_images
from ftkit.data.part import Part
from ftkit.data.source import Table, first_line, quoted
from ftkit.data.splits import split_of
from ftkit.errors import DataError


def open_object(thing: Any) -> list[Part]:
    """The rows of a pandas, polars, Arrow or ``datasets`` object, a dict of columns or a list of dicts.

    Raises
    ------
    DataError
        The object is of another kind, empty, or has a column that Arrow cannot hold.
    """
    library = type(thing).__module__.split(".")[0]
    if library == "datasets":
        return _from_datasets(thing)
    return [_part(_table(thing, library), f"{library} {type(thing).__name__}")]


def _from_datasets(thing: Any) -> list[Part]:
    if isinstance(thing, Mapping):
        if not thing:
            raise DataError("the DatasetDict is empty.")
        parts = []
        for name, dataset in thing.items():
            part = _part(_dataset_table(dataset), f"split '{name}'")
            parts.append(Part(part.source, part.name, split_of(str(name).split(".")[0]) or ""))
        return parts
    return [_part(_dataset_table(thing), f"datasets {type(thing).__name__}")]


def _dataset_table(dataset: Any) -> pa.Table:
    """The rows of a Dataset, its indices respected, under a schema that carries its features."""
    if not hasattr(dataset, "data"):
        raise DataError(
            "a streamed dataset has no length; read it with streaming=False, or take some rows of it first."
        )
    table = dataset.data.table if dataset._indices is None else dataset.with_format("arrow")[:]
    return table.replace_schema_metadata(dataset.features.arrow_schema.metadata)


def _table(thing: Any, library: str) -> pa.Table:
    try:
        if isinstance(thing, pa.Table):
            return thing
        if isinstance(thing, pa.RecordBatch):
            return pa.Table.from_batches([thing])
        if library == "pandas" and hasattr(thing, "columns"):
            return _from_pandas(thing)
        if library == "polars" and type(thing).__name__ in ("DataFrame", "LazyFrame"):
            return (thing.collect() if type(thing).__name__ == "LazyFrame" else thing).to_arrow()
        if isinstance(thing, Mapping) and thing:
            return pa.table({str(name): pa.array(values) for name, values in thing.items()})
        if isinstance(thing, Sequence) and thing and all(isinstance(row, Mapping) for row in thing):
            rows = [dict(row) for row in thing]
            return as_table(rows, Layout()) if holds_chats(rows) else pa.Table.from_pylist(rows)
    except (pa.ArrowException, TypeError, ValueError) as error:
        raise DataError(f"the {type(thing).__name__} cannot be held as a table: {first_line(error)}.") from None
    raise DataError(
        f"rows cannot be read from a {type(thing).__name__}. Give a path, a hub id, an embedded name, or a pandas, "
        "polars, Arrow or datasets object."
    )


def _from_pandas(frame: Any) -> pa.Table:
    """The columns, and the index where it has a name."""
    if any(name is not None for name in frame.index.names):
        frame = frame.reset_index()
    names = [str(name) for name in frame.columns]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DataError(f"the DataFrame has columns of the same name: {quoted(twice)}. Rename them.")
    columns = {}
    for i, name in enumerate(names):
        try:
            columns[name] = pa.array(frame.iloc[:, i], from_pandas=True)
        except (pa.ArrowException, TypeError) as error:
            raise DataError(
                f"column '{name}' of the DataFrame mixes types: {first_line(error)}. Give it one type."
            ) from None
    return pa.table(columns)


def _part(table: pa.Table, name: str) -> Part:
    """A table without names that come twice, without views, and with at least a row."""
    names = table.column_names
    twice = sorted({n for n in names if names.count(n) > 1})
    if twice:
        raise DataError(f"the {name} has columns of the same name: {quoted(twice)}. Rename them.")
    if not table.num_rows or not names:
        raise DataError(f"the {name} has {len(names)} columns and {table.num_rows} rows: there is nothing to read.")
    fields = [field.with_type(_plain(field.type)) for field in table.schema]
    fields = [with_paths(field) if _is_struct(field) else field for field in fields]
    source = Table(table.cast(pa.schema(fields, metadata=table.schema.metadata)))
    source.schema = mark_images(source)
    return Part(source, name)


def _is_struct(field: pa.Field) -> bool:
    form = describe(field)
    return form is not None and form.form == "struct"


def _plain(dtype: pa.DataType) -> pa.DataType:
    """The same type without string views, which few functions know."""
    if pa.types.is_string_view(dtype):
        return pa.large_string()
    if pa.types.is_binary_view(dtype):
        return pa.large_binary()
    if pa.types.is_dictionary(dtype) and pa.types.is_string_view(dtype.value_type):
        return pa.dictionary(dtype.index_type, pa.large_string())
    return dtype
