"""Text without what does not belong to it."""

from __future__ import annotations

import html
import re
import unicodedata

from ftkit.data import DatasetView, Edit, Edits
from ftkit.errors import DataError, nearest

TAG = re.compile(r"<(?:/?[a-zA-Z][^<>]{0,500}|!--.*?--)>", re.DOTALL)
BREAK = re.compile(r"<(?:br|/p|/div|/li|/tr|/h[1-6])\b[^<>]*>", re.IGNORECASE)
BLANKS = re.compile(r"[^\S\n]+")
KEPT = "\n\t\u200d\u200c"  # joiners belong to emoji, and to Persian and Indian scripts


def strip(text: str) -> str:
    r"""A text without markup, control and invisible characters, and with single blanks.

    Parameters
    ----------
    text : str

    Returns
    -------
    str

    Examples
    --------
    >>> strip("<p>Tom &amp; Jerry</p>\u200b <b>run</b>\x07")
    'Tom & Jerry\n run'
    """
    if "<" in text:
        text = TAG.sub("", BREAK.sub("\n", text))
    if "&" in text:
        text = html.unescape(text)
    text = "".join(c for c in text if c in KEPT or unicodedata.category(c) not in ("Cc", "Cf"))
    return BLANKS.sub(" ", text).strip()


def strip_text(view: DatasetView, column: str | None = None, *, by: str = "", at: str = "") -> Edits:
    """An edit for every text that ``strip`` changes.

    Parameters
    ----------
    view : DatasetView
        The rows.
    column : str, optional
        The column of text; the only one by default.
    by, at : str, optional
        Who decides, and when.

    Returns
    -------
    Edits

    Raises
    ------
    DataError
        There is no such column, or several columns of text and none is named.

    Examples
    --------
    >>> import ftkit as ft
    >>> view = ft.read({"text": ["<b>good</b> film", "bad film"], "label": ["1", "0"]}, text="text")
    >>> [edit.value for edit in strip_text(view)]
    ['good film']
    """
    texts = [name for name, c in view.columns.items() if c.role == "text"]
    name = column or (texts[0] if len(texts) == 1 else "")
    if name not in view.columns:
        raise DataError(f"there is no column '{name}' of text; {nearest(name, texts or view.columns)}.")
    cells, ids = view.strings(name), view.ids
    stripped = {i: strip(cell) for i, cell in enumerate(cells) if cell is not None}
    return Edits(
        Edit(str(ids[i]), "replace", name, text, "stripped", by, at)
        for i, text in stripped.items()
        if text != cells[i] and text
    )
