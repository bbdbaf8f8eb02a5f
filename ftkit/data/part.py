"""One thing that was opened; several of them make a source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from ftkit.data.note import Note
from ftkit.data.source import Source, join

if TYPE_CHECKING:
    from ftkit.data.label_table import LabelTable


@dataclass(frozen=True)
class Options:
    """How tables of text are to be read, and where the labels of images stand; None means: find out."""

    header: bool | None = None
    separator: str | None = None
    missing: tuple[str, ...] | None = None
    errors: str | None = None
    labels: str | None = None

    @property
    def report(self) -> bool:
        """Whether rows that cannot be read are left out and noted, rather than raised."""
        return self.errors == "report"


@dataclass(frozen=True)
class Part:
    """Rows that were opened together.

    ``splits`` is one split for all rows, or one a row; ``facts`` are roles and a task that came with the rows;
    ``found`` is how a text table turned out to be written, for the parts that follow it; ``table`` is where labels
    of images stand.
    """

    source: Source
    name: str
    splits: str | np.ndarray | None = None
    ids: pa.ChunkedArray | None = None
    notes: tuple[Note, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)
    found: Options | None = None
    table: LabelTable | None = None

    def split_array(self) -> np.ndarray:
        """The split of every row, '' where none is said."""
        if isinstance(self.splits, np.ndarray):
            return self.splits
        return np.full(self.source.rows, self.splits or "", dtype="U10")


def combine(parts: Sequence[Part], target: str | None) -> Part:
    """The parts one after the other, under the name of the first; a split that all rows are in says nothing.

    Raises
    ------
    DataError
        Their columns do not agree.
    """
    source = join([part.source for part in parts], [part.name for part in parts], may_lack=target)
    ids = [part.ids for part in parts]
    known = None if any(i is None for i in ids) else pa.chunked_array([c for i in ids for c in i.chunks], pa.string())
    notes = tuple(note for part in parts for note in part.notes)
    return replace(parts[0], source=source, splits=_told(parts), ids=known, notes=notes)


def _told(parts: Sequence[Part]) -> np.ndarray | None:
    """The split of every row, unless they are all in the same."""
    if (
        not any(isinstance(part.splits, np.ndarray) for part in parts)
        and len({part.splits or "" for part in parts}) == 1
    ):
        return None
    splits = np.concatenate([part.split_array() for part in parts])
    return splits if (splits != splits[0]).any() else None
