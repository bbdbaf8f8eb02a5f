"""Views with edits: the same rows and ids, some left out, some cells changed; what was read stays as it was.

An edited view is a reading of its own over the source it came from. Edits on edits are merged and applied to what was
read first, so applying the same edits again changes nothing, and any of them can be taken back.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from ftkit.data.cell_edit import Cells, changed_cells
from ftkit.data.column import Column
from ftkit.data.convert import ENCODED
from ftkit.data.edits import Edits, edits_of
from ftkit.data.hashing import cell_hashes, hash_bytes, mix, named
from ftkit.data.image import UnreadableImageError, png, png_of
from ftkit.data.image_field import ImageField, describe, with_paths
from ftkit.data.note import Note
from ftkit.data.reading import Reading
from ftkit.data.scan import edited_image, image_cells

if TYPE_CHECKING:
    from ftkit.data.view import DatasetView

SHOWN = 20
Steps = dict[int, list[tuple[str, Any]]]


def apply(view: DatasetView, edits: Any) -> DatasetView:
    """The view with edits; see DatasetView.apply."""
    new = edits_of(edits)
    reading = view._reading
    before = reading.before if isinstance(reading, EditedReading) else reading
    merged = reading.edits + new if isinstance(reading, EditedReading) else new
    edited = _read_again(before, merged)
    positions = None
    if not view.is_whole:
        inner = view.source_rows
        inner = reading.source.kept[inner] if isinstance(reading, EditedReading) else inner
        place = np.full(before.source.rows, -1, dtype=np.int64)
        place[edited.source.kept] = np.arange(edited.source.rows)
        positions = place[inner][place[inner] >= 0]
    return type(view)(edited, positions)


def _read_again(before: Reading, edits: Edits) -> EditedReading:
    """The reading under all edits that count."""
    in_force = edits.in_force()
    ids = {edit.row for edit in in_force}
    places = {name: i for i, name in enumerate(before.ids.tolist()) if name in ids}
    known = [(places[edit.row], edit) for edit in in_force if edit.row in places]
    dropped = {place for place, edit in known if edit.op == "drop"}
    cells, steps, notes = changed_cells(before, [(p, e) for p, e in known if p not in dropped])
    kept = np.setdiff1d(np.arange(before.source.rows), np.fromiter(dropped, np.int64, len(dropped)))
    unknown = sorted(ids - set(places))
    if unknown:
        notes = [_unknown(unknown, len(in_force), before), *notes]
    return EditedReading(before, Edited(before, kept, cells, steps), edits, tuple(notes))


def _unknown(rows: list[str], total: int, before: Reading) -> Note:
    """The note on edits of rows that are not here; the nearest id of the first is named."""
    first = rows[0]
    alike = [i for i in before.ids.tolist() if i[:4] == first[:4] or i[-6:] == first[-6:]][:2000]
    close = difflib.get_close_matches(first, alike, n=1, cutoff=0.6)
    nearest = f", nearest is '{close[0]}'" if close else ""
    lost = f"{len(rows):,} rows" if len(rows) > 1 else "a row"
    message = (
        f"Of {total:,} edits some are about {lost} not in {before.name} (first: '{first}'{nearest}); "
        "these change nothing."
    )
    if total == 1:
        message = f"The edit is about row '{first}', which is not in {before.name}{nearest}; it changes nothing."
    return Note("EDT101", "warning", message, tuple(rows[:SHOWN]))


class Edited:
    """A source behind edits: rows left out, cells put in the place of others.

    Parameters
    ----------
    before : Reading
        What was read.
    kept : ndarray of int
        Positions, in that source, of the rows that stay; rising.
    cells : dict of str to Cells
        By column.
    steps : dict of int to list
        Position in that source to the (op, value) pairs its image goes through.
    """

    def __init__(self, before: Reading, kept: np.ndarray, cells: dict[str, Cells], steps: Steps) -> None:
        self.inner, self.kept, self.changed, self.steps = before.source, kept, cells, steps
        self.rows = len(kept)
        self.image = before.image_column if steps else None
        schema = before.source.schema
        for name, column in cells.items():
            at = schema.get_field_index(name)
            schema = schema.set(at, schema.field(at).with_type(column.values.type))
        if self.image:
            self.form = describe(schema.field(self.image))
            at = schema.get_field_index(self.image)
            if self.form.form in ("file", "array"):
                schema = schema.set(at, with_paths(pa.field(self.image, ENCODED)))
        self.schema = schema

    def batches(self, name: str) -> Iterator[pa.ChunkedArray]:
        """The column in pieces, in order."""
        start = 0
        for batch in self.inner.batches(name):
            inner = np.arange(start, start + len(batch))
            low, high = np.searchsorted(self.kept, [start, start + len(batch)])
            start += len(batch)
            if high - low < len(batch):
                inner = self.kept[low:high]
                batch = batch.take(pa.array(inner - (start - len(batch))))
            yield self._edit(name, batch, inner)

    def cells(self, name: str, positions: np.ndarray) -> pa.ChunkedArray:
        """The cells of the rows at ``positions``, in their order."""
        inner = self.kept[positions]
        return self._edit(name, self.inner.cells(name, inner), inner)

    def _edit(self, name: str, cells: pa.ChunkedArray, inner: np.ndarray) -> pa.ChunkedArray:
        if name == self.image:
            return self._images(inner)
        return self.changed[name].put(cells, inner) if name in self.changed else cells

    def _images(self, inner: np.ndarray) -> pa.ChunkedArray:
        """The image column: edited images as PNG files, the others as they are."""
        dtype, made = self.schema.field(self.image).type, []
        old = image_cells(self.inner, self.image, self.form, inner)
        for cell, row in zip(old, inner.tolist(), strict=True):
            data = self._png(cell, self.steps[row]) if row in self.steps else None
            if pa.types.is_struct(dtype):
                made.append(_struct(cell, data))
            else:
                made.append(cell if data is None else data)
        return pa.chunked_array([pa.array(made, dtype)], type=dtype)

    def _png(self, cell: Any, steps: list[tuple[str, Any]]) -> bytes | None:
        """The image in a cell after its edits, as a PNG file; None where it cannot be read."""
        try:
            return png_of(edited_image(cell, self.form, steps).picture)
        except UnreadableImageError:
            return None

    def before_edits(self, positions: np.ndarray, form: ImageField) -> tuple[ImageField, list[Any] | None, list[Any]]:
        """The cells of images as they were and their steps, so that they are decoded and edited in one go."""
        if self.image is None:
            return form, None, [None] * len(positions)
        inner = self.kept[positions]
        cells = image_cells(self.inner, self.image, self.form, inner)
        return self.form, cells, [self.steps.get(row) for row in inner.tolist()]


def _struct(cell: Any, data: bytes | None) -> dict[str, Any]:
    """A cell of images in the hub's form."""
    if isinstance(cell, np.ndarray):
        return {"bytes": data or png(cell), "path": None}
    if isinstance(cell, dict):
        return cell if data is None else {**cell, "bytes": data}
    return {"bytes": data, "path": cell}


class EditedReading(Reading):
    """A reading under edits: ids, roles and task are those of what was read.

    Parameters
    ----------
    before : Reading
        What was read.
    source : Edited
        Its cells under the edits.
    edits : Edits
        All that were applied.
    notes : tuple of Note
        On edits that change nothing.
    """

    source: Edited

    def __init__(self, before: Reading, source: Edited, edits: Edits, notes: tuple[Note, ...]) -> None:
        self.before, self.edits = before, edits
        splits = None if before.part_splits is None else before.part_splits[source.kept]
        origin = None
        if before.origin is not None and edits.path is not None:
            origin = {**before.origin, "edits": edits.path}
        super().__init__(
            source,
            before.name,
            before.where,
            before.asked,
            splits=splits,
            notes=before.reading_notes + notes,
            origin=origin if edits else before.origin,
        )

    @cached_property
    def split_column(self) -> str | None:
        """The column that says which split a row is in."""
        return self.before.split_column

    @cached_property
    def id_columns(self) -> list[str]:
        """The columns that name every row once."""
        return self.before.id_columns

    @cached_property
    def ids(self) -> np.ndarray:
        """The ids the rows had."""
        return self.before.ids[self.source.kept]

    @cached_property
    def _columns(self) -> tuple[dict[str, Column], tuple[Note, ...]]:
        return self.before._columns

    @cached_property
    def task(self) -> tuple[str | None, str]:
        """The task and the reason for it."""
        return self.before.task

    def content(self, names: Any = None, positions: np.ndarray | None = None) -> np.ndarray:
        """One uint64 for each row: what it was, with the changed cells exchanged."""
        source = self.source
        inner = source.kept if positions is None else source.kept[positions]
        names = list(source.schema.names if names is None else names)
        total = self.before.content(names, inner)
        for name in names:
            if name == source.image:
                here = [i for i, row in enumerate(inner.tolist()) if row in source.steps]
                said = [json.dumps(source.steps[int(inner[i])], sort_keys=True).encode() for i in here]
                total[here] += mix(hash_bytes(said))
            elif name in source.changed:
                here = np.flatnonzero(np.isin(inner, source.changed[name].rows))
                old = source.inner.cells(name, inner[here])
                new = source.changed[name].put(old, inner[here])
                total[here] += named(name, cell_hashes(new), new) - named(name, cell_hashes(old), old)
        return total
