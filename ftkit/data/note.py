"""What reading has to say about the rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["info", "warning", "error"]


@dataclass(frozen=True)
class Note:
    """One thing noticed while reading, shown by ``inspect`` as a finding.

    Attributes
    ----------
    code : str
        The check it belongs to, such as ``LAB102``.
    severity : {"info", "warning", "error"}
        How much it matters.
    message : str
        One sentence.
    rows : tuple of str
        Ids of the rows it is about, the first few only; empty where it is about the whole source.
    """

    code: str
    severity: Severity
    message: str
    rows: tuple[str, ...] = ()
