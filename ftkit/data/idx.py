"""Images and labels in the idx form of MNIST (Y. LeCun, C. Cortes & C. Burges, http://yann.lecun.com/exdb/mnist)."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pyarrow as pa

from ftkit.data.files import read_bytes
from ftkit.data.image_field import array_field
from ftkit.data.note import Note
from ftkit.data.part import Part
from ftkit.data.source import Table
from ftkit.errors import DataError

NAME = re.compile(r".*[-._]idx\d[-._]ubyte(?:\.gz)?$", re.IGNORECASE)


def is_idx(name: str) -> bool:
    """Whether a file name is in the form of MNIST's."""
    return NAME.match(name) is not None


def open_idx(path: Path, shown: str) -> Part:
    """The images of an idx file, with the labels of the file beside it.

    Raises
    ------
    DataError
        The file is no idx file of images, is cut short, or has another number of labels than images.
    """
    pixels = _read(path, shown)
    if pixels.ndim not in (3, 4):
        raise DataError(f"{shown} holds {pixels.ndim}-dimensional values, not images. Give the images file.")
    field = array_field("image", pixels.shape[1:])
    columns: list[pa.Array] = [pa.FixedSizeListArray.from_arrays(pa.array(pixels.reshape(-1)), field.type.list_size)]
    fields, notes = [field], ()
    beside = labels_beside(path)
    if beside is None:
        notes = (Note("LAB105", "warning", f"No labels file was found beside {path.name}."),)
    else:
        labels = _read(beside, beside.name)
        if labels.shape != pixels.shape[:1]:
            raise DataError(f"{shown} holds {len(pixels):,} images, and {beside.name} {labels.size:,} labels.")
        columns.append(pa.array(labels.astype(np.int64)))
        fields.append(pa.field("label", pa.int64()))
    table = pa.table(columns, schema=pa.schema(fields))
    return Part(Table(table), shown, notes=notes)


def labels_beside(path: Path) -> Path | None:
    """The labels file that belongs to an images file."""
    stem = path.name.removesuffix(".gz").replace("images", "labels")
    stem = re.sub(r"idx\d", "idx1", stem)
    return next((p for name in (stem, stem + ".gz") if (p := path.with_name(name)).is_file() and p != path), None)


def _read(path: Path, shown: str) -> np.ndarray:
    data = read_bytes(path)
    if len(data) < 8 or data[:2] != b"\0\0" or data[2] != 8 or not 1 <= data[3] <= 4:
        raise DataError(f"{shown} is not an idx file of unsigned bytes, as MNIST's are.")
    shape = tuple(np.frombuffer(data, ">u4", data[3], 4).astype(int).tolist())
    start, size = 4 + 4 * data[3], int(np.prod(shape))
    if len(data) - start != size:
        raise DataError(
            f"{shown} should hold {size:,} bytes of values and holds {len(data) - start:,}. Fetch it again."
        )
    return np.frombuffer(data, np.uint8, size, start).reshape(shape)
