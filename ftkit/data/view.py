"""DatasetView: what every room above works on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from ftkit.data import cells, convert, snapshot
from ftkit.data.column import Column
from ftkit.data.hashing import hash_bytes
from ftkit.data.image import Decoded, thumbnail_png, tile_bytes
from ftkit.data.note import Note
from ftkit.data.reading import Reading
from ftkit.data.scan import ImageScan, images, pixels
from ftkit.data.source import column as whole_column
from ftkit.errors import DataError, nearest
from ftkit.shown import Shown

if TYPE_CHECKING:
    import datasets
    import pandas as pd
    import polars as pl

    from ftkit.data.edits import Edits


class DatasetView(Shown):
    """An immutable, lazy, ordered selection of rows. ``ft.read`` makes one; indexing makes smaller ones.

    Parameters
    ----------
    reading : Reading
        What was read.
    positions : ndarray of int, optional
        The selected rows, as positions in the source; all of them by default.

    Attributes
    ----------
    name : str
        What was read, short: ``photos``, ``digits``, ``people.csv``.

    Examples
    --------
    >>> import ftkit as ft
    >>> iris = ft.read("iris")
    >>> iris
    DatasetView 'iris': 150 rows, 5 columns
      task    tabular-classification, because target 'species' has 3 values
      columns 4 number, 1 category
      split   none came with the data
    >>> iris[:2].labels
    array([0, 0])
    """

    def __init__(self, reading: Reading, positions: np.ndarray | None = None) -> None:
        self._reading = reading
        self._positions = positions
        self.name = reading.name

    def __len__(self) -> int:
        return self._reading.source.rows if self._positions is None else len(self._positions)

    def __getitem__(self, which: int | slice | np.ndarray | Sequence[int]) -> Any:
        if isinstance(which, (int, np.integer)):
            return self._row(int(which))
        if isinstance(which, str):
            raise TypeError(
                f"a view is indexed by row; for a column say view.column({which!r}) or view.strings({which!r})"
            )
        if isinstance(which, slice):
            return self.select(np.arange(len(self))[which])
        chosen = np.asarray(which)
        return self.where(chosen) if chosen.dtype == bool else self.select(chosen)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return (self._row(i) for i in range(len(self)))

    def __repr__(self) -> str:
        return convert.describe(self)

    def select(self, positions: Sequence[int] | np.ndarray) -> DatasetView:
        """The rows at some positions of this view, in that order.

        Parameters
        ----------
        positions : sequence of int
            Positions from 0 to N - 1; negative ones count from the end.

        Returns
        -------
        DatasetView

        Raises
        ------
        DataError
            A position is outside the view.
        """
        chosen = np.asarray(positions)
        chosen = chosen.astype(np.int64) if len(chosen) == 0 or chosen.dtype.kind in "iu" else chosen
        n = len(self)
        if chosen.dtype.kind != "i" or chosen.ndim != 1 or (len(chosen) and not -n <= chosen.min() <= chosen.max() < n):
            raise DataError(f"rows are selected by whole numbers from 0 to {n - 1:,} in a view of {n:,} rows.")
        return DatasetView(self._reading, self.source_rows[np.where(chosen < 0, chosen + n, chosen)])

    def where(self, mask: Sequence[bool] | np.ndarray) -> DatasetView:
        """The rows for which a mask is true.

        Parameters
        ----------
        mask : sequence of bool, length N

        Returns
        -------
        DatasetView

        Raises
        ------
        DataError
            The mask is not of the view's length.
        """
        mask = np.asarray(mask, dtype=bool)
        if mask.shape != (len(self),):
            raise DataError(f"a mask of {mask.size:,} values was given for {len(self):,} rows.")
        return DatasetView(self._reading, self.source_rows[mask])

    @property
    def source_rows(self) -> np.ndarray:
        """Positions of the selected rows in the source, int64 (N,)."""
        return np.arange(self._reading.source.rows) if self._positions is None else self._positions

    @property
    def ids(self) -> np.ndarray:
        """The stable row ids, str (N,): paths, the id column, or content hashes."""
        return self._take(self._reading.ids)

    @property
    def fingerprint(self) -> str:
        """A hash of the content of the selected rows, in order: 16 hex digits."""
        return f"{int(hash_bytes([self.content().astype('<u8').tobytes()])[0]):016x}"

    def content(self, columns: Sequence[str] | None = None) -> np.ndarray:
        """A hash of each row's values, by which equal rows are found.

        Parameters
        ----------
        columns : sequence of str, optional
            The columns to look at; all by default.

        Returns
        -------
        ndarray of uint64, shape (N,)

        Raises
        ------
        DataError
            A column is not there.
        """
        for name in columns or ():
            self._known(name)
        return self._reading.content(columns, self._positions)

    @property
    def columns(self) -> dict[str, Column]:
        """The columns by name, with kind and role."""
        return self._reading.columns

    @property
    def target(self) -> str | None:
        """The column to be predicted."""
        return self._reading.target

    @property
    def features(self) -> list[str]:
        """The columns a model sees, in order: role feature, image, text or messages."""
        seen = ("feature", "image", "text", "messages")
        return [name for name, column in self.columns.items() if column.role in seen]

    @property
    def task(self) -> str | None:
        """The task the rows are for, given or inferred; None where there is no target."""
        return self._reading.task[0]

    @property
    def task_reason(self) -> str:
        """One sentence that says why."""
        return self._reading.task[1]

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes of all rows of the source: by number, else in the hub's order, else sorted; () for numbers.

        Raises
        ------
        DataError
            There is no target, or its labels cannot be read.
        """
        return self._reading.labels.classes

    @property
    def labels(self) -> np.ndarray:
        """The target, (N,): int64 codes into ``classes``, -1 missing; or float64, nan missing.

        Raises
        ------
        DataError
            There is no target, its labels cannot be read, or every row has the same.
        """
        labels = self._reading.labels
        if labels.fault is not None:
            raise DataError(labels.fault)
        return self._take(labels.values)

    @property
    def given_split(self) -> np.ndarray | None:
        """The split each row came with, str (N,): "train", "validation", "test" or ""; None where none came."""
        splits = self._reading.splits
        return None if splits is None else self._take(splits)

    @property
    def group(self) -> np.ndarray | None:
        """The group each row belongs to, str (N,), "" where missing; None where no group column was given."""
        if self._reading.asked.group is None:
            return None
        return np.array([value or "" for value in self.strings(self._reading.asked.group)], dtype=np.str_)

    def column(self, name: str) -> pa.ChunkedArray:
        """The cells of one column.

        Parameters
        ----------
        name : str
            The column's name.

        Returns
        -------
        pyarrow.ChunkedArray, length N

        Raises
        ------
        DataError
            There is no such column.
        """
        self._known(name)
        source = self._reading.source
        return whole_column(source, name) if self._positions is None else source.cells(name, self._positions)

    def numbers(self, name: str) -> np.ndarray:
        """The cells of one column as numbers: booleans as 0 and 1, dates as seconds since 1970 (UTC).

        Parameters
        ----------
        name : str
            The column's name.

        Returns
        -------
        ndarray of float64, shape (N,); nan where missing

        Raises
        ------
        DataError
            There is no such column, or it holds something else.
        """
        return cells.numbers(self.column(name), f"{self._reading.where}: column '{name}'")

    def text_cells(self, name: str) -> pa.ChunkedArray:
        """The cells of one column as Arrow strings: what ``strings`` gives, before it becomes Python objects.

        Parameters
        ----------
        name : str
            The column's name.

        Returns
        -------
        pyarrow.ChunkedArray of str, length N

        Raises
        ------
        DataError
            There is no such column.
        """
        return cells.strings(self.column(name), self._reading.hub_names.get(name))

    def strings(self, name: str) -> np.ndarray:
        """The cells of one column as strings: 1.0 as '1', class codes by their names.

        Parameters
        ----------
        name : str
            The column's name.

        Returns
        -------
        ndarray of object (str or None), shape (N,)

        Raises
        ------
        DataError
            There is no such column.
        """
        values = self.text_cells(name)
        out = np.empty(len(values), dtype=object)
        out[:] = values.to_pylist()
        return out

    def missing(self, name: str) -> int:
        """How many cells of one column are missing; NaN counts.

        Parameters
        ----------
        name : str
            The column's name.

        Returns
        -------
        int

        Raises
        ------
        DataError
            There is no such column.
        """
        return convert.count_missing(self.column(name))

    def scan(self) -> ImageScan:
        """What decoding every image once shows: sizes, modes, unreadable ones. Done once, in threads, and kept.

        Returns
        -------
        ImageScan

        Raises
        ------
        DataError
            The rows are no images.
        """
        return self._reading.scans.of(self.source_rows)

    def pixels(
        self,
        size: tuple[int, int],
        channels: int = 3,
        positions: Sequence[int] | np.ndarray | None = None,
        out: np.ndarray | None = None,
        *,
        resize: str = "stretch",
        share: float = 1.0,
        resample: str = "bilinear",
    ) -> tuple[np.ndarray, dict[int, str]]:
        """The images, upright, resized to exactly one size.

        Parameters
        ----------
        size : (int, int)
            Height and width in pixels.
        channels : {1, 3}, default 3
            1 for grey, 3 for RGB.
        positions : sequence of int, optional
            The rows of this view to decode; all by default.
        out : ndarray of uint8, shape (N, H, W, channels), optional
            Where to write, such as a ``np.memmap``; a new array by default.
        resize : {"stretch", "crop", "pad"}, default "stretch"
            Each side to its length; the middle of the size's shape; or the whole image in the middle of mid-grey.
        share : float in (0, 1], default 1.0
            How much of each side is kept: with "crop" of the largest middle there is, with "stretch" of the image.
        resample : {"nearest", "lanczos", "bilinear", "bicubic", "box", "hamming"}, default "bilinear"
            Pillow's filters.

        Returns
        -------
        ndarray of uint8, shape (N, H, W, channels)
            0 where an image cannot be read.
        dict of int to str
            Place in the array to the reason why the image cannot be read.

        Raises
        ------
        DataError
            The rows are no images, or ``size``, ``channels``, ``resize``, ``share``, ``resample`` or ``out`` do not
            fit.
        """
        rows = self if positions is None else self.select(positions)
        return pixels(self._reading, rows.source_rows, size, channels, out, resize, share, resample)

    def thumbnail(self, i: int, side: int = 96) -> bytes:
        """A small PNG of one image; a grey tile where it cannot be read.

        Parameters
        ----------
        i : int
            Position in this view.
        side : int, default 96
            The longest side in pixels.

        Returns
        -------
        bytes

        Raises
        ------
        DataError
            The rows are no images.
        """
        return self.thumbnails(np.array([i]), side)[0]

    def thumbnails(self, positions: np.ndarray, side: int = 96) -> list[bytes]:
        """Small PNGs of images; a grey tile for each that cannot be read.

        Parameters
        ----------
        positions : ndarray of int, shape (n,)
            In this view.
        side : int, default 96
            The longest side in pixels.

        Returns
        -------
        list of bytes

        Raises
        ------
        DataError
            The rows are no images.
        """

        def small(decoded: Decoded) -> bytes:
            return thumbnail_png(decoded.picture, side)

        found = images(self._reading, self.source_rows[positions], small, (side, side))
        return [thumbnail_png(None, side) if isinstance(made, str) else made for made in found]

    def tiles(self, positions: np.ndarray, side: int = 96) -> list[bytes]:
        """Small JPEG or BMP files of images for a page, made in half the time of :meth:`thumbnails`.

        Parameters
        ----------
        positions : ndarray of int, shape (n,)
            In this view.
        side : int, default 96
            The longest side in pixels; small images are left as they are.

        Returns
        -------
        list of bytes
            One grey pixel for each image that cannot be read.

        Raises
        ------
        DataError
            The rows are no images.
        """
        found = images(self._reading, self.source_rows[positions], lambda d: tile_bytes(d.picture, side), (side, side))
        return [tile_bytes(None, side) if isinstance(made, str) else made for made in found]

    @property
    def notes(self) -> tuple[Note, ...]:
        """What was noticed while reading, about the whole source."""
        return self._reading.notes

    @property
    def origin(self) -> dict[str, Any] | None:
        """Arguments that make ``ft.read`` give these rows again; None for a selection or an object in memory."""
        origin = self._reading.origin
        return dict(origin) if origin is not None and self.is_whole else None

    @property
    def is_whole(self) -> bool:
        """Whether these are all rows that were read (and that edits left), in their order."""
        return self._positions is None or np.array_equal(self._positions, np.arange(self._reading.source.rows))

    def apply(self, edits: Any) -> DatasetView:
        """The rows with edits: some left out, some cells changed; ids stay, and nothing is written.

        Applying the same edits again changes nothing; edits on edits are merged, the last one counts.

        Parameters
        ----------
        edits : path, Edits, or sequence of Edit or dict
            An ``edits.jsonl``, or what it would hold. Edits of rows that are not here change nothing, and a note says
            so.

        Returns
        -------
        DatasetView

        Raises
        ------
        DataError
            The file cannot be read; an op, column or class is not known, or a value does not fit its column. All faults
            are listed.

        Examples
        --------
        >>> import ftkit as ft
        >>> iris = ft.read("iris")
        >>> edited = iris.apply([{"row": iris.ids[0], "op": "drop"}])
        >>> len(iris), len(edited)
        (150, 149)
        """
        from ftkit.data.edited import apply

        return apply(self, edits)

    @property
    def edits(self) -> Edits:
        """The edits that were applied, in their order; none for rows as they were read."""
        from ftkit.data.edits import Edits

        return getattr(self._reading, "edits", None) or Edits()

    @property
    def unedited(self) -> DatasetView:
        """These rows as they were read: edits taken back, and of a whole view the dropped rows with them."""
        before = getattr(self._reading, "before", None)
        if before is None:
            return self
        return DatasetView(before, None if self.is_whole else self._reading.source.kept[self.source_rows])

    def to_arrow(self) -> pa.Table:
        """The selected rows as an Arrow table; images as they are stored (path, struct or pixels)."""
        return convert.to_arrow(self)

    def to_pandas(self) -> pd.DataFrame:
        """The selected rows as a pandas DataFrame."""
        return self.to_arrow().to_pandas()

    def to_polars(self) -> pl.DataFrame:
        """The selected rows as a polars DataFrame."""
        return convert.to_polars(self)

    def to_datasets(self) -> datasets.Dataset:
        """The selected rows as a ``datasets.Dataset``, with Image and ClassLabel features."""
        return convert.to_datasets(self)

    def save(self, path: str | Path) -> Path:
        """Write the rows to one Parquet file that ``ft.read`` reads back with the same ids, roles, classes and task.

        Parameters
        ----------
        path : path
            The file; its folder must be there. Images are written into it.

        Returns
        -------
        Path

        Raises
        ------
        DataError
            The file cannot be written. Nothing is left behind then.
        """
        return snapshot.save(self, Path(path))

    def _row(self, i: int) -> dict[str, Any]:
        if not -len(self) <= i < len(self):
            raise IndexError(f"row {i} of {len(self)}")
        return convert.row(self, int(self.source_rows[i]))

    def _take(self, values: np.ndarray) -> np.ndarray:
        return values if self._positions is None else values[self._positions]

    def _known(self, name: str) -> None:
        names = self._reading.source.schema.names
        if name not in names:
            raise DataError(f"{self._reading.where} has no column '{name}'; {nearest(name, names, 'the columns are')}.")
