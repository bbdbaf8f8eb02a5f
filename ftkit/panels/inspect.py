"""The inspect panel: rows, what was found about them, and what is decided."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from traitlets import Bool, Enum, Int, Unicode

from ftkit.cleaning.proposals import edits_for
from ftkit.cleaning.settled import settled
from ftkit.data import DatasetView
from ftkit.data.profile import profile
from ftkit.displays import Display, show
from ftkit.displays.data import has_images
from ftkit.errors import DataError
from ftkit.panels.book import open_book
from ftkit.panels.panel import Answer, Panel
from ftkit.panels.rows import Query, Rows
from ftkit.quality import Inspection
from ftkit.quality.tokens import chat_pieces, token_lengths


class InspectPanel(Panel):
    """Rows as a table or a gallery, findings, classes, one row in full; every decision is a line of ``edits.jsonl``.

    Parameters
    ----------
    rows : Inspection or DatasetView
        What ``ftkit.inspect`` or ``ftkit.read`` gave.
    edits : str or Path, default "edits.jsonl"
        Where decisions are written; made by the first one. Panels of the same file stay in step.
    model : str, optional
        A folder with a tokenizer: tokens are counted and coloured by it. The inspection's own without it; estimated
        from characters where there is none.

    Raises
    ------
    DataError
        These are no rows, or the file of edits cannot be read.

    Examples
    --------
    >>> import ftkit as ft
    >>> panel = ft.InspectPanel(ft.read("iris"))
    >>> print(panel.code())
    edits = []
    """

    view = "inspect"
    asked = ("about", "rows", "pictures", "row", "profile", "lengths", "among", "edit", "accept", "undo", "redo")
    mode = Enum(["table", "gallery", "columns"], "table", help="How rows are shown.").tag(sync=True)
    sort = Unicode(help="The column rows are sorted by; empty for their own order.").tag(sync=True)
    down = Bool(False, help="Whether the largest come first.").tag(sync=True)
    search = Unicode(help="A text the rows hold.").tag(sync=True)
    label = Unicode(help="The class of the rows; empty for all.").tag(sync=True)
    finding = Int(-1, help="The finding the rows are of; -1 for all.").tag(sync=True)
    among = Int(0, help="The number of the choice the rows are among; 0 for all rows.").tag(sync=True)
    decided = Int(0, help="How many edits stand; changes with every decision.").tag(sync=True)

    def __init__(
        self, rows: Inspection | DatasetView, edits: str | Path = "edits.jsonl", model: str | None = None
    ) -> None:
        if not isinstance(rows, (Inspection, DatasetView)):
            raise DataError(f"an inspect panel shows an inspection or a view, not {type(rows).__name__}.")
        self._shown, self._choices = rows, 0
        self._model = model or (rows.evidence.model if isinstance(rows, Inspection) else None)
        view, found = (rows.view, rows.findings) if isinstance(rows, Inspection) else (rows, [])
        self._rows, self._book = Rows(view, found), open_book(edits)
        super().__init__(mode="gallery" if has_images(view) else "table", decided=len(self._book.edits))
        self._book.on_change(self._changed)

    def twin(self) -> Display:
        """The inspection, or the rows, as they are shown without a kernel."""
        return show(self._shown)

    def code(self) -> str:
        """Python that decides again what was decided in this panel.

        Returns
        -------
        str
        """
        lines = [f"    {edit.to_dict()!r}," for edit in self._book.mine]
        if not lines:
            return "edits = []"
        return "\n".join(["edits = [", *lines, "]", "clean = rows.apply(edits)"])

    def _changed(self) -> None:
        self.decided = len(self._book.edits)

    def _state(self) -> Answer:
        return {"edits": self._book.edits.counts(), "file": self._book.path.name, **self._book.can}, []

    def _answer_about(self) -> Answer:
        return {**self._rows.about(), **self._state()[0]}, []

    def _answer_profile(self, column: str) -> Answer:
        return asdict(profile(self._rows.view, column)), []

    def _answer_lengths(self) -> Answer:
        """Tokens of the rows, int32."""
        found = token_lengths(self._rows.view, self._model)
        told = {"window": found.window, "how": found.how, "of": len(self._rows.view)}
        return told, [np.ascontiguousarray(found.tokens, dtype=np.int32).tobytes()]

    def _answer_rows(self, query: Query, first: int, count: int, tiles: list[int] | None = None) -> Answer:
        """Rows from a place of their order on; with them the pictures of those that are seen, from one to another."""
        total, body = self._rows.window(query, first, count, self._book.marks)
        seen = self._rows.seen(query, *tiles) if tiles else []
        return {"first": first, "total": total, "tiles": seen}, [body, *(self._rows.tiles(seen) if seen else [])]

    def _answer_among(self, places: list[int]) -> Answer:
        """Only these rows are meant from now on; all, where none are named."""
        self._rows.ids(places)
        self._rows.among = np.asarray(places, dtype=np.int64)
        self._choices += 1
        self.among = self._choices if places else 0
        return {"among": self.among}, []

    def _answer_pictures(self, places: list[int]) -> Answer:
        return None, self._rows.tiles(places)

    def _answer_row(self, place: int, side: int = 320) -> Answer:
        told = self._rows.row(place)
        pictures = self._rows.pictures([place], side) if has_images(self._rows.view) else []
        edits = [edit.to_dict() for edit in self._book.edits.for_row(told["id"])]
        return {**told, "edits": edits, "chat": self._chat(place)}, pictures

    def _chat(self, place: int) -> list[dict[str, Any]] | None:
        """A chat in stretches that are trained or not; by its turns where the template refuses it."""
        if not any(column.role == "messages" for column in self._rows.view.columns.values()):
            return None
        try:
            return [asdict(piece) for piece in chat_pieces(self._rows.view, place, self._model)]
        except DataError:
            return [asdict(piece) for piece in chat_pieces(self._rows.view, place)]

    def _answer_edit(self, places: list[int], op: str, value: Any = None, because: str = "") -> Answer:
        edit = {"op": op, "because": because} | ({} if value is None else {"value": value})
        self._decide([{"row": row, **edit} for row in self._rows.ids(places)])
        return self._state()

    def _answer_accept(self, finding: int) -> Answer:
        """What a finding suggests, for all of its rows."""
        self._rows.of_finding(finding)
        found = self._rows.findings[finding]
        if not found.suggest:
            raise DataError(f"finding {found.code} suggests nothing; look at its rows one by one.")
        self._decide([edit.to_dict() for edit in settled(self._rows.view, edits_for(found, found.suggest["op"]))])
        return self._state()

    def _decide(self, edits: list[dict[str, Any]]) -> None:
        if edits and edits[0]["op"] in ("relabel", "fill"):  # a class that is not there is told now, not at the replay
            self._rows.view.apply(edits[:1])
        self._book.add(edits)

    def _answer_undo(self) -> Answer:
        self._book.undo()
        return self._state()

    def _answer_redo(self) -> Answer:
        self._book.redo()
        return self._state()
