"""One decision about one row."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from ftkit.data.image_edit import fault_of_crop, fault_of_mask
from ftkit.errors import DataError, nearest

OPS = {
    "drop": "leave the row out",
    "relabel": "give the row another label",
    "fill": "give a missing cell a value",
    "redact": "black out a cell, or parts of its text",
    "mask": "take a mark off an image, or paint over part of it",
    "crop": "turn an image, or cut it to a box",
    "replace": "give a cell another value, or none",
    "keep": "leave the row as it is, whatever was found",
}
KEYS = ("row", "op", "column", "value", "because", "by", "at")


@dataclass(frozen=True)
class Edit:
    """One decision about one row.

    Parameters
    ----------
    row : str
        The row's id.
    op : {"drop", "relabel", "fill", "redact", "mask", "crop", "replace", "keep"}
        What is to be done.
    column : str, optional
        The column it is done to. ``fill`` and ``replace`` need one; ``relabel`` takes the target, ``mask`` and ``crop``
        the images and ``redact`` the text without one.
    value : str, number, list or dict, optional
        ``relabel``: the class. ``fill``, ``replace``: the cell (``replace`` with None empties it). ``redact``: nothing
        for the whole cell, what stands there instead, or spans of characters ``[[start, end], …]`` (a third member is
        what stands there instead) or ``{"spans": […], "with": "…"}``. ``crop``: ``{"box": [left, top, right, bottom]}``
        in pixels of the upright image, ``{"rotate": 90}`` degrees clockwise, or both, turned first. ``mask``:
        ``{"box": […]}``, ``{"boxes": [[…], …]}``, or run lengths ``{"size": [height, width], "rle": [off, on, …]}`` by
        rows, to be painted over; or ``{"size": …, "layer": "…"}``, a PNG picture in base64 with the colour and the
        opacity of a mark, which is taken off again, and painted over where it is 255. All speak of the upright image in
        the source, before it is cut.
    because : str
        The check's code, or words.
    by : str
        The person or policy.
    at : str
        ISO time.

    Raises
    ------
    DataError
        The op is not known, or the column or value that it needs is missing or of another form.

    Examples
    --------
    >>> Edit("cat/3.jpg", "relabel", value="dog", because="LAB201").to_dict()
    {'row': 'cat/3.jpg', 'op': 'relabel', 'value': 'dog', 'because': 'LAB201'}
    """

    row: str
    op: str
    column: str | None = None
    value: Any = None
    because: str = ""
    by: str = ""
    at: str = ""

    def __post_init__(self) -> None:
        fault = _fault(self)
        if fault is not None:
            raise DataError(fault)

    @property
    def key(self) -> tuple[str, str, str | None]:
        """Row, op and column: of edits with the same key the last one counts."""
        return self.row, self.op, self.column

    def to_dict(self) -> dict[str, Any]:
        """The edit as a line of ``edits.jsonl`` holds it, empty fields left out."""
        values = {key: getattr(self, key) for key in KEYS}
        emptied = self.op == "replace"
        return {k: v for k, v in values.items() if (v is not None and v != "") or (k == "value" and emptied)}

    def to_json(self) -> str:
        """The line of ``edits.jsonl``, without its end."""
        return json.dumps(self.to_dict(), ensure_ascii=False, allow_nan=False)


def edit_of(values: Any) -> Edit:
    """An Edit from a dict of its fields.

    Raises
    ------
    DataError
        It is no dict, has a key that is not known, or the edit itself is at fault.
    """
    if isinstance(values, Edit):
        return values
    if not isinstance(values, dict):
        raise DataError(f"an edit is an object with row and op, not {type(values).__name__}.")
    known = [field.name for field in fields(Edit)]
    for key in values:
        if key not in known:
            raise DataError(f"an edit has no key '{key}'; {nearest(key, known)}.")
    lacking = [key for key in ("row", "op") if values.get(key) is None]
    if lacking:
        raise DataError(f"an edit without '{lacking[0]}'; it needs row and op.")
    return Edit(**{k: v for k, v in values.items() if v is not None or k == "value"})


def _fault(edit: Edit) -> str | None:
    """What is wrong with an edit, in a sentence."""
    for key in ("row", "op", "because", "by", "at"):
        if not isinstance(getattr(edit, key), str):
            return f"an edit's {key} is text, not {type(getattr(edit, key)).__name__}."
    if not edit.row:
        return "an edit needs the id of its row."
    if edit.op not in OPS:
        return f"op '{edit.op}' is not known; {nearest(edit.op, OPS)}."
    if edit.column is not None and (not isinstance(edit.column, str) or not edit.column):
        return f"{edit.op} of row '{edit.row}': its column is a name."
    if edit.at and not _is_time(edit.at):
        return f"{edit.op} of row '{edit.row}': at '{edit.at}' is no ISO time, such as 2026-01-31T12:00:00."
    said = _fault_of_value(edit)
    return None if said is None else f"{edit.op} of row '{edit.row}': {said}"


def _fault_of_value(edit: Edit) -> str | None:
    if edit.op in ("fill", "replace") and edit.column is None:
        return "say which column."
    if edit.op in ("fill", "relabel") and edit.value is None:
        return "say which value."
    if edit.op in ("drop", "keep") and edit.value is not None:
        return "it takes no value."
    if edit.op == "redact":
        return fault_of_spans(edit.value)
    if edit.op == "crop":
        return fault_of_crop(edit.value)
    if edit.op == "mask":
        return fault_of_mask(edit.value)
    try:
        json.dumps(edit.value, allow_nan=False)
    except (TypeError, ValueError):
        return f"its value, {str(edit.value)[:60]!r}, cannot be written as JSON."
    return None


def fault_of_spans(value: Any) -> str | None:
    """What is wrong with the value of a ``redact``, in a sentence."""
    spans = value.get("spans") if isinstance(value, dict) else value
    if value is None or isinstance(value, str):
        return None
    known = isinstance(value, dict) and not set(value) - {"spans", "with"} and isinstance(value.get("with", ""), str)
    if (isinstance(value, dict) and not known) or not isinstance(spans, (list, tuple)):
        return "its value is spans of characters, [[start, end], …], or nothing for the whole cell."
    good = all(
        isinstance(span, (list, tuple))
        and len(span) in (2, 3)
        and all(isinstance(place, int) for place in span[:2])
        and 0 <= span[0] <= span[1]
        and all(isinstance(word, str) for word in span[2:])
        for span in spans
    )
    return None if good else "each span is [start, end] in characters, from 0, or [start, end, text instead]."


def _is_time(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
