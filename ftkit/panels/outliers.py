"""The outliers panel: the rows as a map on which similar ones lie close together, beside table and gallery."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from traitlets import Enum

from ftkit.data import DatasetView
from ftkit.displays.data import classes_of
from ftkit.errors import DataError
from ftkit.panels.inspect import InspectPanel
from ftkit.panels.panel import Answer
from ftkit.quality import Inspection
from ftkit.quality.check import SkipCheckError
from ftkit.quality.evidence import Evidence
from ftkit.quality.groups import duplicate_groups
from ftkit.quality.projection import project

MOST = 1000  # groups in one answer


class OutliersPanel(InspectPanel):
    """The rows as points: zoom, lasso, colour by label, finding or score; what is lassoed is seen, and decided about.

    Parameters
    ----------
    rows : Inspection or DatasetView
        What ``ftkit.inspect`` or ``ftkit.read`` gave.
    edits : str or Path, default "edits.jsonl"
        Where decisions are written.
    vectors : ndarray of float, shape (N, d), optional
        The rows as vectors; with d = 2 they are the places on the map. Those of the checks without it.
    model : str, optional
        See ``InspectPanel``.

    Raises
    ------
    DataError
        These are no rows, or there is not one vector a row.

    Examples
    --------
    >>> import ftkit as ft
    >>> panel = ft.OutliersPanel(ft.read("iris"))
    >>> panel.points.shape
    (150, 2)
    """

    view = "outliers"
    asked = (*InspectPanel.asked, "map", "odd", "groups")
    colour = Enum(["label", "finding", "score"], "label", help="What the points are coloured by.").tag(sync=True)

    def __init__(
        self,
        rows: Inspection | DatasetView,
        edits: str | Path = "edits.jsonl",
        vectors: np.ndarray | None = None,
        model: str | None = None,
    ) -> None:
        super().__init__(rows, edits, model)
        view = self._rows.view
        self._points: np.ndarray | None = None
        if vectors is not None and np.shape(vectors)[:1] != (len(view),):
            raise DataError(f"{len(view):,} rows need as many vectors; {np.shape(vectors)[:1]} were given.")
        self._vectors = vectors
        self._evidence = rows.evidence if isinstance(rows, Inspection) else Evidence(view)

    @property
    def points(self) -> np.ndarray:
        """The places on the map, float32 (N, 2); worked out when they are first asked for."""
        if self._points is None:
            made = self._evidence.map if self._vectors is None else np.asarray(self._vectors)
            made = made if made.shape[1] == 2 else project(made)
            self._points = np.ascontiguousarray(made, dtype=np.float32)
        return self._points

    def _answer_map(self) -> Answer:
        """Places (float32), classes (uint8, 255 for none), scores of findings (float32), as many as rows."""
        view = self._rows.view
        classes = np.full(len(view), 255, dtype=np.uint8)
        if names := classes_of(view) if self._rows.class_counts else ():
            labels = np.asarray(view.labels)
            classes = np.where(labels < 0, 255, labels % 254).astype(np.uint8)
        scores = np.zeros(len(view), dtype=np.float32)
        known = self._rows.by_id
        for finding in self._rows.findings:
            for row, score in zip(finding.rows, finding.scores or [1.0] * len(finding.rows), strict=False):
                if row in known:
                    scores[known[row]] = max(scores[known[row]], score, 1e-6)
        told: dict[str, Any] = {"rows": len(view), "classes": list(names)}
        return told, [self.points.tobytes(), classes.tobytes(), scores.tobytes()]

    def _answer_odd(self) -> Answer:
        """How many of the rows that are at least as strange would be false ones, 0 to 1, float32 for each row."""
        try:
            return None, [self._evidence.odd_rows.wrong.astype(np.float32).tobytes()]
        except SkipCheckError as error:
            raise DataError(f"no row can be called strange: {error}.") from None

    def _answer_groups(self) -> Answer:
        """Sets of rows that are nearly the same, by their places."""
        found = duplicate_groups(self._evidence)
        return {"of": len(found), "groups": [asdict(group) for group in found[:MOST]]}, []
