"""Every error a user of ftkit can meet.

::

    FtkitError
    ├── DataError            the rows cannot be read, or do not fit the question
    ├── RecipeError          the recipe or its parameters have faults (all of them listed)
    ├── RunError             a run failed or cannot be found (carries its folder)
    └── MissingDependency    an optional package is not installed (names the extra)

A message says what was asked, what is there, where, and what to do.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path


class FtkitError(Exception):
    """Something the user can mend; shown as its sentence, never as a traceback on the command line."""


class DataError(FtkitError):
    """The rows cannot be read, or do not fit what was asked of them."""


class RecipeError(FtkitError):
    """A recipe, or a template's parameters, have faults.

    Parameters
    ----------
    faults : iterable of str
        One sentence a fault, each beginning with the path of the key it is about.
    where : str, optional
        The file or command the faults are in.

    Attributes
    ----------
    faults : tuple of str
        The same sentences.
    """

    def __init__(self, faults: Iterable[str], where: str = "recipe") -> None:
        self.faults = tuple(faults)
        self.where = where
        if len(self.faults) == 1:
            super().__init__(f"{where}: {self.faults[0]}")
        else:
            lines = "".join(f"\n  - {fault}" for fault in self.faults)
            super().__init__(f"{where}: {len(self.faults)} faults{lines}")

    def __reduce__(self) -> tuple:
        return type(self), (self.faults, self.where)


class RunError(FtkitError):
    """A run failed, or is not there.

    Parameters
    ----------
    message : str
        The sentence.
    folder : path, optional
        The run folder: what was written until then is kept there.
    """

    def __init__(self, message: str, folder: str | Path | None = None) -> None:
        super().__init__(message)
        self.folder = None if folder is None else Path(folder)

    def __reduce__(self) -> tuple:
        return type(self), (str(self), self.folder)


class MissingDependency(FtkitError, ImportError):
    """An optional package is not installed.

    Parameters
    ----------
    package : str
        The package that is missing.
    extra : str
        The extra of ftkit that brings it: ``pip install "ftkit[extra]"``.
    """

    def __init__(self, package: str, extra: str) -> None:
        self.package, self.extra = package, extra
        super().__init__(f'{package} is not installed. Install it with: pip install "ftkit[{extra}]"')

    def __reduce__(self) -> tuple:
        return type(self), (self.package, self.extra)


def nearest(name: object, known: Iterable[object], what: str = "one of") -> str:
    """The half sentence that says what there is instead, the nearest name first.

    Parameters
    ----------
    name : object
        What was asked for.
    known : iterable
        The names there are. At most twelve are shown.
    what : str, default "one of"
        The words in front of the list.

    Returns
    -------
    str
        For example ``nearest is 'rust'; one of 'blight', 'healthy', 'rust'``.

    Examples
    --------
    >>> nearest("rsut", ["blight", "rust"])
    "nearest is 'rust'; one of 'blight', 'rust'"
    """
    names = [str(k) for k in known]
    shown = ", ".join(f"'{n}'" for n in names[:12])
    if len(names) > 12:
        shown += f" and {len(names) - 12:,} more"
    listed = f"{what} {shown}" if names else f"{what}: there is none"
    close = difflib.get_close_matches(str(name), names, n=1, cutoff=0.5)
    return f"nearest is '{close[0]}'; {listed}" if close else listed
