"""Checks that reading has done already: its notes, as findings."""

from __future__ import annotations

from ftkit.data import DatasetView
from ftkit.quality.check import Check, always
from ftkit.quality.evidence import Evidence
from ftkit.quality.finding import Finding

NOTED = {
    "SRC101": "files left out",
    "SRC102": "text encoding guessed",
    "SRC103": "no header",
    "TAB103": "columns left out",
    "TAB104": "cells read as missing",
    "LAB102": "labels with stray spaces",
    "LAB103": "labels matched to train's",
    "LAB105": "no labels found",
}


def noted(view: DatasetView, check: Check, evidence: Evidence) -> list[Finding]:
    """The notes of one code."""
    here = None if view.origin is not None else set(view.ids.tolist())
    return [
        check.finding(note.severity, note.message, [row for row in note.rows if here is None or row in here])
        for note in view.notes
        if note.code == check.code
    ]


CHECKS = tuple(Check(code, name, "cheap", always, noted) for code, name in NOTED.items())
