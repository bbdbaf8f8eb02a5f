"""Everything known about what was read, before any row is selected; worked out on first use and kept."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ftkit.data import ids as row_ids
from ftkit.data.cells import is_number, strings
from ftkit.data.column import Column, Role
from ftkit.data.files import FileHashes
from ftkit.data.hashing import named, row_hashes
from ftkit.data.hub_features import class_names
from ftkit.data.image_field import describe
from ftkit.data.inference import check_task, infer
from ftkit.data.labels import Labels, class_labels, number_labels
from ftkit.data.note import Note
from ftkit.data.roles import SPLIT_NAMES, Asked, assign, check_asked, find_target
from ftkit.data.scan import Scans
from ftkit.data.source import Source, column
from ftkit.data.splits import canonical_splits
from ftkit.errors import DataError
from ftkit.task import get_task


class Reading:
    """One source with the roles its columns were given.

    Parameters
    ----------
    source : Source
        The cells.
    name, where : str
        What it is called in displays, and in messages.
    asked : Asked
        What the caller said about it.
    splits : ndarray of str, optional
        The split each row came with: "train", "validation", "test" or "" where none was said.
    given_ids : pyarrow array of str, optional
        Ids that are known without reading a value: paths of files, ids of a snapshot.
    notes : sequence of Note
        What was noticed while reading.
    origin : dict, optional
        Arguments that make ``read`` read it again.
    """

    def __init__(
        self,
        source: Source,
        name: str,
        where: str,
        asked: Asked,
        *,
        splits: np.ndarray | None = None,
        given_ids: pa.ChunkedArray | None = None,
        notes: Sequence[Note] = (),
        origin: dict[str, Any] | None = None,
    ) -> None:
        check_asked(asked, source.schema, where)
        self.source, self.name, self.where, self.asked = source, name, where, asked
        self.origin, self.reading_notes, self.part_splits = origin, tuple(notes), splits
        self.target = find_target(asked, source.schema)
        self.known_ids = given_ids
        self.hub_names = class_names(source.schema)
        self.scans = Scans(self)
        self._files = FileHashes()
        image = any(describe(field) is not None for field in source.schema)
        check_task(asked, source.schema, self.target, image, where)

    @cached_property
    def split_column(self) -> str | None:
        """The column that says which split a row is in."""
        if self.asked.split is not None or self.part_splits is not None:
            return self.asked.split
        for name in self.source.schema.names:
            if name.strip().lower() in SPLIT_NAMES and name != self.target:
                cells = strings(column(self.source, name))
                if canonical_splits(pc.unique(cells.drop_null()).to_pylist()) is not None:
                    return name
        return None

    @cached_property
    def splits(self) -> np.ndarray | None:
        """The split each row came with, or None where no row came with one."""
        if self.split_column is None or self.part_splits is not None:
            return self.part_splits
        encoded = strings(column(self.source, self.split_column)).combine_chunks().dictionary_encode()
        values = encoded.dictionary.to_pylist()
        names = canonical_splits(values)
        if names is None:
            shown = ", ".join(repr(value) for value in values[:6])
            raise DataError(
                f"{self.where}: split column '{self.split_column}' holds {shown}; "
                "it may hold train, validation (valid, val, dev) and test."
            )
        return np.array([*names, ""])[encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)]

    @cached_property
    def id_columns(self) -> list[str]:
        """The columns that name every row once, the one the row ids come from first."""
        if self.asked.id is not None:
            return [self.asked.id]
        if self.known_ids is not None:
            return []
        taken = {self.target, self.split_column, self.asked.group, self.asked.time, self.asked.text}
        found: list[str] = []
        for name in row_ids.candidates(self.source.schema, {t for t in taken if t}):
            if (not found or name.lower() in row_ids.EXACT) and self._names_rows(column(self.source, name)):
                found.append(name)
        return found

    def _names_rows(self, cells: pa.ChunkedArray) -> bool:
        """Whether no value comes twice in one split."""
        if cells.null_count:
            return False
        if self.splits is None:
            return pc.count_distinct(cells).as_py() == len(cells)
        parts = (cells.filter(pa.array(self.splits == split)) for split in np.unique(self.splits))
        return all(pc.count_distinct(part).as_py() == len(part) for part in parts)

    @cached_property
    def ids(self) -> np.ndarray:
        """The row ids."""
        if self.known_ids is not None:
            ids = np.array(self.known_ids.to_pylist(), dtype=np.str_)
            return row_ids.prefix_meeting(row_ids.count_copies(ids) if self.splits is None else ids, self.splits)
        if not self.id_columns:
            return row_ids.per_split(self.content(), self.splits)
        values = strings(column(self.source, self.id_columns[0])).to_pylist()
        ids = np.array([value or "" for value in values], dtype=np.str_)
        if self.asked.id is not None:
            row_ids.check_given(self.asked.id, self.where, values, row_ids.first_repeat(ids, self.splits))
        return row_ids.prefix_meeting(ids, self.splits)

    @cached_property
    def _columns(self) -> tuple[dict[str, Column], tuple[Note, ...]]:
        asked = self.asked
        settled: list[tuple[str | None, Role]] = [
            *((name, "id") for name in self.id_columns),
            (self.split_column, "split"),
            (asked.time, "time"),
            (asked.group, "group"),
            (self.target, "target"),
        ]
        special = {name: role for name, role in settled if name is not None}
        return assign(self.source, asked, self.target, special)

    @property
    def columns(self) -> dict[str, Column]:
        """The columns by name."""
        return self._columns[0]

    @cached_property
    def image_column(self) -> str | None:
        """The first column of images."""
        return next((field.name for field in self.source.schema if describe(field) is not None), None)

    @cached_property
    def task(self) -> tuple[str | None, str]:
        """The task and the reason for it."""
        cells = None if self.target is None else column(self.source, self.target)
        if cells is not None and self.splits is not None and (train := self.splits == "train").any():
            cells = cells.filter(pa.array(train))  # what other splits hold has to be what train holds
        coded = self.target in self.hub_names or self.asked.classes is not None
        return infer(self.asked, self.columns, self.target, cells, coded)

    @cached_property
    def labels(self) -> Labels:
        """The target as codes or numbers."""
        task, reason = self.task
        if task is not None and get_task(task).predicts == "text":
            fault = f"{self.where}: task '{task}' answers with texts, not with labels."
            return Labels(np.full(self.source.rows, -1, dtype=np.int64), (), (), fault)
        if self.target is None:
            known = ", ".join(f"'{name}'" for name in self.source.schema.names[:12])
            raise DataError(f"{self.where} has no target. Pass target= one of its columns: {known}.")
        if task is None:
            raise DataError(f"{self.where}: {reason}.")
        cells = column(self.source, self.target)
        numeric = is_number(cells.type) and self.target not in self.hub_names
        if get_task(task).predicts == "number" or (get_task(task).predicts != "class" and numeric):
            return number_labels(cells, self.target, self.where, ids=self.ids)
        return class_labels(
            cells,
            self.target,
            self.where,
            ids=self.ids,
            splits=self.splits,
            hub_names=self.hub_names.get(self.target),
            classes=self.asked.classes,
        )

    @property
    def notes(self) -> tuple[Note, ...]:
        """What reading and labelling noticed."""
        try:
            labels = self.labels.notes if self.target is not None and self.task[0] is not None else ()
        except DataError:
            labels = ()
        return self.reading_notes + self._columns[1] + labels

    def content(self, names: Sequence[str] | None = None, positions: np.ndarray | None = None) -> np.ndarray:
        """One uint64 for each row (at ``positions``), from the values of the columns ``names``."""
        names = self.source.schema.names if names is None else names
        files = [name for name in names if self._form(name) == "file"]
        total = self._plain_content(tuple(name for name in names if name not in files))
        total = total if positions is None else total[positions]
        for name in files:
            rows = np.arange(self.source.rows) if positions is None else positions
            total = total + named(name, self._files.of(self.source, name, rows))
        return total

    def _plain_content(self, names: tuple[str, ...]) -> np.ndarray:
        """The same without the columns of files; kept, since ids, fingerprints, folds and duplicates all ask for it."""
        known = self.__dict__.setdefault("_known_content", {})
        key = frozenset(names)
        if key not in known:
            known[key] = row_hashes(self.source, names)
        return known[key]

    def _form(self, name: str) -> str | None:
        field = describe(self.source.schema.field(name))
        return None if field is None else field.form
