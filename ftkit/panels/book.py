"""The edits of a panel in their file: what was decided, taken back and decided again."""

from __future__ import annotations

import getpass
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

from ftkit.data import Edit, Edits, append_edits, read_edits, write_edits
from ftkit.panels.shared_file import SharedFile, open_shared

_open: WeakValueDictionary[Path, Book] = WeakValueDictionary()


class Book:
    """An ``edits.jsonl`` that several panels write; :func:`open_book` gives the same one for the same file.

    Parameters
    ----------
    path : Path
        May not be there yet.
    """

    def __init__(self, path: Path) -> None:
        self.path, self._file = path, SharedFile(path)
        self._lock = threading.RLock()
        self._marks: dict[str, str] | None = None
        self._read()

    def on_change(self, heard: Callable[[], None]) -> None:
        """Call a method whenever the edits changed; it keeps nothing alive."""
        self._file.on_change(heard)

    def add(self, edits: Sequence[dict[str, Any]]) -> None:
        """Append the edits of one gesture.

        Raises
        ------
        DataError
            One is no edit, or the file cannot be written; nothing was decided then.
        """
        signed = {"by": _who(), "at": datetime.now(UTC).isoformat(timespec="seconds")}
        with self._lock:
            self._refresh()
            made = Edits([{**edit, **signed} for edit in edits])
            append_edits(self.path, made)
            self._done.append(len(made))
            self._undone.clear()
            self._set(Edits([*self.edits, *made]))

    def undo(self) -> bool:
        """Take the last gesture back; False where there is none."""
        with self._lock:
            self._refresh()
            if not self._done:
                return False
            kept = self.edits.undo(self._done[-1])
            write_edits(self.path, kept)
            self._done.pop()
            self._undone.append(list(self.edits[len(kept) :]))
            self._set(kept)
            return True

    def redo(self) -> bool:
        """Decide again what was taken back; False where there is nothing."""
        with self._lock:
            self._refresh()
            if not self._undone:
                return False
            again = self._undone[-1]
            append_edits(self.path, again)
            self._undone.pop()
            self._done.append(len(again))
            self._set(Edits([*self.edits, *again]))
            return True

    @property
    def can(self) -> dict[str, bool]:
        """Whether there is something to undo, to redo."""
        return {"undo": bool(self._done), "redo": bool(self._undone)}

    @property
    def mine(self) -> list[Edit]:
        """The edits that were made here and stand."""
        with self._lock:
            return list(self.edits[len(self.edits) - sum(self._done) :])

    @property
    def marks(self) -> dict[str, str]:
        """Row id to what was decided about it, short."""
        with self._lock:
            if self._marks is None:
                self._marks = _marks_of(self.edits)
            return self._marks

    def _read(self) -> None:
        stamp = self._file.stamp()
        self.edits = read_edits(self.path) if self.path.exists() else Edits()
        self._done: list[int] = []
        self._undone: list[list[Edit]] = []
        self._marks = None
        self._file.know(stamp)

    def _refresh(self) -> None:
        """Take in what somebody else wrote into the file; their edits are not undone here."""
        if not self._file.is_known:
            self._read()

    def _set(self, edits: Edits) -> None:
        self.edits, self._marks = edits, None
        self._file.know()
        self._file.tell()


def open_book(path: str | Path) -> Book:
    """The book of a file, the same one for everybody who has it open."""
    return open_shared(_open, path, Book)


def _marks_of(edits: Edits) -> dict[str, str]:
    marks: dict[str, str] = {}
    for edit in edits.in_force():
        said = f"{edit.op} → {edit.value}" if isinstance(edit.value, (str, int, float)) else edit.op
        marks[edit.row] = f"{marks[edit.row]}, {said}" if edit.row in marks else said
    return marks


def _who() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "somebody"
