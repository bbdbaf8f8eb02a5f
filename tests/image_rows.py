"""Rows of images for tests, and one check asked of them."""

from __future__ import annotations

import io

import pyarrow as pa
from PIL import Image

import ftkit as ft
from ftkit.quality import CHECKS
from ftkit.quality.evidence import Evidence

STRUCT = pa.struct([("bytes", pa.binary()), ("path", pa.string())])


def encoded(image, kind="PNG", **options):
    """A picture or its pixels as a file."""
    buffer = io.BytesIO()
    (image if isinstance(image, Image.Image) else Image.fromarray(image)).save(buffer, kind, **options)
    return buffer.getvalue()


def view_of(images):
    """Rows r0000, r0001, … of images, or of their files."""
    cells = [{"bytes": i if isinstance(i, bytes) else encoded(i), "path": None} for i in images]
    return ft.read(pa.table({"id": [f"r{i:04d}" for i in range(len(cells))], "image": pa.array(cells, STRUCT)}))


def check(code, view):
    """What one check finds."""
    return CHECKS[code].run(view, CHECKS[code], Evidence(view))
