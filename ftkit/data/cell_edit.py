"""What edits do to cells: which values come in the place of which, and which edits cannot be applied."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ftkit.data.cells import is_number, is_stringy, strings
from ftkit.data.edit import Edit
from ftkit.data.image_field import describe
from ftkit.data.note import Note
from ftkit.data.reading import Reading
from ftkit.data.source import column as whole_column
from ftkit.errors import DataError, nearest
from ftkit.task import get_task

BLACKED = "[redacted]"
SHOWN = 12
Placed = list[tuple[int, Edit]]
_MISS = object()


class _FaultError(Exception):
    """Why one edit cannot be applied; told with the others."""


@dataclass(frozen=True)
class Cells:
    """New cells of one column: ``values`` of the rows at ``rows``, which rise."""

    rows: np.ndarray
    values: pa.Array

    def put(self, cells: pa.ChunkedArray, positions: np.ndarray) -> pa.ChunkedArray:
        """The cells of the rows at ``positions`` with the new ones in their place."""
        dtype = self.values.type
        cells = cells if cells.type == dtype else cells.cast(dtype)
        at = np.searchsorted(self.rows, positions)
        hit = self.rows[np.minimum(at, len(self.rows) - 1)] == positions
        if not hit.any():
            return cells
        if pa.types.is_dictionary(dtype):
            plain = Cells(self.rows, self.values.cast(dtype.value_type)).put(cells.cast(dtype.value_type), positions)
            encoded = pa.concat_arrays(plain.chunks).dictionary_encode()
            return pa.chunked_array([encoded.cast(dtype)], type=dtype)
        both = pa.chunked_array([*cells.chunks, self.values], type=dtype)
        return both.take(pa.array(np.where(hit, len(cells) + at, np.arange(len(cells)))))


def changed_cells(reading: Reading, placed: Placed) -> tuple[dict[str, Cells], dict[int, list], list[Note]]:
    """The new cells by column, the steps of edited images by row, and notes on edits that change nothing.

    Parameters
    ----------
    reading : Reading
        What was read.
    placed : list of (int, Edit)
        Edits with the position of their row, in the order in which they count.

    Raises
    ------
    DataError
        Some cannot be applied: all of these are listed, those of one kind together.
    """
    faults: Counter[str] = Counter()
    steps: dict[int, dict[str, Any]] = {}
    columns: dict[str, Placed] = {}
    for place, edit in placed:
        try:
            name = _column(reading, edit)
        except _FaultError as fault:
            faults[str(fault)] += 1
            continue
        if edit.op in ("crop", "mask"):
            steps.setdefault(place, {})[edit.op] = edit.value
        elif name is not None:
            columns.setdefault(name, []).append((place, edit))
    notes: list[Note] = []
    cells = {name: made for name, edits in columns.items() if (made := _cells(reading, name, edits, faults, notes))}
    if faults:
        listed = [f"{fault} ({count:,} edits)" if count > 1 else fault for fault, count in faults.items()]
        shown = "".join(f"\n  - {fault}" for fault in listed[:SHOWN])
        more = f"\n  - and {len(listed) - SHOWN:,} more" if len(listed) > SHOWN else ""
        total = sum(faults.values())
        raise DataError(
            f"{reading.where}: {total:,} edit{'s' * (total > 1)} cannot be applied."
            f"{f' {listed[0]}' if len(listed) == 1 else shown + more}"
        )
    # What is painted over is told in pixels of the whole image, so it is painted over before the image is cut.
    return cells, {place: sorted(by_op.items(), reverse=True) for place, by_op in steps.items()}, notes


def _column(reading: Reading, edit: Edit) -> str | None:
    """The column an edit is about."""
    names = reading.source.schema.names
    if edit.op in ("keep", "drop"):
        return None
    name = edit.column
    if name is not None and name not in names:
        raise _FaultError(f"{edit.op}: there is no column '{name}'; {nearest(name, names, 'the columns are')}.")
    if edit.op in ("crop", "mask"):
        if reading.image_column is None or name not in (None, reading.image_column):
            raise _FaultError(f"{edit.op}: {f'column {name!r} holds' if name else 'the rows are'} no images.")
        return reading.image_column
    if edit.op == "relabel" and name is None:
        if reading.target is None:
            raise _FaultError("relabel: there is no target; say which column.")
        return reading.target
    if edit.op == "redact" and name is None:
        texts = [column.name for column in reading.columns.values() if column.role == "text"]
        if len(texts) != 1:
            raise _FaultError(f"redact: say which column; there are {len(texts)} columns of text.")
        return texts[0]
    if describe(reading.source.schema.field(name)) is not None:
        raise _FaultError(f"{edit.op}: column '{name}' holds images, which crop and mask change.")
    return name


def _cells(reading: Reading, name: str, placed: Placed, faults: Counter[str], notes: list[Note]) -> Cells | None:
    """The new cells of one column; what cannot be is counted in ``faults``."""
    rows = np.unique(np.array([place for place, _ in placed], dtype=np.int64))
    old = dict(zip(rows.tolist(), reading.source.cells(name, rows).to_pylist(), strict=True))
    new, full, caster = dict(old), 0, _Caster(reading, name)
    for place, edit in placed:
        if edit.op == "fill" and not _is_missing(new[place]):
            full += new[place] == old[place]
            continue
        try:
            new[place] = caster.value(edit, new[place])
        except _FaultError as fault:
            faults[str(fault)] += 1
    if full:
        message = f"{full:,} edits would fill cells of '{name}' that hold a value; these are left as they are."
        notes.append(Note("EDT102", "info", message))
    changed = [place for place in rows.tolist() if not _same(new[place], old[place])]
    if not changed:
        return None
    try:
        values = caster.array([new[place] for place in changed])
    except _FaultError as fault:
        faults[str(fault)] += 1
        return None
    return Cells(np.array(changed, dtype=np.int64), values)


def blackened(text: str, value: Any) -> str:
    """A text after a ``redact`` of that value: spans put out from the last to the first, or another text."""
    if isinstance(value, str):
        return value
    value = value if isinstance(value, dict) else {"spans": value}
    for start, end, *instead in sorted(value["spans"], reverse=True):
        word = instead[0] if instead else value.get("with", BLACKED)
        if start < len(text):
            text = text[:start] + word + text[end:]
    return text


class _Caster:
    """Values of edits as cells of one column."""

    def __init__(self, reading: Reading, name: str) -> None:
        self.name, self.field, self.reading = name, reading.source.schema.field(name), reading
        self.hub = reading.hub_names.get(name)
        self._classes: Any = _MISS

    def value(self, edit: Edit, old: Any) -> Any:
        """The new value of a cell."""
        if edit.op == "redact":
            return self._redacted(edit, old)
        if edit.op in ("relabel", "fill") and self.name == self.reading.target:
            return self._label(edit.value)
        return self._cast(edit.value)

    def array(self, values: list[Any]) -> pa.Array:
        """The values as a column of the source's type, or of the nearest one that can hold them."""
        dtype = self.field.type
        if pa.types.is_null(dtype):
            return pa.array(values)
        if pa.types.is_integer(dtype) and any(isinstance(v, float) for v in values):
            dtype = pa.float64()
        try:
            if pa.types.is_dictionary(dtype):
                return pa.array(values, dtype.value_type).dictionary_encode().cast(dtype)
            return pa.array(values, dtype)
        except (pa.ArrowException, TypeError, ValueError, OverflowError):
            raise _FaultError(f"column '{self.name}' holds {dtype}; some values do not fit.") from None

    def _cast(self, value: Any) -> Any:
        dtype = self.field.type
        if value is None or pa.types.is_null(dtype):
            return value
        if self.hub is not None:
            return self._place(value, self.hub)
        if is_stringy(dtype):
            if isinstance(value, (dict, list)):
                raise _FaultError(f"column '{self.name}' holds text, not {type(value).__name__}.")
            return value if isinstance(value, str) else strings(pa.chunked_array([[value]]))[0].as_py()
        if pa.types.is_boolean(dtype):
            return self._boolean(value)
        if is_number(dtype):
            return self._number(value)
        return self._other(value)

    def _number(self, value: Any) -> Any:
        try:
            number = float(value) if not isinstance(value, (bool, dict, list)) else None
        except ValueError:
            number = None
        if number is None or not np.isfinite(number):
            raise _FaultError(f"column '{self.name}' holds numbers; {value!r} is none.")
        if pa.types.is_decimal(self.field.type):
            return pa.scalar(str(value)).cast(self.field.type).as_py()
        whole = pa.types.is_integer(self.field.type) and number.is_integer()
        return int(value) if whole and isinstance(value, int) else int(number) if whole else number

    def _boolean(self, value: Any) -> bool:
        words = {"true": True, "false": False, "1": True, "0": False}
        if str(value).lower() not in words:
            raise _FaultError(f"column '{self.name}' holds true and false; {value!r} is neither.")
        return words[str(value).lower()]

    def _other(self, value: Any) -> Any:
        """Dates, lists, structs: what Arrow takes."""
        dtype = self.field.type
        try:
            if isinstance(value, str) and not pa.types.is_nested(dtype):
                return pc.cast(pa.scalar(value), dtype).as_py()
            return pa.scalar(value, dtype).as_py()
        except (pa.ArrowException, TypeError, ValueError, AttributeError):
            raise _FaultError(f"column '{self.name}' holds {dtype}; {str(value)[:60]!r} does not fit.") from None

    def _redacted(self, edit: Edit, old: Any) -> Any:
        if not is_stringy(self.field.type):
            raise _FaultError(f"redact: column '{self.name}' holds {self.field.type}, not text.")
        if old is None or edit.value is None:
            return None if old is None else BLACKED
        return blackened(old, edit.value)

    def _label(self, value: Any) -> Any:
        """A class as the source writes it; for numbers the number."""
        reading = self.reading
        task = reading.task[0]
        if task is None or get_task(task).predicts != "class":
            return self._cast(value)
        if self._classes is _MISS:
            self._classes = _classes(reading)
        text = strings(pa.chunked_array([[value]]))[0].as_py() if not isinstance(value, str) else value.strip()
        if self._classes and text not in self._classes[0]:
            raise _FaultError(
                f"label '{text}' is not one of the {len(self._classes[0])} classes; "
                f"{nearest(text, self._classes[0])}. To add a class use replace."
            )
        coded = self._classes is not None and self._classes[1] and self.hub is None
        return self._cast(self._classes[0].index(text) if coded else text)

    def _place(self, value: Any, names: tuple[str, ...]) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < len(names):
            return value
        stripped = [name.strip() for name in names]
        if str(value).strip() not in stripped:
            raise _FaultError(f"'{value}' is not one of the names of '{self.name}'; {nearest(value, names)}.")
        return stripped.index(str(value).strip())


def _classes(reading: Reading) -> tuple[tuple[str, ...], bool] | None:
    """The classes, and whether the source holds their codes; None where labels cannot be read as they are."""
    try:
        classes = reading.labels.classes
    except DataError:
        return None
    if reading.asked.classes is None or reading.hub_names.get(reading.target):
        return classes, False
    written = {str(v).strip() for v in pc.unique(strings(whole_column(reading.source, reading.target))).to_pylist()}
    return classes, not written & set(classes)


def _is_missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and value != value)


def _same(new: Any, old: Any) -> bool:
    return (_is_missing(new) and _is_missing(old)) or (type(new) is type(old) and new == old)
