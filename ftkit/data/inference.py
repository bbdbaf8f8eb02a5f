"""Which task the rows are for."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from ftkit.data.cells import is_number, is_stringy, numbers
from ftkit.data.column import Column
from ftkit.data.qa import qa_columns, translation_columns
from ftkit.data.roles import Asked, has_chats
from ftkit.errors import DataError
from ftkit.task import TASKS, get_task

FEW = 20  # more distinct whole numbers than this are quantities
PER_VALUE = 5  # rows a whole number needs, on average, to count as a class
MANY = 1000  # more distinct fractions than this cannot be meant as classes


def check_task(asked: Asked, schema: pa.Schema, target: str | None, has_image: bool, where: str) -> None:
    """The task that was asked for is possible, as far as the schema tells.

    Raises
    ------
    DataError
        The task is unknown, or the columns it needs are not there.
    """
    if asked.task is None:
        return
    task = get_task(asked.task)
    others = "Leave out task= to have it inferred."
    if task.kind == "image" and not has_image:
        raise DataError(f"{where} has no images, which task '{task.name}' needs. {others}")
    if task.kind == "chat":
        if not has_chats(schema):
            raise DataError(
                f"{where} holds no chats, which task '{task.name}' needs: a column of messages (role, content) or "
                f"conversations (from, value), or columns instruction and output. {others}"
            )
        return
    if task.kind == "series" and asked.time is None:
        raise DataError(f"{where}: task '{task.name}' needs a column of times. Pass time= one of its columns.")
    if task.kind == "text" and not any(is_stringy(field.type) for field in schema if field.name != target):
        raise DataError(f"{where} has no column of text, which task '{task.name}' needs. {others}")
    if task.predicts != "text" and task.kind in ("image", "text", "tabular") and target is None:
        raise DataError(f"{where} has no target, which task '{task.name}' needs. Pass target= one of its columns.")
    if task.kind == "tabular" and has_image and asked.target is None:
        raise DataError(f"{where} holds images; task '{task.name}' is for tables. {others}")


def infer(
    asked: Asked, columns: dict[str, Column], target: str | None, cells: pa.ChunkedArray | None, coded: bool
) -> tuple[str | None, str]:
    """The task, and one sentence that says why.

    Parameters
    ----------
    asked : Asked
        A task given by the caller wins.
    columns : dict of str to Column
        The columns with their roles.
    target : str or None
        The target column.
    cells : pyarrow.ChunkedArray or None
        Its cells.
    coded : bool
        Whether the target holds codes of named classes.

    Raises
    ------
    DataError
        The task that was given is impossible for this target.
    """
    if asked.task is None and (spoken := _spoken(columns, target)) is not None:
        return spoken
    if asked.task is not None and get_task(asked.task).predicts == "text":
        return asked.task, f"{asked.task}, as given"
    if target is None or cells is None:
        if asked.task is not None:
            return asked.task, f"{asked.task}, as given"
        return None, "no task, because no target was given or found (pass target=)"
    if asked.time is not None and asked.task is None and is_number(cells.type) and not coded:
        name = "time-series-forecasting"
        return name, f"{name}, because time= is '{asked.time}' and target '{target}' holds numbers"
    predicts, why = ("class", "has named classes") if coded else _predicts(cells)
    if asked.task is not None:
        return _given(asked.task, predicts, why, target, cells)
    if predicts is None:
        return None, f"no task, because target '{target}' {why} (pass task= or another target)"
    roles = {column.role for column in columns.values()}
    kind = "image" if "image" in roles else "text" if "text" in roles else "tabular"
    name = f"{kind}-{'classification' if predicts == 'class' else 'regression'}"
    if name not in TASKS:
        return None, f"no task, because target '{target}' {why} and the rows are {kind}s (pass task= or another target)"
    shown = {"image": "the rows are images and ", "text": "the rows are texts and ", "tabular": ""}[kind]
    return name, f"{name}, because {shown}target '{target}' {why}"


def _spoken(columns: dict[str, Column], target: str | None) -> tuple[str, str] | None:
    """A task whose answers are texts, where the columns show one."""
    if any(column.role == "messages" for column in columns.values()):
        return "text-generation", "text-generation, because the rows are chats"
    texts = [name for name, column in columns.items() if column.role == "text"]
    if (asking := qa_columns(pa.schema([(name, pa.string()) for name in texts]))) is not None:
        name = "question-answering"
        return name, f"{name}, because '{asking['question']}' is asked about '{asking['context']}'"
    if target is not None and len(texts) == 1 and columns[target].role == "target":
        sides = translation_columns(pa.schema([(texts[0], pa.string()), (target, pa.string())]))
        if sides == (texts[0], target):
            return "translation", f"translation, because '{target}' says '{texts[0]}' in other words"
    return None


def _predicts(cells: pa.ChunkedArray) -> tuple[str | None, str]:
    """Whether a column holds classes or numbers, and why."""
    if pa.types.is_dictionary(cells.type):
        cells = cells.cast(cells.type.value_type)
    if pa.types.is_nested(cells.type) or pa.types.is_date(cells.type) or pa.types.is_timestamp(cells.type):
        return None, f"holds {cells.type}, neither classes nor numbers"
    there = cells.drop_null()
    if not len(there):
        return "class", "has no value in any row"
    distinct = len(there.unique())
    values = f"has {distinct:,} values" if distinct != 1 else "has 1 value"
    if is_number(cells.type):
        return _predicts_number(there.cast(pa.float64(), safe=False).to_numpy(), values)
    if not pa.types.is_boolean(cells.type) and distinct > FEW and distinct > len(there) / 2:
        return None, f"has {distinct:,} different values in {len(there):,} rows, neither classes nor numbers"
    return "class", values


def _predicts_number(values: np.ndarray, said: str) -> tuple[str, str]:
    values = values[np.isfinite(values)]
    distinct = len(np.unique(values))
    if (np.floor(values) != values).any():
        return "number", f"holds numbers with fractions ({distinct:,} different)"
    if distinct <= 2 or (distinct <= FEW and len(values) >= PER_VALUE * distinct):
        return "class", said
    return "number", f"holds {distinct:,} different whole numbers in {len(values):,} rows"


def _given(task: str, predicts: str | None, why: str, target: str, cells: pa.ChunkedArray) -> tuple[str, str]:
    wanted = get_task(task).predicts
    if wanted == "class" and predicts == "number" and "fractions" in why and len(cells.unique()) > MANY:
        raise DataError(f"task '{task}' needs classes, and target '{target}' {why}. Try task='tabular-regression'.")
    if wanted == "number" and not is_number(cells.type) and not pa.types.is_boolean(cells.type):
        numbers(cells, f"task '{task}' needs numbers, and target '{target}'")
    return task, f"{task}, as given; target '{target}' {why}"
