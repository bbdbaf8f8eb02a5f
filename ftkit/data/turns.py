"""The turns of many chats, one after the other, as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ftkit.data.chat_type import TURN, is_messages, tidy
from ftkit.data.texts import Texts, _numpy
from ftkit.errors import DataError

if TYPE_CHECKING:
    from ftkit.data.view import DatasetView

ROLES = ("system", "user", "assistant", "tool", "developer", "function")
SYSTEM, USER, ASSISTANT, TOOL = 0, 1, 2, 3


@dataclass(frozen=True)
class Turns:
    """The turns of the chats of a view.

    Attributes
    ----------
    starts : ndarray of int64, (N + 1,)
        Where the turns of each row begin, and end.
    role : ndarray of int8, (T,)
        Codes into ``ROLES``, -1 for any other.
    content : Texts, (T,)
        What was said; empty where there is nothing.
    calls : ndarray of int64, (T,)
        How many tools each turn calls.
    call_names, call_arguments : Texts
        Of all calls, one after the other.
    roles : pyarrow.ChunkedArray of str, (T,)
        The roles as they are written.
    """

    starts: np.ndarray
    role: np.ndarray
    content: Texts
    calls: np.ndarray
    call_names: Texts
    call_arguments: Texts
    roles: pa.ChunkedArray

    @cached_property
    def row(self) -> np.ndarray:
        """The row of each turn, int64 (T,)."""
        return np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))

    @cached_property
    def number(self) -> np.ndarray:
        """The place of each turn in its row, from 1, int64 (T,)."""
        return np.arange(len(self.role)) - np.repeat(self.starts[:-1], np.diff(self.starts)) + 1

    @cached_property
    def call_turn(self) -> np.ndarray:
        """The turn of each tool call, int64."""
        return np.repeat(np.arange(len(self.role)), self.calls)

    def role_name(self, turn: int) -> str:
        """The role of one turn as it is written."""
        return str(self.roles[int(turn)].as_py())


def turns_of(view: DatasetView, column: str = "messages") -> Turns:
    """The turns of a column of chats.

    Raises
    ------
    DataError
        The column holds no chats.
    """
    cells = view.column(column)
    if not is_messages(cells.type):
        raise DataError(f"column '{column}' of {view.name} holds no chats.")
    lengths = _numpy(pc.fill_null(pc.list_value_length(cells), 0)) if len(cells) else np.zeros(0, np.int64)
    flat = pa.chunked_array([chunk.flatten() for chunk in cells.chunks], TURN)
    roles = pa.chunked_array([pc.struct_field(chunk, "role") for chunk in flat.chunks], pa.string())
    texts = pa.chunked_array([pc.struct_field(chunk, "content") for chunk in flat.chunks], pa.large_string())
    known = pc.index_in(roles, value_set=pa.array(ROLES)).fill_null(-1)
    listed = [pc.struct_field(chunk, "tool_calls") for chunk in flat.chunks]
    names, arguments, calls = _calls(listed)
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    return Turns(starts, _numpy(known).astype(np.int8), Texts(texts), calls, names, arguments, roles)


def _calls(listed: list[pa.Array]) -> tuple[Texts, Texts, np.ndarray]:
    """Names and arguments of all calls, and how many each turn makes."""
    counts = [_numpy(pc.fill_null(pc.list_value_length(chunk), 0)) for chunk in listed]
    functions = [pc.struct_field(chunk.flatten(), "function") for chunk in listed]
    names = pa.chunked_array([pc.struct_field(f, "name") for f in functions], pa.string())
    arguments = pa.chunked_array([pc.struct_field(f, "arguments") for f in functions], pa.string())
    return Texts(names), Texts(arguments), np.concatenate(counts) if counts else np.zeros(0, np.int64)


def chats_at(view: DatasetView, rows: np.ndarray, column: str = "messages") -> list[list[dict[str, Any]]]:
    """The chats of some rows of a view as Python values."""
    return [tidy(chat) or [] for chat in view.select(rows).column(column).to_pylist()]
