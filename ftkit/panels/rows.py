"""The rows behind a panel: which are meant, in which order, and what of them is sent."""

from __future__ import annotations

import json
from typing import Any, TypedDict

import numpy as np

from ftkit.data import DatasetView
from ftkit.data.browsing import order, search, whole_row, window
from ftkit.displays.data import class_counts, classes_of, has_images
from ftkit.errors import DataError
from ftkit.language import say
from ftkit.quality import Finding
from ftkit.quality.tokens import text_column

MOST = 400  # rows or pictures in one answer
TILE = 96  # pixels
COLUMNS = 60  # columns in a table


class Query(TypedDict, total=False):
    """Which rows are meant: of a class, of a finding, that hold a text, among those that were chosen (0: among all,
    else the number of the choice); and their order.
    """

    sort: str
    down: bool
    search: str
    label: str
    finding: int
    among: int


class ColumnFacts(TypedDict):
    """A column of the table."""

    name: str
    kind: str
    role: str
    missing: int


class ClassFacts(TypedDict):
    """A class and its rows."""

    name: str
    rows: int


class FindingFacts(TypedDict):
    """A finding without its rows."""

    code: str
    severity: str
    message: str
    rows: int
    op: str


class About(TypedDict):
    """What a page is told of the rows once."""

    name: str
    rows: int
    task: str
    images: bool
    texts: bool
    columns: list[ColumnFacts]
    classes: list[ClassFacts]
    findings: list[FindingFacts]


class Rows:
    """A view to be looked through, with its findings.

    Parameters
    ----------
    view : DatasetView
    findings : list of Finding
    """

    def __init__(self, view: DatasetView, findings: list[Finding]) -> None:
        self.view, self.findings = view, findings
        self.columns = [c for c in view.columns.values() if c.role != "image"][:COLUMNS]
        self.names = [column.name for column in self.columns]
        self._places: tuple[str, np.ndarray] | None = None
        self._by_id: dict[str, int] | None = None
        self.among = np.array([], dtype=np.int64)

    def about(self) -> About:
        """What a page is told once."""
        view = self.view
        counts = self.class_counts
        facts = [ColumnFacts(name=c.name, kind=c.kind, role=c.role, missing=view.missing(c.name)) for c in self.columns]
        return About(
            name=view.name,
            rows=len(view),
            task=view.task or "",
            images=has_images(view),
            texts=text_column(view) is not None,
            columns=facts,
            classes=[ClassFacts(name=name, rows=rows) for name, rows in zip(classes_of(view), counts, strict=False)],
            findings=[_facts(finding) for finding in self.findings],
        )

    @property
    def class_counts(self) -> list[int]:
        """Rows of each class; empty where there are no classes, or one alone, which is no target."""
        try:
            return class_counts(self.view).tolist() if classes_of(self.view) else []
        except DataError:
            return []

    def places(self, query: Query) -> np.ndarray:
        """The places of the rows that are meant, in their order."""
        key = json.dumps(query, sort_keys=True)
        if self._places is None or self._places[0] != key:
            self._places = key, self._work_out(query)
        return self._places[1]

    def _work_out(self, query: Query) -> np.ndarray:
        view = self.view
        places = self.order(query["sort"], query.get("down", False)) if query.get("sort") else np.arange(len(view))
        wanted = np.ones(len(view), dtype=bool)
        if query.get("search"):
            wanted &= search(view, query["search"], self.names)
        if query.get("label"):
            wanted &= np.asarray(view.labels) == self._class(query["label"])
        if query.get("among"):
            chosen = np.zeros(len(view), dtype=bool)
            chosen[self.among] = True
            wanted &= chosen
        if query.get("finding", -1) >= 0:
            found = self.of_finding(query["finding"])
            wanted &= np.isin(np.arange(len(view)), found)
            if not query.get("sort"):  # a finding's rows come by worth, as it names them
                places = found
        return places[wanted[places]]

    def order(self, column: str, down: bool) -> np.ndarray:
        """The places of all rows, sorted by a column."""
        return order(self.view, column, down)

    def _class(self, name: str) -> int:
        classes = classes_of(self.view)
        if name not in classes:
            raise DataError(f"class '{name}' is not one of the {len(classes)} classes.")
        return classes.index(name)

    def of_finding(self, number: int) -> np.ndarray:
        """The places of a finding's rows, as it names them."""
        if not 0 <= number < len(self.findings):
            raise DataError(f"finding {number} is not one of {len(self.findings)}.")
        known = self.by_id
        rows = self.findings[number].rows
        return np.array([known[row] for row in rows if row in known], dtype=np.int64)

    @property
    def by_id(self) -> dict[str, int]:
        """Row id to place."""
        if self._by_id is None:
            self._by_id = {row: place for place, row in enumerate(self.view.ids.tolist())}
        return self._by_id

    def ids(self, places: list[int]) -> list[str]:
        """The ids of rows at places."""
        chosen = np.asarray(places, dtype=np.int64)
        if len(chosen) and not 0 <= chosen.min() <= chosen.max() < len(self.view):
            raise DataError(f"a place is outside the {len(self.view):,} rows.")
        return self.view.ids[chosen].tolist()

    def window(self, query: Query, first: int, count: int, marks: dict[str, str]) -> tuple[int, bytes]:
        """How many rows are meant, and a few of them as an Arrow stream."""
        places = self.places(query)
        shown = places[max(0, first) : max(0, first) + min(count, MOST)]
        ids = self.view.ids[shown].tolist()
        more = {"place": shown.tolist(), "id": ids, "mark": [marks.get(row, "") for row in ids]}
        return len(places), window(self.view, shown, self.names, more)

    def pictures(self, places: list[int], side: int) -> list[bytes]:
        """Small PNGs of rows; a grey tile where one cannot be read."""
        self.ids(places)
        return self.view.thumbnails(np.asarray(places[:MOST], dtype=np.int64), min(max(side, 16), 512))

    def tiles(self, places: list[int]) -> list[bytes]:
        """The pictures of a gallery."""
        self.ids(places)
        return self.view.tiles(np.asarray(places[:MOST], dtype=np.int64), TILE)

    def seen(self, query: Query, first: int, last: int) -> list[int]:
        """The places of a few rows in their order, from one to before another."""
        return self.places(query)[max(0, first) : min(last, max(0, first) + MOST)].tolist()

    def row(self, place: int) -> dict[str, Any]:
        """One row in full: its cells, and what was found about it."""
        (row,) = self.ids([place])
        found = [f for f in self.findings if row in f.rows]
        return {
            "id": row,
            "cells": whole_row(self.view, place, [c.name for c in self.view.columns.values() if c.role != "image"]),
            "findings": [{"code": f.code, "severity": f.severity, "message": say(f.message)} for f in found],
        }


def _facts(finding: Finding) -> FindingFacts:
    op = (finding.suggest or {}).get("op", "")
    return FindingFacts(
        code=finding.code, severity=finding.severity, message=say(finding.message), rows=len(finding.rows), op=op
    )
