"""Proposals brought together: one edit for each row, op and column, in terms of the rows as they were read.

Findings speak of the rows as they are seen, which may be under edits already; edits speak of the source. A crop of what
a crop has left becomes one crop, a second mask is added to the first, a second redaction goes on from the first.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import reduce
from typing import Any

from ftkit.data import DatasetView, Edit, Edits
from ftkit.data.cell_edit import BLACKED, blackened
from ftkit.data.image_edit import crop_after, layer_before, layer_for, over, value_of_layer

WHOLE_ROW = ("drop", "keep")
ADDED = ("mask", "redact")


def settled(view: DatasetView, edits: Iterable[Edit]) -> Edits:
    """The edits that can be applied together.

    Parameters
    ----------
    view : DatasetView
        The rows as the findings saw them.
    edits : iterable of Edit
        In order; of several for the same row, op and column the first counts, but masks and redactions are added up.
        Rows that are dropped need no other edit, and rows that are kept are not dropped. Of two labels for one row
        neither is taken.

    Returns
    -------
    Edits
        Its ``notes`` say what was left out.
    """
    groups: dict[Any, list[Edit]] = {}
    for edit in edits:
        groups.setdefault(edit.key, []).append(edit)
    dropped = {row for row, op, _ in groups if op == "drop"}
    spared = {row for row, op, _ in groups if op == "keep"}
    groups = {
        key: found
        for key, found in groups.items()
        if (key[1] in WHOLE_ROW or key[0] not in dropped) and not (key[1] == "drop" and key[0] in spared)
    }
    torn = {key for key, found in groups.items() if key[1] == "relabel" and len({str(e.value) for e in found}) > 1}
    notes = [*_torn([groups[key] for key in torn]), *_second([g for g in groups.values() if g[0].op == "replace"])]
    look = _Look(view, {key[0] for key, found in groups.items() if _is_part(key[1])})
    done = {
        key: look.one(found if found[0].op in ADDED else found[:1]) for key, found in groups.items() if key not in torn
    }
    return Edits(_rewritten(view, done, notes), notes=notes)


def _torn(groups: list[list[Edit]]) -> list[str]:
    """The note on rows that two checks give different labels."""
    if not groups:
        return []
    said = " and ".join(f"{edit.because or 'a person'} '{edit.value}'" for edit in groups[0][:2])
    rows = f"{len(groups):,} row{'s' * (len(groups) > 1)}"
    return [
        f"{rows} would get two different labels (row '{groups[0][0].row}': {said}); neither was taken. "
        "Decide by hand, or choose one of the checks."
    ]


def _second(groups: list[list[Edit]]) -> list[str]:
    """The note on cells that two checks rewrite, each in its own way."""
    several = [found for found in groups if any(edit.value != found[0].value for edit in found[1:])]
    if not several:
        return []
    first = several[0]
    codes = ", ".join(dict.fromkeys(edit.because for edit in first[1:]))
    return [
        f"{len(several):,} cell{'s' * (len(several) > 1)} would be rewritten by several checks (row '{first[0].row}': "
        f"{first[0].because}, then {codes}); the first was taken. Inspect the cleaned rows again for the others."
    ]


def _rewritten(view: DatasetView, done: dict[Any, Edit], notes: list[str]) -> list[Edit]:
    """The edits, where a text is both redacted and rewritten with both in one."""
    both = [key for key in done if key[1] == "redact" and (key[0], "replace", key[2]) in done]
    if not both:
        return list(done.values())
    place, lost = {row: i for i, row in enumerate(view.ids.tolist())}, 0
    for key in both:
        redact, new = done[key], done.pop((key[0], "replace", key[2]))
        text = view[[place[key[0]]]].strings(key[2])[0] if key[2] and key[0] in place else None
        united = _united(text, redact, new.value)
        lost += united is None
        done[key] = redact if united is None else replace(redact, value=united)
    if lost:
        were = "text was" if lost == 1 else "texts were"
        notes.append(f"{lost:,} {were} redacted, and not rewritten as well. Inspect the cleaned rows again.")
    return list(done.values())


def _united(text: str | None, redact: Edit, new: Any) -> str | None:
    """The new text with the words taken out that are redacted in the old one; None where they cannot be found in it."""
    if text is None or not isinstance(new, str) or redact.value is None or isinstance(redact.value, str):
        return None
    for start, end, *instead in sorted(_spans(redact.value), key=lambda span: span[0] - span[1]):
        secret = text[start:end]
        if secret and secret not in new:
            return None
        new = new.replace(secret, instead[0] if instead else BLACKED) if secret else new
    return new


def _is_part(op: str) -> bool:
    return op in ("mask", "crop", "redact")


class _Look:
    """The rows that edits of parts of a cell are about: where they are, and what was done to them before."""

    def __init__(self, view: DatasetView, rows: set[str]) -> None:
        self.view = view
        self.place = {row: i for i, row in enumerate(view.ids.tolist()) if row in rows} if rows else {}
        wanted = {edit.key: edit for edit in view.edits.in_force() if edit.row in rows} if rows else {}
        self.before = {(row, op): edit for (row, op, _), edit in wanted.items()}

    def one(self, edits: list[Edit]) -> Edit:
        """One edit for several of the same key, in terms of the source."""
        edit = edits[0]
        if edit.row not in self.place or not _is_part(edit.op):
            return edit
        if edit.op == "crop":
            old = self.before.get((edit.row, "crop"))
            return (
                edit if old is None else replace(edit, value=crop_after(old.value, edit.value, *self._size(edit.row)))
            )
        if edit.op == "redact":
            return self._redact(edits)
        if len(edits) == 1 and not {"mask", "crop"} & {op for row, op in self.before if row == edit.row}:
            return edit
        return replace(edit, value=self._mask(edits))

    def _mask(self, edits: list[Edit]) -> dict[str, Any]:
        """All masks, and those of before, as one of the whole image."""
        row = edits[0].row
        width, height = self._size(row)
        scan = self.view[[self.place[row]]].scan()
        here = [layer_for(edit.value, int(scan.height[0]), int(scan.width[0])) for edit in edits]
        crop = self.before.get((row, "crop"))
        if crop is not None:
            here = [layer_before(crop.value, layer, width, height) for layer in here]
        old = self.before.get((row, "mask"))
        return value_of_layer(reduce(over, here if old is None else [layer_for(old.value, height, width), *here]))

    def _redact(self, edits: list[Edit]) -> Edit:
        """All spans at once; where the text was redacted before, the text that comes of it."""
        edit, whole = edits[0], next((e for e in edits if e.value is None), None)
        if whole is not None:
            return whole
        spans = [span for e in edits for span in _spans(e.value)]
        if any(isinstance(e.value, str) for e in edits):
            return edit
        together = replace(edit, value=_apart(spans))
        if (edit.row, "redact") not in self.before or edit.column is None:
            return together
        text = self.view[[self.place[edit.row]]].strings(edit.column)[0]
        return replace(edit, value=blackened(text or "", together.value))

    def _size(self, row: str) -> tuple[int, int]:
        """Width and height of the image as it was read."""
        scan = self.view[[self.place[row]]].unedited.scan()
        return int(scan.width[0]), int(scan.height[0])


def _spans(value: Any) -> list[list[Any]]:
    """The spans of a redaction, each with its own word."""
    if isinstance(value, dict):
        word = [value["with"]] if "with" in value else []
        return [[*span, *word][:3] for span in value["spans"]]
    return [list(span) for span in value] if isinstance(value, (list, tuple)) else []


def _apart(spans: list[list[Any]]) -> list[list[Any]]:
    """The spans in order, those that overlap as one."""
    out: list[list[Any]] = []
    for span in sorted(spans, key=lambda span: (span[0], -span[1])):
        if out and span[0] < out[-1][1]:
            out[-1][1] = max(out[-1][1], span[1])
        else:
            out.append(span)
    return out
