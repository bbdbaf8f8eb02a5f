"""Decoding the images of many rows, in threads."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from ftkit.data.files import threaded
from ftkit.data.hashing import array_rows
from ftkit.data.image import Decoded, UnreadableImageError, check_size, decode, fit, from_array
from ftkit.data.image_edit import edit_picture
from ftkit.data.image_field import ImageField, describe
from ftkit.data.source import Source
from ftkit.errors import DataError

if TYPE_CHECKING:
    from ftkit.data.reading import Reading

BLOCK = 512
SMALL = 8192  # bytes of an image file
_beginning = threading.Lock()  # a panel may look at the same rows as the cell that runs


@dataclass(frozen=True)
class ImageScan:
    """What decoding every image once has shown.

    Attributes
    ----------
    width, height : ndarray of int, shape (N,)
        Pixels of the upright image; 0 where it cannot be read.
    mode : ndarray of object, shape (N,)
        PIL's mode in the file, such as ``RGB`` or ``CMYK``; '' where it cannot be read.
    error : dict of int to str
        Row position to the reason why the image cannot be read.
    converted : dict of int to str
        Row position to what was done to make 8-bit grey or RGB of it.
    """

    width: np.ndarray
    height: np.ndarray
    mode: np.ndarray
    error: dict[int, str]
    converted: dict[int, str]


class Scans:
    """The scan of a source, made row by row as views ask for it, and kept."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._seen: ImageScan | None = None
        self._known = np.zeros(0, dtype=bool)

    def of(self, positions: np.ndarray) -> ImageScan:
        """The scan of the rows at ``positions``, by their place in it."""
        seen = self._begun()
        self._look(np.unique(positions[~self._known[positions]]))
        here = dict(enumerate(positions.tolist()))
        return ImageScan(
            seen.width[positions],
            seen.height[positions],
            seen.mode[positions],
            {i: seen.error[row] for i, row in here.items() if row in seen.error},
            {i: seen.converted[row] for i, row in here.items() if row in seen.converted},
        )

    def _look(self, rows: np.ndarray) -> None:
        for block in (rows[start : start + BLOCK] for start in range(0, len(rows), BLOCK)):
            self.learn(block, images(self._reading, block, facts_of))

    def learn(self, rows: np.ndarray, results: list[Any]) -> None:
        """Keep what decoding ``rows`` has shown: the facts of each, or why it cannot be read."""
        seen = self._begun()
        for row, result in zip(rows.tolist(), results, strict=True):
            if isinstance(result, str):
                seen.error[row] = result
                continue
            seen.width[row], seen.height[row], seen.mode[row], done = result
            if done:
                seen.converted[row] = done
        self._known[rows] = True

    def _begun(self) -> ImageScan:
        with _beginning:
            if self._seen is None:
                n = self._reading.source.rows
                zeros = np.zeros(n, dtype=np.int32)
                self._seen = ImageScan(zeros, zeros.copy(), np.full(n, "", dtype=object), {}, {})
                self._known = np.zeros(n, dtype=bool)
        return self._seen


def pixels(
    reading: Reading,
    rows: np.ndarray,
    size: tuple[int, int],
    channels: int,
    out: np.ndarray | None,
    resize: str = "stretch",
    share: float = 1.0,
    resample: str = "bilinear",
) -> tuple[np.ndarray, dict[int, str]]:
    """The images of ``rows`` at one size, and the reasons of those that cannot be read; see DatasetView.pixels."""
    check_size(size, channels, resize, share, resample)
    size = (int(size[0]), int(size[1]))
    shape = (len(rows), *size, channels)
    if out is None:
        out = np.zeros(shape, dtype=np.uint8)
    elif out.shape != shape or out.dtype != np.uint8:
        raise DataError(f"out= is {out.dtype} {out.shape}; uint8 {shape} is needed.")
    form = image_form(reading)
    if form.form == "array" and form.shape[:2] == size and share == 1 and channels == (form.shape[2:] or (1,))[0]:
        for start in range(0, len(rows), BLOCK):
            cells = reading.source.cells(reading.image_column, rows[start : start + BLOCK])
            out[start : start + len(cells)] = array_rows(cells).reshape(-1, *size, channels)
        return out, {}
    errors: dict[int, str] = {}
    for start in range(0, len(rows), BLOCK):
        block = rows[start : start + BLOCK]
        for i, result in enumerate(
            images(
                reading, block, lambda d: fit(d.picture, size, channels, resize, share, resample), size, channels == 1
            )
        ):
            if isinstance(result, str):
                errors[start + i] = result
                out[start + i] = 0
            else:
                out[start + i] = result
    return out, errors


def images(
    reading: Reading,
    rows: np.ndarray,
    use: Callable[[Decoded], Any],
    shrink_to: tuple[int, int] | None = None,
    grey: bool = False,
) -> list[Any]:
    """What ``use`` makes of each decoded image; the reason, a string, where it cannot be decoded."""

    def one(cell: object, steps: list[tuple[str, Any]] | None) -> object:
        try:
            return use(edited_image(cell, form, steps) if steps else decoded_image(cell, form, shrink_to, grey))
        except UnreadableImageError as error:
            return str(error)

    form, cells, steps = image_form(reading), None, [None] * len(rows)
    if hasattr(reading.source, "before_edits"):
        form, cells, steps = reading.source.before_edits(rows, form)
    cells = image_cells(reading.source, reading.image_column, form, rows) if cells is None else cells
    pairs = zip(cells, steps, strict=True)
    return [one(*pair) for pair in pairs] if _is_small(cells) else threaded(lambda pair: one(*pair), pairs)


def _is_small(cells: list[Any]) -> bool:
    """Whether the images are so small that threads would only wait for each other."""
    first = cells[0] if cells else None
    data = first.get("bytes") if isinstance(first, dict) else first
    return isinstance(data, np.ndarray) or (isinstance(data, bytes) and len(data) < SMALL)


def image_form(reading: Reading) -> ImageField:
    """How the images are stored.

    Raises
    ------
    DataError
        There are none.
    """
    if reading.image_column is None:
        raise DataError(f"{reading.where} has no column of images.")
    return describe(reading.source.schema.field(reading.image_column))


def image_cells(source: Source, name: str, form: ImageField, rows: np.ndarray) -> list:
    """The cells of an image column: pixels, or what file bytes are read from."""
    cells = source.cells(name, rows)
    if form.form == "array":
        return list(array_rows(cells).reshape(-1, *form.shape))
    return cells.to_pylist()


def cell_bytes(cell: object, form: ImageField) -> bytes | None:
    """The bytes of the image file in a cell."""
    if form.form == "struct" and isinstance(cell, dict):
        if cell["bytes"] is None and not form.paths:
            raise UnreadableImageError("the cell holds a path and no bytes; read the folder of images instead")
        cell = cell["bytes"] if cell["bytes"] is not None else cell["path"]
    if not isinstance(cell, str):
        return cell if isinstance(cell, bytes) else None
    try:
        return Path(cell).read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UnreadableImageError(f"the file cannot be read: {error.strerror}") from None


def decoded_image(
    cell: object, form: ImageField, shrink_to: tuple[int, int] | None = None, grey: bool = False
) -> Decoded:
    """The image in a cell; raises UnreadableImageError where there is none."""
    if isinstance(cell, np.ndarray):
        picture = from_array(cell)
        return Decoded(picture, picture.width, picture.height, picture.mode, None)
    return decode(cell_bytes(cell, form), shrink_to, grey)


def edited_image(cell: object, form: ImageField, steps: list[tuple[str, Any]]) -> Decoded:
    """The image in a cell after its edits, whose pixels are those of the whole image."""
    decoded = decoded_image(cell, form)
    picture = edit_picture(decoded.picture, steps)
    return replace(decoded, picture=picture, width=picture.width, height=picture.height)


def facts_of(decoded: Decoded) -> tuple[int, int, str, str | None]:
    """What a scan keeps of an image: width, height, mode, what was converted."""
    return decoded.width, decoded.height, decoded.mode, decoded.converted


def picture(reading: Reading, row: int, shrink_to: tuple[int, int] | None = None) -> Image.Image | None:
    """One row's image, upright, 8-bit; None where it cannot be read."""
    found = images(reading, np.array([row]), lambda decoded: decoded.picture, shrink_to)[0]
    return None if isinstance(found, str) else found
