"""What is wanted of a table's columns, and which step each of them gets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ftkit.errors import DataError, nearest
from ftkit.preprocess.categories import MOST_CATEGORIES, PLACES, Coded, Hashed, OneHot, Ordinal, coded
from ftkit.preprocess.dates import METHODS as DATES
from ftkit.preprocess.dates import Dates
from ftkit.preprocess.numbers import Numbers
from ftkit.preprocess.scaling import METHODS as NUMBERS
from ftkit.preprocess.target_means import TargetMeans

CATEGORIES = ("onehot", "ordinal", "target", "hash")
MISSING = ("median", "constant", "knn", "iterative")
LEAVE_OUT = "ignore"
OVERRIDES = (*NUMBERS, *CATEGORIES, "cycles", "parts", LEAVE_OUT)
# A matrix of train rows takes no more bytes than this, and has no more columns.
MOST_BYTES, MOST_COLUMNS = 4 << 30, 16_384
# Of so many cells being numbers, the others are likely typing errors.
NEARLY_ALL = 0.8

Transform = Numbers | Dates | OneHot | Ordinal | Hashed | TargetMeans


@dataclass(frozen=True)
class TableForm:
    """How the columns of a table become numbers.

    Attributes
    ----------
    numbers : {"zscore", "minmax", "robust", "log", "power", "none"}
    categories : {"onehot", "ordinal", "target", "hash"}
    dates : {"cycles", "parts", "none"}
    missing : {"median", "constant", "knn", "iterative"}
        What missing numbers are filled with; a flag says that they were. A missing category has a place of its own.
    missing_value : float
        For ``constant``.
    most_categories : int
        Of more categories than this, one-hot keeps the most frequent.
    hash_places : int
    columns : mapping of str to str or sequence of str
        Other steps for some columns: a word of the above, ``ignore``, or the categories from low to high.
    """

    numbers: str = "zscore"
    categories: str = "onehot"
    dates: str = "cycles"
    missing: str = "median"
    missing_value: float = 0.0
    most_categories: int = MOST_CATEGORIES
    hash_places: int = PLACES
    columns: Mapping[str, str | Sequence[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        known = {"numbers": NUMBERS, "categories": CATEGORIES, "dates": DATES, "missing": MISSING}
        asked = [(name, getattr(self, name), words) for name, words in known.items()]
        asked += [(f"columns.{name}", word, OVERRIDES) for name, word in self.columns.items() if isinstance(word, str)]
        for name, word, words in asked:
            if word not in words:
                raise DataError(f"preprocess.{name}: '{word}' is not known; {nearest(word, words)}.")

    def method(self, name: str, usual: str) -> str | Sequence[str]:
        """What becomes of one column: its own word, or that of its kind."""
        return self.columns.get(name, usual)


def fit_step(view: Any, name: str, method: str | Sequence[str], form: TableForm, labels: Any, classes: int) -> Any:
    """The fitted transform of one column; None where train rows have no value, or too few of each.

    Parameters
    ----------
    view : DatasetView
        Train rows only.
    name : str
        The column.
    method : str or sequence of str
        What becomes of it.
    form : TableForm
    labels : array, (N,) or None
        For ``target``.
    classes : int
        How many classes there are; 0 for numbers.

    Returns
    -------
    Numbers, Dates, OneHot, Ordinal, Hashed, TargetMeans or None

    Raises
    ------
    DataError
        A cell is no number where numbers are wanted; there are no labels for ``target``.
    """
    if method in ("cycles", "parts", "dates none"):
        return Dates.fit(view.numbers(name), str(method).removeprefix("dates "))
    if method in NUMBERS:
        fill = form.missing_value if form.missing == "constant" else None
        return Numbers.fit(view.numbers(name), str(method), fill)
    cells = Coded(*coded(view.text_cells(name)))
    if not cells.words:
        return None
    if method == "target":
        if labels is None:
            raise DataError(f"column '{name}': target encoding needs the labels of the train rows.")
        return TargetMeans.fit(cells, labels, classes)
    if method == "hash":
        return Hashed.fit(places=form.hash_places)
    if method == "onehot":
        made = OneHot.fit(cells, most=form.most_categories)
        return made if made.categories else None
    return Ordinal.fit(cells, None if method == "ordinal" else method)


def narrowed(steps: dict[str, Any], rows: int, form: TableForm) -> tuple[dict[str, Any], list[str]]:
    """The steps with the widest one-hot columns hashed until the matrix fits; what was said.

    Parameters
    ----------
    steps : dict of str to transform
    rows : int
        Train rows.
    form : TableForm

    Returns
    -------
    (dict, list of str)
    """
    most = min(MOST_COLUMNS, max(64, MOST_BYTES // (4 * max(1, rows))))
    total = width = sum(len(made.names) for made in steps.values())
    hashed = Hashed(form.hash_places)
    onehot = [name for name, made in steps.items() if isinstance(made, OneHot)]
    narrow, said = dict(steps), []
    for name in sorted(onehot, key=lambda name: -len(steps[name].names)):
        saved = len(steps[name].names) - len(hashed.names)
        if width <= most or saved <= 0:
            break
        narrow[name], width = hashed, width - saved
        said.append(
            f"Column '{name}' is hashed to {form.hash_places} places: one-hot, the table has {total:,} columns, and "
            f"{rows:,} rows may have {most:,}. For something else say preprocess.columns: {{{name}: target}}."
        )
    return narrow, said


def nearly_numbers(view: Any, name: str) -> str | None:
    """A sentence about a column of words of which nearly all are numbers; None for any other."""
    words, codes = coded(view.text_cells(name))
    plain = np.array([_is_number(word) for word in words], dtype=bool)
    known = codes[codes >= 0]
    if not len(known) or plain.all() or plain[known].mean() < NEARLY_ALL:
        return None
    strange = [word for word, fine in zip(words, plain, strict=True) if not fine]
    shown = ", ".join(f"'{word}'" for word in strange[:3]) + (" …" if strange[3:] else "")
    return (
        f"Column '{name}' is read as categories: {int((~plain[known]).sum()):,} of {len(known):,} cells are no numbers "
        f"({shown}). If they mean missing, name them in data.missing; else correct them."
    )


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True
