"""The Arrow type of a canonical chat, and chats of either list form brought to it."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ftkit.data.chat_forms import SHAREGPT_NAMES, canonical_message, form_of, without_nothing

FUNCTION = pa.struct([("name", pa.string()), ("arguments", pa.string())])
CALL = pa.struct([("id", pa.string()), ("type", pa.string()), ("function", FUNCTION)])
TURN = pa.struct(
    [
        ("role", pa.string()),
        ("content", pa.large_string()),
        ("tool_calls", pa.list_(CALL)),
        ("tool_call_id", pa.string()),
        ("name", pa.string()),
        ("raw", pa.large_string()),
    ]
)
MESSAGES = pa.list_(TURN)
KEY = b"ftkit.chat"
LOOK_AT = 50
TOOLS = ("tools", "functions")
PLAIN_ROLES = {
    "sharegpt": {said: role for role, said in SHAREGPT_NAMES.items() if role != "tool"},
    "openai": {"user": "user", "assistant": "assistant", "system": "system"},
}


def is_messages(dtype: pa.DataType) -> bool:
    """Whether a column holds canonical chats."""
    return dtype == MESSAGES


def message_form(values: list[Any]) -> str | None:
    """The form of a column of Python values that hold turns: lists of messages, or one message a row."""
    there = [value for value in values[: LOOK_AT * 20] if value][:LOOK_AT]
    turns = [value if isinstance(value, list) else [value] for value in there]
    forms = {form_of(turn) for row in turns for turn in row}
    known = forms - {None}
    return known.pop() if len(known) == 1 and turns and form_of(turns[0][0]) else None


def messages_array(values: list[Any], form: str) -> pa.Array:
    """Python values as canonical chats."""
    rows = [None if value is None else _canonical_row(value, form) for value in values]
    return pa.array(rows, MESSAGES)


def _canonical_row(value: Any, form: str) -> list[dict[str, Any]]:
    turns = value if isinstance(value, list) else [value]
    return [canonical_message(turn, form) for turn in turns]


def messages_field(name: str, form: str, key: str, single: bool) -> pa.Field:
    """The field of a column of chats; it remembers what the column was."""
    told = {"form": form, "key": key, "single": single}
    return pa.field(name, MESSAGES, metadata={KEY: json.dumps(told, ensure_ascii=False).encode()})


def told(field: pa.Field) -> dict[str, Any]:
    """What a column of chats was before."""
    return json.loads((field.metadata or {}).get(KEY, b"{}"))


def list_form(dtype: pa.DataType) -> str | None:
    """The form of a column of Arrow lists of structs, or structs, that hold turns."""
    inner = dtype.value_type if pa.types.is_list(dtype) or pa.types.is_large_list(dtype) else dtype
    if not pa.types.is_struct(inner) or is_messages(dtype):
        return None
    names = {inner.field(i).name for i in range(inner.num_fields)}
    if "role" in names and "content" in names:
        return "openai"
    return "sharegpt" if {"from", "value"} <= names else None


def from_arrow(cells: pa.ChunkedArray, form: str) -> pa.ChunkedArray:
    """Arrow lists of turns as canonical chats."""
    return pa.chunked_array([part for chunk in cells.chunks for part in _chunk(chunk, form)], MESSAGES)


def _chunk(chunk: pa.Array, form: str) -> list[pa.Array]:
    """The chats of one chunk: plain ones column by column, others message by message."""
    odd = _odd_rows(chunk, form)
    if odd is None:
        return [messages_array(without_nothing(chunk.to_pylist()), form)]
    if not odd.any():
        return [_plain_chunk(chunk, form)]
    at, rest = np.flatnonzero(odd), np.flatnonzero(~odd)
    others = messages_array(without_nothing(chunk.take(pa.array(at)).to_pylist()), form)
    both = pa.concat_arrays([_plain_chunk(chunk.take(pa.array(rest)), form), others])
    back = np.empty(len(chunk), dtype=np.int64)
    back[np.concatenate([rest, at])] = np.arange(len(chunk))
    return [both.take(pa.array(back))]


def _odd_rows(chunk: pa.Array, form: str) -> np.ndarray | None:
    """The rows where a turn has an unusual role or no text; None where turns have other keys too."""
    who, said = ("from", "value") if form == "sharegpt" else ("role", "content")
    if not (pa.types.is_list(chunk.type) or pa.types.is_large_list(chunk.type)):
        return None
    inner = chunk.type.value_type
    if {inner.field(i).name for i in range(inner.num_fields)} != {who, said}:
        return None
    turns = chunk.flatten()
    roles, texts = pc.struct_field(turns, who), pc.struct_field(turns, said)
    if not all(pa.types.is_string(column.type) or pa.types.is_large_string(column.type) for column in (roles, texts)):
        return None
    plain = pc.and_(pc.is_in(roles, value_set=pa.array(list(PLAIN_ROLES[form]), roles.type)), texts.is_valid())
    lengths = pc.fill_null(pc.list_value_length(chunk), 0).to_numpy()
    bad = np.repeat(np.arange(len(chunk)), lengths)[~plain.to_numpy(zero_copy_only=False)]
    odd = np.zeros(len(chunk), dtype=bool)
    odd[bad] = True
    return odd


def _plain_chunk(chunk: pa.Array, form: str) -> pa.Array:
    """The chats where every turn has a usual role and a text and no more."""
    who, said = ("from", "value") if form == "sharegpt" else ("role", "content")
    turns = chunk.flatten()
    roles, texts = pc.struct_field(turns, who), pc.struct_field(turns, said)
    names = PLAIN_ROLES[form]
    codes = pc.index_in(roles, value_set=pa.array(list(names), roles.type))
    return chats(pc.list_value_length(chunk), pc.take(pa.array(names.values()), codes), texts)


def chats(lengths: pa.Array, roles: pa.Array, texts: pa.Array) -> pa.Array:
    """Chats of plain turns, given how many turns each row has (null for no chat at all)."""
    ends = pc.cumulative_sum(lengths.fill_null(0).cast(pa.int32()))
    offsets = pa.concat_arrays([pa.array([0], pa.int32()), ends])
    empty = {field.name: pa.nulls(len(texts), field.type) for field in TURN}
    columns = empty | {"role": roles.cast(pa.string()), "content": texts.cast(pa.large_string())}
    turns = pa.StructArray.from_arrays(list(columns.values()), fields=list(TURN))
    mask = lengths.is_null() if lengths.null_count else None
    return pa.ListArray.from_arrays(offsets, turns, type=MESSAGES, mask=mask)


def tidy(chat: list[dict[str, Any]] | None) -> list[dict[str, Any]] | None:
    """A chat as Python values, without the keys that hold nothing."""
    return None if chat is None else [{"content": None} | without_nothing(turn) for turn in chat]
