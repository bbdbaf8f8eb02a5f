"""What data workers do: rows by position, as the loop wants them. Nothing here loads torch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ftkit.data import DatasetView
from ftkit.preprocess import ImageInput, TextInput


@dataclass(frozen=True)
class ImageReader:
    """The pixels of rows.

    Parameters
    ----------
    view : DatasetView
    form : ImageInput
    """

    view: DatasetView
    form: ImageInput

    def __call__(self, positions: np.ndarray) -> list[np.ndarray | str]:
        """One uint8 array (H, W, C) a row, or why it cannot be read."""
        pixels, unreadable = self.form.pixels(self.view.select(positions))
        return [unreadable.get(place, row) for place, row in enumerate(pixels)]


@dataclass(frozen=True)
class TextReader:
    """The tokens of rows, from texts that stay on disk.

    Parameters
    ----------
    view : DatasetView
    column : str
        With the text.
    form : TextInput
    """

    view: DatasetView
    column: str
    form: TextInput

    def __call__(self, positions: np.ndarray) -> list[np.ndarray]:
        """One int64 array a row, as long as the row; a row that is missing is an empty text."""
        texts = [text or "" for text in self.view.select(positions).strings(self.column)]
        return self.form.transform(texts).input_ids
