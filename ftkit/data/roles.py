"""What each column is used for."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from ftkit.data.cells import is_number
from ftkit.data.chat_type import is_messages
from ftkit.data.column import Column, Role
from ftkit.data.hub_features import class_names
from ftkit.data.ids import looks_like_id
from ftkit.data.kinds import Looks, look
from ftkit.data.note import Note
from ftkit.data.pairs import pair_of
from ftkit.data.qa import qa_columns, translation_columns
from ftkit.data.source import Source, quoted
from ftkit.errors import DataError, nearest

TARGET_NAMES = ("label", "labels", "target", "class", "y", "标签", "类别", "目标")
SPLIT_NAMES = ("split", "subset", "partition")


@dataclass(frozen=True)
class Asked:
    """What the caller of ``read`` said about the rows."""

    task: str | None = None
    target: str | None = None
    text: str | None = None
    group: str | None = None
    time: str | None = None
    split: str | None = None
    id: str | None = None
    classes: tuple[str, ...] | None = None


def check_asked(asked: Asked, schema: pa.Schema, where: str) -> None:
    """Every column that was asked for is there.

    Raises
    ------
    DataError
        One is not; the nearest is named.
    """
    for role in ("target", "text", "group", "time", "split", "id"):
        name = getattr(asked, role)
        if name is not None and name not in schema.names:
            known = nearest(name, schema.names, "the columns are")
            raise DataError(f"{where} has no column '{name}' for {role}=; {known}.")


def find_target(asked: Asked, schema: pa.Schema) -> str | None:
    """The target that was asked for, else a column of class codes, else one with a usual name."""
    if asked.target is not None:
        return asked.target
    if has_chats(schema):
        return None
    answered = _answer(asked, schema)
    if answered is not None:
        return answered
    taken = {asked.text, asked.group, asked.time, asked.split, asked.id}
    free = [name for name in schema.names if name not in taken]
    coded = [name for name in free if name in class_names(schema)]
    if len(coded) == 1:
        return coded[0]
    lower = {name.strip().lower(): name for name in reversed(free)}
    usual = next((lower[usual] for usual in TARGET_NAMES if usual in lower), None)
    return usual or (_only_number(schema, free) if asked.time is not None else None)


def has_chats(schema: pa.Schema) -> bool:
    """Whether a column called ``messages`` holds canonical chats."""
    return "messages" in schema.names and is_messages(schema.field("messages").type)


def _answer(asked: Asked, schema: pa.Schema) -> str | None:
    """The answers to questions about a passage, or the translation of a text."""
    if asked.task in (None, "question-answering") and (asking := qa_columns(schema)) is not None:
        return asking.get("answers")
    if asked.task in (None, "translation") and (sides := translation_columns(schema)) is not None:
        return sides[1]
    return None


def _only_number(schema: pa.Schema, free: list[str]) -> str | None:
    """The one column of numbers of a series."""
    found = [name for name in free if is_number(schema.field(name).type)]
    return found[0] if len(found) == 1 else None


def assign(
    source: Source, asked: Asked, target: str | None, special: dict[str, Role]
) -> tuple[dict[str, Column], tuple[Note, ...]]:
    """The columns with their roles, and notes on those that are left out.

    ``special`` are the roles that are settled already: target, group, time, split and id.
    """
    looks = {field.name: look(source, field) for field in source.schema}
    free = {name: seen for name, seen in looks.items() if name not in special}
    roles: dict[str, Role] = {**special, **_free_roles(free, asked, target)}
    columns = {
        field.name: Column(field.name, looks[field.name].kind, roles[field.name], str(field.type))
        for field in source.schema
    }
    left_out = [name for name, seen in free.items() if roles[name] == "ignored" and seen.kind == "text"]
    if "messages" in roles.values():
        left_out = []  # what stands beside a chat is part of it: its tools, its input, a judgement
    return columns, tuple(_note(name, free[name]) for name in left_out[:8]) + _more(left_out[8:])


def _free_roles(free: dict[str, Looks], asked: Asked, target: str | None) -> dict[str, Role]:
    """Images, texts and features among the columns that have no other role."""
    texts = [name for name, seen in free.items() if seen.kind == "text"]
    others = [name for name, seen in free.items() if seen.kind not in ("text", "image", "other")]
    pair = pair_of(texts) if asked.task in (None, "text-classification") else None
    if asked.text is not None:
        texts_used = {asked.text}
    elif "messages" in free and free["messages"].chats:
        return {name: "messages" if name == "messages" else "ignored" for name in free}
    elif (said := _spoken(free, target)) is not None:
        return {name: "text" if name in said else "ignored" for name in free}
    elif pair is not None and target is not None and all(looks_like_id(name) for name in others):
        return {name: "text" if name in pair else "ignored" for name in free}
    elif asked.task == "text-classification":
        texts_used = set(texts) or set(_strings_of(free))
    else:
        texts_used = set() if others and target is not None else set(texts)
    roles: dict[str, Role] = {}
    images = 0
    for name, seen in free.items():
        images += seen.kind == "image"
        if name in texts_used:
            roles[name] = "text"
        elif seen.kind == "image":
            roles[name] = "image" if images == 1 else "ignored"
        else:
            roles[name] = "ignored" if seen.kind in ("text", "other") else "feature"
    return roles


def _spoken(free: dict[str, Looks], target: str | None) -> set[str] | None:
    """The texts of questions about a passage, or of a translation; None where the columns are others."""
    schema = pa.schema([(name, pa.string()) for name, seen in free.items() if seen.kind in ("text", "category")])
    asking = qa_columns(schema)
    if asking is not None:
        return {asking["question"], asking["context"]}
    if target is None:
        return None
    sides = translation_columns(pa.schema([*schema, (target, pa.string())]))
    return {sides[0]} if sides is not None and sides[1] == target else None


def _strings_of(free: dict[str, Looks]) -> list[str]:
    return [name for name, seen in free.items() if seen.kind == "category"]


def _note(name: str, seen: Looks) -> Note:
    why = "has a value of its own in nearly every row" if seen.unique else "is free text"
    return Note(
        "TAB103", "info", f"Column '{name}' {why}; beside other features it is left out. Pass text='{name}' to use it."
    )


def _more(names: list[str]) -> tuple[Note, ...]:
    if not names:
        return ()
    return (Note("TAB103", "info", f"{len(names):,} more columns of text are left out: {quoted(names)}."),)
