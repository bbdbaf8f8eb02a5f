"""A file that several panels write: whether somebody else wrote it meanwhile, and who is to hear of a change."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from pathlib import Path
from typing import Any
from weakref import WeakMethod


class SharedFile:
    """What a book of a file knows beside what is in it.

    Parameters
    ----------
    path : Path
        May not be there yet.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._told: list[WeakMethod] = []
        self._known: tuple[int, int] | None = None

    def on_change(self, heard: Callable[[], None]) -> None:
        """Call a method whenever :meth:`tell` is; it keeps nothing alive."""
        self._told.append(WeakMethod(heard))

    def tell(self) -> None:
        """Call those who asked for it and are still there."""
        for heard in self._told:
            if (tell := heard()) is not None:
                tell()

    def know(self, stamp: tuple[int, int] | None = None) -> None:
        """Take the file for known as it is now, or as it was when the stamp was taken."""
        self._known = stamp or self.stamp()

    @property
    def is_known(self) -> bool:
        """Whether nobody wrote it since."""
        return self.stamp() == self._known

    def stamp(self) -> tuple[int, int]:
        """When the file was last written (ns since 1970), and its bytes; zeros where there is none."""
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return 0, 0
        return found.st_mtime_ns, found.st_size


def open_shared(books: MutableMapping[Path, Any], path: str | Path, make: Callable[[Path], Any]) -> Any:
    """The book of a file, the same one for everybody who has it open.

    Parameters
    ----------
    books : mapping of Path to book
        Those that are open.
    path : str or Path
    make : callable
        Given the whole path.

    Returns
    -------
    book
        What ``make`` gave, now or before.

    Examples
    --------
    >>> books = {}
    >>> open_shared(books, "edits.jsonl", SharedFile) is open_shared(books, "./edits.jsonl", SharedFile)
    True
    """
    place = Path(path).expanduser().absolute()
    book = books.get(place)
    if book is None:
        book = books[place] = make(place)
    return book
