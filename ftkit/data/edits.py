"""Edits in their order, and the file they are kept in."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, overload

from ftkit.data.edit import Edit, edit_of
from ftkit.errors import DataError

SHOWN = 10
LIKE = "like"  # in a line of the file: the row whose edit of that op and column, above, has the same value
LONG = 200  # characters


class Edits(Sequence[Edit]):
    """Edits in the order in which they were decided; never changed, only added to.

    The last edit for the same row, op and column counts. So does the last of ``drop`` and ``keep``; a ``keep`` that
    names a check in ``because`` also takes back what was decided before about the row because of that check.

    Parameters
    ----------
    edits : iterable of Edit or dict
        Dicts have the fields of an Edit.
    path : str, optional
        The file they were read from.
    notes : sequence of str, optional
        What a person should know of how they were made, such as two checks that ask for different things.

    Raises
    ------
    DataError
        One of them is no edit; all faults are listed.

    Examples
    --------
    >>> edits = Edits([{"row": "a", "op": "drop"}]) + [Edit("a", "keep")]
    >>> len(edits), edits.in_force()
    (2, (Edit(row='a', op='keep', column=None, value=None, because='', by='', at=''),))
    >>> edits.undo().for_row("a")[0].op
    'drop'
    """

    def __init__(
        self, edits: Iterable[Edit | dict[str, Any]] = (), path: str | None = None, notes: Sequence[str] = ()
    ) -> None:
        self._edits: tuple[Edit, ...] = tuple(_checked(edits))
        self.path, self.notes = path, tuple(notes)

    @overload
    def __getitem__(self, which: int) -> Edit: ...

    @overload
    def __getitem__(self, which: slice) -> Edits: ...

    def __getitem__(self, which: int | slice) -> Edit | Edits:
        return Edits(self._edits[which]) if isinstance(which, slice) else self._edits[which]

    def __len__(self) -> int:
        return len(self._edits)

    def __iter__(self) -> Iterator[Edit]:
        return iter(self._edits)

    def __add__(self, more: Iterable[Edit | dict[str, Any]]) -> Edits:
        more = more if isinstance(more, Edits) else Edits(more)
        if more._edits == self._edits or not (more or more.notes):
            return self
        notes = dict.fromkeys((*self.notes, *more.notes))
        return Edits((*self._edits, *more), notes=tuple(notes)) if self._edits or self.notes else more

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Edits) and self._edits == other._edits

    def __hash__(self) -> int:
        return hash(tuple(edit.key for edit in self._edits))

    def __repr__(self) -> str:
        return "\n  ".join([f"Edits: {self.counts() or 'none'}", *self.notes])

    def in_force(self) -> tuple[Edit, ...]:
        """The edits that count, in the order in which they were last decided."""
        last: dict[tuple[str, str, str | None], Edit] = {}
        places: dict[tuple[str, str, str | None], int] = {}
        for i, edit in enumerate(self._edits):
            last[edit.key], places[edit.key] = edit, i
        keeps: dict[str, list[tuple[int, Edit]]] = {}
        for key, edit in last.items():
            if edit.op == "keep":
                keeps.setdefault(edit.row, []).append((places[key], edit))
        drops = {edit.row: places[key] for key, edit in last.items() if edit.op == "drop"}
        counted = sorted(last, key=places.__getitem__)
        return tuple(
            last[key] for key in counted if not _taken_back(last[key], places[key], keeps.get(key[0], ()), drops)
        )

    def for_row(self, row: str) -> Edits:
        """The edits of one row that count.

        Parameters
        ----------
        row : str
            The row's id.

        Returns
        -------
        Edits
        """
        return Edits(Edits([edit for edit in self._edits if edit.row == row]).in_force())

    def undo(self, n: int = 1) -> Edits:
        """The edits without the last ``n``.

        Parameters
        ----------
        n : int, default 1

        Returns
        -------
        Edits

        Raises
        ------
        DataError
            There are fewer.
        """
        if not 0 <= n <= len(self):
            raise DataError(f"{n} edits cannot be undone: there are {len(self)}.")
        return Edits(self._edits[: len(self) - n])

    def counts(self) -> str:
        """How many edits of each op, in words: ``3 drop, 1 relabel``."""
        return ", ".join(f"{count:,} {op}" for op, count in Counter(edit.op for edit in self._edits).items())

    def save(self, path: str | Path) -> Path:
        """Write an ``edits.jsonl``, whole or not at all.

        Parameters
        ----------
        path : path

        Returns
        -------
        Path

        Raises
        ------
        DataError
            The file cannot be written; what was there before is still there.
        """
        return write_edits(path, self)


def edits_of(thing: Any) -> Edits:
    """Edits from a path, an Edit, a dict, or several of them.

    Raises
    ------
    DataError
        The file cannot be read, or something in it is no edit.
    """
    if isinstance(thing, Edits):
        return thing
    if isinstance(thing, (str, os.PathLike)):
        return read_edits(thing)
    return Edits([thing] if isinstance(thing, (Edit, dict)) else thing)


def read_edits(path: str | Path) -> Edits:
    """The edits in a file; a last line that was cut off while being written is left out.

    Parameters
    ----------
    path : path
        An ``edits.jsonl``.

    Returns
    -------
    Edits

    Raises
    ------
    DataError
        The file cannot be read, or a line is no edit; every such line is named.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "edits.jsonl"
    >>> _ = file.write_text('{"row": "a", "op": "drop"}' + chr(10) + '{"row": "b", "o')
    >>> read_edits(file)
    Edits: 1 drop
    """
    path = Path(path).expanduser()
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise DataError(f"{path}: there is no such file of edits. Correct the path.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path} cannot be read as edits: {error}.") from None
    lines, faults, edits = text.split("\n"), [], []
    above: dict[tuple[str, str, str | None], Any] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            edits.append(edit_of(_with_value(json.loads(line), above)))
            above[edits[-1].key] = edits[-1].value
        except ValueError as error:
            if number < len(lines):  # the last line has no end: it was cut off while being written
                faults.append(f"line {number:,}: not JSON ({error})")
        except DataError as error:
            faults.append(f"line {number:,}: {str(error).rstrip('.')}")
    if faults:
        raise DataError(f"{path}, {_listed(faults)}. Mend or remove {'them' if faults[1:] else 'it'}.")
    return Edits(edits, str(path.absolute()))


def _with_value(line: Any, above: dict[tuple[str, str, str | None], Any]) -> Any:
    """What a line says, with the value of the line above that it refers to."""
    if not isinstance(line, dict) or LIKE not in line:
        return line
    key = line[LIKE], line.get("op"), line.get("column")
    if not isinstance(line[LIKE], str) or key not in above:
        raise DataError(f"its value is said to be that of row '{line[LIKE]}', and no line above has such an edit.")
    return {**{name: said for name, said in line.items() if name != LIKE}, "value": above[key]}


def write_edits(path: str | Path, edits: Iterable[Edit | dict[str, Any]]) -> Path:
    """Write an ``edits.jsonl``, whole or not at all; see ``Edits.save``."""
    path = Path(path).expanduser()
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with unfinished.open("wb") as file:
            file.write(_lines(Edits(edits)))
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except OSError as error:
        raise _not_written(path, error) from None
    finally:
        unfinished.unlink(missing_ok=True)
    return path


def append_edits(path: str | Path, edits: Iterable[Edit | dict[str, Any]]) -> Path:
    """Add edits to the end of a file, which is made where it is not there.

    Parameters
    ----------
    path : path
        An ``edits.jsonl``. A last line that was cut off is removed first.
    edits : iterable of Edit or dict

    Returns
    -------
    Path

    Raises
    ------
    DataError
        One is no edit, or the file cannot be written.
    """
    path, content = Path(path).expanduser(), _lines(Edits(edits))
    try:
        handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            _end_last_line(handle)
            before = os.fstat(handle).st_size
            if os.write(handle, content) < len(content):
                os.ftruncate(handle, before)
                raise OSError(28, "no space left on the disk")
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        raise _not_written(path, error) from None
    return path


def _taken_back(edit: Edit, place: int, keeps: Sequence[tuple[int, Edit]], drops: dict[str, int]) -> bool:
    """Whether a later keep, or for a keep a later drop, undoes an edit."""
    if edit.op == "keep":
        return drops.get(edit.row, -1) > place
    return any(
        later > place and (edit.op == "drop" or (keep.because and keep.because == edit.because))
        for later, keep in keeps
    )


def _checked(edits: Iterable[Edit | dict[str, Any]]) -> list[Edit]:
    made, faults = [], []
    for i, edit in enumerate(edits, 1):
        try:
            made.append(edit_of(edit))
        except DataError as error:
            faults.append(f"edit {i:,}: {str(error).rstrip('.')}")
    if faults:
        raise DataError(f"{_listed(faults)}.")
    return made


def _listed(faults: list[str]) -> str:
    """The first few faults, one a line where there are several."""
    if len(faults) == 1:
        return faults[0]
    more = [f"{len(faults) - SHOWN:,} more"] if len(faults) > SHOWN else []
    return f"{len(faults):,} faults" + "".join(f"\n  - {fault}" for fault in [*faults[:SHOWN], *more])


def _lines(edits: Edits) -> bytes:
    """The lines of some edits; a long value that comes again is written once, and referred to by its row."""
    texts: dict[int, str] = {}
    holders: dict[tuple[str, str, str | None], str] = {}
    last: dict[tuple[str, str, str | None], str] = {}
    lines = []
    for edit in edits:
        text = texts.setdefault(id(edit.value), json.dumps(edit.value)) if isinstance(edit.value, dict) else ""
        row = holders.get((text, edit.op, edit.column)) if len(text) > LONG else None
        if row is not None and last[row, edit.op, edit.column] == text:
            said = {**edit.to_dict(), LIKE: row}
            del said["value"]
            lines.append(json.dumps(said, ensure_ascii=False))
        else:
            holders[text, edit.op, edit.column] = edit.row
            lines.append(edit.to_json())
        last[edit.key] = text
    return "".join(f"{line}\n" for line in lines).encode()


def _end_last_line(handle: int) -> None:
    """A last line without an end is ended where it is whole, and removed where it was cut off."""
    size = os.fstat(handle).st_size
    if not size or os.pread(handle, 1, size - 1) == b"\n":
        return
    start, tail = size, b""
    while start and b"\n" not in tail:
        start = max(0, start - 4096)
        tail = os.pread(handle, size - start, start)
    last = tail[tail.rfind(b"\n") + 1 :]
    try:
        json.loads(last)
    except ValueError:
        os.ftruncate(handle, size - len(last))
    else:
        os.write(handle, b"\n")


def _not_written(path: Path, error: OSError) -> DataError:
    return DataError(f"{path}: edits cannot be written: {error.strerror or error}. Choose another place.")
