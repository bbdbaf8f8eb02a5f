"""The ``augment`` list of a ``recipe.yaml`` that panels write: gestures, undo, redo."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

from ftkit.augment import dump, parse
from ftkit.errors import DataError
from ftkit.panels.shared_file import SharedFile, open_shared
from ftkit.recipe.patch import put
from ftkit.recipe.strict_yaml import dump_yaml, load_yaml_file
from ftkit.runs.files import write_bytes

_open: WeakValueDictionary[Path, RecipeBook] = WeakValueDictionary()
Steps = tuple[Any, ...]


class RecipeBook:
    """A ``recipe.yaml`` whose steps several panels write; :func:`open_recipe_book` gives the same one for a file.

    Parameters
    ----------
    path : Path
        May not be there yet: the first gesture makes it.
    """

    def __init__(self, path: Path) -> None:
        self.path, self._file = path, SharedFile(path)
        self.base: dict[str, Any] = {"version": 1}  # what else a file that is made here says
        self._lock = threading.RLock()
        self._done: list[Steps] = []
        self._undone: list[Steps] = []
        self._steps: Steps = ()
        self._refresh()

    def on_change(self, heard: Callable[[], None]) -> None:
        """Call a method whenever the steps changed; it keeps nothing alive."""
        self._file.on_change(heard)

    @property
    def steps(self) -> Steps:
        """The steps, as the file has them now."""
        with self._lock:
            self._refresh()
            return self._steps

    @property
    def can(self) -> dict[str, bool]:
        """Whether there is something to undo, to redo."""
        return {"undo": bool(self._done), "redo": bool(self._undone)}

    def write(self, steps: Sequence[Any]) -> None:
        """Write other steps, as one gesture.

        Raises
        ------
        DataError
            The file cannot be written.
        RecipeError
            Somebody has made it something else than a recipe.
        """
        with self._lock:
            before = self.steps
            if tuple(steps) == before and self.path.exists():
                return
            self._put(tuple(steps))
            self._done.append(before)
            self._undone.clear()
        self._file.tell()

    def undo(self) -> bool:
        """Take the last gesture back; False where there is none."""
        return self._step(self._done, self._undone)

    def redo(self) -> bool:
        """Do again what was taken back; False where there is nothing."""
        return self._step(self._undone, self._done)

    def _step(self, source: list[Steps], target: list[Steps]) -> bool:
        with self._lock:
            now = self.steps
            if not source:
                return False
            self._put(source[-1])
            target.append(now)
            source.pop()
        self._file.tell()
        return True

    def _put(self, steps: Steps) -> None:
        told = dump(steps)
        try:
            there = self.path.read_text(encoding="utf-8") if self.path.exists() else dump_yaml(self.base)
            write_bytes(self.path, put(there, "augment", told, self.path.name).encode())
        except OSError as error:
            raise DataError(f"{self.path}: cannot be written: {error.strerror or error}.") from None
        self._steps = steps
        self._file.know()

    def _refresh(self) -> None:
        """Take in what somebody else wrote into the file; their steps are not undone here."""
        if self._file.is_known:
            return
        stamp = self._file.stamp()  # of before the reading: what is written meanwhile is read the next time
        keys = load_yaml_file(self.path) if self.path.exists() else {}
        self._steps = parse(keys.get("augment") or [], where=self.path.name) if isinstance(keys, dict) else ()
        self._done.clear()
        self._undone.clear()
        self._file.know(stamp)


def open_recipe_book(path: str | Path) -> RecipeBook:
    """The book of a recipe's file, the same one for everybody who has it open."""
    return open_shared(_open, path, RecipeBook)
