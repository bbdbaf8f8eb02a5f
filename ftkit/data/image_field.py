"""How a column says that its cells are images.

Four forms are known: ``file`` (a path), ``array`` (the pixels themselves, uint8, H×W or H×W×C), ``struct`` (the hub's
``{bytes, path}``) and ``binary`` (an encoded file). All but the struct are marked in the field's metadata.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal

import pyarrow as pa

KEY = b"ftkit.image"


@dataclass(frozen=True)
class ImageField:
    """The form of an image column.

    ``shape`` is (H, W) or (H, W, C) where the pixels themselves are stored. ``paths`` is whether a struct without bytes
    may be read from its path: true for objects in memory, never for a file from elsewhere, which could name any file.
    """

    form: Literal["file", "array", "struct", "binary"]
    shape: tuple[int, ...] = ()
    paths: bool = False


def file_field(name: str) -> pa.Field:
    """A field of image files, by path."""
    return pa.field(name, pa.string(), metadata={KEY: json.dumps({"form": "file"}).encode()})


def array_field(name: str, shape: tuple[int, ...]) -> pa.Field:
    """A field of uint8 pixels."""
    size = 1
    for side in shape:
        size *= side
    spec = {"form": "array", "shape": list(shape)}
    return pa.field(name, pa.list_(pa.uint8(), size), metadata={KEY: json.dumps(spec).encode()})


def binary_field(name: str, dtype: pa.DataType) -> pa.Field:
    """A field of encoded image files."""
    return pa.field(name, dtype, metadata={KEY: json.dumps({"form": "binary"}).encode()})


def with_paths(field: pa.Field) -> pa.Field:
    """A field of structs whose paths may be followed."""
    return field.with_metadata({KEY: json.dumps({"form": "struct", "paths": True}).encode()})


def without_paths(field: pa.Field) -> pa.Field:
    """The field, no longer marked as one of paths."""
    form = describe(field)
    kept = form is None or form.form in ("array", "binary")
    return field if kept else field.remove_metadata()


def describe(field: pa.Field) -> ImageField | None:
    """The form of the images in a field, or None where it holds none."""
    if field.metadata and KEY in field.metadata:
        spec = json.loads(field.metadata[KEY])
        return ImageField(spec["form"], tuple(spec.get("shape", ())), spec.get("paths", False))
    if pa.types.is_struct(field.type) and {child.name for child in field.type} == {"bytes", "path"}:
        return ImageField("struct")
    return None
