"""Files too large for memory, kept as Arrow files that memory maps."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from ftkit.data.cache import cache_folder, used
from ftkit.data.faults import Faults
from ftkit.data.note import Note
from ftkit.data.source import BATCH, Source, first_line, gather
from ftkit.errors import DataError


class Mapped:
    """The rows of an Arrow file; the system reads the pages that are looked at."""

    def __init__(self, path: Path) -> None:
        table = self._map(path)
        self.path, self.table, self.schema, self.rows = path, table, table.schema, table.num_rows
        sizes = [len(chunk) for chunk in table.column(0).chunks]
        self._starts = np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)])

    @staticmethod
    def _map(path: Path) -> pa.Table:
        return pa.ipc.open_file(pa.memory_map(str(path))).read_all()

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "table"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state, table=self._map(state["path"]))

    def batches(self, name: str) -> Iterator[pa.ChunkedArray]:
        """The column in pieces, in order."""
        for chunk in self.table.column(name).chunks:
            for start in range(0, len(chunk), BATCH):
                yield pa.chunked_array([chunk.slice(start, BATCH)])

    def cells(self, name: str, positions: np.ndarray) -> pa.ChunkedArray:
        """The cells of the rows at ``positions``, in their order."""
        column = self.table.column(name)
        return gather(
            self._starts,
            positions,
            lambda i, rows: pa.chunked_array([column.chunk(i).take(pa.array(rows))]),
            column.type,
        )


def convert(path: Path, blocks: Callable[[], Iterator[pa.Table]], faults: Faults) -> tuple[Source, Note]:
    """The rows of a file through an Arrow file in the cache folder, made once for each version of the file.

    Raises
    ------
    DataError
        A row is bad and not to be left out, there is no row, or the cache folder cannot be written.
    """
    about = path.stat()
    key = f"{path.absolute()}\0{about.st_size}\0{about.st_mtime_ns}\0{faults.report}\0v1"
    kept = cache_folder() / "rows" / f"{blake2b(key.encode(), digest_size=12).hexdigest()}.arrow"
    if not kept.exists():
        _write(kept, blocks, faults)
    elif faults.report and kept.with_suffix(".json").exists():
        faults.found.extend(map(tuple, json.loads(kept.with_suffix(".json").read_text(encoding="utf-8"))))
    used(kept)
    source = Mapped(kept)
    message = f"{faults.shown} ({about.st_size / 1e9:.1f} GB) is read through {kept}, made once; delete it at will."
    return source, Note("SRC104", "info", message)


def _write(kept: Path, blocks: Callable[[], Iterator[pa.Table]], faults: Faults) -> None:
    schema: pa.Schema | None = None
    unfinished = kept.with_name(f".{kept.name}.{os.getpid()}.tmp")
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        while True:
            wider = _write_under(unfinished, schema, blocks(), faults)
            if wider is None:
                break
            schema = wider
            faults.found.clear()
        if faults.found:
            kept.with_suffix(".json").write_text(json.dumps(faults.found, ensure_ascii=False), encoding="utf-8")
        unfinished.replace(kept)
    except OSError as error:
        advice = "Set FTKIT_CACHE to a folder with room for the whole file."
        raise DataError(f"{kept.parent} cannot be written: {first_line(error)}. {advice}") from None
    finally:
        unfinished.unlink(missing_ok=True)


def _write_under(path: Path, schema: pa.Schema | None, blocks: Iterator[pa.Table], faults: Faults) -> pa.Schema | None:
    """Write the blocks under one schema; the wider schema, where they do not fit it."""
    writer, rows = None, 0
    try:
        for table in blocks:
            if faults.found and not faults.report:
                faults.settle(rows, so_far=True)
            schema = schema or table.schema
            wider = _widened(schema, table.schema)
            if writer is not None and wider != schema:
                return _rest(wider, blocks)
            schema = wider
            writer = writer or pa.ipc.new_file(str(path), schema)
            writer.write_table(fitted(table, schema))
            rows += table.num_rows
    finally:
        if writer is not None:
            writer.close()
    if not rows or (faults.found and not faults.report):
        faults.settle(rows, so_far=True)
        raise DataError(f"{faults.shown} holds no rows.")
    return None


def _rest(schema: pa.Schema, blocks: Iterator[pa.Table]) -> pa.Schema:
    """The schema that holds all further blocks too."""
    for table in blocks:
        schema = _widened(schema, table.schema)
    return schema


def _widened(one: pa.Schema, other: pa.Schema) -> pa.Schema:
    """The schema that holds the cells of both; text where they do not agree."""
    fields = {field.name: field for field in one}
    for field in other:
        known = fields.get(field.name, field)
        if known.type != field.type:
            try:
                pair = [pa.schema([known.remove_metadata()]), pa.schema([field.remove_metadata()])]
                merged = pa.unify_schemas(pair, promote_options="permissive").field(0).type
            except pa.ArrowException:
                merged = pa.string()
            known = known.with_type(merged)
        fields[field.name] = known
    return pa.schema(fields.values())


def fitted(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """The table under a wider schema: columns it lacks are missing, values of another type become text."""
    columns = []
    for field in schema:
        if field.name not in table.column_names:
            columns.append(pa.chunked_array([pa.nulls(table.num_rows, field.type)]))
            continue
        cells = table.column(field.name)
        try:
            columns.append(cells if cells.type == field.type else cells.cast(field.type))
        except pa.ArrowException:
            from ftkit.data.json_table import as_strings

            columns.append(pa.chunked_array([as_strings(cells.to_pylist())]))
    return pa.table(columns, schema=schema)
