"""JSON objects as Arrow tables: block by block under one layout."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
from pyarrow import json as arrow_json

from ftkit.data.chat_type import (
    KEY,
    LOOK_AT,
    TOOLS,
    from_arrow,
    is_messages,
    message_form,
    messages_array,
    messages_field,
    told,
)
from ftkit.data.hashing import canonical


@dataclass
class Layout:
    """What the columns of a JSON file were so far.

    Attributes
    ----------
    schema : pyarrow.Schema or None
        Of the first block.
    texts : set of str
        Columns that are kept as strings, because their values are of several types.
    """

    schema: pa.Schema | None = None
    texts: set[str] = field(default_factory=set)

    def learn(self, table: pa.Table) -> None:
        """Remember the columns of the first rows."""
        self.schema = self.schema or table.schema

    def fast(self, data: bytes) -> pa.Table | None:
        """The lines as a table, read by Arrow; None where they are not all as the first rows were."""
        plain = None if self.schema is None or self.texts else _plain_schema(self.schema)
        if plain is None:
            return None
        options = arrow_json.ParseOptions(explicit_schema=plain, unexpected_field_behavior="error")
        try:
            reading = arrow_json.ReadOptions(block_size=max(1 << 24, 1 << 20))
            table = arrow_json.read_json(io.BytesIO(data), reading, options)
        except (pa.ArrowException, OSError):
            return None
        lines = data.count(b"\n") + (not data.endswith(b"\n"))
        return _as_before(table, self.schema) if table.num_rows == lines else None


def as_table(rows: list[dict[str, Any]], layout: Layout) -> pa.Table:
    """Objects as a table; a key whose values are of several types becomes a column of strings."""
    names = list(dict.fromkeys(key for row in rows for key in row))
    columns, fields = [], []
    for name in names:
        array, told_field = _column(name, [row.get(name) for row in rows], name in layout.texts)
        columns.append(array)
        fields.append(told_field)
    table = pa.table(columns, schema=pa.schema(fields)) if names else pa.table({})
    layout.learn(table)
    return table


def holds_chats(rows: list[dict[str, Any]]) -> bool:
    """Whether some key of the objects holds turns."""
    return any(message_form([row.get(name) for row in rows[:LOOK_AT]]) for name in rows[0])


def _column(name: str, values: list[Any], as_text: bool) -> tuple[pa.Array, pa.Field]:
    form = message_form(values)
    if form is not None:
        single = all(value is None or isinstance(value, dict) for value in values)
        return messages_array(values, form), messages_field(name, form, name, single)
    if name in TOOLS and any(isinstance(value, (list, dict)) for value in values):
        texts = [v if v is None or isinstance(v, str) else json.dumps(v, ensure_ascii=False) for v in values]
        return pa.array(texts, pa.string()), pa.field(name, pa.string(), metadata={KEY: b'{"json": true}'})
    array = as_strings(values) if as_text else _array(values)
    return array, pa.field(name, array.type)


def _array(values: list[Any]) -> pa.Array:
    try:
        array = pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
        return as_strings(values)
    return array if not pa.types.is_struct(array.type) or array.type.num_fields else pa.nulls(len(values))


def as_strings(values: list[Any]) -> pa.Array:
    """Strings as they are, anything else as JSON."""
    return pa.array([v if v is None or isinstance(v, str) else canonical(v).decode() for v in values], pa.string())


def kind_of(value: Any) -> str:
    """What a JSON value is, in words."""
    return {list: "a list", str: "a string", bool: "a truth value", type(None): "null"}.get(type(value), "a number")


def _plain_schema(schema: pa.Schema) -> pa.Schema | None:
    """The schema Arrow's own reader is to use; None where it would not read the same."""
    fields = []
    for column in schema:
        dtype = column.type
        if is_messages(dtype):
            form = told(column)
            if form["single"]:
                return None
            keys = ("from", "value") if form["form"] == "sharegpt" else ("role", "content")
            dtype = pa.list_(pa.struct([(key, pa.string()) for key in keys]))
        elif told(column) or pa.types.is_null(dtype):
            return None
        fields.append(pa.field(column.name, dtype))
    return pa.schema(fields)


def _as_before(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """The table with its chats in the canonical form."""
    columns = [
        from_arrow(table.column(f.name), told(f)["form"]) if is_messages(f.type) else table.column(f.name)
        for f in schema
    ]
    return pa.table(columns, schema=schema)
