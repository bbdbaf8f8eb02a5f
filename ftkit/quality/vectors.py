"""Rows as vectors of unit length, by a pre-trained model or by descriptors that need none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ftkit.data import DatasetView
from ftkit.data.hashing import hash_bytes
from ftkit.errors import DataError
from ftkit.quality.scratch import blocks, scratch
from ftkit.task import get_task

if TYPE_CHECKING:
    from ftkit.quality.evidence import Evidence


@dataclass(frozen=True)
class Vectors:
    """The rows as vectors.

    Attributes
    ----------
    values : ndarray of float32, shape (N, d)
        Of unit length; zeros for a row that says nothing, such as an empty text or an unreadable image.
    source : str
        What made them, in words.
    familiar : ndarray of float64, shape (N,), or None
        How common what each row consists of is among the rows, 0 to 1, where the descriptor knows.
    """

    values: np.ndarray
    source: str
    familiar: np.ndarray | None = None


def vectors_of(evidence: Evidence) -> Vectors:
    """The rows as vectors: those given, by ``evidence.model`` for images and texts, else by built-in descriptors.

    Parameters
    ----------
    evidence : Evidence

    Returns
    -------
    Vectors

    Raises
    ------
    DataError
        The model cannot be loaded, or does not read this kind of row.

    Examples
    --------
    >>> import ftkit as ft
    >>> from ftkit.quality.evidence import Evidence
    >>> vectors_of(Evidence(ft.read("iris"))).values.shape
    (150, 5)
    """
    view = evidence.view
    kind = kind_of(view)
    if evidence.embedded is not None and kind != "table":
        return Vectors(_unit(evidence.embedded, centre=False), "the vectors that were given")
    if evidence.model is not None and kind != "table":
        return _embedded(view, evidence.whole_texts if kind == "text" else None, evidence.model)
    if kind == "image":
        from ftkit.quality.image_vectors import describe_images

        pixels, unreadable = evidence.small_images
        raw = describe_images(pixels, evidence.seed)
        raw[list(unreadable)] = np.nan
        return Vectors(_unit(raw), "small patches and the layout of colours, no pre-trained model")
    if kind == "text":
        from ftkit.quality.text_vectors import describe_texts

        raw, familiar = describe_texts(evidence.whole_texts, evidence.seed)
        raw[~raw.any(axis=1)] = np.nan
        source = "runs of characters (tf-idf, latent semantic analysis), no pre-trained model"
        return Vectors(_unit(raw), source, familiar)
    from ftkit.quality.table_vectors import describe_table

    return Vectors(_unit(describe_table(view), centre=False), "robustly scaled numbers and one-hot categories")


def check_vectors(vectors: Any, view: DatasetView) -> np.ndarray | None:
    """Somebody's own vectors of the rows as an array of float32, (N, d); None where there are none.

    Parameters
    ----------
    vectors : array of float, shape (N, d), or None
    view : DatasetView

    Returns
    -------
    ndarray of float32, shape (N, d), or None

    Raises
    ------
    DataError
        They are not one finite vector for each row.

    Examples
    --------
    >>> import ftkit as ft
    >>> check_vectors(np.ones((150, 3)), ft.read("iris")).dtype
    dtype('float32')
    """
    if vectors is None:
        return None
    values = np.asarray(vectors, dtype=np.float32)
    if values.ndim != 2 or len(values) != len(view) or not values.shape[1]:
        raise DataError(f"vectors have the shape {values.shape}; {len(view):,} rows need ({len(view)}, columns).")
    if not np.isfinite(values).all():
        first = int(np.flatnonzero(~np.isfinite(values).all(axis=1))[0])
        raise DataError(f"the vector of row '{view.ids[first]}' (number {first:,}) holds nan or infinity.")
    return values


def kind_of(view: DatasetView) -> str:
    """What kind of row it is: ``image``, ``text`` or ``table``.

    Parameters
    ----------
    view : DatasetView

    Returns
    -------
    str
        Chats are texts; where no task says it, rows are texts if at least a third of their features are.

    Examples
    --------
    >>> import ftkit as ft
    >>> kind_of(ft.read("iris"))
    'table'
    """
    roles = [view.columns[name].role for name in view.features]
    if "image" in roles:
        return "image"
    if "messages" in roles:
        return "text"
    kind = get_task(view.task).kind if view.task is not None else None
    if kind in ("text", "chat"):
        return "text"
    texts = roles.count("text")
    return "text" if kind is None and texts and 3 * texts >= len(roles) else "table"


def _unit(raw: np.ndarray, centre: bool = True) -> np.ndarray:
    """Vectors of unit length, without what they have in common; rows with nan become zeros."""
    said = ~np.isnan(raw[:, 0]) if raw.shape[1] else np.zeros(len(raw), dtype=bool)
    count = int(said.sum())
    middle = np.zeros(raw.shape[1], np.float32)
    if centre and count > 1:
        rows = (raw[part][said[part]] for part in blocks(raw))
        middle = np.sum([some.sum(axis=0, dtype=np.float64) for some in rows], axis=0).astype(np.float32)
        middle /= np.float32(count)
        if all(not np.abs(raw[part][said[part]] - middle).max(initial=0) > 1e-6 for part in blocks(raw)):
            middle = np.zeros_like(middle)  # all rows are alike
    out = scratch(raw.shape)
    for part in blocks(raw):
        some = np.where(said[part, None], raw[part] - middle, np.float32(0))
        out[part] = some / np.maximum(np.linalg.norm(some, axis=1, keepdims=True), 1e-12)
    return out


def _embedded(view: DatasetView, texts: list[str] | None, model: str) -> Vectors:
    """What the pre-trained model makes of the rows."""
    from ftkit.models import embed_images, embed_texts, keep_vectors

    if texts is not None:
        said = hash_bytes(text.encode("utf-8", "surrogatepass") for text in texts)
        raw = keep_vectors(said, model, lambda at: embed_texts([texts[i] for i in at], model))
    else:

        def images(at: np.ndarray) -> np.ndarray:
            part = view.select(at)
            return embed_images(lambda size, channels, rows: part.pixels(size, channels, rows)[0], len(at), model)

        raw = keep_vectors(view.content([_image_of(view)]), model, images)
    return Vectors(_unit(raw, centre=False), f"pre-trained model {model}")


def _image_of(view: DatasetView) -> str:
    return next(name for name in view.features if view.columns[name].role == "image")
