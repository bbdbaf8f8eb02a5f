"""What a model gets of texts and chats: how many tokens, and which of them it learns to say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ftkit.data import DatasetView, Texts, chats_at, turns_of
from ftkit.errors import DataError
from ftkit.models import local_tokens
from ftkit.preprocess import ChatInput
from ftkit.quality.chat_length import EXTRA, estimated_tokens

MOST = 20_000  # rows a tokenizer is asked about; more are drawn from


@dataclass(frozen=True)
class Lengths:
    """How long rows are.

    Attributes
    ----------
    tokens : ndarray of int32, shape (n,)
        Of rows that were drawn, or of all.
    window : int or None
        What the model sees at once, where it is known.
    how : str
        Who counted.
    """

    tokens: np.ndarray
    window: int | None
    how: str


@dataclass(frozen=True)
class Piece:
    """A stretch of a chat: who says it (empty inside a written template), whether it is learned, or cut off."""

    role: str
    text: str
    trained: bool
    cut: bool


def text_column(view: DatasetView) -> str | None:
    """The column that a model reads as text or as a chat; None where there is none."""
    return next((c.name for c in view.columns.values() if c.role in ("messages", "text")), None)


def token_lengths(view: DatasetView, model: str | None = None) -> Lengths:
    """How many tokens the texts or chats of some rows are.

    Parameters
    ----------
    view : DatasetView
        Of texts or chats; of several columns of text the first.
    model : str, optional
        A folder with a tokenizer; without it tokens are estimated from characters: one for four, 0.7 for a Chinese one.

    Returns
    -------
    Lengths

    Raises
    ------
    DataError
        There are no texts, or the tokenizer cannot be loaded.

    Examples
    --------
    >>> import ftkit as ft
    >>> said = ft.read({"text": [f"text {i:02d} says something of its own" for i in range(50)]})
    >>> token_lengths(said).tokens[:3].tolist()
    [9, 9, 9]
    """
    name = text_column(view)
    if name is None:
        raise DataError(f"{view.name} has no texts and no chats, so no tokens.")
    chats, known = view.columns[name].role == "messages", local_tokens(model)
    if known is None:
        return Lengths(_estimates(view, name, chats), None, "")
    rows = np.arange(len(view))
    if len(rows) > MOST:
        rows = np.sort(np.random.default_rng(0).choice(rows, MOST, replace=False))
    counts = known.count_chats(chats_at(view, rows, name)) if chats else known.count(_texts(view, name, rows))
    return Lengths(np.asarray(counts, dtype=np.int32), known.window, str(model))


def chat_pieces(view: DatasetView, place: int, model: str | None = None) -> list[Piece]:
    """One chat in stretches that a model learns to say, or not.

    Parameters
    ----------
    view : DatasetView
        Of chats.
    place : int
        Of the row, in the view.
    model : str, optional
        A folder with a tokenizer that has a chat template: the chat is written with it then, and what is trained are
        the tokens that get a label. Without it, what the assistant says.

    Returns
    -------
    list of Piece

    Raises
    ------
    DataError
        The rows are no chats, or the tokenizer cannot be loaded, or its template refuses the chat.
    """
    name = text_column(view)
    if name is None or view.columns[name].role != "messages":
        raise DataError(f"{view.name} has no chats.")
    (chat,), known = chats_at(view, np.array([place]), name), local_tokens(model)
    if known is None or not known.template:
        return [_turn(turn) for turn in chat]
    made = ChatInput(known.tokenizer, known.window or 1 << 30, known.tokenizer.chat_template)
    tokens, said = made.encoded(chat, str(view.ids[place]))
    inside = np.arange(len(tokens)) < made.max_length
    edges = np.flatnonzero(np.diff(said) | np.diff(inside)) + 1
    parts = zip(np.split(tokens, edges), np.split(said, edges), np.split(inside, edges), strict=True)
    return [
        Piece("", known.tokenizer.decode(part.tolist()), bool(learned[0]), not kept[0])
        for part, learned, kept in parts
        if len(part)
    ]


def _turn(turn: dict[str, Any]) -> Piece:
    role = str(turn.get("role") or "")
    return Piece(role, str(turn.get("content") or ""), role == "assistant", False)


def _texts(view: DatasetView, name: str, rows: np.ndarray) -> list[str]:
    return [cell or "" for cell in view.select(rows).text_cells(name).to_pylist()]


def _estimates(view: DatasetView, name: str, chats: bool) -> np.ndarray:
    if not chats:
        return np.ceil(estimated_tokens(Texts(view.text_cells(name)))).astype(np.int32)
    turns = turns_of(view)
    total = np.concatenate([[0], np.cumsum(estimated_tokens(turns.content) + EXTRA)])
    return np.ceil(total[turns.starts[1:]] - total[turns.starts[:-1]]).astype(np.int32)
