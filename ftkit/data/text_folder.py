"""Folders of texts: class folders of ``.txt`` files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

from ftkit.data.decoding import to_utf8
from ftkit.data.faults import Faults
from ftkit.data.files import read_bytes, threaded
from ftkit.data.note import Note
from ftkit.data.part import Part
from ftkit.data.source import Table
from ftkit.data.splits import split_of
from ftkit.errors import DataError

SUFFIXES = (".txt", ".md")
BLOCK = 4096


def is_text_folder(names: list[str]) -> bool:
    """Whether the files of a folder are texts in class folders, rather than tables: two or more in each class."""
    texts = _texts(names)
    if len(texts) < 2 or 2 * len(texts) < len(names):
        return False
    classes = {_class_of(name) for name in texts}
    return None not in classes and len(classes) > 1 and len(texts) >= 2 * len(classes)


def open_texts(root: Path, names: list[str], shown: str, report: bool = False) -> Part:
    """The texts of a folder, one a row; the class is the folder each is in.

    Raises
    ------
    DataError
        A file is no text, and bad rows are not to be left out.
    """
    texts, faults = _texts(names), Faults(shown, report)
    contents: list[str | None] = []
    notes: list[Note] = []
    for start in range(0, len(texts), BLOCK):
        for name, content in zip(
            texts[start : start + BLOCK], threaded(_read, [root / n for n in texts[start : start + BLOCK]]), strict=True
        ):
            contents.append(content[0])
            notes.extend(content[1])
            if content[0] is None:
                faults.add(f"file {name}", content[2])
    notes.extend(faults.settle(sum(content is not None for content in contents)))
    kept = [i for i, content in enumerate(contents) if content is not None]
    names = [texts[i] for i in kept]
    labels = pa.array([_class_of(name) for name in names]).dictionary_encode()
    table = pa.table({"text": pa.array([contents[i] for i in kept], pa.large_string()), "label": labels})
    splits = np.array([split_of(next((p for p in n.split("/") if split_of(p)), None)) or "" for n in names], "U10")
    ids = pa.chunked_array([pa.array(names, pa.string())])
    given = splits if (splits != "").any() else None
    return Part(Table(table), shown, given, ids, _few(notes, shown), {"text": "text"})


def _texts(names: list[str]) -> list[str]:
    return [name for name in names if name.lower().endswith(SUFFIXES) and not _is_about(name)]


def _is_about(name: str) -> bool:
    return name.split("/")[-1].lower().startswith(("readme", "license"))


def _class_of(name: str) -> str | None:
    """The last folder a file is in that is no split."""
    folders = [part for part in name.split("/")[:-1] if not split_of(part)]
    return folders[-1] if folders else None


def _read(path: Path) -> tuple[str | None, tuple[Note, ...], str]:
    try:
        data, notes = to_utf8(read_bytes(path), path)
        return data.decode("utf-8"), notes, ""
    except DataError as error:
        return None, (), str(error)


def _few(notes: list[Note], shown: str) -> tuple[Note, ...]:
    """Notes on single files, all of one code in one."""
    guessed = [note for note in notes if note.code == "SRC102"]
    rest = tuple(note for note in notes if note.code != "SRC102")
    if len(guessed) < 2:
        return (*guessed, *rest)
    message = f"{shown}: {len(guessed):,} files are not UTF-8; the encoding of each was guessed ({guessed[0].message})"
    return (Note("SRC102", "warning", message), *rest)
