"""Checks that reading has done already: its notes, as findings."""

from __future__ import annotations

from collections.abc import Callable

from ftkit.data import DatasetView
from ftkit.quality.check import Check, has_images, has_table, has_target
from ftkit.quality.evidence import Evidence
from ftkit.quality.finding import Finding

# Code: name, what the note says, what to do about it.
NOTED = {
    "SRC101": (
        "files left out",
        "Files of a folder that are no rows.",
        "Nothing, where they are read-me files or thumbnails; else give them a known suffix, or read them alone.",
    ),
    "SRC102": (
        "text encoding guessed",
        "A file that is not UTF-8; its encoding was guessed from the bytes.",
        "Look at a few texts with letters beyond ASCII; if they are wrong, save the file as UTF-8.",
    ),
    "SRC103": (
        "no header",
        "A table whose first line holds no column names.",
        "Pass header=True if it does; else go on, or add a line of names to the file.",
    ),
    "SRC104": (
        "read through a cache",
        "A file too large for memory, read through a copy in the cache folder.",
        "Nothing; see that the disk has room, or set $FTKIT_CACHE to one that has.",
    ),
    "SRC105": (
        "rows left out",
        "Rows that could not be read and were left out, because errors='report' was asked for.",
        "Mend the lines that are named, or go on without them.",
    ),
    "SRC106": (
        "labels without an image",
        "Rows of a table of labels that name no image which is there.",
        "Put the images there, correct the names, or take the rows out of the table.",
    ),
    "SRC107": (
        "images without a row",
        "Images that no row of the table of labels names: they have no label.",
        "Add rows for them to the table, or drop them.",
    ),
    "SRC108": (
        "images named twice",
        "Images that several rows of the table of labels name; the first row counts.",
        "See which row is right, and take the others out of the table.",
    ),
    "TAB103": (
        "columns left out",
        "Columns of text or of values that nearly never come twice, which a table's model does not look at.",
        "Pass text= to use such a column; drop it from the file if nobody needs it.",
    ),
    "TAB104": (
        "cells read as missing",
        "Cells such as '?' or 'NA' that were read as missing.",
        "Pass missing=[…] if one of them is a value of its own.",
    ),
    "LAB102": (
        "labels with stray spaces",
        "Labels that differ from their class by white space only; they were stripped.",
        "Nothing here; correct the file if other programs read it.",
    ),
    "LAB103": (
        "labels matched to train's",
        "Labels outside train that differ from a class by case or a full stop; they were read as that class.",
        "Correct the file, so that nobody reads them as classes of their own.",
    ),
    "LAB105": (
        "no labels found",
        "Images in MNIST's form without a file of labels beside them.",
        "Put the labels file beside the images.",
    ),
    "EDT101": (
        "edits of rows that are not here",
        "Edits whose row ids are none of the rows.",
        "Look whether the edits belong to another source, or the rows have changed since.",
    ),
    "EDT102": (
        "fills of cells that hold a value",
        "Edits that would fill cells which are not missing; such cells are left as they are.",
        "Use replace to change a value that is there.",
    ),
}


def _noted(what: str, advice: str) -> Callable[[DatasetView, Check, Evidence], list[Finding]]:
    """The function that turns the notes of one code into findings, with its page."""

    def noted(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
        here = None if view.origin is not None else set(view.ids.tolist())
        return [
            check.finding(note.severity, note.message, [row for row in note.rows if here is None or row in here])
            for note in view.notes
            if note.code == check.code
        ]

    noted.__doc__ = (
        f"{what}\n\nHow: Noticed while reading, of the whole source; nothing is looked at again.\n\nDo: {advice}"
    )
    return noted


def _has_edits(view: DatasetView) -> str | None:
    return None if len(view.edits) else "no edits were applied"


def _has_source(view: DatasetView) -> str | None:
    return None if view.origin is not None else "the rows are a selection, or were in memory"


ASKED_OF = (
    dict.fromkeys(("SRC106", "SRC107", "SRC108", "LAB105"), has_images)
    | dict.fromkeys(("TAB103", "TAB104"), has_table)
    | dict.fromkeys(("LAB102", "LAB103"), has_target)
    | dict.fromkeys(("EDT101", "EDT102"), _has_edits)
)


def _applies(code: str) -> Callable[[DatasetView], str | None]:
    """Applies where there is a note of this code, or could be."""
    asked = ASKED_OF.get(code, _has_source)
    return lambda view: None if any(note.code == code for note in view.notes) else asked(view)


CHECKS = tuple(Check(code, name, "cheap", _applies(code), _noted(what, do)) for code, (name, what, do) in NOTED.items())
