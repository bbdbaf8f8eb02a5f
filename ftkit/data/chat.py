"""Chats: whatever form they are kept in, read as one column ``messages``, and written in any form again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ftkit.data.cells import is_stringy
from ftkit.data.chat_forms import FORMS, alpaca_row, without_nothing, written
from ftkit.data.chat_type import (
    KEY,
    MESSAGES,
    TOOLS,
    chats,
    from_arrow,
    is_messages,
    list_form,
    messages_field,
    tidy,
    told,
)
from ftkit.data.part import Part
from ftkit.data.roles import Asked
from ftkit.data.source import Source, Table, column
from ftkit.errors import DataError, nearest

if TYPE_CHECKING:
    from ftkit.data.view import DatasetView

MAIN = ("messages", "conversations", "conversation", "chat", "dialogue", "dialog", "turns", "对话")
ASKING = ("instruction", "指令")
ANSWER = ("output", "response", "completion", "answer", "输出", "回答")
INPUT = ("input", "context", "输入")
PREFERRED = ("chosen", "rejected")
PROMPTS = ("prompt", "question", "query", "问题")
BATCH = 1 << 14


def as_chat(part: Part, asked: Asked) -> Part:
    """The part with its chats in the canonical form; itself where it holds none."""
    lists = [f for f in part.source.schema if list_form(f.type) or is_messages(f.type)]
    if lists:
        source = _canonical_lists(part.source)
    elif (names := alpaca_columns(part.source.schema, asked)) is not None:
        source = Chats(part.source, *_alpaca(part.source, names))
    else:
        return part
    return replace(part, source=source if not isinstance(part.source, Table) else _in_memory(source))


class Chats:
    """A source of which some columns are made from others, cell by cell, when they are asked for."""

    def __init__(self, source: Source, schema: pa.Schema, make: dict[str, Callable[..., pa.ChunkedArray]]) -> None:
        self.source, self.schema, self.rows = source, schema, source.rows
        self._make = make

    def batches(self, name: str) -> Iterator[pa.ChunkedArray]:
        """The column in pieces, in order."""
        if name not in self._make:
            yield from self.source.batches(name)
            return
        for start in range(0, self.rows, BATCH):
            yield self.cells(name, np.arange(start, min(start + BATCH, self.rows)))

    def cells(self, name: str, positions: np.ndarray) -> pa.ChunkedArray:
        """The cells of the rows at ``positions``, in their order."""
        if name not in self._make:
            return self.source.cells(name, positions)
        return self._make[name](lambda wanted: self.source.cells(wanted, positions))


def _in_memory(source: Source) -> Table:
    return Table(pa.table([column(source, name) for name in source.schema.names], schema=source.schema))


def _canonical_lists(source: Source) -> Source:
    """Every column of turns as chats, the main one called ``messages``."""
    names = source.schema.names
    turns = [field.name for field in source.schema if list_form(field.type) or is_messages(field.type)]
    lower = {name.strip().lower(): name for name in reversed(turns)}
    main = next((lower[usual] for usual in MAIN if usual in lower), turns[0] if len(turns) == 1 else None)
    fields, make = [], {}
    for field in source.schema:
        is_main = field.name == main and (main == "messages" or "messages" not in names)
        name = "messages" if is_main else field.name
        form = list_form(field.type)
        if form is not None:
            single = pa.types.is_struct(field.type)
            fields.append(messages_field(name, form, field.name, single))
            make[name] = lambda fetch, old=field.name, form=form: from_arrow(fetch(old), form)
        else:
            fields.append(field.with_name(name))
            if name != field.name:
                make[name] = lambda fetch, old=field.name: fetch(old)
    return Chats(source, pa.schema(fields, metadata=source.schema.metadata), make) if make else source


def alpaca_columns(schema: pa.Schema, asked: Asked) -> dict[str, str] | None:
    """Which columns are the instruction, input, output and system of Alpaca's form; None where it is another."""
    if asked.task not in (None, "text-generation") or asked.target is not None or asked.text is not None:
        return None
    lower = {f.name.strip().lower(): f.name for f in schema if is_stringy(f.type) or pa.types.is_null(f.type)}
    first = (*ASKING, *PROMPTS) if asked.task == "text-generation" else ASKING
    usual = {"instruction": first, "output": ANSWER, "input": INPUT, "system": ("system", "系统")}
    found = {role: next((lower[n] for n in names if n in lower), None) for role, names in usual.items()}
    if found["instruction"] is None or (found["output"] is None and not set(PREFERRED) <= lower.keys()):
        return None
    if found["output"] is None:
        found |= {name: lower[name] for name in PREFERRED}
    if "history" in schema.names and pa.types.is_nested(schema.field("history").type):
        found["history"] = "history"
    return {role: name for role, name in found.items() if name is not None}


def _alpaca(source: Source, names: dict[str, str]) -> tuple[pa.Schema, dict[str, Callable[..., pa.ChunkedArray]]]:
    """The schema with ``messages`` in place of what it is made from; the input stays, to be found in it again."""
    kept = {name: role for role, name in names.items() if role in ("input", *PREFERRED)}
    gone = set(names.values()) - kept.keys()
    small = isinstance(source, Table)
    sparse = [r for r in ("system", "history") if r in names and small and source.table.column(names[r]).null_count]
    origin = {"form": "alpaca", "keys": names, "sparse": sparse}
    main = pa.field("messages", MESSAGES, metadata={KEY: json.dumps(origin, ensure_ascii=False).encode()})
    fields = [
        messages_field(field.name, "alpaca", field.name, True) if kept.get(field.name) in PREFERRED else field
        for field in source.schema
        if field.name not in gone
    ]
    schema = pa.schema([main, *fields], metadata=source.schema.metadata)
    asked = {role: name for role, name in names.items() if role not in PREFERRED}
    make = {"messages": lambda fetch: _alpaca_chats({role: fetch(name) for role, name in asked.items()})}
    return schema, make | {
        names[p]: lambda fetch, name=names[p]: _answers(fetch(name)) for p in PREFERRED if p in names
    }


def _answers(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """Each text as a chat of one answer."""
    texts = _flat(cells)
    lengths = pc.if_else(texts.is_valid(), 1, pa.scalar(None, pa.int64()))
    there = texts.drop_null()
    return pa.chunked_array([chats(lengths, pa.array(["assistant"] * len(there), pa.string()), there)], MESSAGES)


def _alpaca_chats(cells: dict[str, pa.ChunkedArray]) -> pa.ChunkedArray:
    text = {role: _flat(values) for role, values in cells.items() if role != "history"}
    asked = text["instruction"]
    answer = text.get("output", pa.nulls(len(asked), pa.large_string()))
    if "input" in text:
        given = text["input"].fill_null("")
        joined = pc.binary_join_element_wise(asked.fill_null(""), given, pa.scalar("\n", pa.large_string()))
        asked = pc.if_else(pc.equal(given, ""), asked, joined)
    if "history" in cells or answer.null_count or asked.null_count:
        return _alpaca_by_row(asked, answer, text.get("system"), cells.get("history"))
    pieces, roles = [asked, answer], ["user", "assistant"]
    n, turns = len(asked), np.array([0, 1])
    keep = np.ones((n, 2), dtype=bool)
    if "system" in text:
        system = text["system"].fill_null("")
        pieces, roles, turns = [system, *pieces], ["system", *roles], np.array([0, 1, 2])
        keep = np.c_[pc.not_equal(system, "").to_numpy(zero_copy_only=False), keep]
    at = (turns * n + np.arange(n)[:, None])[keep]
    role = np.broadcast_to(turns, keep.shape)[keep]
    texts = pa.concat_arrays(pieces).take(pa.array(at))
    return pa.chunked_array([chats(pa.array(keep.sum(1)), pa.array(roles).take(pa.array(role)), texts)], MESSAGES)


def _alpaca_by_row(
    asked: pa.Array, answer: pa.Array, system: pa.Array | None, history: pa.ChunkedArray | None
) -> pa.ChunkedArray:
    """The same, row by row: with earlier turns, or where there is no answer."""
    n = len(asked)
    before = [None] * n if history is None else history.to_pylist()
    systems = [None] * n if system is None else system.to_pylist()
    rows = []
    for question, reply, first, pairs in zip(asked.to_pylist(), answer.to_pylist(), systems, before, strict=True):
        said = [("system", first)] if first else []
        for pair in pairs or []:
            said += zip(("user", "assistant"), pair, strict=False)
        said += [("user", question), *([("assistant", reply)] if reply is not None else [])]
        rows.append([{"role": role, "content": content} for role, content in said])
    return pa.chunked_array([pa.array(rows, MESSAGES)], MESSAGES)


def _flat(cells: pa.ChunkedArray) -> pa.Array:
    flat = cells.cast(pa.large_string()).combine_chunks()
    return flat if isinstance(flat, pa.Array) else pa.concat_arrays(flat.chunks)


def chat_rows(view: DatasetView, form: str | None = None) -> Iterator[dict[str, Any]]:
    r"""The rows of a view of chats, in one of the forms people keep them in.

    Parameters
    ----------
    view : DatasetView
        Chats.
    form : {"alpaca", "sharegpt", "openai"}, optional
        By default the form they were read in, key by key as they were.

    Yields
    ------
    dict
        One row, ready for JSON.

    Raises
    ------
    DataError
        The rows are no chats, the form is unknown, or a row has turns that the form cannot hold.

    Examples
    --------
    >>> import ftkit as ft
    >>> rows = [{"instruction": "Add.", "input": "1 2", "output": "3"}]
    >>> next(chat_rows(ft.read(rows), "openai"))["messages"][0]
    {'role': 'user', 'content': 'Add.\n1 2'}
    """
    schema = view._reading.source.schema
    if "messages" not in schema.names or not is_messages(schema.field("messages").type):
        raise DataError(f"{view.name} holds no chats. Give rows of messages, conversations or instruction and output.")
    origin = told(schema.field("messages"))
    form = form or origin.get("form", "openai")
    if form not in FORMS:
        raise DataError(f"form '{form}' is not known; {nearest(form, FORMS)}.")
    for start in range(0, len(view), BATCH):
        part = view[start : start + BATCH]
        for number, row in enumerate(part.to_arrow().to_pylist()):
            try:
                yield _written_row(row, schema, form, origin)
            except ValueError as error:
                where = f"row {part.ids[number]}"
                advice = "Write it as sharegpt or openai."
                raise DataError(f"{where}: {error}; the form '{form}' cannot hold that. {advice}") from None


def write_chat(view: DatasetView, path: str | Path, form: str | None = None) -> Path:
    """Write a view of chats to a file: one JSON object a line, or one list where the name ends in ``.json``.

    Parameters
    ----------
    view : DatasetView
        Chats.
    path : path
        The file.
    form : {"alpaca", "sharegpt", "openai"}, optional
        By default the form they were read in.

    Returns
    -------
    Path

    Raises
    ------
    DataError
        As ``chat_rows``, or the file cannot be written. Nothing is left behind then.
    """
    path = Path(path)
    unfinished = path.with_name(f".{path.name}.tmp")
    listed = path.suffix.lower() == ".json"
    try:
        with unfinished.open("w", encoding="utf-8") as file:
            file.write("[\n" if listed else "")
            for number, row in enumerate(chat_rows(view, form)):
                file.write((",\n" if number else "") if listed else "")
                file.write(json.dumps(row, ensure_ascii=False) + ("" if listed else "\n"))
            file.write("\n]\n" if listed else "")
        unfinished.replace(path)
    except OSError as error:
        raise DataError(f"{path} cannot be written: {error.strerror}. Choose another place or make room.") from None
    finally:
        unfinished.unlink(missing_ok=True)
    return path


def _written_row(row: dict[str, Any], schema: pa.Schema, form: str, origin: dict[str, Any]) -> dict[str, Any]:
    """One row with every column of chats in the form, other columns as they were."""
    # Alpaca's form keeps preferred and rejected answers as texts; the lists of the other forms hold one message.
    out: dict[str, Any] = {}
    own = origin.get("form") == form
    names = origin.get("keys", {})
    given = names.get("input", "input")
    for field in schema:
        value = row[field.name]
        if value is None or (form == "alpaca" and field.name == given):
            continue
        if is_messages(field.type) and not (field.name == "messages" and form == "alpaca"):
            out |= _list_keys(field, value, form, own)
        elif is_messages(field.type):
            out |= _alpaca_keys(
                alpaca_row(tidy(value), row.get(given)), names if own else None, origin.get("sparse", [])
            )
        else:
            out[field.name] = _plain(field, value, form, own)
    return out


def _plain(field: pa.Field, value: Any, form: str, own: bool) -> Any:
    """The value of a column that is no chat: a list of tools is JSON text in ShareGPT's form, a list in OpenAI's."""
    as_list = told(field).get("json") if own else form == "openai"
    if field.name not in TOOLS or not as_list or not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _alpaca_keys(row: dict[str, Any], names: dict[str, str] | None, sparse: list[str]) -> dict[str, Any]:
    """The row under the names its source had; under the usual ones where it comes from another form."""
    if names is None:
        return without_nothing(row)
    for key, empty in (("system", ""), ("history", [])):
        if key in names and key not in sparse:
            row.setdefault(key, empty)
    return without_nothing({names.get(key, key): value for key, value in row.items()})


def _list_keys(field: pa.Field, value: list[dict[str, Any]], form: str, own: bool) -> dict[str, Any]:
    old = told(field)
    if form == "alpaca" and len(value) == 1 and not value[0].get("tool_calls"):
        return {field.name: value[0].get("content")}
    turns = [written(without_nothing(turn), "openai" if form == "alpaca" else form) for turn in value]
    usual = "conversations" if form == "sharegpt" else "messages"
    key = old.get("key", field.name) if own or field.name != "messages" else usual
    return {key: turns[0] if old.get("single") and len(turns) == 1 else turns}
