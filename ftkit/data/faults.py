"""Rows that cannot be read: the first stops the reading, or all are left out and noted."""

from __future__ import annotations

from dataclasses import dataclass, field

from ftkit.data.note import Note
from ftkit.errors import DataError, nearest

SHOWN = 8
MODES = ("raise", "report")


def check_mode(errors: str) -> None:
    """The mode is known.

    Raises
    ------
    DataError
        It is not.
    """
    if errors not in MODES:
        raise DataError(f"errors='{errors}' is not known; {nearest(errors, MODES)}.")


@dataclass
class Faults:
    """What is wrong with the rows of one file, place by place.

    Attributes
    ----------
    shown : str
        What the file is called in messages.
    report : bool
        Whether bad rows are left out and noted rather than raised.
    found : list of (str, str)
        Where (``line 3``) and why.
    """

    shown: str
    report: bool = False
    found: list[tuple[str, str]] = field(default_factory=list)

    def add(self, place: str, reason: str) -> None:
        """One more row that cannot be read."""
        self.found.append((place, reason))

    def settle(self, good: int, so_far: bool = False) -> tuple[Note, ...]:
        """A note on the rows that were left out.

        Parameters
        ----------
        good : int
            How many rows are fine.
        so_far : bool
            Whether the rest of the file has not been looked at.

        Raises
        ------
        DataError
            Bad rows are not to be left out, or no others are there.
        """
        if not self.found:
            return ()
        if self.report and good:
            listed = "; ".join(f"{place}: {_short(reason)}" for place, reason in self.found[:SHOWN])
            more = f"; and {len(self.found) - SHOWN:,} more" if len(self.found) > SHOWN else ""
            message = f"{self.shown}: {_rows(len(self.found))} that cannot be read left out ({listed}{more})."
            return (Note("SRC105", "warning", message),)
        place, reason = self.found[0]
        raise DataError(f"{self.shown}, {place}: {reason.rstrip('.')}. {self._others(good, so_far)}")

    def _others(self, good: int, so_far: bool) -> str:
        more = len(self.found) - 1
        same = f"{_rows(more)} more cannot be read, " if more else ""
        fine = f"the {_rows(good)} before it can" if so_far else f"the other {_rows(good)} can"
        advice = "; errors='report' leaves such rows out" if good else ""
        said = f"{same}{fine if good else 'no other row can'}{advice}."
        return said[0].upper() + said[1:]


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"


def _short(reason: str) -> str:
    return reason.split(". ")[0].rstrip(".")
