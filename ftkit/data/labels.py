"""The target column as class codes or numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from ftkit.data.cells import numbers, strings
from ftkit.data.note import Note
from ftkit.errors import DataError, nearest

SHOWN = 20


@dataclass(frozen=True)
class Labels:
    """``values`` are int64 codes into ``classes`` (-1 missing), or float64 (nan missing) where there are no classes.

    ``fault`` says why no model can be trained on them, where none can.
    """

    values: np.ndarray
    classes: tuple[str, ...]
    notes: tuple[Note, ...]
    fault: str | None = None


def class_labels(
    cells: pa.ChunkedArray,
    target: str,
    where: str,
    *,
    ids: np.ndarray,
    splits: np.ndarray | None = None,
    hub_names: Sequence[str] | None = None,
    classes: Sequence[str] | None = None,
) -> Labels:
    """Codes into the classes, compared after stripping white space.

    Raises
    ------
    DataError
        A label is none of ``classes``, or a test label is none of the train labels.
    """
    encoded = strings(cells, hub_names).combine_chunks().dictionary_encode()
    raw = [str(value) for value in encoded.dictionary.to_pylist()]
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    words, notes = [value.strip() for value in raw], []
    spaced = np.array([a != b for a, b in zip(raw, words, strict=True)], dtype=bool)
    if spaced.any():
        rows = np.flatnonzero((codes >= 0) & spaced[codes])
        notes.append(
            _note("LAB102", f"{len(rows):,} labels of '{target}' had stray spaces, which were stripped", ids, rows)
        )
    if classes is not None:
        words = _named_by(words, tuple(classes))
    matched = _match(words, codes, splits, classes, target, where)
    if matched:
        rows = np.flatnonzero(np.isin(codes, [i for i, word in enumerate(words) if word in matched]))
        pairs = ", ".join(f"'{a}' as '{b}'" for a, b in sorted(matched.items())[:5])
        whose = "outside train were read as train's" if classes is None else "were read as classes"
        notes.append(_note("LAB103", f"{len(rows):,} labels {whose}: {pairs}", ids, rows))
        words = [matched.get(word, word) for word in words]
    order = _order([word for word in words if word], hub_names, classes)
    place = {word: i for i, word in enumerate(order)}
    table = np.array([place.get(word, -1) for word in words] + [-1], dtype=np.int64)
    values = table[codes]
    notes += _missing_note(values < 0, target, ids)
    return Labels(values, order, tuple(notes), _fault(np.unique(values[values >= 0]), order, target, where))


def number_labels(cells: pa.ChunkedArray, target: str, where: str, *, ids: np.ndarray) -> Labels:
    """The target as float64.

    Raises
    ------
    DataError
        A cell is no number, or infinite.
    """
    values = numbers(cells, f"{where}: target '{target}'")
    infinite = np.flatnonzero(np.isinf(values))
    if len(infinite):
        raise DataError(
            f"{where}: target '{target}' is infinite in {len(infinite):,} rows, first in row {ids[infinite[0]]}. "
            "Correct or remove these rows."
        )
    known = values[~np.isnan(values)]
    fault = None
    if not len(known):
        fault = f"{where}: target '{target}' has no value in any row, so there is nothing to learn."
    elif known.min() == known.max():
        fault = (
            f"{where}: target '{target}' is {known[0]:g} in every row, so there is nothing to learn. Choose another."
        )
    return Labels(values, (), tuple(_missing_note(np.isnan(values), target, ids)), fault)


def _note(code: str, message: str, ids: np.ndarray, rows: np.ndarray) -> Note:
    return Note(code, "warning" if code == "LAB101" else "info", f"{message}.", tuple(ids[rows[:SHOWN]].tolist()))


def _missing_note(missing: np.ndarray, target: str, ids: np.ndarray) -> list[Note]:
    rows = np.flatnonzero(missing)
    if not len(rows):
        return []
    return [_note("LAB101", f"{len(rows):,} of {len(missing):,} rows have no '{target}'", ids, rows)]


def _named_by(words: list[str], classes: tuple[str, ...]) -> list[str]:
    """Codes 0, 1, … by the names of the given classes, where the labels are such codes."""
    given = [word for word in words if word]
    if set(given) <= set(classes) or not all(word.isdecimal() and int(word) < len(classes) for word in given):
        return words
    return [classes[int(word)] if word else word for word in words]


def _match(
    words: list[str],
    codes: np.ndarray,
    splits: np.ndarray | None,
    classes: Sequence[str] | None,
    target: str,
    where: str,
) -> dict[str, str]:
    """Labels that are no class of train (or none that was given), each with the class it is a variant of."""
    if classes is not None:
        used, others = set(classes), set(words) - {""} - set(classes)
        of, has = "none of classes=", "classes= has"
    else:
        if splits is None or not (splits == "train").any():
            return {}
        used = {words[i] for i in np.unique(codes[(codes >= 0) & (splits == "train")])} - {""}
        others = {words[i] for i in np.unique(codes[(codes >= 0) & (splits != "train")])} - {""} - used
        of, has = "none of train's", "train has"
    if not used or not others:
        return {}
    plain = {_bare(word): word for word in used}
    matched = {word: plain[_bare(word)] for word in others if _bare(word) in plain}
    unknown = sorted(others - set(matched))
    if unknown or len(plain) < len(used) or len(set(matched.values())) < len(matched):
        first = unknown[0] if unknown else sorted(others)[0]
        rows = int(np.isin(codes, [i for i, word in enumerate(words) if word == first]).sum())
        raise DataError(
            f"{where}: label '{first}' of '{target}', in {rows:,} rows, is {of}; {nearest(first, sorted(used), has)}. "
            "Correct these rows, or pass classes=[…]."
        )
    return matched


def _bare(word: str) -> str:
    return word.rstrip(".").strip().casefold()


def _order(words: list[str], hub_names: Sequence[str] | None, classes: Sequence[str] | None) -> tuple[str, ...]:
    """The classes in the order that was given, else by number, else as on the hub, else sorted."""
    if classes is not None:
        return tuple(classes)
    every = set(words) | {name.strip() for name in hub_names or ()}
    try:
        return tuple(sorted(every, key=lambda word: (float(word), word)))
    except ValueError:
        return tuple(name.strip() for name in hub_names) if hub_names else tuple(sorted(every))


def _fault(present: np.ndarray, classes: Sequence[str], target: str, where: str) -> str | None:
    if len(present) >= 2:
        return None
    if not len(present):
        return f"{where}: no row has a label in '{target}'. Choose another target, or label the rows."
    only = classes[present[0]]
    return f"{where}: every row has the label '{only}' in '{target}'; a classifier needs at least two classes."
